"""Ring groups: all at once, one after the other, in turn; and where a caller goes afterwards."""

import pytest
from desk_sites import with_agents_out, with_group, with_phone
from shop import Shop

from appliance.vocabulary.journal import (
    CallEnded,
    CallOutcome,
    MissReason,
    OfferMissed,
    RouteChosen,
    TalkEnded,
)
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.settings import Overflow

PHONES = ("8001", "8002", "8003")


def shop_of(bakery, *members, phones=PHONES, **words):
    return Shop(with_group(with_agents_out(bakery), *members, **words), phones=phones)


def ringing(shop):
    return [one for one in PHONES if shop.ringing_leg(one)]


def from_menu(shop):
    leg = shop.call_in()
    shop.advance(2.5)
    shop.press(leg, "4")
    return leg


def test_all_ring_and_the_first_to_answer_has_the_call(bakery):
    shop = shop_of(bakery, "8001", "8002", "8003")
    leg = from_menu(shop)
    assert ringing(shop) == list(PHONES)
    assert shop.hears(leg) == "ringback"
    rest = [shop.ringing_leg(one) for one in ("8001", "8003")]
    shop.advance(4)
    called = shop.pick_up("8002")
    assert [shop.ended[one] for one in rest] == [Cause.ANSWERED_ELSEWHERE] * 2
    assert {one.reason for one in shop.facts(OfferMissed)} == {MissReason.ANSWERED_ELSEWHERE}
    assert shop.hears(leg) == f"peer {called}"
    shop.advance(10)
    shop.hang_up(leg)
    assert [one.extension for one in shop.facts(TalkEnded)] == ["8002"]
    assert shop.facts(CallEnded)[0].outcome is CallOutcome.DIRECT
    assert not shop.board.live().calls


def test_a_colleague_dials_the_groups_number(bakery):
    shop = shop_of(bakery, "8001", "8002")
    leg = shop.dial("8003", "8100")
    assert ringing(shop) == ["8001", "8002"]
    assert shop.facts(RouteChosen)[0].why == "ring group"
    called = shop.pick_up("8001")
    assert shop.hears(leg) == f"peer {called}"


def test_one_after_the_other_each_for_its_time(bakery):
    shop = shop_of(bakery, "8001", "8002", strategy="in_order", ring_seconds=10)
    from_menu(shop)
    assert ringing(shop) == ["8001"]
    shop.advance(10.1)
    assert ringing(shop) == ["8002"]
    shop.refuse("8002")
    assert [one.reason for one in shop.facts(OfferMissed)] == [
        MissReason.NO_ANSWER,
        MissReason.REJECTED,
    ]


def test_in_turn_goes_on_behind_the_last_one(bakery):
    shop = shop_of(bakery, "8001", "8002", "8003", strategy="round_robin")
    seen = []
    for _ in range(4):
        leg = from_menu(shop)
        seen += ringing(shop)
        shop.hang_up(leg)
    assert seen == ["8001", "8002", "8003", "8001"]


def test_who_wants_no_calls_or_talks_or_is_not_there_is_passed_by(bakery):
    site = with_group(with_agents_out(bakery), "8001", "8002", "8003")
    site = with_phone(site, "8001", do_not_disturb=True)
    shop = Shop(site, phones=("8001", "8002"))
    from_menu(shop)
    assert ringing(shop) == ["8002"]
    busy = from_menu(shop)
    shop.pick_up("8002")
    assert shop.legs[busy] == "answered"


def test_nobody_answers_and_the_groups_own_answer_comes(bakery):
    shop = shop_of(
        bakery, "8001", ring_seconds=12, otherwise=Overflow(to="voicemail", box="counter")
    )
    leg = from_menu(shop)
    shop.advance(12.1)
    assert not ringing(shop)
    assert shop.hears(leg) == "leave_message"
    colleague = shop.dial("8003", "8100")
    shop.advance(12.1)
    assert shop.hears(colleague) == "leave_message"


def test_nobody_answers_and_the_flow_goes_on(bakery):
    shop = shop_of(bakery, "8001", "8002", ring_seconds=12)
    leg = from_menu(shop)
    shop.refuse("8001", Cause.BUSY)
    assert ringing(shop) == ["8002"]
    shop.advance(12.1)
    assert shop.hears(leg) == "position 1"
    assert shop.board.live().queues[0].waiting == 1


@pytest.mark.parametrize("end", ["killed", "hang_up"])
def test_a_kill_while_they_ring_and_a_caller_who_gives_up(bakery, end):
    shop = shop_of(bakery, "8001", "8002", "8003")
    leg = from_menu(shop)
    if end == "killed":
        shop.killed()
        called = shop.pick_up("8003")
        assert ringing(shop) == []
        assert shop.hears(leg) == f"peer {called}"
    else:
        shop.hang_up(leg)
        assert ringing(shop) == []
        shop.dial("8001", "8002")
        assert ringing(shop) == ["8002"]


def test_agents_of_a_group_are_free_for_their_queue_afterwards(bakery):
    site = with_group(bakery, "8001", "8002")
    shop = Shop(site, phones=("8001", "8002"))
    from_menu(shop)
    shop.pick_up("8001")
    leg = shop.call_in()
    shop.advance(2.5)
    shop.press(leg, "1")
    assert shop.ringing_leg("8002")
    assert not shop.board.faults(shop.now)
