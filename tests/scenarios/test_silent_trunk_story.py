"""A trunk that nobody watches and that did not answer a call: passed over, then tried anew."""

import pytest
from msgspec.structs import replace
from shop import FAR, Shop

from appliance.engines.calls.dialling import SILENT_TRUNK_SECONDS, usable_trunks
from appliance.reports.names import names_of
from appliance.reports.record import record_of
from appliance.reports.timeline import sentence, timeline_of
from appliance.reports.words import words_for
from appliance.vocabulary.events import LegAnswered, LegRefused
from appliance.vocabulary.facts_legs import TrunkRefused
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.settings import Language


@pytest.fixture
def shop(bakery):
    """Outgoing calls try `carrier`, then `second`."""
    second = replace(bakery.trunk[0], id="second")
    outbound = replace(bakery.outbound[0], trunks=("carrier", "second"))
    return Shop(replace(bakery, trunk=(bakery.trunk[0], second), outbound=(outbound,)))


def tried(shop, *, silent=()):
    """Dial out; return the trunks in the order in which they were tried, until one answered."""
    before = set(shop.dialled)
    leg = shop.dial("8001", "913800138000")
    order = []
    while new := [one for one in shop.dialled if one not in before]:
        (out,) = new
        before.add(out)
        trunk = shop.dialled[out].trunk
        order.append(trunk)
        if trunk not in silent:
            break
        shop.legs[out] = "over"
        shop.tell(LegRefused(leg=out, cause=Cause.UNREACHABLE))
    shop.hang_up(leg)
    return order


def test_a_silent_trunk_comes_last_for_a_while_and_is_then_tried_by_a_call_again(shop):
    assert tried(shop, silent={"carrier"}) == ["carrier", "second"]
    shop.advance(SILENT_TRUNK_SECONDS / 2)
    assert tried(shop) == ["second"]
    shop.advance(SILENT_TRUNK_SECONDS)
    assert tried(shop) == ["carrier"]
    shop.advance(1)
    assert tried(shop) == ["carrier"]


def test_a_trunk_that_is_still_silent_costs_one_call_a_minute_its_wait_and_no_more(shop):
    tried(shop, silent={"carrier"})
    shop.advance(SILENT_TRUNK_SECONDS + 1)
    assert tried(shop, silent={"carrier"}) == ["carrier", "second"]
    shop.advance(SILENT_TRUNK_SECONDS / 2)
    assert tried(shop) == ["second"]


def test_of_two_calls_at_once_one_tries_the_silent_trunk_and_none_for_help_does(shop):
    tried(shop, silent={"carrier"})
    shop.advance(SILENT_TRUNK_SECONDS + 1)
    before = set(shop.dialled)
    shop.dial("8002", "110")
    assert [one.trunk for leg, one in shop.dialled.items() if leg not in before] == ["second"]
    orders = [usable_trunks(shop.board._exchange, ("carrier", "second")) for _ in range(2)]
    assert orders == [["carrier", "second"], ["second", "carrier"]]


def test_a_kill_forgets_neither(shop):
    tried(shop, silent={"carrier"})
    shop.killed()
    assert tried(shop) == ["second"]
    shop.advance(SILENT_TRUNK_SECONDS + 1)
    shop.killed()
    assert tried(shop) == ["carrier"]


def test_the_ledger_says_which_trunks_were_tried_and_which_one_carried_the_call(shop):
    leg = shop.dial("8001", "913800138000")
    (first,) = shop.dialled
    shop.legs[first] = "over"
    shop.tell(LegRefused(leg=first, cause=Cause.UNREACHABLE))
    (second,) = set(shop.dialled) - {first}
    shop.legs[second] = "answered"
    shop.tell(LegAnswered(leg=second, audio=FAR, transport="udp"))
    shop.advance(5)
    shop.hang_up(leg)
    assert shop.facts(TrunkRefused) == [
        TrunkRefused(trunk="carrier", number="13800138000", cause=Cause.UNREACHABLE)
    ]
    entries = [one for one in shop.entries if one.call is not None]
    record = record_of(entries)
    assert [one.trunk for one in record.connections if one.number] == ["second"]
    words = words_for(Language.EN)
    said = [sentence(line, words) for line in timeline_of(entries, names_of(shop.site))]
    assert "13800138000 was not reached through carrier: unreachable" in said
    sound = "its sound is not encrypted"
    assert f"13800138000 is connected through second by UDP, {sound}" in said
