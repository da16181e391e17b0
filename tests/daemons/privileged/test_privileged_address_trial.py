"""A new address that the pages set: tried, confirmed or given back; and what the pages are told."""

import pytest
from root_desk import Desk

from appliance.daemons.privileged import door
from appliance.daemons.privileged.address_trial import AFTER_S, confirm, look, try_address
from appliance.daemons.privileged.door import is_urgent, uptime
from appliance.daemons.privileged.network import NETWORK_FILE, RELOAD_NETWORK
from appliance.vocabulary.errors import RefusedError
from appliance.wire.codec import line_of
from appliance.wire.privileged import (
    BoxState,
    CarriedOut,
    ConfirmNetwork,
    InstallUpdate,
    JudgeStart,
    NotCarriedOut,
    Restart,
    SetNetwork,
    SetSsh,
    TellState,
)

NEW = SetNetwork(address="192.168.7.10/24", gateway="192.168.7.1", trial_seconds=120.0)
OLD = SetNetwork(address="10.0.0.5/24")


@pytest.fixture
def desk(tmp_path) -> Desk:
    return Desk(tmp_path)


def now_and_lasting(desk: Desk) -> tuple[str, str]:
    """The address that networkd has, and the one of the next start."""
    found = []
    for folder in (desk.machine.networkd, desk.machine.settings):
        place = folder / NETWORK_FILE
        lines = place.read_text().splitlines() if place.exists() else []
        found.append(next((one[8:] for one in lines if one.startswith("Address=")), "DHCP"))
    return found[0], found[1]


def told(desk: Desk) -> BoxState:
    answer = desk.ask(TellState())
    assert isinstance(answer, CarriedOut) and answer.state is not None
    return answer.state


@pytest.mark.parametrize("former", [OLD, SetNetwork()], ids=["fixed", "DHCP"])
def test_an_address_that_nobody_confirms_is_given_back(desk: Desk, former: SetNetwork) -> None:
    desk.ask(former)
    before = now_and_lasting(desk)
    try_address(NEW, desk.machine, 100.0)
    desk.ran.clear()
    assert now_and_lasting(desk) == before, "the answer has to reach who asked first"
    assert look(desk.machine, 101.0) == "" and desk.ran == []
    assert "on trial" in look(desk.machine, 100.0 + AFTER_S)
    assert now_and_lasting(desk) == ("192.168.7.10/24", before[1]), "a start goes back by itself"
    assert look(desk.machine, 150.0) == "" and desk.ran == [RELOAD_NETWORK]
    assert "went back" in look(desk.machine, 100.0 + AFTER_S + 120.0)
    assert now_and_lasting(desk) == before and desk.ran == [RELOAD_NETWORK] * 2
    assert look(desk.machine, 1000.0) == "" and not desk.machine.address_trial.exists()


def test_an_address_that_was_reached_and_confirmed_stays(desk: Desk) -> None:
    try_address(NEW, desk.machine, 100.0)
    with pytest.raises(RefusedError, match="does not hold yet"):
        confirm(desk.machine, 100.5)
    look(desk.machine, 110.0)
    assert "stays" in confirm(desk.machine, 130.0)
    assert now_and_lasting(desk) == ("192.168.7.10/24", "192.168.7.10/24")
    assert look(desk.machine, 9999.0) == ""
    with pytest.raises(RefusedError, match="No new address"):
        confirm(desk.machine, 131.0)


def test_dhcp_is_tried_as_an_address_is(desk: Desk) -> None:
    desk.ask(OLD)
    try_address(SetNetwork(trial_seconds=60.0), desk.machine, 0.0)
    look(desk.machine, 5.0)
    assert now_and_lasting(desk) == ("DHCP", "10.0.0.5/24")
    confirm(desk.machine, 6.0)
    assert now_and_lasting(desk) == ("DHCP", "DHCP")


def test_an_address_that_cannot_be_taken_is_given_back_at_once(desk: Desk) -> None:
    try_address(NEW, desk.machine, 0.0)
    desk.failing["call"] = "busctl: nobody is there"
    with pytest.raises(Exception, match="nobody is there"):
        look(desk.machine, 5.0)
    assert now_and_lasting(desk) == ("DHCP", "DHCP"), "the file is gone; the rest is tried again"
    desk.failing.clear()
    look(desk.machine, 6.0)
    look(desk.machine, 500.0)
    assert now_and_lasting(desk) == ("DHCP", "DHCP") and not desk.machine.address_trial.exists()


@pytest.mark.parametrize(
    "asked",
    [
        SetNetwork(address="192.168.7.10/24", trial_seconds=5.0),
        SetNetwork(address="192.168.7.10/24", trial_seconds=1e9),
        SetNetwork(address="192.168.7.10/24", trial_seconds=-1.0),
        SetNetwork(address="192.168.7.10/24", trial_seconds=float("nan")),
        SetNetwork(address="192.168.7.255/24", trial_seconds=120.0),
    ],
)
def test_what_cannot_be_an_address_or_a_trial_is_refused_before_anything(
    desk: Desk, asked: SetNetwork
) -> None:
    with pytest.raises(RefusedError):
        try_address(asked, desk.machine, 0.0)
    assert desk.files().keys() & {"run/linghe/address-trial.json"} == set()


def test_by_the_door_it_is_the_same_and_the_screen_ends_a_trial(desk: Desk) -> None:
    answer = desk.ask(NEW)
    assert isinstance(answer, CarriedOut) and "120 seconds" in answer.sentence
    state = told(desk)
    assert state.address_on_trial == "192.168.7.10/24" and 100 < state.address_seconds <= 122
    look(desk.machine, uptime() + 5)
    assert isinstance(desk.ask(ConfirmNetwork()), CarriedOut)
    desk.ask(NEW)
    look(desk.machine, uptime() + 5)
    desk.ask(SetNetwork())
    assert told(desk).address_on_trial == ""
    refused = desk.ask(ConfirmNetwork())
    assert isinstance(refused, NotCarriedOut) and refused.key == "no_trial"
    assert now_and_lasting(desk) == ("DHCP", "DHCP")


def test_a_file_of_nonsense_is_no_trial(desk: Desk) -> None:
    desk.machine.address_trial.parent.mkdir(parents=True, exist_ok=True)
    for content in (b"", b"{}", b"[1]", b"\xff"):
        desk.machine.address_trial.write_bytes(content)
        assert look(desk.machine, 1.0) == "" and told(desk).address_on_trial == ""


def test_what_the_pages_are_told(desk: Desk) -> None:
    assert told(desk) == BoxState(slot="A")
    assert desk.audited == [], "a look is no act"
    bundle = desk.machine.updates / "one.raucb"
    bundle.write_bytes(b"bundle")
    desk.ask(InstallUpdate(file=str(bundle)))
    assert told(desk).slot_on_trial == "B", "also before the next start"
    desk.ask(SetSsh(key=""))
    desk.boot.write_text("second\n")
    desk.ask(JudgeStart(is_good=True))
    state = told(desk)
    assert state.start_is_good and state.start_judged_at > 1.7e9 and "good" in state.start_judged


def test_neither_a_look_nor_a_confirmation_waits_behind_an_update() -> None:
    for asked, urgent in ((TellState(), True), (ConfirmNetwork(), True), (Restart(), True),
                          (NEW, False), (InstallUpdate(file="/x"), False)):  # fmt: skip
        assert is_urgent(line_of(asked)[:-1]) is urgent
    assert door.MOST_BY >= 64
