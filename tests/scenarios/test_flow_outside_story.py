"""A menu that rings the owner's mobile, and a caller's language that goes along into the queue."""

import pytest
from msgspec.structs import replace
from shop import Shop

from appliance.vocabulary.journal import CallEnded, CallOutcome, NodeEntered, PromptMissing
from appliance.vocabulary.settings import Flow

OWNER = {
    "start": {"kind": "outside", "number": "913800138000", "ring_seconds": 20, "otherwise": "box"},
    "box": {"kind": "voicemail", "box": "shop"},
}


def shop_with(bakery, nodes, **words):
    """Its number leads to this flow."""
    flow = Flow(id="front", start="start", node=nodes)
    routes = tuple(replace(route, flow="front") for route in bakery.route)
    return Shop(replace(bakery, flow=(*bakery.flow, flow), route=routes), **words)


def nodes_of(shop):
    return [one.node for one in shop.facts(NodeEntered)]


def test_the_owners_mobile_answers_and_they_talk(bakery):
    shop = shop_with(bakery, OWNER)
    leg = shop.call_in()
    [dialled] = [one for one in shop.dialled.values() if hasattr(one, "trunk")]
    assert dialled.number == "13800138000"
    called = shop.outside_answers()
    assert shop.hears(leg) == f"peer {called}"
    shop.advance(30)
    shop.hang_up(leg)
    assert shop.facts(CallEnded)[-1].outcome is CallOutcome.DIRECT


def test_nobody_at_the_mobile_and_the_flow_goes_on(bakery):
    shop = shop_with(bakery, OWNER)
    shop.call_in()
    shop.advance(21)
    assert nodes_of(shop) == ["start", "box"]


def test_a_rule_that_was_taken_away_meanwhile_is_no_dead_end(bakery):
    shop = shop_with(replace(bakery, outbound=()), OWNER)
    shop.call_in()
    assert nodes_of(shop) == ["start", "box"]


@pytest.mark.parametrize("language", ["pl", "zh"])
def test_the_chosen_language_goes_along_into_the_queue(bakery, language):
    nodes = {
        "start": {"kind": "language", "language": language, "next": "orders"},
        "orders": {"kind": "queue", "queue": "orders"},
    }
    shop = shop_with(bakery, nodes, phones=("8001",))
    shop.catalogue.missing = {"position 1"}
    shop.call_in()
    assert [one.language for one in shop.facts(PromptMissing)] == [language]
