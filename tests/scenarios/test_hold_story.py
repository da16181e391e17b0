"""Hold: music for the other side, and talk and hold are counted apart."""

import msgspec
from shop_steps import talking

from appliance.vocabulary.events import LegAudioMoved
from appliance.vocabulary.journal import AgentState, TalkEnded


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
