"""The help page: every feature code of the engines, and what the test run says was tried."""

import re
from datetime import UTC, datetime
from pathlib import Path

import compatibility as run
import pytest
import shop_day
from control_socket import ControlSocket
from web_stage import AGENT, Stage

from appliance.daemons import certificates
from appliance.vocabulary.settings import Site, TalkCodes
from webadmin.pages.help import connecting
from webadmin.pages.help.codes import CHAPTERS, IN_TALK
from webadmin.pages.help.compatibility import Story, compatibility

ROOT = Path(__file__).parents[2]
ENGINES = ROOT / "appliance" / "engines" / "calls"


def _codes_of_engines() -> set[str]:
    found: set[str] = set()
    for file in ENGINES.glob("*.py"):
        found |= set(re.findall(r'"(\*\d{1,2}|\*\*)"', file.read_text(encoding="utf-8")))
    return found


def test_every_feature_code_of_the_engines_is_told_and_no_other() -> None:
    told = {code.keys for _, codes in CHAPTERS for code in codes}
    known = _codes_of_engines()
    assert len(known) > 20
    assert known - told == set(), "the help page does not tell of these"
    assert told - known == set(), "the engines do not know these"


def test_every_key_within_a_talk_is_told() -> None:
    assert set(IN_TALK) == set(TalkCodes.__struct_fields__)


def test_keys_are_those_of_the_site(full: Stage) -> None:
    store = full.settings()
    site: Site = store.current()
    changed = Site(
        **{
            **{name: getattr(site, name) for name in site.__struct_fields__},
            "talk_codes": TalkCodes(transfer="#1", park=""),
        }
    )
    store.save(changed, by="test", at=1.0)
    store.close()
    browser = full.logged_in(AGENT, language="en")
    text = browser.get("/help/").text
    assert "<kbd>#1</kbd>" in text and "<kbd>##</kbd>" not in text
    assert "waits at a park place, which is told" not in text


# --- a new desk phone ---------------------------------------------------------------------------
def test_a_new_phone_is_told_the_ports_that_the_box_listens_on(full: Stage) -> None:
    browser = full.logged_in(AGENT, language="en")
    assert "when call control answers" in browser.get("/help/").text
    control = ControlSocket(full.places.control_socket, shop_day.shop_live(shop_day.NINE))
    text = browser.get("/help/").text
    control.kill()
    assert "<kbd>5070</kbd>" in text and "<kbd>5071</kbd>" in text
    assert "when call control answers" not in text


@pytest.mark.parametrize(
    ("asked", "listening", "told"),
    [
        ("127.0.0.1:8080", "0.0.0.0", "192.168.7.5"),
        ("localhost:8080", "::", "192.168.7.5"),
        ("[::1]:8080", "::", "192.168.7.5"),
        ("localhost", "0.0.0.0", "192.168.7.5"),
        ("127.0.0.1:8080", "127.0.0.1", "127.0.0.1"),
        ("linghe.local:8080", "0.0.0.0", "linghe.local"),
        ("[2001:db8::5]", "::", "[2001:db8::5]"),
    ],
)
def test_a_phone_is_told_an_address_that_it_can_reach(
    monkeypatch: pytest.MonkeyPatch, asked: str, listening: str, told: str
) -> None:
    monkeypatch.setattr(connecting, "network_address", lambda: "192.168.7.5")
    assert connecting.address_for_phones(asked, listening) == told
    monkeypatch.setattr(connecting, "network_address", lambda: "")
    assert connecting.address_for_phones("127.0.0.1:8080", "0.0.0.0") == "127.0.0.1"


def test_what_phones_are_to_trust_can_be_fetched_and_its_key_cannot(full: Stage) -> None:
    browser = full.logged_in(AGENT)
    assert browser.get("/help/authority.pem").status_code == 404
    assert "authority.pem" not in browser.get("/help/").text
    certificates.made_ready(full.places, ["127.0.0.1"], datetime.now(UTC))
    assert 'href="/help/authority.pem"' in browser.get("/help/").text
    given = browser.get("/help/authority.pem")
    assert given.data == (full.places.certificates / "authority.pem").read_bytes()
    assert b"PRIVATE" not in given.data
    assert full.browser().get("/help/authority.pem").status_code == 302


def test_with_a_certificate_of_the_owners_no_authority_of_the_box_is_offered(full: Stage) -> None:
    certificates.made_ready(full.places, ["127.0.0.1"], datetime.now(UTC))
    (full.places.certificates / "own.pem").write_text("the owner's")
    browser = full.logged_in(AGENT)
    assert "authority.pem" not in browser.get("/help/").text
    assert browser.get("/help/authority.pem").status_code == 404


# --- what was tried ---------------------------------------------------------------------------
def test_every_story_that_is_told_is_a_test_that_there_is() -> None:
    for program in compatibility().programs:
        assert program.stories
        for story in program.stories:
            file, _, name = story.test.partition("::")
            assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), story.test


def test_programs_that_were_tried_have_their_versions() -> None:
    programs = {one.program: one.version for one in compatibility().programs}
    assert {"sipp", "baresip", "linphone"} <= set(programs)
    assert all(re.match(r"\d+\.\d+", version) for version in programs.values())


def test_story_is_told_in_words() -> None:
    story = Story(test="tests/peers/test_x.py::test_caller_hears_music", works=True)
    assert story.words == "caller hears music"


def test_run_sees_what_a_test_starts_and_how_it_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = run.Watch()
    monkeypatch.setenv("PYTEST_CURRENT_TEST", "tests/a.py::test_b[1] (call)")
    watch.saw(["sipp", "127.0.0.1"])
    watch.saw(["/usr/bin/baresip", "-f", "x"])
    watch.saw("true")
    monkeypatch.setenv("PYTEST_CURRENT_TEST", "tests/a.py::test_b[2] (setup)")
    watch.saw(["sipp"])
    watch.passed("tests/a.py::test_b[1]", True)
    watch.passed("tests/a.py::test_b[2]", True)
    watch.passed("tests/a.py::test_b[2]", False)
    assert watch.stories() == {
        "sipp": {"tests/a.py::test_b": False},
        "baresip": {"tests/a.py::test_b": True},
    }


def test_run_keeps_the_stories_that_were_not_in_it_while_there_are_such_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "TARGET", tmp_path / "compatibility.json")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    (tmp_path / "a.py").write_text("def test_x(): ...\ndef test_y(): ...\n")
    for test, works in (("test_x", True), ("test_y", True), ("test_gone", True), ("test_x", False)):
        watch = run.Watch()
        monkeypatch.setenv("PYTEST_CURRENT_TEST", f"a.py::{test} (call)")
        watch.saw(["sipp"])
        watch.passed(f"a.py::{test}", works)
        run.write(watch)
    written = (tmp_path / "compatibility.json").read_text()
    assert re.findall(r'"test": "([^"]+)",\s+"works": (\w+)', written) == [
        ("a.py::test_x", "false"),
        ("a.py::test_y", "true"),
    ]
