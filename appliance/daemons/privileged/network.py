"""The box's own address (systemd.network(5)) and who may reach it (nft(8)).

Nothing that was typed reaches a file: addresses are read by `ipaddress` and written by it again.
"""

import ipaddress
from contextlib import suppress

from appliance.daemons.privileged.machine import Machine, remove, write_whole
from appliance.daemons.privileged.network_cards import match_of_the_card_in_use
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.wire.privileged import SetNetwork, SetReach

NETWORK_FILE = "10-linghe.network"
"""Before 80-linghe.network of the image, which says DHCP."""
REACH_FILE = "reach.nft"
MOST_DNS = 4
MOST_NETWORKS = 64

RELOAD_NETWORK = (
    *("busctl", "call", "org.freedesktop.network1", "/org/freedesktop/network1"),
    *("org.freedesktop.network1.Manager", "Reload"),
)
"""As `networkctl reload`, which works in networkd's own network only; we have none."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Interface = ipaddress.IPv4Interface | ipaddress.IPv6Interface
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def set_network(asked: SetNetwork, machine: Machine) -> str:
    """Give the box this address, or DHCP's. Raises RefusedError, EquipmentError."""
    places = [folder / NETWORK_FILE for folder in (machine.settings, machine.networkd)]
    text = network_text(asked, machine)
    if not text:
        for place in places:
            remove(place)
        machine.run(RELOAD_NETWORK, 20.0)
        return "The box asks the network for its address (DHCP)."
    for place in places:
        write_whole(place, text, 0o644)
    machine.run(RELOAD_NETWORK, 20.0)
    return f"The box has the address {asked.address}."


def network_text(asked: SetNetwork, machine: Machine) -> str:
    """Return networkd's file for the card in use, empty for DHCP. RefusedError, EquipmentError."""
    if not asked.address:
        if asked.gateway or asked.dns:
            raise RefusedError(
                "network_refused", "With DHCP the network says gateway and name servers itself."
            )
        return ""
    own = _interface(asked.address)
    lines = ["", "[Network]", "DHCP=no", f"Address={own.with_prefixlen}"]
    lines += ["LinkLocalAddressing=ipv6"]
    if asked.gateway:
        gateway = _address(asked.gateway, "The gateway")
        if gateway.version != own.version or gateway not in own.network or gateway == own.ip:
            raise RefusedError(
                "network_refused", f"The gateway {gateway} is no neighbour in {own.network}."
            )
        lines.append(f"Gateway={gateway}")
    if len(asked.dns) > MOST_DNS:
        raise RefusedError("network_refused", f"{MOST_DNS} name servers at most.")
    lines += [f"DNS={_address(one, 'The name server')}" for one in asked.dns]
    head = ["# Written by linghe-privileged (linghe network).", "[Match]"]
    match = match_of_the_card_in_use(machine)
    return "\n".join([*head, *match, *lines, "MulticastDNS=no", "LLMNR=no", ""])


def _interface(text: str) -> Interface:
    refused = RefusedError(
        "network_refused",
        f"{text[:60]!r} is no address with its prefix.",
        "One is like 192.168.1.10/24.",
    )
    if "/" not in text or "%" in text:
        raise refused
    try:
        own = ipaddress.ip_interface(text)
    except ValueError as error:
        raise refused from error
    net = own.network
    if _is_odd(own.ip) or net.prefixlen == 0:
        raise RefusedError("network_refused", f"{own.ip} cannot be a box's address.")
    is_small = net.prefixlen >= net.max_prefixlen - 1
    if net.version == 4 and not is_small and own.ip in (net[0], net[-1]):
        raise RefusedError("network_refused", f"{own.ip} is the network's own or its broadcast.")
    return own


def _is_odd(address: Address) -> bool:
    return address.is_multicast or address.is_unspecified or address.is_loopback


def _address(text: str, what: str) -> Address:
    try:
        if "%" in text:
            raise ValueError
        found = ipaddress.ip_address(text)
    except ValueError as error:
        raise RefusedError("network_refused", f"{what}: {text[:60]!r} is no address.") from error
    if found.is_multicast or found.is_unspecified:
        raise RefusedError("network_refused", f"{what}: {found} is nobody's address.")
    return found


def set_reach(asked: SetReach, machine: Machine) -> str:
    """Let these networks in besides. Raises RefusedError, EquipmentError."""
    lan, carriers = _networks(asked.lan), _networks(asked.carriers)
    lines = [*_elements("lan", lan), *_elements("carriers", carriers)]
    head = "# Written by linghe-privileged (linghe network)."
    former = _reach(machine)
    try:
        _put_reach("\n".join([head, *lines, ""]) if lines else "", machine)
    except EquipmentError:
        # nft may have taken part of it, and the next start would take all
        with suppress(EquipmentError):
            _put_reach(former, machine)
        raise
    return f"{len(lan)} more networks count as the LAN; {len(carriers)} carriers may call."


def _reach(machine: Machine) -> str:
    """Return what was set before, empty for nothing. Raises EquipmentError."""
    place = machine.settings / REACH_FILE
    try:
        return place.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise EquipmentError(f"{place} cannot be read: {error.strerror}.") from error


def _put_reach(text: str, machine: Machine) -> None:
    place = machine.settings / REACH_FILE
    if text:
        write_whole(place, text, 0o644)
    else:
        remove(place)
    load_firewall(machine)


def load_firewall(machine: Machine) -> None:
    """Read /etc/nftables.conf and what belongs to it again, in one step. Raises EquipmentError."""
    machine.run(("systemctl", "reload", "nftables.service"), 20.0)


def _networks(texts: tuple[str, ...]) -> list[Network]:
    if len(texts) > MOST_NETWORKS:
        raise RefusedError("reach_refused", f"{MOST_NETWORKS} networks at most.")
    found: list[Network] = []
    for text in texts:
        try:
            network = ipaddress.ip_network(text)
        except ValueError as error:
            raise RefusedError(
                "reach_refused",
                f"{text[:60]!r} is no network.",
                "One is like 203.0.113.0/24 or 203.0.113.7.",
            ) from error
        if network.prefixlen < (8 if network.version == 4 else 16):
            raise RefusedError("reach_refused", f"{network} is half the world.")
        found.append(network)
    return found


def _elements(name: str, networks: list[Network]) -> list[str]:
    return [
        f"add element inet linghe {name}{network.version} {{ {network} }}" for network in networks
    ]
