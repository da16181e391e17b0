"""Names of carriers: kept for their time, kept when nobody can say, asked anew in one go."""

import asyncio

import dns.asyncresolver
import dns.resolver

from appliance.daemons.control.names import AGAIN_S, SHORTEST_S, Dns, Names, Place
from appliance.protocols.sip.location import Answer, Question
from appliance.vocabulary.ids import Instant

CARRIER = Place(host="sip.carrier.example", port=5060, transport="udp")
NOW = Instant(1000.0)


class Table:
    """A name server that is a table, and may be dead."""

    def __init__(self, *addresses, ttl=120):
        self.addresses, self.ttl = addresses, ttl
        self.is_dead = False
        self.asked = 0

    async def ask(self, question: Question) -> Answer:
        self.asked += 1
        if self.is_dead:
            return Answer(ttl=30, is_failed=True)
        if question.kind != "ADDRESS":
            return Answer(ttl=self.ttl)
        return Answer(addresses=self.addresses, ttl=self.ttl)


def wanting(table, *places):
    names = Names(table)
    names.want(places or (CARRIER,))
    return names


def look_up(names, now=NOW):
    return asyncio.run(names.look_up(now))


def addresses(names, place=CARRIER):
    found = names.servers_of(place.host, place.port, place.transport)
    return [address for server in found for address in server.addresses]


def test_a_name_holds_for_as_long_as_dns_says():
    table = Table("192.0.2.1")
    names = wanting(table)
    assert names.is_due(NOW) and addresses(names) == []
    assert look_up(names)
    assert addresses(names) == ["192.0.2.1"]
    assert not names.is_due(Instant(NOW + 119))
    assert names.is_due(Instant(NOW + 120))
    assert not look_up(names, Instant(NOW + 120))  # the same again: nobody need know


def test_a_ttl_of_nothing_is_not_asked_each_second():
    names = wanting(Table("192.0.2.1", ttl=0))
    look_up(names)
    assert not names.is_due(Instant(NOW + SHORTEST_S - 1))


def test_a_dead_name_server_keeps_what_is_known():
    table = Table("192.0.2.1")
    names = wanting(table)
    look_up(names)
    table.is_dead = True
    assert not look_up(names, Instant(NOW + 120))
    assert addresses(names) == ["192.0.2.1"]
    assert names.is_due(Instant(NOW + 120 + AGAIN_S))


def test_a_box_that_starts_with_the_internet_dead_knows_what_the_last_one_knew():
    table = Table("192.0.2.1")
    names = wanting(table)
    look_up(names)
    table.is_dead = True
    after = wanting(table)
    after.restore(names.kept())
    assert addresses(after) == ["192.0.2.1"]
    look_up(after)
    assert addresses(after) == ["192.0.2.1"]


def test_an_address_that_is_gone_is_replaced():
    table = Table("192.0.2.1")
    names = wanting(table)
    look_up(names)
    table.addresses = ("192.0.2.7",)
    assert look_up(names, Instant(NOW + 120))
    assert addresses(names) == ["192.0.2.7"]


def test_what_no_trunk_wants_any_more_is_forgotten():
    names = wanting(Table("192.0.2.1"))
    look_up(names)
    names.want(())
    assert addresses(names) == [] and not names.is_due(NOW)


def test_an_address_needs_no_name_server():
    table = Table()
    names = wanting(table, Place(host="192.0.2.1", port=5060))
    assert addresses(names, Place(host="192.0.2.1", port=5060)) == ["192.0.2.1"]
    assert table.asked == 0


def test_two_look_ups_at_once_are_one():
    table = Table("192.0.2.1")
    names = wanting(table)

    async def both():
        return await asyncio.gather(names.look_up(NOW), names.look_up(NOW))

    assert sorted(asyncio.run(both())) == [False, True]
    assert table.asked == 1


def test_a_machine_that_was_told_of_no_name_server_says_so_and_goes_on(monkeypatch, tmp_path):
    def nothing(*_, **__):
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.asyncresolver.Resolver, "__init__", nothing)
    answer = asyncio.run(
        Dns((), lambda address: True).ask(Question(name="carrier.example", kind="SRV"))
    )
    assert answer.is_failed


def test_a_name_server_that_is_not_there_is_told_within_seconds():
    dns = Dns((("127.0.0.1", 9),), lambda address: True)

    async def asked():
        async with asyncio.timeout(20):
            return await dns.ask(Question(name="sip.carrier.example", kind="SRV"))

    assert asyncio.run(asked()).is_failed


def test_a_server_whose_name_is_none_of_a_host_is_not_known(monkeypatch):
    async def nothing(self, name, kind):
        return Answer(ttl=60), kind

    monkeypatch.setattr(Dns, "_records", nothing)
    odd = r"\000" * 63 + ".example"  # a label of 63 zero bytes, as dnspython spells it
    found = asyncio.run(Dns((), lambda address: True).ask(Question(name=odd, kind="ADDRESS")))
    assert found.addresses == ()
