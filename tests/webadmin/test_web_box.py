"""The page "This box": what needs root is asked of root by the user's name; files come and go."""

import os
import re
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from control_socket import ControlSocket
from msgspec.structs import replace
from root_socket import RootSocket
from shop_day import shop_live
from waiting import wait_until
from web_stage import AGENT, OWNER, PASSWORD, Browser, Stage

from appliance.store.backup_file import checked
from appliance.store.places import Paths
from appliance.store.restore import waiting
from appliance.wire.privileged import (
    BoxState,
    CarriedOut,
    ConfirmNetwork,
    InstallUpdate,
    NotCarriedOut,
    Privileged,
    Restart,
    SetClock,
    SetNetwork,
    SetReach,
    SetTimeZone,
    TellState,
)
from webadmin.pages.box.keeping import one_backup
from webadmin.pages.box.sights import network_in, reach_in, sights

ACTS = (
    *("network", "network/keep", "reach", "clock", "zone", "restart", "restart/cancel"),
    *("update", "update/seen", "backup", "restore", "restore/undo", "piece"),
)


@pytest.fixture
def owner(full: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Browser:
    monkeypatch.setenv("LINGHE_PRIVILEGED_SOCKET", str(tmp_path / "root.sock"))
    return full.logged_in(language="en")


@pytest.fixture
def root(owner: Browser, tmp_path: Path) -> Iterator[RootSocket]:
    made = RootSocket(tmp_path / "root.sock")
    made.answer = CarriedOut(sentence="Done.", state=BoxState(slot="A"))
    yield made
    made.close()


def sent(browser: Browser, act: str, /, **fields: str) -> str:
    """Send a form; return the page that is seen then."""
    answer = browser.post(f"/box/{act}", fields, page="/box/")
    if answer.status_code == 302:
        answer = browser.get(answer.location)
    assert answer.status_code == 200
    return answer.text


def acts_of(root: RootSocket) -> list[Privileged]:
    return [one for one in root.asked if not isinstance(one, TellState)]


# --- outside the image ----------------------------------------------------------------------------
def test_on_somebodys_machine_the_page_says_what_belongs_to_a_box(owner: Browser) -> None:
    text = owner.get("/box/").text
    assert "not on a box of its own" in text and "GB free" in text and "Download a backup" in text
    assert 'action="/box/network"' not in text and 'action="/box/restart"' not in text
    for act, fields in (
        ("network", {"way": "dhcp"}),
        ("reach", {}),
        ("clock", {"at": "2026-11-23T10:00"}),
        ("zone", {"zone": "Europe/Warsaw"}),
        ("restart", {"act": "restart", "word": "restart", "when": "now"}),
    ):
        assert "That belongs to a box of its own." in sent(owner, act, **fields)
    answer = owner.post("/box/update", {"upload": "0" * 32}, page="/box/")
    assert answer.status_code == 400 and "That belongs to a box" in answer.json["fault"]


# --- state ----------------------------------------------------------------------------------------
def test_the_state_says_what_only_root_sees(owner: Browser, root: RootSocket) -> None:
    root.answer = CarriedOut(
        sentence="",
        state=BoxState(slot="B", slot_on_trial="A", address_on_trial="<b>DHCP", is_ssh_on=True,
                       address_seconds=99.0, start_judged_at=1.8e9, start_judged="<i>Slot B</i>"),
    )  # fmt: skip
    text = owner.get("/box/").text
    assert "slot B" in text and "one stands in slot A" in text and "on, for one key" in text
    assert "&lt;i&gt;Slot B" in text and "&lt;b&gt;DHCP" in text and "In 99 seconds" in text
    assert 'action="/box/network/keep"' in text


def test_a_root_that_fails_leaves_a_page_that_says_so(owner: Browser, root: RootSocket) -> None:
    root.answer = NotCarriedOut(key="not_yours", sentence="No.")
    assert "does not answer now" in owner.get("/box/").text


def test_what_is_seen_without_root(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "linghe")
    for folder in (paths.run / "signs", paths.root / "updates", tmp_path / "network"):
        folder.mkdir(parents=True)
    assert sights(paths).ups == "" and network_in(tmp_path / "network").address == ""
    (paths.run / "signs" / "ups").write_text("battery")
    (paths.root / "updates" / "last-update.txt").write_text("It did not work.\n")
    (tmp_path / "network/10-linghe.network").write_text(
        "[Network]\nDHCP=no\nAddress=10.1.2.3/24\nGateway=10.1.2.1\nDNS=10.1.2.1\nDNS=9.9.9.9\n"
    )
    (tmp_path / "network/reach.nft").write_text(
        "# Written\nadd element inet linghe lan4 { 203.0.113.0/24 }\n"
        "add element inet linghe carriers6 { 2001:db8::/48 }\n"
    )
    seen, network = sights(paths), network_in(tmp_path / "network")
    assert (seen.ups, seen.last_update) == ("battery", "It did not work.")
    assert (network.address, network.dns) == ("10.1.2.3/24", ("10.1.2.1", "9.9.9.9"))
    assert reach_in(tmp_path / "network") == (["203.0.113.0/24"], ["2001:db8::/48"])


# --- network and time -----------------------------------------------------------------------------
def test_a_new_address_is_on_trial_and_the_page_says_where_the_box_is_then(
    owner: Browser, root: RootSocket
) -> None:
    text = sent(owner, "network", way="fixed", address=" 192.168.7.10/24 ", gateway="192.168.7.1",
                dns="192.168.7.1, 9.9.9.9")  # fmt: skip
    assert acts_of(root) == [
        SetNetwork(address="192.168.7.10/24", gateway="192.168.7.1",
                   dns=("192.168.7.1", "9.9.9.9"), trial_seconds=180.0, by=OWNER)
    ]  # fmt: skip
    assert 'href="http://192.168.7.10/box/"' in text and "within 180 seconds" in text
    text = sent(owner, "network", way="fixed", address="fd00::7/64")
    assert 'href="http://[fd00::7]/box/"' in text
    text = sent(owner, "network", way="dhcp", address="192.168.7.10/24")
    assert acts_of(root)[-1] == SetNetwork(trial_seconds=180.0, by=OWNER)
    assert 'href="http://linghe.local/box/"' in text
    assert "The new address stays." in sent(owner, "network/keep")
    assert acts_of(root)[-1] == ConfirmNetwork(by=OWNER)


def test_an_address_that_is_refused_is_told_with_the_reason(
    owner: Browser, root: RootSocket
) -> None:
    assert "with its prefix" in sent(owner, "network", way="fixed", address="")
    assert acts_of(root) == []
    root.answer = NotCarriedOut(key="network_refused", sentence="<script>is no address</script>")
    text = sent(owner, "network", way="fixed", address="<script>/24")
    assert "Nothing was changed: &lt;script&gt;is no address" in text
    assert "Nothing was changed:" in sent(owner, "network/keep")


def test_who_may_reach_it(owner: Browser, root: RootSocket) -> None:
    sent(owner, "reach", lan="203.0.113.0/24\r\n2001:db8::/48\r\n", carriers="")
    assert acts_of(root) == [SetReach(lan=("203.0.113.0/24", "2001:db8::/48"), by=OWNER)]


def test_the_clock_is_set_in_the_shops_time_and_the_zone_is_the_machines(
    owner: Browser, root: RootSocket
) -> None:
    sent(owner, "clock", at="2026-11-23T10:00", word="clock")
    assert acts_of(root) == [SetClock(utc=1795399200.0, by=OWNER)], "Asia/Shanghai: 02:00 UTC"
    for wrong in ("", "soon", "9999-99-99T99:99", "0001-01-01T00:00"):
        text = sent(owner, "clock", at=wrong)
        assert "no date and time" in text or wrong.startswith("0001")
    sent(owner, "zone", zone="Europe/Warsaw")
    assert acts_of(root)[-1] == SetTimeZone(zone="Europe/Warsaw", by=OWNER)


def test_a_clock_set_by_more_than_a_day_wants_its_word(owner: Browser, root: RootSocket) -> None:
    def shown(seconds: float) -> str:
        at = datetime.fromtimestamp(time.time() + seconds, ZoneInfo("Asia/Shanghai"))
        return f"{at:%Y-%m-%dT%H:%M}"

    for days in (-3650, -2, 2, 3650):
        assert "more than a day from now" in sent(owner, "clock", at=shown(86400.0 * days))
    assert acts_of(root) == []
    sent(owner, "clock", at=shown(3600.0))
    sent(owner, "clock", at=shown(86400.0 * 2), word="Clock")
    assert len(acts_of(root)) == 2


# --- restart --------------------------------------------------------------------------------------
def test_a_restart_wants_its_word(owner: Browser, root: RootSocket) -> None:
    for fields in ({}, {"word": "restart"}, {"act": "off", "word": "restart", "when": "now"},
                   {"act": "x", "word": "x", "when": "now"}):  # fmt: skip
        assert "Nothing was done" in sent(owner, "restart", **fields)
    assert acts_of(root) == []
    sent(owner, "restart", act="restart", word="Restart", when="now")
    sent(owner, "restart", act="off", word="off", when="now")
    assert acts_of(root) == [Restart(by=OWNER), Restart(power_off=True, by=OWNER)]


def test_a_restart_waits_until_nobody_talks(owner: Browser, root: RootSocket, full: Stage) -> None:
    talking = shop_live(5.0)
    assert talking.calls
    control = ControlSocket(full.places.control_socket, talking)
    try:
        wait_until(lambda: "Calls that go on now" in owner.get("/box/").text, "the calls")
        text = sent(owner, "restart", act="restart", word="restart", when="idle")
        assert "waits until nobody talks" in text and acts_of(root) == []
        assert "call control does not answer for a whole minute" in text
        again = sent(owner, "restart", act="restart", word="restart", when="idle")
        assert "That waits already." in again
        assert "goes on running" in sent(owner, "restart/cancel")
        assert "waits until nobody talks" not in owner.get("/box/").text
        sent(owner, "restart", act="off", word="off", when="idle")
        control.show(replace(talking, calls=()))
        wait_until(lambda: acts_of(root), "the question to root")
    finally:
        control.kill()
    assert acts_of(root) == [Restart(power_off=True, by=OWNER)]


# --- update ---------------------------------------------------------------------------------------
def test_an_update_is_handed_to_root_and_its_answer_is_shown(
    owner: Browser, root: RootSocket, full: Stage
) -> None:
    upload = owner.uploads("/box/", b"bundle")
    fields = {"upload": upload, "name": "<b>1.2.raucb", "own_password": PASSWORD}
    answer = owner.post("/box/update", fields, page="/box/")
    assert answer.json == {"done": True}
    wait_until(lambda: "is installed. It is used" in owner.get("/box/").text, "the end of it")
    (asked,) = acts_of(root)
    assert isinstance(asked, InstallUpdate) and asked.by == OWNER
    place = Path(asked.file)
    assert place.parent == full.places.root / "updates" and place.suffix == ".raucb"
    assert not place.exists(), "it is written, so it goes"
    assert "&lt;b&gt;1.2.raucb is installed" in owner.get("/box/").text
    again = owner.post("/box/update", fields, page="/box/")
    assert again.status_code == 400 and "has been" in again.json["fault"]
    assert "is installed" not in sent(owner, "update/seen")


@pytest.mark.parametrize(
    ("language", "said"), [("en", "on trial itself"), ("zh", "试用"), ("pl", "na próbie")]
)
def test_an_update_waits_while_the_version_that_runs_is_on_trial(
    owner: Browser, full: Stage, root: RootSocket, language: str, said: str
) -> None:
    """It would go over the only version that is known to work; the file that was sent is kept."""
    visitor = full.logged_in(language=language)
    fields = {"upload": visitor.uploads("/box/", b"x"), "own_password": PASSWORD}
    root.answer = CarriedOut(sentence="", state=BoxState(slot="B", slot_on_trial="B"))
    answer = visitor.post("/box/update", fields, page="/box/")
    assert answer.status_code == 400 and said in answer.json["fault"]
    assert not acts_of(root)
    root.answer = CarriedOut(sentence="", state=BoxState(slot="B"))
    assert visitor.post("/box/update", fields, page="/box/").json == {"done": True}


def test_an_update_that_is_refused_is_told(owner: Browser, root: RootSocket) -> None:
    root.answer = NotCarriedOut(key="update_refused", sentence="This is no update.")
    fields = {"upload": owner.uploads("/box/", b"x"), "name": "a.raucb", "own_password": PASSWORD}
    owner.post("/box/update", fields, page="/box/")
    wait_until(lambda: "was not installed" in owner.get("/box/").text, "the refusal")
    assert "This is no update." in owner.get("/box/").text


def test_updates_that_killed_pages_left_behind_go_with_the_next_upload(
    owner: Browser, root: RootSocket, full: Stage
) -> None:
    folder = full.places.root / "updates"
    folder.mkdir(exist_ok=True)
    old, new, stick = (folder / f"{name}.raucb" for name in ("from-page-1", "from-page-2", "x"))
    for file in (old, new, stick):
        file.write_bytes(b"bundle")
    for file in (old, stick):
        os.utime(file, (0, 0))
    owner.uploads("/box/", b"x")
    assert not old.exists() and new.exists() and stick.exists(), "only what is ours, and old"


def test_a_wrong_password_keeps_the_file_for_another_try(owner: Browser, root: RootSocket) -> None:
    fields = {"upload": owner.uploads("/box/", b"x"), "name": "a.raucb"}
    refused = owner.post("/box/update", {**fields, "own_password": "no"}, page="/box/")
    assert refused.status_code == 400 and refused.json["key"] == "own_password"
    assert acts_of(root) == []
    taken = owner.post("/box/update", {**fields, "own_password": PASSWORD}, page="/box/")
    assert taken.status_code == 200
    for bad in ("", "../../etc/passwd", "0" * 31):
        answer = owner.post("/box/update", {"upload": bad, "own_password": PASSWORD}, page="/box/")
        assert answer.status_code == 400


# --- backup and restore ---------------------------------------------------------------------------
def taken_home(owner: Browser) -> bytes:
    answer = owner.post("/box/backup", {"own_password": PASSWORD}, page="/box/")
    assert answer.status_code == 200 and ".linghe" in answer.headers["Content-Disposition"]
    # Read by the page's script: the button may be pressed again.
    (cookie,) = (one for one in answer.headers.getlist("Set-Cookie") if "linghe_handed=yes" in one)
    assert "Path=/box/" in cookie and "HttpOnly" not in cookie
    return answer.data


def test_a_backup_is_handed_out_whole_and_nothing_of_it_stays(
    owner: Browser, full: Stage, tmp_path: Path
) -> None:
    assert "password is not right" in sent(owner, "backup", own_password="no")
    place = tmp_path / "home.linghe"
    place.write_bytes(taken_home(owner))
    assert checked(place).site_name == full.settings().current().site.name
    assert [one for one in full.places.uploads.iterdir() if one.suffix != ".part"] == []
    store = full.settings()
    line = store.audit.latest()[0]
    store.close()
    assert (line.what, line.by) == ("backup_made", OWNER)


def test_one_backup_is_made_at_a_time(owner: Browser) -> None:
    with one_backup:
        assert "is being made already" in sent(owner, "backup", own_password=PASSWORD)
    assert taken_home(owner)


def test_a_backup_is_laid_ready_and_undone(owner: Browser, full: Stage) -> None:
    fields = {"upload": owner.uploads("/box/", taken_home(owner)), "name": "home.linghe"}
    answer = owner.post("/box/restore", {**fields, "own_password": PASSWORD}, page="/box/")
    assert answer.json == {"done": True}, answer.text
    text = owner.get("/box/").text
    assert "is whole and lies ready" in text and "waits for the next start" in text
    assert waiting(full.places) is not None and full.acts()[0] == "backup_laid_ready"
    assert "No backup waits any more" in sent(owner, "restore/undo")
    assert waiting(full.places) is None and full.acts()[0] == "restore_undone"
    assert "nothing was changed" in sent(owner, "restore/undo"), "a second click"


def test_a_backup_that_is_none_or_of_another_box_is_refused(
    owner: Browser, full: Stage, tmp_path: Path
) -> None:
    def refused(content: bytes, **more: str) -> dict[str, str]:
        fields = {"upload": owner.uploads("/box/", content), "name": "<i>x.linghe", **more}
        answer = owner.post("/box/restore", {**fields, "own_password": PASSWORD}, page="/box/")
        assert answer.status_code == (200 if more else 400)
        return dict(answer.json)

    told = refused(b"no backup at all")
    assert "The backup is refused; nothing was changed." in told["fault"]
    assert "<i>x.linghe" in told["fault"] and ".taken" not in told["fault"]
    content = taken_home(owner)
    other = full.places.secrets
    other.rename(tmp_path / "other")
    assert "Another box made this backup" in refused(content)["fault"]
    assert waiting(full.places) is None
    assert refused(content, foreign="yes") == {"done": True}


# --- who may --------------------------------------------------------------------------------------
@pytest.mark.parametrize("act", ACTS)
def test_agents_strangers_and_other_sites_may_not(
    owner: Browser, root: RootSocket, full: Stage, act: str
) -> None:
    agent = full.logged_in(AGENT)
    fields = {"act": "off", "word": "off", "when": "now", "own_password": PASSWORD}
    assert agent.post(f"/box/{act}", fields, page="/account/").status_code == 403
    assert full.browser().post(f"/box/{act}", fields).status_code in (302, 401)
    assert owner.post(f"/box/{act}", fields, token="wrong").status_code == 400
    assert owner.post(f"/box/{act}", fields, origin="http://x", page="/box/").status_code == 403
    assert owner.get(f"/box/{act}").status_code == 405
    assert acts_of(root) == []


def test_root_is_asked_for_nothing_by_looking(owner: Browser, root: RootSocket) -> None:
    owner.get("/box/")
    assert root.asked and acts_of(root) == []
    assert not re.search(r"SetSsh|FactoryReset|JudgeStart", owner.get("/box/").text)
