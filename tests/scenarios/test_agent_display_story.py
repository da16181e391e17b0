"""The agent's phone shows the caller's own number for the flow, and nothing that a node found."""

import msgspec
from msgspec.structs import replace
from shop import Shop

from appliance.engines.ivr.facts import RunState
from appliance.vocabulary.ids import TableId
from appliance.vocabulary.lookups import LookupResult
from appliance.vocabulary.settings import Flow, LookupTable

ACCOUNT = {
    "start": {
        "kind": "lookup",
        "table": "accounts",
        "columns": {"balance": "Balance"},
        "found": "ask",
        "not_found": "ask",
        "otherwise": "ask",
    },
    "ask": {"kind": "set", "variable": "lane", "value": "7", "next": "queue"},
    "queue": {"kind": "queue", "queue": "orders"},
}
NUMBER = {"kind": "collect", "text": "Your number.", "max_digits": 4, "variable": "order"}


def shop_with(bakery, nodes):
    """Its number leads to this flow, which may look accounts up."""
    flow = Flow(id="front", start="start", node=nodes)
    routes = tuple(replace(route, flow="front") for route in bakery.route)
    tables = (LookupTable(id=TableId("accounts"), key="phone"),)
    return Shop(replace(bakery, flow=(*bakery.flow, flow), route=routes, table=tables))


def shown(shop):
    return shop.dialled[shop.ringing_leg("8001")].caller.name


def test_a_balance_that_was_looked_up_is_on_no_agents_phone(bakery):
    shop = shop_with(bakery, ACCOUNT)
    shop.call_in()
    shop.finds(LookupResult.FOUND, balance="100000")
    shop.advance(2)
    assert shown(shop) == "Orders: 13900001111"


def test_the_number_keyed_in_is_shown_before_what_was_found_later_and_after_a_kill(bakery):
    nodes = {
        **ACCOUNT,
        "start": {**NUMBER, "next": "look"},
        "look": ACCOUNT["start"],
    }
    shop = shop_with(bakery, nodes)
    leg = shop.call_in()
    shop.advance(1)
    shop.keys(leg, "4711")
    shop.killed()
    shop.finds(LookupResult.FOUND, balance="100000")
    shop.advance(2)
    assert shown(shop) == "Orders 4711: 13900001111"


def test_a_private_number_is_not_shown_nor_one_that_a_node_wrote_over(bakery):
    for ask in (
        {**NUMBER, "is_private": True, "next": "ask"},
        {**NUMBER, "variable": "lane", "next": "ask"},
    ):
        shop = shop_with(bakery, {**ACCOUNT, "start": ask})
        leg = shop.call_in()
        shop.advance(1)
        shop.keys(leg, "4711")
        shop.advance(2)
        assert shown(shop) == "Orders: 13900001111"


def test_a_slot_from_before_this_rule_still_loads():
    old = {"flow": "front", "language": "zh", "variables": {"order": "4711"}}
    run = msgspec.msgpack.decode(msgspec.msgpack.encode(old), type=RunState)
    assert (run.variables, run.keyed) == ({"order": "4711"}, [])
