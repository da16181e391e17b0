"""What a strict reader of call control once found: each story failed before it was mended."""

import pytest
from msgspec.structs import replace
from shop import MONDAY_10, Shop
from shop_steps import state_of

from appliance.engines.calls.numbering import number_class
from appliance.vocabulary.events import AudioRefused, DigitForm, LegRefused
from appliance.vocabulary.journal import (
    AgentState,
    AgentStateChanged,
    CallBlocked,
    CallEnded,
    CallOutcome,
    CallQueued,
    DigitPressed,
    RecordingOpened,
    VisitEnded,
    VisitOutcome,
)
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.settings import Country, Overflow

WAIT_LIMIT = 120
"""Seconds, of the bakery's orders."""


def in_menu(shop):
    leg = shop.call_in()
    shop.advance(2.5)
    return leg


def to_orders(shop):
    leg = in_menu(shop)
    shop.press(leg, "1")
    return leg


def ringing_phone(shop):
    return next((one for one in ("8001", "8002") if shop.ringing_leg(one)), None)


def with_node(bakery, **node):
    flow = bakery.flow[0]
    return replace(bakery, flow=(replace(flow, node={**flow.node, **node}),))


def test_a_message_is_not_overrun_by_music_when_the_agent_hangs_up_after_the_wait_limit(shop):
    leg = to_orders(shop)
    shop.advance(WAIT_LIMIT - 0.5)
    while ringing_phone(shop) is None:
        shop.advance(0.1)
    agent = shop.pick_up(ringing_phone(shop))
    shop.advance(1.0)
    shop.hang_up(agent)
    assert [one.outcome for one in shop.facts(VisitEnded)] == [VisitOutcome.VOICEMAIL]
    assert shop.hears(leg) == "leave_message"
    shop.advance(60)
    assert [one.is_message for one in shop.facts(RecordingOpened)][-1]
    assert shop.hears(leg) == "Silence"


def test_an_unreachable_phone_of_a_flow_leaves_no_ring_timer_behind(bakery):
    anna = {"kind": "extension", "extension": "8003", "otherwise": "orders", "ring_seconds": 10}
    shop = Shop(with_node(bakery, anna=anna))
    leg = shop.call_in()
    shop.advance(2.5)
    shop.press(leg, "3")
    assert shop.ringing_leg("8001")
    shop.advance(12)
    assert shop.legs[leg] == "answered"
    assert not shop.facts(VisitEnded)


def test_the_end_of_a_direct_call_leaves_the_agents_queue_talk_alone(shop):
    shop.dial("8001", "*70")
    shop.advance(3)
    leg = to_orders(shop)
    agent = shop.pick_up("8001")
    shop.advance(2.1)
    inner = shop.dial("8003", "8001")
    shop.pick_up("8001")
    shop.hang_up(inner)
    assert shop.hears(leg) == f"peer {agent}"
    assert state_of(shop, "1001") is AgentState.TALKING


def test_two_full_queues_that_overflow_into_each_other_do_not_hang_the_box(bakery):
    orders, office = bakery.queue
    orders = replace(orders, max_waiting=1, overflow=Overflow(to="queue", queue="office"))
    office = replace(office, max_waiting=1, overflow=Overflow(to="queue", queue="orders"))
    shop = Shop(replace(bakery, queue=(orders, office)), phones=())
    for key in "12":
        shop.press(in_menu(shop), key)
    leg = in_menu(shop)
    shop.press(leg, "1")
    assert shop.hears(leg) == "overflow_goodbye"
    shop.advance(3)
    assert shop.legs[leg] == "over"


def test_a_trunk_that_is_removed_while_another_rings_ends_the_call(bakery):
    second = replace(bakery.trunk[0], id="second")
    outbound = replace(bakery.outbound[0], trunks=("carrier", "second"))
    shop = Shop(replace(bakery, trunk=(bakery.trunk[0], second), outbound=(outbound,)))
    leg = shop.dial("8001", "913800138000")
    shop.apply(bakery)
    (ringing,) = shop.dialled
    shop.legs[ringing] = "over"
    shop.tell(LegRefused(leg=ringing, cause=Cause.CONGESTION))
    shop.advance(10)
    assert shop.legs[leg] == "over"


def test_an_agent_who_hangs_up_in_the_announcement_of_a_removed_queue_strands_nobody(bakery):
    shop = Shop(bakery)
    leg = to_orders(shop)
    agent = shop.pick_up("8001")
    orders = {"kind": "queue", "queue": "office"}
    shop.apply(replace(with_node(bakery, orders=orders), queue=(bakery.queue[1],)))
    shop.advance(1)
    shop.hang_up(agent)
    shop.advance(600)
    assert shop.legs[leg] == "over"
    assert len(shop.facts(VisitEnded)) == 1


def test_a_caller_in_a_removed_flow_is_not_stranded_by_a_kill(bakery):
    shop = Shop(bakery)
    leg = in_menu(shop)
    other = replace(bakery.flow[0], id="other")
    shop.apply(replace(bakery, flow=(other,), route=(replace(bakery.route[0], flow="other"),)))
    shop.killed()
    shop.advance(60)
    assert shop.legs[leg] == "over" or shop.facts(CallQueued)


def test_two_callers_who_hang_up_in_one_burst_leave_the_agent_ready_in_the_ledger(shop_at):
    shop = shop_at(phones=("8001",))
    legs = [to_orders(shop), to_orders(shop)]
    shop.advance(3)
    for leg in legs:
        shop.hang_up(leg)
    assert state_of(shop, "1001") is AgentState.READY
    kept = {}
    for entry in shop.entries:  # as the ledger does: a key that is there already is passed over
        kept.setdefault(entry.key, entry)
    states = [
        entry.fact.state
        for entry in kept.values()
        if isinstance(entry.fact, AgentStateChanged) and entry.fact.agent == "1001"
    ]
    assert states[-1] is AgentState.READY


def test_a_caller_told_his_agents_number_is_connected_when_the_end_of_it_is_lost(shop):
    leg = to_orders(shop)
    agent = shop.pick_up("8001")
    assert "1001" in shop.hears(leg)
    shop.plays_lost()
    shop.advance(31)
    assert shop.hears(leg) == f"peer {agent}"


def test_last_words_whose_end_is_lost_still_end_the_call(shop):
    leg = shop.dial("8001", "*82")
    shop.plays_lost()
    shop.advance(31)
    assert shop.legs[leg] == "over"


def test_a_greeting_whose_end_is_lost_still_takes_the_message(shop_at):
    shop = shop_at(at=MONDAY_10 - 86400)
    leg = shop.call_in()
    assert "closed" in shop.hears(leg)
    shop.plays_lost()
    shop.advance(121)
    assert shop.facts(RecordingOpened)


def test_an_overflow_flow_goes_on_when_its_extension_cannot_be_reached(bakery):
    late = replace(
        bakery.flow[0],
        id="late",
        start="cleo",
        node={
            "cleo": {"kind": "extension", "extension": "8003", "otherwise": "office"},
            "office": {"kind": "queue", "queue": "office"},
        },
    )
    orders = replace(bakery.queue[0], overflow=Overflow(to="flow", flow="late"))
    site = replace(bakery, flow=(bakery.flow[0], late), queue=(orders, bakery.queue[1]))
    shop = Shop(site, phones=())
    to_orders(shop)
    shop.advance(WAIT_LIMIT + 1)
    assert [one.queue for one in shop.board.live().calls] == ["office"]


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+48701234567", Country.PL),
        ("+19005551234", Country.US),
        ("+44901234567", Country.GB),
    ],
)
def test_a_premium_number_of_ones_own_country_is_premium_with_plus_too(number, country):
    assert number_class(number, country) == "premium"


def test_an_agent_whose_phone_is_taken_over_in_a_talk_leaves_it_busy_for_the_next(shop):
    to_orders(shop)
    shop.pick_up("8001")
    shop.advance(2.1)
    shop.dial("8002", "*81")
    shop.advance(3)
    code = shop.dial("8001", "*8010024712")
    assert shop.hears(code) == "signed_in 1002"
    shop.advance(3)
    to_orders(shop)
    shop.advance(3)
    assert not shop.ringing_leg("8001")


def test_a_key_held_for_a_while_and_told_in_two_forms_counts_once(shop):
    leg = in_menu(shop)
    shop.press(leg, "7", DigitForm.RFC4733)
    shop.advance(0.4)
    shop.press(leg, "7", DigitForm.INFO)
    assert len(shop.facts(DigitPressed)) == 1


def test_the_same_key_pressed_twice_in_one_form_counts_twice(shop):
    leg = in_menu(shop)
    shop.press(leg, "7")
    shop.advance(0.2)
    shop.press(leg, "7")
    assert len(shop.facts(DigitPressed)) == 2


def test_a_waiting_caller_whose_audio_is_refused_is_ended_not_blocked(shop_at):
    shop = shop_at(phones=())
    leg = to_orders(shop)
    shop.tell(AudioRefused(leg=leg, text="no port is left"))
    assert shop.ended[leg] is Cause.CONGESTION
    assert not shop.facts(CallBlocked)
    assert [one.outcome for one in shop.facts(VisitEnded)] == [VisitOutcome.ABANDONED]
    assert [one.outcome for one in shop.facts(CallEnded)] == [CallOutcome.ABANDONED]


def test_an_agent_whose_audio_is_refused_in_a_talk_is_hung_up(shop):
    leg = to_orders(shop)
    agent = shop.pick_up("8001")
    shop.advance(2.1)
    shop.tell(AudioRefused(leg=agent, text="no port is left"))
    assert shop.legs[agent] == shop.legs[leg] == "over"


def test_a_ringing_phone_whose_audio_is_refused_stops_ringing(shop):
    leg = to_orders(shop)
    ringing = shop.ringing_leg("8001")
    shop.tell(AudioRefused(leg=ringing, text="no port is left"))
    assert shop.ended[ringing] is Cause.CANCELLED
    assert shop.legs[leg] == "answered"


def test_after_a_stall_callers_join_the_queue_in_the_order_of_their_times(shop_at):
    shop = shop_at(phones=())
    shop.call_in("13900000001")
    shop.advance(1)
    shop.call_in("13900000002")
    shop.advance(11.0)
    assert not shop.facts(CallQueued)
    shop.now += 10.0  # the process was stopped: both menus have run out when it goes on
    shop.wake()
    live = {one.caller.number: one.position for one in shop.board.live().calls}
    assert live == {"13900000001": 1, "13900000002": 2}
