"""Picking up what rings at another phone: directed, in a group, a queue's call, a ring group's."""

import pytest
from desk_sites import with_agents_out, with_group, with_phone
from shop import Shop

from appliance.reports.record import record_of
from appliance.vocabulary.facts_handling import PickedUp
from appliance.vocabulary.journal import (
    AgentState,
    CallEnded,
    CallEntered,
    MissReason,
    OfferMissed,
    TalkEnded,
    VisitEnded,
    VisitOutcome,
)
from appliance.vocabulary.lines import Cause

PHONES = ("8001", "8002", "8003")


@pytest.fixture
def shop(bakery):
    return Shop(bakery, phones=PHONES)


def menu_key(shop, key):
    leg = shop.call_in()
    shop.advance(2.5)
    shop.press(leg, key)
    return leg


def test_a_colleagues_ringing_phone_is_answered_at_ones_own(shop):
    leg = menu_key(shop, "3")
    ringing = shop.ringing_leg("8001")
    taken = shop.dial("8003", "**8001")
    assert shop.hears(leg) == f"peer {taken}"
    assert shop.ended[ringing] is Cause.ANSWERED_ELSEWHERE
    assert shop.facts(PickedUp) == [PickedUp(extension="8003", ringing="8001")]
    shop.advance(12)
    shop.hang_up(leg)
    assert [(one.extension, one.talk) for one in shop.facts(TalkEnded)] == [("8003", 12.0)]
    assert len(shop.facts(CallEntered)) == len(shop.facts(CallEnded)) == 1


def test_a_queues_caller_was_served_by_who_picked_up(shop):
    leg = menu_key(shop, "1")
    first = "8001" if shop.ringing_leg("8001") else "8002"
    shop.advance(5)
    taken = shop.dial("8003", f"**{first}")
    assert shop.hears(leg) == f"peer {taken}"
    ended = shop.facts(VisitEnded)[0]
    assert (ended.outcome, ended.wait) == (VisitOutcome.ANSWERED, 5.0)
    assert shop.facts(OfferMissed)[0].reason is MissReason.ANSWERED_ELSEWHERE
    states = {one.agent: one.state for one in shop.board.live().agents}
    assert AgentState.TALKING not in states.values()
    shop.hang_up(taken)
    assert record_of([one for one in shop.entries if one.call]).outcome == "answered"
    assert not shop.board.faults(shop.now)


def test_only_a_pickup_group_takes_each_others_calls_with_one_code(bakery):
    site = with_phone(with_agents_out(bakery), "8001", pickup_group="front")
    shop = Shop(with_phone(site, "8002", pickup_group="front"), phones=PHONES)
    leg = menu_key(shop, "3")
    stranger = shop.dial("8003", "*8")
    assert shop.hears(stranger) == "nothing_to_pick_up"
    taken = shop.dial("8002", "*8")
    assert shop.hears(leg) == f"peer {taken}"


def test_a_ring_groups_call_is_picked_up_and_all_its_phones_stop(bakery):
    shop = Shop(with_group(with_agents_out(bakery), "8001", "8002"), phones=PHONES)
    leg = menu_key(shop, "4")
    taken = shop.dial("8003", "**8001")
    assert shop.hears(leg) == f"peer {taken}"
    assert not shop.ringing_leg("8001") and not shop.ringing_leg("8002")
    leg = menu_key(shop, "4")
    shop.hang_up(taken)
    taken = shop.dial("8003", "**8100")
    assert shop.hears(leg) == f"peer {taken}"


def test_nothing_rings_there(shop):
    leg = shop.dial("8003", "**8001")
    assert shop.hears(leg) == "nothing_to_pick_up"
    shop.advance(3)
    assert shop.legs[leg] == "over"


def test_nobody_picks_up_what_he_dialled_himself(shop):
    shop.dial("8003", "8001")
    leg = shop.dial("8003", "**8001")
    assert shop.hears(leg) == "nothing_to_pick_up"


def test_a_call_that_was_answered_a_moment_ago_stays_where_it_is(shop):
    leg = menu_key(shop, "3")
    board = shop.board
    claims = []
    carry_out = shop._carry_out

    def later(command):
        if type(command).__name__ == "ClaimAudio" and command.leg.startswith("ph"):
            claims.append(command)
        else:
            carry_out(command)

    shop._carry_out = later
    late = shop.dial("8003", "**8001")
    talking = shop.pick_up("8001")
    shop._carry_out = carry_out
    carry_out(claims[0])
    assert board is shop.board
    assert shop.hears(leg) == f"peer {talking}"
    assert shop.legs[late] == "over"


def test_an_internal_call_is_picked_up_too(shop):
    leg = shop.dial("8001", "8002")
    taken = shop.dial("8003", "**8002")
    assert shop.hears(leg) == f"peer {taken}"
    shop.killed()
    shop.hang_up(taken)
    assert shop.facts(CallEnded)[0].outcome == "answered"
