"""kill -9 of call control in each state of a call, in virtual time: everything goes on."""

import pytest

from appliance.vocabulary.events import AudioClaimed, AudioLost
from appliance.vocabulary.journal import AgentState, CallEnded, CallOutcome, TalkEnded, VisitEnded


def to_menu(shop):
    leg = shop.call_in()
    shop.advance(2.5)
    return leg


def test_killed_in_the_menu_the_keys_still_work(shop):
    leg = to_menu(shop)
    shop.killed()
    shop.press(leg, "1")
    assert shop.ringing_leg("8001")


def test_killed_while_queued_the_place_is_kept(shop_at):
    shop = shop_at(phones=())
    first = to_menu(shop)
    shop.press(first, "1")
    shop.advance(5)
    second = to_menu(shop)
    shop.press(second, "1")
    shop.killed()
    live = {one.position: one.queued_since for one in shop.board.live().calls}
    assert live[1] < live[2]
    shop.advance(125)
    assert len(shop.facts(VisitEnded)) == 2


def test_killed_while_ringing_the_answer_still_connects(shop):
    leg = to_menu(shop)
    shop.press(leg, "1")
    shop.killed()
    agent = shop.pick_up("8001")
    shop.advance(2.1)
    assert shop.hears(leg) == f"peer {agent}"


def test_killed_while_talking_the_talk_is_counted_once_and_whole(shop):
    leg = to_menu(shop)
    shop.press(leg, "1")
    shop.pick_up("8001")
    shop.advance(2)
    shop.advance(10)
    shop.killed()
    shop.advance(10)
    shop.hang_up(leg)
    assert [one.talk for one in shop.facts(TalkEnded)] == [20.0]
    assert [one.outcome for one in shop.facts(CallEnded)] == [CallOutcome.ANSWERED]


def test_killed_in_wrap_up_the_agent_comes_back(shop):
    leg = to_menu(shop)
    shop.press(leg, "1")
    agent = shop.pick_up("8001")
    shop.advance(5)
    shop.hang_up(agent)
    shop.killed()
    shop.advance(11)
    state = next(one.state for one in shop.board.live().agents if one.agent == "1001")
    assert state is AgentState.READY


@pytest.mark.parametrize("every", [0.7, 1.9, 3.1])
def test_killed_again_and_again_a_call_runs_its_course(shop, every):
    leg = shop.call_in()
    elapsed = 0.0
    while elapsed < 2.1:
        shop.advance(every)
        shop.killed()
        elapsed += every
    shop.press(leg, "1")
    shop.killed()
    shop.pick_up("8001")
    shop.killed()
    shop.advance(2.5)
    shop.killed()
    shop.hang_up(leg)
    shop.killed()
    assert [one.outcome for one in shop.facts(CallEnded)] == [CallOutcome.ANSWERED]
    assert len({entry.key for entry in shop.entries}) == len(shop.entries)


def test_a_worker_that_lost_its_sockets_has_the_talk_moved_to_the_new_port(shop):
    leg = to_menu(shop)
    shop.press(leg, "1")
    agent = shop.pick_up("8001")
    shop.advance(2.1)
    shop.tell(AudioClaimed(leg=leg, port=55554))
    shop.tell(AudioClaimed(leg=agent, port=55556))
    assert shop.moved == {leg: 55554, agent: 55556}
    assert shop.hears(leg) == f"peer {agent}"


def test_a_far_end_that_falls_silent_is_asked_whether_it_lives(shop):
    leg = to_menu(shop)
    shop.tell(AudioLost(leg=leg, silent_for=20.0))
    assert shop.checked == [leg]


def test_a_kill_does_not_open_a_phone_that_is_locked_by_wrong_pins(shop):
    for _ in range(5):
        shop.dial("8003", "*8010039999")
        shop.advance(3)
    shop.killed()
    leg = shop.dial("8003", "*8010034713")
    assert shop.hears(leg) == "pin_locked"
