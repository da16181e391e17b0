"""Hold: music for the other side, and talk and hold are counted apart."""

import msgspec
from shop_steps import talking

from appliance.vocabulary.events import LegAudioMoved, LegEnded, PhoneGone
from appliance.vocabulary.journal import AgentState, TalkEnded
from appliance.vocabulary.lines import Cause


def moved(shop, leg, **words):
    far = msgspec.structs.replace(shop.audio[leg].far, **words)
    shop.tell(LegAudioMoved(leg=leg, audio=far))


def state(shop):
    return next(one.state for one in shop.board.live().agents if one.agent == "1001")


def test_the_caller_hears_music_while_held_and_the_agent_afterwards(shop):
    leg, agent = talking(shop)
    shop.advance(10)
    moved(shop, agent, receives=False)
    assert shop.hears(leg) == "music"
    assert state(shop) is AgentState.HOLDING
    shop.advance(30)
    moved(shop, agent, receives=True)
    assert shop.hears(leg) == f"peer {agent}"
    assert state(shop) is AgentState.TALKING
    shop.advance(5)
    shop.hang_up(leg)
    ended = shop.facts(TalkEnded)[0]
    assert (ended.talk, ended.hold) == (15.0, 30.0)


def test_hanging_up_on_hold_counts_the_hold(shop):
    leg, agent = talking(shop)
    shop.advance(10)
    moved(shop, agent, receives=False)
    shop.advance(7)
    shop.killed()
    shop.advance(3)
    shop.hang_up(leg)
    ended = shop.facts(TalkEnded)[0]
    assert (ended.talk, ended.hold) == (10.0, 10.0)


def test_a_moved_phone_is_no_hold(shop):
    leg, agent = talking(shop)
    moved(shop, agent, port=50000)
    assert shop.hears(leg) == f"peer {agent}"
    assert shop.audio[agent].far.port == 50000


def test_the_phone_of_a_held_call_that_answers_no_watch_is_asked_for_its_call(shop):
    leg, agent = talking(shop)
    moved(shop, agent, receives=False)
    shop.advance(20)
    shop.tell(PhoneGone(extension="8002", is_silent=True))
    shop.tell(PhoneGone(extension="8001"))
    assert shop.checked == []
    shop.tell(PhoneGone(extension="8001", is_silent=True))
    assert shop.checked == [agent]
    # as lines tell it, when nobody answers
    shop.legs[agent] = "over"
    shop.tell(LegEnded(leg=agent, cause=Cause.AUDIO_LOST))
    assert shop.hears(leg) != "music"
