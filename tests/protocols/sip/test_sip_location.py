"""Finding a carrier's servers by the book, with the name server as a table."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.protocols.sip.location import (
    MOST_ADDRESSES,
    MOST_QUESTIONS,
    Answer,
    Hop,
    Location,
    Naptr,
    Question,
    Server,
    Srv,
    hops_of,
    in_order,
    locate,
)

FAILED = Answer(ttl=30, is_failed=True)


def found(zone: dict[str, Answer], host: str, port: int = 0, transport: str = "") -> Location:
    """Look up against a table of `KIND name`; what is not in it is not there."""
    asked.clear()
    looking = locate(host, port, transport)
    try:
        question = next(looking)
        while True:
            asked.append(f"{question.kind} {question.name}")
            question = looking.send(zone.get(asked[-1], Answer(ttl=60)))
    except StopIteration as end:
        assert isinstance(end.value, Location)
        return end.value


asked: list[str] = []


def at(*addresses: str, ttl: int = 300) -> Answer:
    return Answer(addresses=addresses, ttl=ttl)


def srv(*rows: tuple[int, int, int, str], ttl: int = 300) -> Answer:
    return Answer(
        srv=tuple(Srv(priority=a, weight=b, port=c, target=d) for a, b, c, d in rows), ttl=ttl
    )


def shown(location: Location) -> list[tuple[str, int, str]]:
    return [(hop.address, hop.port, hop.transport) for hop in hops_of(location.servers)]


@pytest.mark.rfc("3263", "4.2")
def test_an_address_is_asked_of_nobody() -> None:
    assert shown(found({}, "192.0.2.1")) == [("192.0.2.1", 5060, "udp")]
    assert shown(found({}, "2001:DB8::1", 0, "tls")) == [("2001:db8::1", 5061, "tls")]
    assert asked == []


@pytest.mark.rfc("3263", "4.2")
def test_a_port_that_is_given_leaves_srv_unasked() -> None:
    zone = {"ADDRESS sip.example": at("192.0.2.1", "192.0.2.2")}
    assert shown(found(zone, "sip.example", 5080, "tcp")) == [
        ("192.0.2.1", 5080, "tcp"),
        ("192.0.2.2", 5080, "tcp"),
    ]
    assert asked == ["ADDRESS sip.example"]


@pytest.mark.rfc("3263", "4.2")
def test_a_transport_that_is_given_asks_its_own_srv_and_else_the_name() -> None:
    zone = {
        "SRV _sips._tcp.example": srv((20, 0, 5071, "b.example"), (10, 0, 5081, "a.example")),
        "ADDRESS a.example": at("192.0.2.1"),
        "ADDRESS b.example": at("192.0.2.2"),
        "ADDRESS plain.example": at("192.0.2.9"),
    }
    assert shown(found(zone, "example", 0, "tls")) == [
        ("192.0.2.1", 5081, "tls"),
        ("192.0.2.2", 5071, "tls"),
    ]
    assert shown(found(zone, "plain.example", 0, "udp")) == [("192.0.2.9", 5060, "udp")]
    assert asked == ["SRV _sip._udp.plain.example", "ADDRESS plain.example"]


@pytest.mark.rfc("3263", "4.1")
def test_naptr_chooses_the_transport_and_what_we_cannot_do_is_passed_over() -> None:
    """The example of RFC 3263 §4.1, with a service of SCTP before it."""
    records = (
        (50, 50, "s", "SIPS+D2T", "_sips._tcp.example.com"),
        (90, 50, "s", "SIP+D2T", "_sip._tcp.example.com"),
        (100, 50, "s", "SIP+D2U", "_sip._udp.example.com"),
        (10, 50, "s", "SIP+D2S", "_sip._sctp.example.com"),
        (10, 50, "u", "E2U+sip", "other.example.com"),
    )
    naptr = Answer(
        naptr=tuple(
            Naptr(order=a, preference=b, flags=c, service=d, replacement=e)
            for a, b, c, d, e in records
        ),
        ttl=100,
    )
    zone = {
        "NAPTR example.com": naptr,
        "SRV _sip._tcp.example.com": srv(
            (0, 1, 5060, "server1.example.com"), (0, 2, 5060, "server2.example.com")
        ),
        "SRV _sip._udp.example.com": srv((0, 0, 5060, "server1.example.com")),
        "ADDRESS server1.example.com": at("192.0.2.1"),
        "ADDRESS server2.example.com": at("192.0.2.2", ttl=40),
    }
    location = found(zone, "example.com")
    assert shown(location) == [
        ("192.0.2.1", 5060, "tcp"),
        ("192.0.2.2", 5060, "tcp"),
        ("192.0.2.1", 5060, "udp"),
    ]
    assert [server.rank >> 16 for server in location.servers] == [1, 1, 2]
    assert location.ttl == 40


@pytest.mark.rfc("3263", "4.1")
def test_without_naptr_each_transport_is_asked_the_safest_first() -> None:
    zone = {
        "SRV _sip._udp.example": srv((0, 0, 5062, "a.example")),
        "SRV _sips._tcp.example": srv((0, 0, 5063, "a.example")),
        "ADDRESS a.example": at("192.0.2.1"),
    }
    assert shown(found(zone, "example")) == [
        ("192.0.2.1", 5063, "tls"),
        ("192.0.2.1", 5062, "udp"),
    ]
    assert shown(found({"ADDRESS bare.example": at("192.0.2.3")}, "bare.example")) == [
        ("192.0.2.3", 5060, "udp")
    ]


def test_a_service_that_is_decidedly_not_there_is_none() -> None:
    zone = {"SRV _sip._udp.example": srv((0, 0, 1, ".")), "ADDRESS example": at("192.0.2.1")}
    assert shown(found(zone, "example", 0, "udp")) == [("192.0.2.1", 5060, "udp")]


def test_what_nobody_could_say_is_not_what_is_not_there() -> None:
    assert found({}, "nowhere.example", 0, "udp").is_certain
    zone = {"SRV _sip._udp.example": FAILED, "ADDRESS example": at("192.0.2.1")}
    half = found(zone, "example", 0, "udp")
    assert not half.is_certain and shown(half) == [("192.0.2.1", 5060, "udp")]


def test_a_name_server_that_tells_of_hundreds_is_believed_sixteen() -> None:
    rows = [(0, 0, 5060, f"s{number}.example") for number in range(300)]
    zone = {"SRV _sip._udp.example": srv(*rows)}
    zone |= {f"ADDRESS s{number}.example": at(f"192.0.2.{number % 256}") for number in range(300)}
    assert len(found(zone, "example", 0, "udp").servers) == 16
    assert len(asked) == 17


def servers(*rows: tuple[int, int]) -> list[Server]:
    return [
        Server(
            name=f"s{number}", addresses=(f"192.0.2.{number}",), port=5060, transport="udp",
            rank=rank, weight=weight,
        )
        for number, (rank, weight) in enumerate(rows, 1)
    ]  # fmt: skip


@pytest.mark.rfc("2782", "4")
def test_the_first_of_a_rank_comes_by_weight() -> None:
    """Every number that the die can show, once: weights 1 and 3 share 1 to 3 (0 is the least)."""
    firsts = [
        in_order(servers((0, 1), (0, 3)), lambda limit, die=die: die % limit)[0].address
        for die in range(5)
    ]
    assert firsts.count("192.0.2.2") == 3
    assert firsts.count("192.0.2.1") == 2


@pytest.mark.rfc("2782", "4")
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 65535)), min_size=1, max_size=12),
    st.randoms(use_true_random=False),
)
def test_a_draw_keeps_every_server_and_the_order_of_ranks(rows, chance) -> None:
    given_ = servers(*rows)
    drawn = in_order(given_, chance.randrange)
    assert sorted(drawn, key=str) == sorted(hops_of(given_), key=str)
    rank_of = {server.addresses[0]: server.rank for server in given_}
    ranks = [rank_of[hop.address] for hop in drawn]
    assert ranks == sorted(ranks)


def test_one_servers_addresses_stay_together() -> None:
    two = Server(name="a", addresses=("192.0.2.1", "192.0.2.2"), port=5060, transport="udp")
    drawn = in_order([two, *servers((1, 0))[:0]], lambda limit: 0)
    assert drawn == [
        Hop(address="192.0.2.1", port=5060, transport="udp"),
        Hop(address="192.0.2.2", port=5060, transport="udp"),
    ]


@given(st.text(max_size=20), st.integers(0, 65535), st.sampled_from(["", "udp", "tcp", "tls"]))
def test_any_name_is_looked_up_in_a_bounded_number_of_questions(host, port, transport) -> None:
    looking = locate(host, port, transport)
    try:
        question: Question = next(looking)
        for _ in itertools.count():
            assert question.kind in ("NAPTR", "SRV", "ADDRESS")
            question = looking.send(FAILED)
            assert _ < 40
    except StopIteration as end:
        assert isinstance(end.value, Location)


def test_an_answer_of_thousands_of_names_and_addresses_costs_a_few_questions() -> None:
    names = [f"s{number}.example" for number in range(3000)]
    many = at(*(f"192.0.{number // 250}.{number % 250}" for number in range(2000)))
    zone = {
        "NAPTR example": Answer(
            naptr=tuple(
                Naptr(order=1, preference=1, flags="s", service="SIP+D2U", replacement=name)
                for name in names
            )
        ),
        "SRV s0.example": srv(*((1, 1, 5060, f"t{number}.example") for number in range(3000))),
        "ADDRESS t2999.example": at("192.0.2.1"),
    }
    found(zone, "example")
    assert len(asked) <= MOST_QUESTIONS
    zone = {"ADDRESS example": many}
    assert len(shown(found(zone, "example", 5060, "udp"))) == MOST_ADDRESSES
