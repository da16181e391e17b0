"""`linghe`, verb by verb, as a program's user meets it: words, JSON, exit codes."""

import json
import socket
import threading
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from linghe_run import Linghe

from appliance.daemons.command_line.arguments import VERBS
from appliance.daemons.prompts import lay_defaults
from appliance.store.secrets import Secrets
from appliance.store.settings import SettingsStore
from appliance.store.webhooks import Attempt, HookState, WebhookStates
from appliance.vocabulary.claims import claim_matches
from appliance.vocabulary.ids import Utc, WebhookId
from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.control import (
    Done,
    FlowsInUseAsked,
    FromControl,
    LiveAsked,
    Refused,
    ReloadSite,
    StatusAsked,
    StatusTold,
    ToControl,
)

SITE = """\
[site]
name = "Example"
language = "en"
timezone = "Europe/London"
country = "gb"

[[extension]]
number = "201"
secret = "correct horse"

[[trunk]]
id = "carrier"
host = "127.0.0.1"
secret = "trunk password"
"""


@pytest.fixture
def site_file(tmp_path: Path) -> Path:
    place = tmp_path / "site.toml"
    place.write_text(SITE)
    return place


class Control:
    """Answers on run/control.sock as control does; notes what it was asked."""

    STATUS = StatusTold(
        version="0.1.0", pid=7, up_seconds=5, restarts=0, calls=3, calls_today=12,
        registered_phones=1, trunks_up=1, trunks=1, site_version=1, site_name="Example",
        sip_port=5060, clock="2026-11-23T10:00:00+00:00",
    )  # fmt: skip

    def __init__(self, place: Path) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        self.asked: list[object] = []
        self.reload: FromControl = Done()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(place))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            link, _ = self._listener.accept()
            decoder: LineDecoder[ToControl] = LineDecoder(ToControl)
            with link:
                while chunk := link.recv(65536):
                    for question in decoder.feed(chunk):
                        self.asked.append(question)
                        link.sendall(line_of(self._answer(question)))
                    if chunk == b"\n":
                        return

    def _answer(self, question: ToControl) -> FromControl:
        match question:
            case StatusAsked():
                return self.STATUS
            case ReloadSite():
                return self.reload
            case LiveAsked():
                return Refused(key="test", sentence="not here")
            case _:
                return Done()

    def close(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as last:
            last.connect(self._listener.getsockname())
            last.sendall(b"\n")
            self._thread.join()
        self._listener.close()


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    made = Control(tmp_path / "var" / "run" / "control.sock")
    yield made
    made.close()


def current(tmp_path: Path) -> SettingsStore:
    return SettingsStore(tmp_path / "var" / "settings.db")


def test_a_site_is_applied_to_a_stopped_box_and_waits_for_its_start(
    linghe: Linghe, site_file: Path, tmp_path: Path
) -> None:
    code, said, _ = linghe("apply", "--no-prompts", str(site_file))
    assert code == 0
    assert said == (
        "Saved as version 1: 1 phone, 0 agents, 0 queues, 1 trunk, 0 flows.\n"
        "The box is not running; it takes this up when it starts.\n"
    )
    store = current(tmp_path)
    assert store.current().site.name == "Example"
    store.close()
    secrets = Secrets(tmp_path / "var" / "secrets.json", lambda n: bytes(n))
    assert secrets.trunk_secrets() == {"carrier": "trunk password"}


def test_applying_the_same_again_changes_nothing(linghe: Linghe, site_file: Path) -> None:
    linghe("apply", "--no-prompts", str(site_file))
    code, said, _ = linghe("apply", "--no-prompts", "--json", str(site_file))
    assert code == 0
    assert json.loads(said) == {
        "site_version": 1,
        "changed": False,
        "running": False,
        "all_prompts_made": None,
        "made_secrets": {},
        "made_webhook_secrets": {},
    }


def test_what_is_exported_can_be_applied_and_keeps_the_trunks_password(
    linghe: Linghe, site_file: Path, tmp_path: Path
) -> None:
    linghe("apply", "--no-prompts", str(site_file))
    code, exported, _ = linghe("export")
    assert code == 0
    assert "correct horse" not in exported and "trunk password" not in exported
    assert tomllib.loads(exported)["extension"][0]["number"] == "201"
    site_file.write_text(exported)
    assert json.loads(linghe("apply", "--no-prompts", "--json", str(site_file))[1]) == {
        "site_version": 1,
        "changed": False,
        "running": False,
        "all_prompts_made": None,
        "made_secrets": {},
        "made_webhook_secrets": {},
    }
    secrets = Secrets(tmp_path / "var" / "secrets.json", lambda n: bytes(n))
    assert secrets.trunk_secrets()["carrier"] == "trunk password"


def test_a_file_with_faults_changes_nothing_and_every_fault_is_told(
    linghe: Linghe, site_file: Path, tmp_path: Path
) -> None:
    linghe("apply", "--no-prompts", str(site_file))
    site_file.write_text(SITE.replace('"en"', '"de"').replace("secret", "secrte"))
    code, said, errors = linghe("apply", str(site_file))
    assert (code, said) == (1, "")
    assert [line.split(": ", 2)[1] for line in errors.splitlines()] == [
        "site.language",
        "extension[201].secrte",
        "trunk[carrier].secrte",
    ]
    code, said, _ = linghe("apply", "--json", str(site_file))
    faults = json.loads(said)["error"]["faults"]
    assert (faults[0]["line"], faults[0]["key"]) == (3, "site.language")
    store = current(tmp_path)
    assert store.current().version == 1
    store.close()


def test_a_running_box_is_told_of_the_new_site(
    linghe: Linghe, site_file: Path, control: Control
) -> None:
    code, said, _ = linghe("apply", "--no-prompts", "--json", str(site_file))
    assert code == 0
    assert json.loads(said)["running"] is True
    # and which versions of its flows calls are in
    assert control.asked == [ReloadSite(), FlowsInUseAsked()]


def test_prompts_are_made_without_the_speech_worker_when_all_are_there(
    linghe: Linghe, site_file: Path, control: Control
) -> None:
    site_file.write_text('[site]\nlanguage = "zh"\n')
    code, said, errors = linghe("apply", "--json", str(site_file))
    assert (code, errors) == (0, "")
    assert json.loads(said)["all_prompts_made"] is True
    # and which versions of its flows calls are in
    assert control.asked == [ReloadSite(), FlowsInUseAsked()]


def test_a_refusal_of_the_running_box_is_told(
    linghe: Linghe, site_file: Path, control: Control
) -> None:
    control.reload = Refused(key="busy", sentence="not now")
    code, _, errors = linghe("apply", "--no-prompts", str(site_file))
    assert code == 1
    assert errors == "linghe: The box did not take it up: not now\n"


def test_a_check_changes_nothing(linghe: Linghe, site_file: Path) -> None:
    assert linghe("apply", "--check", str(site_file))[0] == 0
    assert json.loads(linghe("export", "--json")[1]).get("version", 0) == 0


def test_a_file_that_is_not_there_is_not_understood(linghe: Linghe, tmp_path: Path) -> None:
    code, _, errors = linghe("apply", str(tmp_path / "gone.toml"))
    assert code == 2
    assert "gone.toml cannot be read" in errors


def test_status_of_a_stopped_box_is_exit_code_3(linghe: Linghe) -> None:
    code, _, errors = linghe("status")
    assert code == 3
    assert errors.startswith("The box is not running (")
    code, said, _ = linghe("status", "--json")
    assert code == 3
    assert json.loads(said) == {"running": False, "control": None, "units": [], "restore": ""}


def test_status_shows_what_goes_on_and_who_runs(
    linghe: Linghe, control: Control, tmp_path: Path
) -> None:
    unit = {"unit": "web", "title": "web", "state": "ready", "pid": 5, "restarts": 1, "status": ""}
    (tmp_path / "var" / "run" / "units.json").write_text(json.dumps([unit]))
    code, said, _ = linghe("status")
    assert code == 0
    assert "3 calls now, 12 today; 1 phones registered; 1 of 1 trunks up" in said
    assert said.splitlines()[-1].split() == ["web", "ready", "5", "1"]


def test_calls_of_a_box_without_calls(linghe: Linghe) -> None:
    linghe("claim")
    code, said, _ = linghe("calls", "--day", "2026-11-23", "--json")
    assert (code, json.loads(said)) == (0, [])
    code, _, errors = linghe("calls", "no-such-call")
    assert (code, errors) == (1, "There is no call no-such-call.\n")


@pytest.mark.parametrize(
    "words",
    [
        ("calls", "--day", "2026-13-01"),
        ("report", "daily", "--date", "2026-13-40"),
        ("hours", "--at", "soon"),
        ("token", "add", "crm"),
    ],
)
def test_words_that_mean_nothing_are_exit_code_2(linghe: Linghe, words: tuple[str, ...]) -> None:
    linghe("claim")
    code, said, errors = linghe(*words)
    assert (code, said) == (2, "")
    assert any(word in errors for word in ("is no date", "is no moment", "--scope is missing"))


@pytest.mark.parametrize(
    "words",
    [
        ("calls",),
        ("doctor",),
        ("export",),
        ("flow",),
        ("hours",),
        ("music", "list"),
        ("prompt", "list"),
        ("report", "daily"),
        ("table", "list"),
        ("token", "list"),
    ],
    ids=" ".join,
)
def test_a_question_to_a_folder_without_a_box_says_so_and_makes_none(
    linghe: Linghe, tmp_path: Path, words: tuple[str, ...]
) -> None:
    code, said, errors = linghe(*words)
    assert (code, said) == (3, "")
    assert f"There is no box in {tmp_path / 'var'}. Is LINGHE_DATA set" in errors
    assert not (tmp_path / "var").exists()
    code, said, _ = linghe(words[0], "--json", *words[1:])
    assert (code, json.loads(said)["error"]["key"]) == (3, "no_box")


def test_a_file_that_cannot_be_read_is_told_in_words(linghe: Linghe, tmp_path: Path) -> None:
    missing, binary = tmp_path / "gone.toml", tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe")
    for place, why in ((missing, "No such file or directory"), (binary, "it is no UTF-8 text")):
        code, _, errors = linghe("apply", str(place))
        assert (code, errors) == (2, f"linghe: {place} cannot be read: {why}.\n")


def test_a_folder_where_a_box_was_begun_is_asked_before_its_first_start(
    linghe: Linghe, site_file: Path
) -> None:
    assert linghe("apply", "--no-prompts", str(site_file))[0] == 0
    assert linghe("hours")[0] == linghe("calls")[0] == linghe("report", "daily")[0] == 0


def test_the_day_of_a_running_box_is_that_of_its_own_clock(
    linghe: Linghe, control: Control
) -> None:
    code, said, _ = linghe("report", "daily", "--date", "today", "--format", "json")
    assert code == 0
    assert json.loads(said)["day"]["date"] == "2026-11-23"


def test_report_as_csv_opens_in_a_spreadsheet(linghe: Linghe) -> None:
    linghe("claim")
    code, said, _ = linghe("report", "daily", "--date", "2026-11-23", "--format", "csv")
    assert code == 0
    assert said.startswith("\ufeff")
    assert "\r\n" in said


def test_claim_code_is_shown_and_only_its_digest_is_kept(linghe: Linghe, tmp_path: Path) -> None:
    code, said, _ = linghe("claim", "--json")
    assert code == 0
    store = current(tmp_path)
    digest = store.claim.code_hash()
    store.close()
    assert digest is not None
    assert claim_matches(json.loads(said)["code"].lower().replace("-", " "), digest)


def test_doctor_of_a_stopped_box_says_what_to_do(linghe: Linghe, site_file: Path) -> None:
    linghe("apply", "--no-prompts", str(site_file))
    code, said, _ = linghe("doctor", "--json")
    findings = {one["check"]: one for one in json.loads(said)["findings"]}
    assert code == 3
    assert findings["control"]["lamp"] == "red"
    assert findings["control"]["remedy"] == "start the box: make run"
    assert findings["settings.db"]["lamp"] == "green"


def test_doctor_tells_of_a_box_that_goes_by_another_clock(linghe: Linghe, control: Control) -> None:
    assert "look    clock: the box was started with LINGHE_CLOCK" in linghe("doctor")[1]


def test_doctor_does_not_part_control_from_a_media_worker(
    linghe: Linghe, control: Control, tmp_path: Path
) -> None:
    """The worker serves the newest line: a knock would cost the calls their control."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as worker:
        worker.bind(str(tmp_path / "var" / "run" / "media-0.sock"))
        worker.listen()
        worker.setblocking(False)
        assert "control.sock answers" in linghe("doctor")[1]
        with pytest.raises(BlockingIOError):
            worker.accept()


def test_doctor_finds_a_damaged_database(linghe: Linghe, control: Control, tmp_path: Path) -> None:
    (tmp_path / "var" / "calls.db").write_bytes(b"this is no database" * 100)
    code, said, _ = linghe("doctor")
    assert code == 1
    assert "BROKEN  calls.db: damaged: file is not a database" in said


def test_doctor_is_content_with_shipped_prompts(linghe: Linghe, tmp_path: Path) -> None:
    from appliance.daemons.paths import Paths

    linghe("claim")
    lay_defaults(Paths(tmp_path / "var"))
    said = linghe("doctor")[1]
    assert "ok      prompts: all that the site says is there." in said


def test_webhook_without_a_secret_is_given_one_that_is_shown_once(
    linghe: Linghe, site_file: Path, tmp_path: Path
) -> None:
    text = site_file.read_text() + '\n[[webhook]]\nid = "crm"\nurl = "http://127.0.0.1:1/"\n'
    site_file.write_text(text)
    said = json.loads(linghe("apply", "--no-prompts", "--json", str(site_file))[1])
    (secret,) = said["made_webhook_secrets"].values()
    assert len(secret) == 64
    kept = Secrets(tmp_path / "var" / "secrets.json", lambda n: bytes(n))
    assert list(kept.webhook_secrets().values()) == [secret]
    again = json.loads(linghe("apply", "--no-prompts", "--json", str(site_file))[1])
    assert again["made_webhook_secrets"] == {} and again["changed"] is False
    site_file.write_text(text.replace("[[webhook]]", '[[webhook]]\nsecret = "my own secret 123"'))
    linghe("apply", "--no-prompts", str(site_file))
    assert list(kept.webhook_secrets().values()) == ["my own secret 123"]


def test_doctor_tells_of_a_webhook_that_takes_nothing(
    linghe: Linghe, site_file: Path, tmp_path: Path
) -> None:
    hook = '\n[[webhook]]\nid = "crm"\nurl = "http://127.0.0.1:1/"\n'
    site_file.write_text(site_file.read_text() + hook)
    linghe("apply", "--no-prompts", str(site_file))
    states = WebhookStates(tmp_path / "var" / "webhooks.db", is_writer=True)
    since = Utc(time.time() - 7200)
    failed = Attempt(at=since, error="cannot be reached: Connection refused")
    crm = WebhookId("crm")
    states.put(HookState(webhook=crm, row=1, failing_since=since, attempts=9, last=failed))
    states.close()
    findings = json.loads(linghe("doctor", "--json")[1])["findings"]
    (found,) = [one for one in findings if one["check"] == "webhook crm"]
    assert found["lamp"] == "yellow" and "for 2.0 h: cannot be reached" in found["sentence"]


def test_doctor_tells_a_site_that_the_box_has_not_taken_up(
    linghe: Linghe, site_file: Path, control: Control
) -> None:
    linghe("apply", "--no-prompts", str(site_file))
    site_file.write_text(SITE.replace("Example", "Other"))
    linghe("apply", "--no-prompts", str(site_file))
    assert "BROKEN  site: version 2 is saved, the box runs 1." in linghe("doctor")[1]


@pytest.mark.parametrize("verb", VERBS, ids=[verb.NAME for verb in VERBS])
def test_every_verb_has_help_with_examples_and_json(verb: object, linghe: Linghe) -> None:
    name: str = verb.NAME
    code, said, _ = linghe(name, "--help")
    assert code == 0
    assert f"  linghe {name}" in said and "--json" in said


def test_what_is_not_understood_is_exit_code_2(linghe: Linghe) -> None:
    assert linghe("aply", "x")[0] == 2
    assert linghe()[0] == 2


def test_a_bad_setting_is_one_sentence(linghe: Linghe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINGHE_SIP_PORT", "http")
    code, _, errors = linghe("status")
    assert code == 2
    assert errors.startswith("linghe: LINGHE_SIP_PORT")


def test_help_comes_up_quickly(linghe: Linghe) -> None:
    began = time.monotonic()
    linghe("--help")
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("language", ["zh", "en", "pl"])
def test_the_example_of_each_language_can_be_applied(
    linghe: Linghe, site_file: Path, language: str
) -> None:
    site_file.write_text(linghe("example", "--language", language)[1])
    code, said, _ = linghe("apply", "--no-prompts", str(site_file))
    assert code == 0
    assert said.startswith("Saved as version 1: 2 phones, 2 agents, 1 queue, 1 trunk, 1 flow.")
    assert said.count("its password, shown this once") == 2
