"""Where a carrier's servers are: RFC 3263 §4 over NAPTR (RFC 3403) and SRV (RFC 2782) records.

Theory of operation. `locate` is a generator: it yields questions for a name server and is sent
the answers, so that nothing here asks anybody and a whole look-up is a test without a network. What
comes out are *servers*, each with its addresses, rank and weight; `in_order` draws from them the
order in which *hops* are to be tried: by rank, within a rank at random by weight.

A question that nobody could answer is not the same as "there is none": then the outcome is not
*certain*, and what was known before is better.
"""

from collections.abc import Callable, Generator, Sequence

from appliance.protocols.sip.flow import SIP_PORT, SIPS_PORT, is_ip_literal, plain_address
from appliance.vocabulary.shape import Value

SERVICES = {"sips+d2t": "tls", "sip+d2t": "tcp", "sip+d2u": "udp"}
"""NAPTR service to transport (RFC 3263 §4.1); others we cannot do."""
PREFIXES = {"tls": "_sips._tcp.", "tcp": "_sip._tcp.", "udp": "_sip._udp."}
"""Transport to what stands before the domain in an SRV query; the safest first."""
LONGEST_TTL = 86400
MOST_SERVERS = 16
"""A carrier has a handful; whoever names more is not believed beyond these."""
MOST_ADDRESSES = 8
"""Of one server."""
MOST_QUESTIONS = 32
"""Of one look-up: an answer with thousands of names must not keep the others waiting for hours."""


class Question(Value, frozen=True, kw_only=True):
    """What a name server is to be asked."""

    name: str
    kind: str
    """`NAPTR`, `SRV`, or `ADDRESS` (A and AAAA, as far as the box can reach either)."""


class Naptr(Value, frozen=True, kw_only=True):
    """One NAPTR record, as much as SIP uses of it."""

    order: int
    preference: int
    flags: str
    service: str
    replacement: str


class Srv(Value, frozen=True, kw_only=True):
    """One SRV record."""

    priority: int
    weight: int
    port: int
    target: str


class Answer(Value, frozen=True, kw_only=True):
    """What came back: records of the kind that was asked, or none."""

    naptr: tuple[Naptr, ...] = ()
    srv: tuple[Srv, ...] = ()
    addresses: tuple[str, ...] = ()
    ttl: int = LONGEST_TTL
    """Seconds that the answer holds."""
    is_failed: bool = False
    """Nobody could say: no name server was reached, or it was in trouble."""


class Server(Value, frozen=True, kw_only=True):
    """One place where the carrier is served."""

    name: str
    addresses: tuple[str, ...]
    """IP literals, in the order to be tried."""
    port: int
    transport: str
    rank: int = 0
    """Lower ones first; the next only when all of these have failed."""
    weight: int = 0
    """Share within the rank."""


class Hop(Value, frozen=True, kw_only=True):
    """One address to send to."""

    address: str
    port: int
    transport: str


class Location(Value, frozen=True, kw_only=True):
    """Everything that was found."""

    servers: tuple[Server, ...]
    ttl: int
    """Seconds until it should be looked up again."""
    is_certain: bool = True
    """False: a question stayed unanswered."""


Locating = Generator[Question, Answer, Location]


class _Outcome:
    """What a look-up has gathered so far."""

    def __init__(self) -> None:
        self.servers: list[Server] = []
        self.ttl = LONGEST_TTL
        self.is_certain = True
        self._asked = 0

    def ask(self, name: str, kind: str) -> Generator[Question, Answer, Answer]:
        if self._asked >= MOST_QUESTIONS:
            return Answer()
        self._asked += 1
        answer = yield Question(name=name.rstrip("."), kind=kind)
        self.ttl = min(self.ttl, max(0, answer.ttl))
        self.is_certain = self.is_certain and not answer.is_failed
        return answer


def locate(host: str, port: int, transport: str) -> Locating:
    """Look a carrier up. `port` 0: not given; `transport` "": not given.

    The generator returns the location; without any server nobody knows the name.
    """
    found = _Outcome()
    if is_ip_literal(host):
        chosen = transport or "udp"
        found.servers.append(_server(host, (host,), port or default_port(chosen), chosen))
    else:
        if not port:
            yield from _by_records(found, host, transport)
        if not found.servers:
            # §4.2: with a port, or without any SRV record, the name is the server's own
            chosen = transport or "udp"
            answer = yield from found.ask(host, "ADDRESS")
            if answer.addresses:
                at = port or default_port(chosen)
                found.servers.append(_server(host, answer.addresses, at, chosen))
    return Location(
        servers=tuple(found.servers[:MOST_SERVERS]), ttl=found.ttl, is_certain=found.is_certain
    )


def _by_records(found: _Outcome, host: str, transport: str) -> Generator[Question, Answer, None]:
    ways = [(PREFIXES[transport] + host, transport)] if transport else []
    if not transport:
        answer = yield from found.ask(host, "NAPTR")
        ways = _ways(answer.naptr)
        if not ways:
            # §4.1: no NAPTR records: SRV is asked for each transport that we have
            ways = [(prefix + host, way) for way, prefix in PREFIXES.items()]
    for place, (name, way) in enumerate(ways):
        answer = yield from found.ask(name, "SRV")
        for record in sorted(answer.srv, key=_srv_order):
            yield from _add_server(found, record, way, place)


def _ways(records: Sequence[Naptr]) -> list[tuple[str, str]]:
    """The SRV names to ask, best first; what we cannot do is passed over (RFC 3263 §4.1)."""
    usable = [
        one for one in records if one.flags.lower() == "s" and one.service.lower() in SERVICES
    ]
    usable.sort(key=lambda one: (one.order, one.preference, one.replacement))
    return [(one.replacement, SERVICES[one.service.lower()]) for one in usable]


def _add_server(
    found: _Outcome, record: Srv, transport: str, place: int
) -> Generator[Question, Answer, None]:
    if record.target in ("", ".") or not record.port or len(found.servers) >= MOST_SERVERS:
        return  # RFC 2782: a target of "." says that the service is not there
    answer = yield from found.ask(record.target, "ADDRESS")
    if answer.addresses:
        made = _server(record.target, answer.addresses, record.port, transport)
        found.servers.append(_ranked(made, (place << 16) + record.priority, record.weight))


def _srv_order(record: Srv) -> tuple[int, str, int]:
    """Whatever order the name server chose this time, ours stays the same."""
    return record.priority, record.target.lower(), record.port


def _server(name: str, addresses: tuple[str, ...], port: int, transport: str) -> Server:
    literals = tuple(plain_address(one) for one in addresses if is_ip_literal(one))
    first = literals[:MOST_ADDRESSES]
    return Server(name=name.rstrip("."), addresses=first, port=port, transport=transport)


def _ranked(server: Server, rank: int, weight: int) -> Server:
    return Server(
        name=server.name,
        addresses=server.addresses,
        port=server.port,
        transport=server.transport,
        rank=rank,
        weight=weight,
    )


def default_port(transport: str) -> int:
    """5060, or 5061 for TLS (RFC 3261 §19.1.2)."""
    return SIPS_PORT if transport == "tls" else SIP_PORT


def hops_of(servers: Sequence[Server]) -> list[Hop]:
    """Every hop, in the order of the servers."""
    return [
        Hop(address=address, port=server.port, transport=server.transport)
        for server in servers
        for address in server.addresses
    ]


def in_order(servers: Sequence[Server], random_below: Callable[[int], int]) -> list[Hop]:
    """Draw the order to try them in (RFC 2782, "Weight").

    `random_below(n)` gives a whole number from 0 to n-1. Within a rank a server of weight 3 comes
    first three times as often as one of weight 1; those of weight 0 hardly ever.
    """
    drawn: list[Server] = []
    for rank in sorted({server.rank for server in servers}):
        left = [server for server in servers if server.rank == rank]
        left.sort(key=lambda server: server.weight)
        while left:
            chosen = random_below(sum(server.weight for server in left) + 1)
            sum_so_far = 0
            for server in left:
                sum_so_far += server.weight
                if sum_so_far >= chosen:
                    break
            left.remove(server)
            drawn.append(server)
    return hops_of(drawn)
