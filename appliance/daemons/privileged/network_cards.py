"""The box's network cards, as systemd-networkd knows them: for which one a fixed address is.

An address is one card's. Were it each card's, a second one (a network of its own for the phones, a
mobile phone that tethers over USB) would have the same address and the same gateway, and nothing
would work. The card is named by what its maker wrote into it, for names go by the order of a start.
In another machine, where no card is that one, the start finds its only one
(image-build/overlay/usr/lib/linghe/card-of-address).
"""

import logging

import msgspec

from appliance.daemons.privileged.machine import Machine
from appliance.vocabulary.errors import RefusedError

logger = logging.getLogger(__name__)

DESCRIBE = (
    *("busctl", "--json=short", "call", "org.freedesktop.network1", "/org/freedesktop/network1"),
    *("org.freedesktop.network1.Manager", "Describe"),
)
"""As `networkctl --json=short list` (org.freedesktop.network1(5)), asked of networkd itself: this
process has a network of its own and sees no card."""
DESCRIBE_S = 10.0
ANY_CARD = ("Type=ether", "Kind=!*")
"""Ethernet, and nothing that the kernel made up itself (systemd.network(5), [Match])."""
LINKED = ("carrier", "degraded-carrier")


class Card(msgspec.Struct, frozen=True, rename="pascal"):
    """One interface, of all that networkd says of it."""

    name: str
    type: str = ""
    kind: str = ""
    """Of what the kernel made up itself: bridge, veth, vlan. Empty: a card."""
    carrier_state: str = ""
    hardware_address: list[int] = []
    permanent_hardware_address: list[int] = []

    @property
    def match(self) -> str:
        """The line of [Match] that is true of this card."""
        if self.permanent_hardware_address:
            return f"PermanentMACAddress={_written(self.permanent_hardware_address)}"
        if self.hardware_address:
            return f"MACAddress={_written(self.hardware_address)}"
        return f"Name={self.name}"


class _Known(msgspec.Struct, frozen=True, rename="pascal"):
    interfaces: list[Card]


class _Answer(msgspec.Struct, frozen=True):
    data: tuple[str]


def match_of_the_card_in_use(machine: Machine) -> tuple[str, ...]:
    """Return the lines of [Match]. RefusedError where it cannot be told which card; EquipmentError
    where networkd does not answer."""
    answer = machine.run(DESCRIBE, DESCRIBE_S)
    try:
        (described,) = msgspec.json.decode(answer, type=_Answer).data
        known = msgspec.json.decode(described, type=_Known).interfaces
    except msgspec.MsgspecError as error:
        # of another version: most boxes have one card only, and an address is needed most when
        # little else works
        logger.warning("networkd tells its cards otherwise (%s): the address is any card's", error)
        return ANY_CARD
    cards = [one for one in known if one.type == "ether" and not one.kind]
    return (_in_use(cards).match, *ANY_CARD)


def _in_use(cards: list[Card]) -> Card:
    """One that is alone has its cable later, perhaps."""
    linked = cards if len(cards) == 1 else [one for one in cards if one.carrier_state in LINKED]
    if len(linked) == 1:
        return linked[0]
    if linked:
        names = ", ".join(sorted(one.name for one in linked))
        raise RefusedError(
            "network_refused",
            f"{len(linked)} network cards have a cable ({names}), and the address is for one only.",
            "Leave one cable plugged in, set the address, then plug the others in again.",
        )
    what = "None of the network cards has a cable." if cards else "There is no network card."
    raise RefusedError("network_refused", what, "Plug the cable in, then set the address.")


def _written(address: list[int]) -> str:
    return ":".join(f"{one & 0xFF:02x}" for one in address)
