"""What a flow looks up while its caller waits: found, not found, no answer; kills; who is told."""

from msgspec.structs import replace
from shop import Shop

from appliance.reports.names import Names
from appliance.reports.timeline import timeline_of
from appliance.vocabulary.facts_flows import FlowLookedUp, FlowTold
from appliance.vocabulary.ids import ServiceId, TableId, WebhookId
from appliance.vocabulary.journal import CallEnded, NodeEntered
from appliance.vocabulary.lookups import LookupResult, ServiceQuestion, TableQuestion
from appliance.vocabulary.settings import Flow, LookupTable, Service, Webhook

WHO = {
    "start": {
        "kind": "lookup",
        "table": "customers",
        "text": "One moment.",
        "columns": {"name": "Name", "level": "Level"},
        "found": "level",
        "not_found": "stranger",
        "otherwise": "box",
        "timeout_seconds": 3,
    },
    "level": {"kind": "branch", "on": "level", "cases": {"gold": "gold"}, "otherwise": "stranger"},
    "gold": {"kind": "queue", "queue": "orders"},
    "stranger": {"kind": "hangup"},
    "box": {"kind": "voicemail", "box": "shop"},
}
ORDER = {
    "start": {
        "kind": "collect",
        "text": "Your order number.",
        "variable": "order",
        "is_private": True,
        "next": "ask",
    },
    "ask": {
        "kind": "http",
        "service": "crm",
        "path": "orders/{order}?by={caller}",
        "fields": {"status": "order.status"},
        "is_private": True,
        "found": "tell",
        "otherwise": "box",
    },
    "tell": {
        "kind": "webhook",
        "webhook": "crm",
        "what": "order_asked",
        "values": {"by": "{caller}", "order": "{order}", "text": "for {status}"},
        "next": "end",
    },
    "end": {"kind": "hangup"},
    "box": {"kind": "voicemail", "box": "shop"},
}


def shop_with(bakery, nodes):
    """Its number leads to this flow."""
    flow = Flow(id="front", start="start", node=nodes)
    routes = tuple(replace(route, flow="front") for route in bakery.route)
    return Shop(
        replace(
            bakery,
            flow=(*bakery.flow, flow),
            route=routes,
            table=(LookupTable(id=TableId("customers"), key="phone"),),
            service=(Service(id=ServiceId("crm"), url="https://crm.example/api"),),
            webhook=(Webhook(id=WebhookId("crm"), url="https://crm.example/calls"),),
        )
    )


def nodes_of(shop):
    return [one.node for one in shop.facts(NodeEntered)]


def test_a_known_caller_goes_where_his_row_leads_when_the_text_is_said(bakery):
    shop = shop_with(bakery, WHO)
    leg = shop.call_in("13900001111")
    [wanted] = shop.wanted
    assert wanted.question == TableQuestion(
        table=TableId("customers"), key="13900001111", columns={"name": "Name", "level": "Level"}
    )
    shop.advance(0.1)
    shop.finds(LookupResult.FOUND, name="Anna", level="gold")
    assert (shop.hears(leg), nodes_of(shop)) == ("One moment.", ["start"])
    shop.advance(2)
    assert nodes_of(shop) == ["start", "level", "gold"]
    [fact] = shop.facts(FlowLookedUp)
    assert (fact.source, fact.result, round(fact.seconds, 1)) == ("customers", "found", 0.1)


def test_one_who_stands_in_no_row_goes_on_as_well(bakery):
    shop = shop_with(bakery, WHO)
    shop.call_in()
    shop.advance(2)
    assert nodes_of(shop) == ["start"]
    shop.finds(LookupResult.NOT_FOUND)
    assert nodes_of(shop) == ["start", "stranger"]


def test_no_answer_in_time_leads_to_otherwise_and_a_late_one_changes_nothing(bakery):
    shop = shop_with(bakery, WHO)
    shop.call_in()
    shop.advance(3.1)
    assert nodes_of(shop) == ["start", "box"]
    shop.finds(LookupResult.FOUND, level="gold")
    assert nodes_of(shop) == ["start", "box"]
    lines = [line.text_key for line in timeline_of(shop.entries, Names())]
    assert "looked up in {source}: no answer ({text})" in lines


def test_control_that_is_killed_asks_again_and_the_caller_is_served(bakery):
    shop = shop_with(bakery, WHO)
    shop.call_in()
    shop.advance(1)
    shop.killed()
    first, again = shop.wanted
    assert (again.number, again.question) == (first.number, first.question)
    assert again.within == 2.0, "no more than is left of his patience"
    shop.finds(LookupResult.FOUND, level="gold")
    shop.advance(2)
    assert nodes_of(shop)[-1] == "gold"


def test_a_kill_after_the_answer_asks_nobody_again(bakery):
    shop = shop_with(bakery, WHO)
    shop.call_in()
    shop.finds(LookupResult.FOUND, level="gold")
    shop.killed()
    assert len(shop.wanted) == 1
    shop.advance(310)
    assert "gold" in nodes_of(shop), "the text's end was lost with the kill, its answer was not"


def test_a_caller_who_hangs_up_while_it_is_looked_up_is_over(bakery):
    shop = shop_with(bakery, WHO)
    leg = shop.call_in()
    shop.hang_up(leg)
    shop.finds(LookupResult.FOUND, level="gold")
    assert nodes_of(shop) == ["start"]
    assert len(shop.facts(CallEnded)) == 1


def test_what_is_keyed_in_stays_a_part_of_the_path_and_out_of_the_journal(bakery):
    shop = shop_with(bakery, ORDER)
    leg = shop.call_in("13900001111")
    shop.advance(3)
    shop.keys(leg, "*2077#")
    [wanted] = shop.wanted
    assert wanted.question == ServiceQuestion(
        service=ServiceId("crm"),
        path="orders/%2A2077?by=13900001111",
        fields={"status": "order.status"},
    )
    shop.finds(LookupResult.FOUND, status="secret word")
    assert nodes_of(shop) == ["start", "ask", "tell", "end"]
    [told] = shop.facts(FlowTold)
    assert (told.webhook, told.what) == ("crm", "order_asked")
    assert told.values == {"by": "13900001111", "order": "", "text": ""}
    assert "2077" not in str(shop.entries).replace("%2A2077", "")
    assert "secret word" not in str(shop.entries)
