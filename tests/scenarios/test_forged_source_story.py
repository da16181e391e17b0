"""A caller whose source may be forged: call control goes on as ever, media knows what is proven."""

import msgspec
from shop import FAR

from appliance.vocabulary.events import LegAudioMoved
from appliance.vocabulary.facts_handling import Held, Retrieved

UNPROVEN = msgspec.structs.replace(
    FAR, address="192.0.2.66", signalling_address="127.0.0.1", is_proven=False
)
PROVEN = msgspec.structs.replace(UNPROVEN, is_proven=True)


def test_until_the_proof_media_is_told_that_there_is_none(shop):
    leg = shop.call_in(audio=UNPROVEN)
    assert shop.audio[leg].far == UNPROVEN and shop.hears(leg) is not None
    before = shop.audio[leg]
    shop.tell(LegAudioMoved(leg=leg, audio=PROVEN))
    assert shop.audio[leg].far == PROVEN
    assert shop.audio[leg].hears == before.hears and shop.audio[leg].version > before.version


def test_a_proof_that_comes_late_holds_and_retrieves_nobody(shop):
    """The one party is in the talk already when the other's ACK comes at last."""
    leg = shop.call_in(audio=UNPROVEN)
    shop.advance(2.5)
    shop.press(leg, "1")
    agent = shop.pick_up("8001")
    shop.advance(3.0)
    shop.tell(LegAudioMoved(leg=leg, audio=PROVEN))
    assert shop.hears(leg) == f"peer {agent}" and shop.hears(agent) == f"peer {leg}"
    assert not shop.facts(Held) and not shop.facts(Retrieved)


def test_a_restarted_control_says_the_same_of_the_proof(shop):
    leg = shop.call_in(audio=UNPROVEN)
    shop.killed()
    assert shop.audio[leg].far == UNPROVEN
    shop.tell(LegAudioMoved(leg=leg, audio=PROVEN))
    shop.killed()
    assert shop.audio[leg].far == PROVEN
