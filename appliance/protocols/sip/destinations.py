"""Whom an INVITE goes to: all of a user's phones at once, or a trunk's hops one after the other.

RFC 3261 §8.1.2 for phones, RFC 3263 §4 for trunks. Where we are registered comes first, since many
carriers take calls only there; hops that failed lately come last.
"""

from appliance.protocols.sip.core import Core, as_text
from appliance.protocols.sip.directory import PhoneTarget, Target, TrunkRoute
from appliance.protocols.sip.failover import Destination
from appliance.protocols.sip.flow import SIP_PORT, host_text
from appliance.protocols.sip.location import Hop, in_order
from appliance.protocols.sip.registrar import Registrar
from appliance.protocols.sip.registration import domain_of, trunk_flow
from appliance.protocols.sip.trunks import Trunks
from appliance.protocols.sip.uri import SipUri
from appliance.vocabulary.ids import Instant


class Destinations:
    """Targets to destinations, best first."""

    def __init__(self, core: Core, registrar: Registrar, trunks: Trunks) -> None:
        self._core = core
        self._registrar = registrar
        self._trunks = trunks
        self._drawn: dict[str, list[Hop]] = {}
        """Trunk to hops, from the question for our address until the INVITE that it was for."""

    def near(self, target: Target, now: Instant) -> str:
        """Our address toward a target, for the SDP of the INVITE that follows; "" for none."""
        if isinstance(target, PhoneTarget):
            contacts = self._registrar.reachable(target.user)
            return self._core.near(contacts[0].flow) if contacts else ""
        route = self._core.directory.trunk(target.trunk)
        if route is None:
            return ""
        hops = self._drawn[target.trunk] = self._hops(target.trunk, route, now)
        return self._core.near(trunk_flow(self._core, route, hops[0]))

    def of(self, target: Target, to_user: str, now: Instant) -> list[Destination]:
        """Where to send the INVITE: a phone's at once, a trunk's in this order."""
        if isinstance(target, PhoneTarget):
            return [
                Destination(
                    uri=str(SipUri.parse(as_text(contact.uri)).without_headers()),
                    flow=contact.flow,
                    domain=host_text(self._core.near(contact.flow)),
                )
                for contact in self._registrar.reachable(target.user)
            ]
        route = self._core.directory.trunk(target.trunk)
        if route is None:
            return []
        hops = self._drawn.pop(target.trunk, None) or self._hops(target.trunk, route, now)
        return [self._through(route, hop, to_user) for hop in hops]

    def _hops(self, trunk: str, route: TrunkRoute, now: Instant) -> list[Hop]:
        if len(route.servers) < 2 and len(route.hops) < 2:
            return [route.hop]
        hops = in_order(route.servers, self._random_below)
        registered = self._trunks.registered_at(trunk)
        hops.sort(key=lambda hop: hop != registered)
        hops = self._core.outages.sorted(hops, now)
        # The INVITE's SDP names one address of ours: hops of the other family cannot use it. When
        # all of this one are out, the next call begins with the other.
        is_ipv6 = ":" in hops[0].address
        return [hop for hop in hops if (":" in hop.address) is is_ipv6]

    def _random_below(self, limit: int) -> int:
        return int(self._core.mark("draw", self._core.random_text()), 16) % limit

    def _through(self, route: TrunkRoute, hop: Hop, to_user: str) -> Destination:
        domain = domain_of(route)
        flow = trunk_flow(self._core, route, hop)
        port = None if hop.port == SIP_PORT or route.domain else hop.port
        tail = (("transport", flow.transport),) if flow.is_reliable else ()
        uri = SipUri.of(to_user or None, domain, port, parameters=tail)
        return Destination(uri=str(uri), flow=flow, domain=domain)
