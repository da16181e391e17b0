"""Why a call did not come about stands in its timeline in words, in every language."""

import pytest
from desk_sites import with_phone
from shop import FAR, Shop

from appliance.lines.sip_leg import SipLeg
from appliance.lines.sip_srtp import refusal_of
from appliance.reports.names import Names
from appliance.reports.timeline import sentence, timeline_of
from appliance.reports.words import WORDS, words_for
from appliance.reports.words_refusals import REFUSALS
from appliance.vocabulary.events import LegOffered
from appliance.vocabulary.ids import ExtensionNumber, LegId
from appliance.vocabulary.journal import CallBlocked
from appliance.vocabulary.lines import Cause, Party, PhoneLine
from appliance.vocabulary.settings import Language

PHONES = ("8001", "8002", "8003")


def told(shop, language=Language.EN):
    say = words_for(language)
    return [sentence(line, say) for line in timeline_of(shop.entries, Names())]


def offered(shop, refusal):
    leg = LegId("plain")
    shop.legs[leg] = "offered"
    line = PhoneLine(extension=ExtensionNumber("8001"))
    caller = Party(number="8001")
    shop.tell(
        LegOffered(leg=leg, line=line, caller=caller, called="8002", audio=None, refusal=refusal)
    )
    return leg


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.EN, "refused: this phone's audio must be encrypted"),
        (Language.ZH, "此话机的语音必须加密"),
        (Language.PL, "dźwięk tego telefonu musi być szyfrowany"),
    ],
)
def test_a_phone_that_must_encrypt_and_does_not_is_told_apart(bakery, language, words):
    shop = Shop(bakery, phones=PHONES)
    leg = offered(shop, "needs_srtp")
    assert shop.ended[leg] is Cause.INCOMPATIBLE_AUDIO
    assert [one.reason for one in shop.facts(CallBlocked)] == ["needs_srtp"]
    assert any(words in line for line in told(shop, language))


def test_no_codec_in_common_has_words_too(bakery):
    shop = Shop(bakery, phones=PHONES)
    offered(shop, "")
    assert "refused: no common audio format" in told(shop)


def test_every_refusal_is_said_in_all_languages():
    assert not [text for text in REFUSALS.values() if text not in WORDS]


def test_only_an_offer_whose_codecs_would_do_is_refused_for_want_of_keys():
    def leg(needs_srtp, far):
        line = PhoneLine(extension=ExtensionNumber("8001"))
        one = SipLeg(leg=LegId("d1"), dialog="d1", line=line, codecs=(), source_address="127.0.0.1")
        one.needs_srtp, one.far = needs_srtp, far
        return one

    assert refusal_of(FAR, leg(True, None)) == "needs_srtp"
    assert refusal_of(None, leg(True, None)) == ""
    assert refusal_of(FAR, leg(False, FAR)) == ""


def test_who_wants_no_calls_is_named(bakery):
    shop = Shop(with_phone(bakery, "8002", do_not_disturb=True), phones=PHONES)
    leg = shop.dial("8001", "8002")
    assert shop.ended[leg] is Cause.BUSY
    assert "8002 wants no calls" in told(shop)
    assert "8002 免打扰" in told(shop, Language.ZH)


# --- keys in a talk that lead nowhere ---
def talk_of_8001(bakery):
    """8001 talks with a caller; return the shop and its leg."""
    shop = Shop(bakery, phones=PHONES)
    leg = shop.call_in()
    shop.advance(2.5)
    shop.press(leg, "3")
    agent = shop.pick_up("8001")
    shop.advance(2.0)
    assert shop.hears(agent) == f"peer {leg}"
    return shop, agent


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.EN, "8001 wanted to ask 4711: number unknown"),
        (Language.ZH, "8001 想咨询 4711：号码不存在"),
        (Language.PL, "8001 chciał zapytać 4711: nieznany numer"),
    ],
)
def test_asking_a_number_that_nobody_has_leaves_its_trace(bakery, language, words):
    shop, agent = talk_of_8001(bakery)
    shop.keys(agent, "*24711#")
    assert words in told(shop, language)
    assert shop.hears(agent).startswith("peer"), "the talk goes on"


def test_asking_a_number_that_this_phone_may_not_dial_is_told_apart(bakery):
    shop, agent = talk_of_8001(with_phone(bakery, "8001", may_dial=("local",)))
    shop.keys(agent, "*29013800138000#")
    assert "8001 wanted to ask 9013800138000: not allowed" in told(shop)


def test_asking_who_talks_already_is_busy_and_nobody_waits(bakery):
    shop, agent = talk_of_8001(bakery)
    other = shop.dial("8002", "8003")
    shop.pick_up("8003")
    shop.keys(agent, "*28003#")
    assert "8001 wanted to ask 8003: busy" in told(shop)
    assert shop.hears(agent).startswith("peer") and shop.hears(other).startswith("peer")


def test_handing_on_to_a_number_that_nobody_has_leaves_its_trace_too(bakery):
    shop, agent = talk_of_8001(bakery)
    shop.keys(agent, "##4711#")
    assert "8001 wanted to transfer to 4711: number unknown" in told(shop)
