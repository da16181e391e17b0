"""A flow is published while callers are in it: each finishes on the version that he began with,
whatever is killed meanwhile."""

from msgspec.structs import replace
from shop import Shop

from appliance.vocabulary.journal import CallEnded, CallOutcome, NodeEntered
from appliance.vocabulary.settings import Flow

OLD = {
    "ask": {
        "kind": "menu",
        "text": "old menu",
        "keys": {"1": "more", "2": "bye"},
        "timeout_seconds": 60,
    },
    "more": {"kind": "subflow", "flow": "extra", "next": "bye"},
    "bye": {"kind": "hangup", "text": "old goodbye"},
}
OLD_EXTRA = {
    "told": {"kind": "play", "text": "old extra", "next": "back"},
    "back": {"kind": "return"},
}
NEW = {
    "begin": {"kind": "menu", "text": "new menu", "keys": {"1": "end"}, "timeout_seconds": 60},
    "end": {"kind": "hangup", "text": "new goodbye"},
}
NEW_EXTRA = {"end": {"kind": "hangup", "text": "new extra"}}


def site_with(bakery, nodes, extra, version):
    """All numbers lead to this flow, which is of this version, as is the one beside it."""
    flows = (
        Flow(id="front", start=next(iter(nodes)), node=nodes),
        Flow(id="extra", start=next(iter(extra)), node=extra),
    )
    return replace(
        bakery,
        flow=(*bakery.flow, *flows),
        route=tuple(replace(route, flow="front") for route in bakery.route),
        flow_versions={"front": version, "extra": version},
        version=version,
    )


def kept_of(site):
    return {(one.id, site.flow_versions[one.id]): one for one in site.flow[-2:]}


def nodes_of(shop):
    return [(one.node, one.version) for one in shop.facts(NodeEntered)]


def test_a_caller_finishes_on_his_version_and_the_next_one_takes_the_new(bakery):
    old, new = site_with(bakery, OLD, OLD_EXTRA, 1), site_with(bakery, NEW, NEW_EXTRA, 2)
    shop = Shop(old)
    leg = shop.call_in()
    shop.advance(3)
    shop.apply(new)
    assert shop.board.versions_in_use() == {("front", 1): 1, ("extra", 1): 1}
    shop.press(leg, "1")
    shop.advance(30)
    assert nodes_of(shop) == [("ask", 1), ("more", 1), ("told", 1), ("back", 1), ("bye", 1)]
    assert shop.facts(CallEnded)[-1].outcome is CallOutcome.IVR
    assert shop.board.versions_in_use() == {}
    shop.call_in()
    assert nodes_of(shop)[-1] == ("begin", 2)


def test_he_does_so_over_a_kill_and_another_publication_and_another_kill(bakery):
    old, new = site_with(bakery, OLD, OLD_EXTRA, 1), site_with(bakery, NEW, NEW_EXTRA, 2)
    shop = Shop(old)
    leg = shop.call_in()
    shop.advance(3)
    shop.apply(new)
    shop.kept = kept_of(old)
    shop.killed()
    shop.apply(site_with(bakery, NEW, NEW_EXTRA, 3))
    shop.killed()
    assert shop.board.versions_in_use() == {("front", 1): 1, ("extra", 1): 1}
    shop.press(leg, "1")
    shop.advance(30)
    assert [node for node, _ in nodes_of(shop)] == ["ask", "more", "told", "back", "bye"]
    assert {version for _, version in nodes_of(shop)} == {1}


def test_a_version_that_was_lost_leads_to_the_flows_default_and_never_to_silence(bakery):
    shop = Shop(site_with(bakery, OLD, OLD_EXTRA, 1))
    leg = shop.call_in()
    shop.advance(3)
    shop.apply(site_with(bakery, NEW, NEW_EXTRA, 2))
    shop.killed()
    shop.press(leg, "1")
    assert shop.hears(leg) == "goodbye"
    shop.advance(30)
    assert shop.facts(CallEnded)


def test_a_caller_in_a_queue_runs_on_no_version_any_more(bakery):
    nodes = {"sales": {"kind": "queue", "queue": "orders"}}
    shop = Shop(site_with(bakery, nodes, OLD_EXTRA, 7), phones=())
    shop.call_in()
    shop.advance(3)
    assert shop.board.live().calls and shop.board.versions_in_use() == {}
