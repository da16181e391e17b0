"""What a carrier says before anybody answers reaches the phone that dialled, and is no talk."""

from shop import FAR

from appliance.vocabulary.audio import Codec, FarEnd
from appliance.vocabulary.commands import DialTrunk, RelayDigit
from appliance.vocabulary.events import DigitForm, DigitHeard, LegRefused, LegRinging
from appliance.vocabulary.journal import CallEnded, CallOutcome, RecordingOpened, TalkEnded
from appliance.vocabulary.lines import Cause

EARLY = FarEnd(address="127.0.0.1", port=41000, codec=Codec.PCMU, payload_type=0)


def outside(shop):
    """The leg that rings outside."""
    return next(one for one, command in shop.dialled.items() if isinstance(command, DialTrunk))


def test_the_carriers_own_words_are_heard_before_the_answer(shop):
    leg = shop.dial("8001", "913800138000")
    out = outside(shop)
    shop.tell(LegRinging(leg=out))
    assert shop.hears(leg) != f"peer {out}"
    shop.tell(LegRinging(leg=out, audio=EARLY))
    assert shop.hears(leg) == f"peer {out}"
    assert shop.audio[out].far == EARLY
    assert leg in shop.early
    assert not shop.facts(RecordingOpened)
    shop.outside_answers()
    assert shop.hears(leg) == f"peer {out}" and shop.audio[out].far == FAR
    assert shop.facts(RecordingOpened)


def test_words_and_then_a_refusal_are_no_talk(shop):
    leg = shop.dial("8001", "913800138000")
    out = outside(shop)
    shop.tell(LegRinging(leg=out, audio=EARLY))
    shop.tell(LegRefused(leg=out, cause=Cause.NOT_FOUND))
    assert shop.ended[leg] is Cause.NOT_FOUND
    assert shop.facts(CallEnded)[0].outcome is not CallOutcome.ANSWERED
    assert not shop.facts(RecordingOpened) and not shop.facts(TalkEnded)


def test_a_phones_own_ringing_tone_is_not_relayed(shop):
    leg = shop.dial("8001", "8002")
    shop.tell(LegRinging(leg=shop.ringing_leg("8002"), audio=EARLY))
    assert "peer" not in (shop.hears(leg) or "")


def test_an_answered_caller_hears_what_the_box_plays(shop):
    leg = shop.call_in()
    shop.advance(2.5)
    shop.press(leg, "1")
    rung = shop.ringing_leg("8001")
    before = shop.hears(leg)
    shop.tell(LegRinging(leg=rung, audio=EARLY))
    assert shop.hears(leg) == before


def test_a_key_by_info_goes_to_a_carriers_menu_before_the_answer(shop):
    leg = shop.dial("8001", "913800138000")
    shop.tell(DigitHeard(leg=leg, digit="4", form=DigitForm.INFO))
    assert not shop.relayed, "nobody hears it yet"
    shop.tell(LegRinging(leg=outside(shop), audio=EARLY))
    shop.tell(DigitHeard(leg=leg, digit="5", form=DigitForm.INFO))
    shop.tell(DigitHeard(leg=leg, digit="6", form=DigitForm.RFC4733))
    assert shop.relayed == [RelayDigit(leg=leg, digit="5")], "events are on their way themselves"
