"""`linghe network`: the box's own address, and who may reach it besides its own network."""

import argparse

from appliance.daemons.command_line.root_asked import by, carried_out
from appliance.wire.privileged import SetNetwork, SetReach

NAME = "network"
HELP = "set the box's own address, and who may reach it"
EXAMPLES = """\
  linghe network dhcp
  linghe network static 192.168.1.10/24 --gateway 192.168.1.1 --dns 192.168.1.1
  linghe network reach --lan 203.0.113.0/24 --carrier 198.51.100.7
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which way."""
    ways = parser.add_subparsers(dest="way", required=True, metavar="WAY")
    ways.add_parser("dhcp", help="ask the network for an address (as delivered)")
    static = ways.add_parser("static", help="this address and no other")
    static.add_argument("address", metavar="ADDRESS/PREFIX")
    static.add_argument("--gateway", default="")
    static.add_argument("--dns", action="append", default=[], metavar="ADDRESS")
    reach = ways.add_parser(
        "reach", help="networks that are let in besides private ones; none given: none"
    )
    reach.add_argument(
        "--lan", action="append", default=[], metavar="NETWORK", help="phones and pages"
    )
    reach.add_argument(
        "--carrier",
        action="append",
        default=[],
        metavar="NETWORK",
        help="SIP and RTP of carriers that call without being registered with",
    )


def carry_out(arguments: argparse.Namespace) -> int:
    """Ask root for it."""
    if arguments.way == "reach":
        reach = SetReach(lan=tuple(arguments.lan), carriers=tuple(arguments.carrier), by=by())
        return carried_out(reach, arguments)
    if arguments.way == "dhcp":
        return carried_out(SetNetwork(by=by()), arguments)
    asked = SetNetwork(
        address=arguments.address,
        gateway=arguments.gateway,
        dns=tuple(arguments.dns),
        by=by(),
    )
    return carried_out(asked, arguments)
