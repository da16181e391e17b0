"""Changing the site while calls are on: nobody is dropped, nobody loses his place."""

import msgspec
from shop_steps import to_orders

from appliance.vocabulary.journal import CallEnded, CallOutcome, VisitEnded


def changed(site, **words):
    return msgspec.structs.replace(site, version=site.version + 1, **words)


def apply(shop, site):
    shop.site = site
    shop._do(shop.board.configure(site, shop.now))


def test_a_talk_goes_on_over_a_renamed_queue(shop, bakery):
    leg = to_orders(shop)
    agent = shop.pick_up("8001")
    shop.advance(5)
    queue = msgspec.structs.replace(bakery.queue[0], name="Bestellungen")
    apply(shop, changed(bakery, queue=(queue, bakery.queue[1])))
    shop.advance(20)
    assert shop.hears(leg) == f"peer {agent}"
    shop.hang_up(leg)
    assert shop.facts(CallEnded)[0].outcome is CallOutcome.ANSWERED


def test_waiting_callers_keep_their_places_when_an_agent_is_added(shop_at, bakery):
    shop = shop_at(phones=("8003",))
    first, second = to_orders(shop), to_orders(shop)
    queue = msgspec.structs.replace(bakery.queue[0], agents=("1001", "1002", "1003"))
    apply(shop, changed(bakery, queue=(queue, bakery.queue[1])))
    leg = shop.dial("8003", "*8010034713")
    assert shop.hears(leg) == "signed_in 1003"
    shop.advance(3)
    assert shop.ringing_leg("8003")
    shop.pick_up("8003")
    shop.advance(2.1)
    assert shop.hears(first).startswith("peer")
    assert not shop.hears(second).startswith("peer")
    assert shop.board.live().calls[1].position == 1


def test_a_removed_queue_lets_its_callers_out_by_its_overflow(shop_at, bakery):
    shop = shop_at(phones=())
    to_orders(shop)
    flow = bakery.flow[0]
    nodes = {**flow.node, "orders": {"kind": "queue", "queue": "office"}}
    flow = msgspec.structs.replace(flow, node=nodes)
    apply(shop, changed(bakery, queue=(bakery.queue[1],), flow=(flow,)))
    shop.advance(1)
    assert shop.facts(VisitEnded)[0].reason == "queue_removed"


def test_a_menu_goes_on_with_the_site_that_it_began_with(shop, bakery):
    leg = shop.call_in()
    shop.advance(2.5)
    flow = msgspec.structs.replace(
        bakery.flow[0], node={"hours": {"kind": "hangup"}}, start="hours"
    )
    apply(shop, changed(bakery, flow=(flow,)))
    shop.press(leg, "1")
    assert shop.ringing_leg("8001")
    second = shop.call_in()
    shop.advance(3)
    assert shop.legs[second] == "over"
