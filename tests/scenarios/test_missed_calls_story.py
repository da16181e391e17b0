"""Who lets calls ring in vain is told by voice that he is not ready, once, and what to dial."""

import pytest
from msgspec.structs import replace

from appliance.reports.call_list import dialled_word
from appliance.vocabulary.journal import AgentState, CallEntered


@pytest.fixture
def strict(bakery, shop_at):
    """The bakery whose agents may miss one call; only Anna is at work."""
    orders, *others = bakery.queue
    orders = replace(orders, miss_limit=1, ring_seconds=10, wrap_up_seconds=0)
    agents = tuple(replace(one, signed_in=one.id == "1001") for one in bakery.agent)
    shop = shop_at(phones=("8001",))
    shop.apply(replace(bakery, queue=(orders, *others), agent=agents))
    return shop


def state(shop):
    return next(one for one in shop.board.live().agents if one.agent == "1001")


def missed(shop):
    caller = shop.call_in()
    shop.advance(3)
    shop.press(caller, "1")
    shop.advance(13)
    assert (state(shop).state, state(shop).reason) == (AgentState.NOT_READY, "missed")
    return caller


def told(shop):
    return [one for one in shop.facts(CallEntered) if one.asked_by == "missed_calls"]


def test_his_phone_rings_says_it_and_shows_how_to_be_ready(strict):
    missed(strict)
    assert len(told(strict)) == 1
    assert dialled_word(told(strict)[0].called) == "told: not ready", "no code is shown"
    leg = strict.ringing_leg("8001")
    assert strict.dialled[leg].caller.number == "*82"
    strict.pick_up("8001")
    assert strict.hears(leg) == "missed_calls"
    strict.advance(3)
    assert strict.ended[leg] and state(strict).state is AgentState.NOT_READY


def test_who_is_not_there_is_rung_once_also_over_a_kill(strict):
    missed(strict)
    strict.killed()
    strict.advance(300)
    assert len(told(strict)) == 1


def test_it_is_told_again_when_it_happens_again(strict):
    missed(strict)
    strict.advance(60)
    strict.dial("8001", "*82")
    strict.advance(30)
    assert len(told(strict)) == 2, "the caller still waits, and rang in vain once more"
