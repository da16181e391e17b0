"""A fixed address is one card's: which one, and what is said where that cannot be told."""

from pathlib import Path

import msgspec
import pytest
from root_desk import Desk

from appliance.daemons.privileged.address_trial import AFTER_S, confirm, look, try_address
from appliance.daemons.privileged.network import NETWORK_FILE, RELOAD_NETWORK
from appliance.daemons.privileged.network_cards import DESCRIBE
from appliance.wire.privileged import CarriedOut, NotCarriedOut, SetNetwork

FIXED = SetNetwork(address="192.168.1.10/24", gateway="192.168.1.1")
OFFICE, PHONES = [0x52, 0x54, 0, 0, 0, 0x0A], [0x52, 0x54, 0, 0, 0, 0x0B]
BRIDGE = {"Name": "br0", "Type": "ether", "Kind": "bridge", "CarrierState": "carrier"}
LOOPBACK = {"Name": "lo", "Type": "loopback", "CarrierState": "carrier", "Flags": 65609}
WIFI = {"Name": "wlan0", "Type": "wlan", "CarrierState": "carrier", "HardwareAddress": PHONES}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def card(name: str, address: list[int], carrier: str) -> dict[str, object]:
    return {
        "Index": 2,
        "Name": name,
        "Type": "ether",
        "HardwareAddress": [2, *address[1:]],
        "PermanentHardwareAddress": address,
        "CarrierState": carrier,
        "Addresses": [{"Family": 2, "Address": [192, 168, 1, 77]}],
    }


def plug(desk: Desk, *cards: dict[str, object]) -> None:
    """As `busctl --json=short` prints what systemd 252 answers: JSON in a string in JSON."""
    known = {"Interfaces": [LOOPBACK, BRIDGE, WIFI, *cards]}
    answer = {"type": "s", "data": [msgspec.json.encode(known).decode()]}
    desk.printing[DESCRIBE[1]] = msgspec.json.encode(answer).decode()


def matched(place: Path) -> list[str]:
    head = place.read_text().partition("[Match]\n")[2].partition("\n\n")[0]
    return head.splitlines()


def test_of_two_cards_the_one_with_the_cable_has_the_address(desk: Desk) -> None:
    plug(desk, card("eth0", OFFICE, "no-carrier"), card("eth1", PHONES, "carrier"))
    assert isinstance(desk.ask(FIXED), CarriedOut)
    wanted = ["PermanentMACAddress=52:54:00:00:00:0b", "Type=ether", "Kind=!*"]
    for folder in (desk.machine.settings, desk.machine.networkd):
        assert matched(folder / NETWORK_FILE) == wanted
    assert desk.ran == [DESCRIBE, RELOAD_NETWORK]


def test_the_only_card_is_the_one_meant_though_its_cable_comes_later(desk: Desk) -> None:
    plug(desk, card("eth0", OFFICE, "no-carrier"))
    assert isinstance(desk.ask(FIXED), CarriedOut)
    place = desk.machine.settings / NETWORK_FILE
    assert matched(place)[0] == "PermanentMACAddress=52:54:00:00:00:0a"


@pytest.mark.parametrize("trial_seconds", [0.0, 120.0])
@pytest.mark.parametrize(
    ("cards", "said"),
    [
        ([card("eth0", OFFICE, "carrier"), card("eth1", PHONES, "carrier")], "(eth0, eth1)"),
        ([card("eth0", OFFICE, "off"), card("eth1", PHONES, "no-carrier")], "has a cable"),
        ([], "no network card"),
    ],
    ids=["two with a cable", "two without one", "none"],
)
def test_where_it_cannot_be_told_which_card_nothing_changes(
    desk: Desk, cards: list[dict[str, object]], said: str, trial_seconds: float
) -> None:
    plug(desk, *cards)
    before = desk.files()
    asked = SetNetwork(address=FIXED.address, trial_seconds=trial_seconds)
    told = desk.ask(asked)
    assert isinstance(told, NotCarriedOut) and told.key == "network_refused"
    assert said in told.sentence and "cable" in told.remedy
    assert desk.files() == before and desk.ran == [DESCRIBE]


def test_dhcp_is_every_cards_and_asks_for_none(desk: Desk) -> None:
    plug(desk, card("eth0", OFFICE, "carrier"), card("eth1", PHONES, "carrier"))
    assert isinstance(desk.ask(SetNetwork()), CarriedOut) and desk.ran == [RELOAD_NETWORK]


def test_what_was_tried_on_a_card_is_kept_for_that_card(desk: Desk) -> None:
    plug(desk, card("eth0", OFFICE, "carrier"))
    try_address(SetNetwork(address=FIXED.address, trial_seconds=120.0), desk.machine, 100.0)
    look(desk.machine, 100.0 + AFTER_S)
    plug(desk, card("eth0", OFFICE, "carrier"), card("usb0", PHONES, "carrier"))
    confirm(desk.machine, 110.0)
    place = desk.machine.settings / NETWORK_FILE
    assert matched(place)[0] == "PermanentMACAddress=52:54:00:00:00:0a"


@pytest.mark.parametrize(
    ("less", "line"),
    [
        ({"PermanentHardwareAddress": []}, "MACAddress=02:54:00:00:00:0a"),
        ({"PermanentHardwareAddress": [], "HardwareAddress": []}, "Name=eth0"),
    ],
)
def test_a_card_without_an_address_of_its_maker_is_named_otherwise(
    desk: Desk, less: dict[str, object], line: str
) -> None:
    plug(desk, card("eth0", OFFICE, "carrier") | less)
    desk.ask(FIXED)
    assert matched(desk.machine.settings / NETWORK_FILE)[0] == line


@pytest.mark.parametrize("answer", ["", "{}", '{"type":"s","data":["{"]}', '{"data":[3]}'])
def test_where_networkd_tells_its_cards_otherwise_an_address_can_be_set_all_the_same(
    desk: Desk, answer: str
) -> None:
    desk.printing[DESCRIBE[1]] = answer
    assert isinstance(desk.ask(FIXED), CarriedOut)
    assert matched(desk.machine.settings / NETWORK_FILE) == ["Type=ether", "Kind=!*"]
