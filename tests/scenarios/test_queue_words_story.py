"""What a queue says: the expected wait, comfort messages, and a whisper to the agent."""

import pytest
from shop import Shop
from test_queue_story import ask, with_queue

from appliance.vocabulary.journal import NumberTold, PositionTold, PromptPlayed, VisitEnded
from appliance.vocabulary.waits import minutes_said


def shop_of(bakery, *, phones=("8001",), **settings):
    return Shop(with_queue(bakery, "orders", agents=("1001",), **settings), phones=phones)


def served(shop, calls, seconds):
    for _ in range(calls):
        leg = ask(shop)
        shop.pick_up("8001")
        shop.advance(seconds)
        shop.hang_up(leg)
        shop.advance(11)


def test_the_expected_wait_is_told_with_the_place_and_kept_beside_the_real_one(bakery):
    shop = shop_of(bakery, announce_wait=True, announce_agent=False, max_wait_seconds=1000)
    served(shop, 6, 110)
    talking = ask(shop)
    shop.pick_up("8001")
    shop.advance(20)
    leg = ask(shop)
    assert shop.hears(leg) == "position 1+expected_wait 2"
    shop.advance(4.1)
    assert shop.hears(leg) == "music"
    told = shop.facts(PositionTold)[-1]
    assert told.wait == pytest.approx(100, abs=25)
    shop.advance(80)
    shop.hang_up(talking)
    shop.advance(11)
    shop.pick_up("8001")
    [real] = [one.wait for one in shop.facts(VisitEnded) if one.visit == told.visit]
    assert abs(told.wait - real) / real <= 0.25


def test_a_wait_that_nobody_can_know_is_not_told(bakery):
    shop = shop_of(bakery, announce_wait=True)
    ask(shop)
    shop.pick_up("8001")
    leg = ask(shop)
    assert shop.hears(leg) == "position 1"
    assert shop.facts(PositionTold)[-1].wait is None


def test_a_wait_whose_sentence_is_not_there_is_not_promised(bakery):
    shop = shop_of(bakery, announce_wait=True)
    shop.catalogue.missing |= {f"expected_wait {n}" for n in ("0", "1", "2", "3")}
    served(shop, 6, 110)
    ask(shop)
    shop.pick_up("8001")
    leg = ask(shop)
    assert shop.hears(leg) == "position 1"
    assert shop.facts(PositionTold)[-1].wait is None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0"), (44, "0"), (50, "1"), (84, "1"), (90, "2"), (300, "5"), (490, "7"), (520, "10"),
     (2200, "30"), (2300, "far")],
)  # fmt: skip
def test_waits_are_said_in_the_nearest_step(seconds, said):
    assert minutes_said(seconds) == said


def test_comfort_messages_come_in_turn_between_the_music(bakery):
    words = ("Order online as well.", "We bake at night.")
    shop = shop_of(
        bakery, phones=(), comfort=words, comfort_seconds=20, announce_position_seconds=0
    )
    leg = ask(shop)
    heard = []
    for _ in range(3):
        shop.advance(19)
        assert shop.hears(leg) == "music"
        shop.advance(1)
        heard.append(shop.hears(leg))
    assert heard == [words[0], words[1], words[0]]
    assert [one.text for one in shop.facts(PromptPlayed)][-3:] == heard


def test_a_comfort_message_waits_for_the_position_and_a_restart_forgets_neither(bakery):
    shop = shop_of(bakery, phones=(), comfort=("Thank you.",), comfort_seconds=30)
    leg = ask(shop)
    shop.advance(30.5)
    assert shop.hears(leg) == "position 1"
    shop.killed()
    shop.advance(5)
    assert shop.hears(leg) == "Thank you."


def test_who_talks_hears_no_comfort(bakery):
    shop = shop_of(bakery, comfort=("Thank you.",), comfort_seconds=10)
    leg = ask(shop)
    called = shop.pick_up("8001")
    shop.advance(60)
    assert shop.hears(leg) == f"peer {called}"


def test_the_agent_hears_who_comes_while_the_caller_hears_music(bakery):
    shop = shop_of(bakery, phones=(), whisper="Orders.", announce_position_seconds=0)
    leg = ask(shop)
    shop.advance(115)
    shop.tell_registered("8001")
    called = shop.pick_up("8001")
    assert (shop.hears(called), shop.hears(leg)) == ("Orders.+waited 2", "music")
    shop.advance(4.1)
    assert shop.hears(leg) == shop.hears(called) == "agent_number 1001"
    assert shop.facts(NumberTold)
    shop.advance(2.1)
    assert shop.hears(leg) == f"peer {called}"


def test_an_agent_who_hangs_up_during_the_whisper_leaves_the_caller_his_place(bakery):
    shop = shop_of(bakery, whisper="Orders.")
    leg = ask(shop)
    called = shop.pick_up("8001")
    shop.advance(1)
    shop.hang_up(called)
    assert shop.hears(leg) == "music"
    shop.advance(21)
    called = shop.pick_up("8001")
    shop.advance(10)
    assert shop.hears(leg) == f"peer {called}"


def test_a_whisper_that_was_not_made_keeps_nobody_waiting(bakery):
    shop = shop_of(bakery, whisper="Orders.", announce_agent=False)
    shop.catalogue.missing |= {"Orders.", "waited 0"}
    leg = ask(shop)
    called = shop.pick_up("8001")
    assert shop.hears(leg) == f"peer {called}"


def test_a_caller_who_hangs_up_during_the_whisper_is_an_abandon(bakery):
    shop = shop_of(bakery, whisper="Orders.")
    leg = ask(shop)
    called = shop.pick_up("8001")
    shop.hang_up(leg)
    assert shop.legs[called] == "over"
    assert [str(one.outcome) for one in shop.facts(VisitEnded)] == ["abandoned"]
    assert not shop.board.live().calls
