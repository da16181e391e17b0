"""A voicemail box at a phone: PINs of others, calling back whoever says he called, lost prompts."""

import pytest
import test_voicemail_story
from msgspec.structs import replace
from test_voicemail_story import leave, opened

from appliance.vocabulary.facts_messages import BoxPinUsed
from appliance.vocabulary.journal import CallEntered
from appliance.vocabulary.pins import pin_digest
from appliance.vocabulary.settings import Outbound
from appliance.vocabulary.settings_messages import VoicemailBoxFacts

site = test_voicemail_story.site
EVERYTHING = ("local", "national", "international")


@pytest.fixture
def shop(site, shop_at):
    shop = shop_at()
    shop.apply(site)
    return shop


def ways_out(site, *rules):
    """The site with these outbound rules, every phone may dial what they let out."""
    phones = tuple(replace(one, may_dial=EVERYTHING) for one in site.extension)
    made = tuple(
        Outbound(prefix=prefix, strip=strip, trunks=("carrier",), allow=EVERYTHING)
        for prefix, strip in rules
    )
    return replace(site, outbound=made, extension=phones)


def pressed_five(shop, caller):
    """Somebody who says he is `caller` left a message, and key 5 is pressed at it."""
    leave(shop, caller=caller)
    leg = opened(shop)
    shop.advance(18)
    shop.press(leg, "5")
    return leg


# --- PINs -----------------------------------------------------------------------------------------
def test_an_own_right_pin_does_not_wipe_the_count_of_anothers_wrong_ones(shop, site):
    boss = VoicemailBoxFacts(id="boss", number="71", pin_digest=pin_digest("9137", bytes(16)))
    shop.apply(replace(site, voicemail_box=(*site.voicemail_box, boss)))
    tries = 0
    for _ in range(10):
        leg = shop.dial("8001", "*9871")
        for _ in range(3):
            if shop.hears(leg) in ("mailbox_pin", "mailbox_wrong_pin+mailbox_pin"):
                shop.keys(leg, "0000#")
                tries += 1
        shop.hang_up(leg)
        shop.hang_up(opened(shop))
    assert tries == 5
    assert [one.change for one in shop.facts(BoxPinUsed)].count("locked") == 1


def test_who_mistypes_now_and_then_is_not_locked(shop):
    for _ in range(12):
        leg = shop.dial("8001", "*97")
        shop.keys(leg, "1111#4711#")
        assert shop.hears(leg) == "mailbox_empty"
        shop.hang_up(leg)
        shop.advance(90)


def test_a_locked_phone_is_open_again_after_five_minutes(shop):
    for _ in range(5):
        shop.dial("8001", "*8010039999")
        shop.advance(3)
    assert shop.hears(shop.dial("8001", "*97")) == "pin_locked"
    shop.advance(300)
    assert shop.hears(opened(shop)) == "mailbox_empty"


def test_what_is_dialled_behind_98_stands_nowhere(shop):
    shop.dial("8001", "*98704711")
    assert shop.facts(CallEntered)[-1].called == "*98…"


# --- calling back ---------------------------------------------------------------------------------
@pytest.mark.parametrize("caller", ["95338888", "02188887777", "13900001111"])
def test_five_dials_the_callers_own_number_whatever_it_begins_with(shop, site, caller):
    shop.apply(ways_out(site, ("9", 1)))
    leg = pressed_five(shop, caller)
    assert shop.hears(leg) == "mailbox_calling"
    shop.hang_up(leg)
    assert shop.facts(CallEntered)[-1].called == f"9{caller}"


def test_a_rule_that_keeps_its_prefix_calls_the_number_as_it_is(shop, site):
    shop.apply(ways_out(site, ("0", 0), ("9", 1)))
    shop.hang_up(pressed_five(shop, "02188887777"))
    assert shop.facts(CallEntered)[-1].called == "02188887777"


@pytest.mark.parametrize("caller", ["110", "119"])
@pytest.mark.parametrize("rule", [("9", 1), ("", 0)])
def test_a_caller_who_says_he_is_the_police_is_not_called_back(shop, site, caller, rule):
    shop.apply(ways_out(site, rule))
    before = len(shop.facts(CallEntered))
    leg = pressed_five(shop, caller)
    assert shop.hears(leg) == "not_allowed"
    shop.hang_up(leg)
    assert len(shop.facts(CallEntered)) == before + 2, "the message, and hearing it"


def test_who_is_another_phone_of_ours_behind_the_prefix_is_not_called_back(shop, site):
    shop.apply(ways_out(site, ("8", 1)))
    assert shop.hears(pressed_five(shop, "002")) != "mailbox_calling"


def test_a_colleague_is_called_back_by_his_own_number(shop):
    leg = pressed_five(shop, "8002")
    assert shop.hears(leg) == "mailbox_calling"
    shop.hang_up(leg)
    assert shop.facts(CallEntered)[-1].called == "8002"


# --- what cannot be said --------------------------------------------------------------------------
def test_counts_that_cannot_be_said_lead_on_to_the_message(shop):
    shop.catalogue.missing |= {"mailbox_new", "1"}
    recording = leave(shop)
    leg = opened(shop)
    shop.advance(13)
    assert shop.hears(leg) == f"message:{recording}.wav"


def test_a_question_for_the_pin_that_cannot_be_said_waits_for_it_all_the_same(shop):
    shop.catalogue.missing.add("mailbox_pin")
    leg = shop.dial("8001", "*97")
    shop.advance(4)
    shop.keys(leg, "4711#")
    assert shop.hears(leg) == "mailbox_empty"


def test_a_message_of_which_nothing_can_be_said_is_played(shop):
    recording = leave(shop)
    shop.catalogue.find = lambda utterance: None
    leg = opened(shop)
    shop.advance(1)
    assert shop.hears(leg) == f"message:{recording}.wav"
    shop.advance(60)
    assert shop.legs[leg] == "over", "and who presses nothing is let go"
