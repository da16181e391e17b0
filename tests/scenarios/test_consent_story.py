"""The caller's own choice: "press 9 not to be recorded"; and nothing recorded that nobody told."""

import pytest
from msgspec.structs import replace
from shop import Shop

from appliance.vocabulary.facts_handling import ConsentAsked
from appliance.vocabulary.journal import (
    PromptMissing,
    PromptPlayed,
    RecordingFailed,
    RecordingOpened,
)

NOTICE = "This call is recorded. If you do not want that, press 9."


@pytest.fixture
def shop(bakery):
    flow = bakery.flow[0]
    asked = {"kind": "consent", "text": NOTICE, "next": "menu"}
    flow = replace(flow, node={**flow.node, "notice": asked})
    return Shop(replace(bakery, flow=(flow,)))


def talk(shop, leg):
    shop.press(leg, "1")
    shop.pick_up("8001")
    shop.advance(5)


def test_who_says_nothing_may_be_recorded_and_it_stands_in_the_ledger(shop):
    leg = shop.call_in()
    assert shop.hears(leg) == NOTICE
    shop.advance(4.1)
    assert shop.facts(ConsentAsked) == [ConsentAsked(is_granted=True)]
    assert shop.facts(PromptPlayed)[0].is_notice
    talk(shop, leg)
    assert shop.facts(RecordingOpened)[0].notice == shop.facts(PromptPlayed)[0].prompt


@pytest.mark.parametrize("wait", [0.5, 3.0])
def test_nine_during_or_after_the_notice_and_nothing_is_recorded(shop, wait):
    leg = shop.call_in()
    shop.advance(wait)
    shop.press(leg, "9")
    assert shop.hears(leg) == "not_recorded"
    shop.advance(2.1)
    talk(shop, leg)
    assert shop.facts(ConsentAsked) == [ConsentAsked(is_granted=False, digit="9")]
    assert not shop.facts(RecordingOpened) and not shop.facts(RecordingFailed)
    agent = next(one for one in shop.audio if one != leg)
    shop.keys(agent, "*4")
    assert not shop.facts(RecordingOpened)


def test_the_choice_outlives_a_kill_and_a_transfer(shop):
    leg = shop.call_in()
    shop.press(leg, "9")
    shop.killed()
    shop.advance(2.1)
    talk(shop, leg)
    agent = next(one for one in shop.audio if one != leg)
    shop.keys(agent, "*7")
    fetched = shop.dial("8002", "701")
    assert shop.hears(leg) == f"peer {fetched}"
    assert not shop.facts(RecordingOpened)


def test_other_keys_are_for_the_menu(shop):
    leg = shop.call_in()
    shop.advance(1)
    shop.press(leg, "1")
    assert shop.hears(leg) == NOTICE
    shop.advance(3.2)
    assert shop.ringing_leg("8001")


def test_a_notice_that_cannot_be_played_asks_nobody_and_records_nothing(shop):
    shop.catalogue.missing = {NOTICE}
    leg = shop.call_in()
    assert shop.facts(PromptMissing)
    shop.advance(2.1)
    talk(shop, leg)
    assert not shop.facts(ConsentAsked)
    assert not shop.facts(RecordingOpened)
    assert shop.facts(RecordingFailed)[0].text == "no recording notice was played"
