"""A trunk that nobody watches and that left a call without an answer: passed over, then tried anew."""

import pytest
from msgspec.structs import replace
from shop import Shop

from appliance.engines.calls.dialling import SILENT_TRUNK_SECONDS
from appliance.vocabulary.events import LegRefused
from appliance.vocabulary.lines import Cause


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


def test_a_kill_forgets_neither(shop):
    tried(shop, silent={"carrier"})
    shop.killed()
    assert tried(shop) == ["second"]
    shop.advance(SILENT_TRUNK_SECONDS + 1)
    shop.killed()
    assert tried(shop) == ["carrier"]
