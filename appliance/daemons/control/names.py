"""Where carriers' servers are, by name: asked of DNS ahead of time, never while a call waits.

The look-up itself is protocols/sip/location.py; here are its questions asked (dnspython's own
asyncio resolver; hosts file and mDNS by the system's, in a thread) and its outcomes remembered for
as long as DNS says they hold. With the name servers dead, or the internet, what was known goes on
to be used; it is kept over a restart too.
"""

import asyncio
import logging
import socket
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

import msgspec

from appliance.protocols.sip.flow import plain_address
from appliance.protocols.sip.location import (
    Answer,
    Location,
    Naptr,
    Question,
    Server,
    Srv,
    locate,
)
from appliance.vocabulary.ids import Instant
from appliance.vocabulary.shape import Value

if TYPE_CHECKING:
    import dns.asyncresolver
    import dns.resolver

logger = logging.getLogger(__name__)

SHORTEST_S = 5.0
LONGEST_S = 3600.0
AGAIN_S = 30.0
"""When somebody could not be asked."""
LIFETIME_S = 4.0
"""For one question, all its name servers and repetitions together."""
SYSTEM_TTL = 60
"""Seconds; the system's resolver tells none."""


class Place(Value, frozen=True, kw_only=True):
    """What a site says of where a trunk is."""

    host: str
    port: int = 0
    """0: as DNS says."""
    transport: str = ""
    """Empty: as DNS says."""


class Known(Value, frozen=True, kw_only=True):
    """What was found for one place."""

    place: Place
    servers: tuple[Server, ...]


class NameServer(Protocol):
    """Who is asked."""

    async def ask(self, question: Question) -> Answer:
        """Return the answer; `is_failed` where there is none to be had. Raises nothing."""
        ...


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Known])


class Names:
    """Everything that was looked up, and when it is to be looked up again."""

    def __init__(self, server: NameServer) -> None:
        self._server = server
        self._wanted: frozenset[Place] = frozenset()
        self._known: dict[Place, tuple[Server, ...]] = {}
        self._due: dict[Place, Instant] = {}
        self._is_busy = False

    def servers_of(self, host: str, port: int, transport: str) -> tuple[Server, ...]:
        """Return what is known of a place now; nothing while nobody could say."""
        place = Place(host=host, port=port, transport=transport)
        found = self._known.get(place)
        return found if found is not None else _without_asking(place)

    def want(self, places: Iterable[Place]) -> None:
        """These are to be known from now on, and no others."""
        self._wanted = frozenset(places)
        for one in list(self._known):
            if one not in self._wanted:
                del self._known[one]
        self._due = {place: due for place, due in self._due.items() if place in self._wanted}

    def is_due(self, now: Instant) -> bool:
        """Whether something has run out, and nobody is looking it up already."""
        if self._is_busy:
            return False
        return any(self._due.get(place, now) <= now for place in self._wanted)

    async def look_up(self, now: Instant) -> bool:
        """Look up all that has run out; say whether anything is otherwise than it was."""
        if self._is_busy:
            return False
        self._is_busy = True
        try:
            due = [one for one in self._wanted if self._due.get(one, now) <= now]
            # not one after the other: a dead name server takes seconds for each question
            found = await asyncio.gather(*(self._located(one) for one in due))
        finally:
            self._is_busy = False
        changed = [
            self._learn(place, location, now)
            for place, location in zip(due, found, strict=True)
            if place in self._wanted
        ]
        return any(changed)

    async def _located(self, place: Place) -> Location:
        looking = locate(place.host, place.port, place.transport)
        try:
            question = next(looking)
            while True:
                question = looking.send(await self._server.ask(question))
        except StopIteration as end:
            location = end.value
        return location if isinstance(location, Location) else Location(servers=(), ttl=0)

    def _learn(self, place: Place, location: Location, now: Instant) -> bool:
        before = self._known.get(place)
        is_usable = bool(location.servers) and (location.is_certain or before is None)
        seconds = AGAIN_S
        if location.is_certain and location.servers:
            seconds = min(max(float(location.ttl), SHORTEST_S), LONGEST_S)
        self._due[place] = Instant(now + seconds)
        if not is_usable:
            logger.log(
                logging.DEBUG if before else logging.WARNING,
                "%s cannot be looked up%s", place.host, "; what was known holds" if before else "",
            )  # fmt: skip
            return False
        self._known[place] = location.servers
        return location.servers != before

    # --- over a restart -----------------------------------------------------------------------
    def kept(self) -> bytes:
        """Everything that is known."""
        return _encoder.encode([Known(place=one, servers=its) for one, its in self._known.items()])

    def restore(self, content: bytes) -> None:
        """Know what a process before us knew; it is looked up anew all the same."""
        for one in _decoder.decode(content):
            self._known[one.place] = one.servers


def _without_asking(place: Place) -> tuple[Server, ...]:
    """An address needs no name server."""
    try:
        next(locate(place.host, place.port, place.transport))
    except StopIteration as end:
        location = end.value
        return location.servers if isinstance(location, Location) else ()
    return ()


class Dns:
    """The machine's name servers, or those that LINGHE_DNS names."""

    def __init__(self, servers: tuple[tuple[str, int], ...], can_reach: Callable[[str], bool]):
        """`can_reach`: whether the box has a way to an address of that family."""
        self._servers = servers
        self._can_reach = can_reach

    async def ask(self, question: Question) -> Answer:
        """Ask; an address that the box cannot reach is none."""
        if question.kind == "ADDRESS":
            return await self._addresses(question.name)
        answer, _ = await self._records(question.name, question.kind)
        if answer is None:
            return Answer(ttl=int(AGAIN_S), is_failed=True)
        return answer

    async def _addresses(self, name: str) -> Answer:
        found = await asyncio.gather(*(self._records(name, kind) for kind in ("AAAA", "A")))
        answers = [one for one, _ in found if one is not None]
        addresses = [address for one in answers for address in one.addresses]
        ttl = min((one.ttl for one in answers if one.addresses), default=int(AGAIN_S))
        if not addresses and not self._servers:
            addresses, ttl = await self._of_the_system(name), SYSTEM_TTL
        usable = tuple(one for one in addresses if self._can_reach(one))
        # what cannot be reached now may be tomorrow: then it is no proof that there is none
        is_failed = not usable and (bool(addresses) or len(answers) < len(found))
        return Answer(addresses=usable, ttl=ttl, is_failed=is_failed)

    async def _of_the_system(self, name: str) -> list[str]:
        """Names of the hosts file and of the neighbourhood (mDNS)."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(name, None)
        except (OSError, UnicodeError):  # what DNS calls a server need not be a host's name
            return []
        kinds = (socket.AF_INET6, socket.AF_INET)
        found.sort(key=lambda one: kinds.index(one[0]) if one[0] in kinds else len(kinds))
        return list(dict.fromkeys(plain_address(str(one[4][0])) for one in found))

    async def _records(self, name: str, kind: str) -> tuple[Answer | None, str]:
        """Records of one kind; None when nobody could say."""
        # Some 100 ms of import, not in the loop and not before a trunk has a name.
        resolver = await asyncio.to_thread(_resolver, self._servers)
        if resolver is None:
            return None, kind
        import dns.exception
        import dns.resolver

        try:
            answer = await resolver.resolve(f"{name}.", kind, lifetime=LIFETIME_S)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return Answer(ttl=SYSTEM_TTL), kind
        except (dns.exception.DNSException, OSError, ValueError) as error:
            logger.debug("%s %s: %s", name, kind, error)
            return None, kind
        return _read(answer, kind), kind


def _resolver(servers: tuple[tuple[str, int], ...]) -> "dns.asyncresolver.Resolver | None":
    """A resolver made anew each time: DHCP may have named other servers meanwhile. None: it has
    named none at all."""
    import dns.asyncresolver
    import dns.nameserver

    try:
        made = dns.asyncresolver.Resolver(configure=not servers)
    except dns.resolver.NoResolverConfiguration as error:
        logger.debug("the machine has no name server: %s", error)
        return None
    if servers:
        made.nameservers = [dns.nameserver.Do53Nameserver(at, port) for at, port in servers]
    return made


def _read(answer: "dns.resolver.Answer", kind: str) -> Answer:
    """dnspython's records as ours."""
    ttl = int(answer.rrset.ttl) if answer.rrset is not None else SYSTEM_TTL
    if kind == "SRV":
        srv = tuple(
            Srv(
                priority=int(one.priority),
                weight=int(one.weight),
                port=int(one.port),
                target=one.target.to_text(omit_final_dot=one.target.to_text() != "."),
            )
            for one in answer
        )
        return Answer(srv=srv, ttl=ttl)
    if kind == "NAPTR":
        naptr = tuple(
            Naptr(
                order=int(one.order),
                preference=int(one.preference),
                flags=one.flags.decode("ascii", "replace"),
                service=one.service.decode("ascii", "replace"),
                replacement=one.replacement.to_text(omit_final_dot=True),
            )
            for one in answer
        )
        return Answer(naptr=naptr, ttl=ttl)
    # in one order, however the name server turns them each time
    return Answer(addresses=tuple(sorted(one.to_text() for one in answer)), ttl=ttl)
