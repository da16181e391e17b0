"""A recording is paused, switched off and on, by key and by verb; the ledger has each moment."""

import pytest
from msgspec.structs import replace
from shop_steps import talking

from appliance.vocabulary.facts_handling import RecordingMasked, RecordingUnmasked
from appliance.vocabulary.journal import (
    RecordingClosed,
    RecordingFailed,
    RecordingOpened,
)
from appliance.vocabulary.verbs import RecordingWish, SetRecording, VerbAnswered


def keys(shop, leg, pressed):
    """All within one instant, so that the lengths below are whole."""
    for key in pressed:
        shop.press(leg, key)


def ask(shop, wish, call=None):
    """What the box answers to the verb."""
    call = call or shop.board.live().calls[0].call
    answers = []
    carry_out = shop._carry_out
    shop._carry_out = lambda one: (answers.append(one), carry_out(one))
    shop.tell(SetRecording(ask="a1", by="api:till", call=call, wish=wish))
    shop._carry_out = carry_out
    (answer,) = [one for one in answers if isinstance(one, VerbAnswered)]
    return answer.problem


def masks(shop, *legs):
    return [shop.audio[leg].is_masked for leg in legs]


def test_card_numbers_are_silence_in_the_file_and_a_mark_in_the_ledger(shop):
    leg, agent = talking(shop)
    keys(shop, agent, "*1")
    assert masks(shop, leg, agent) == [True, True]
    assert shop.hears(leg) == f"peer {agent}"
    assert shop.hears(agent) == "beep"
    shop.advance(9)
    assert shop.hears(agent) == f"peer {leg}"
    keys(shop, agent, "*1")
    assert masks(shop, leg, agent) == [False, False]
    recording = shop.facts(RecordingOpened)[0].recording
    assert shop.facts(RecordingMasked) == [RecordingMasked(recording=recording, by="8001")]
    assert shop.facts(RecordingUnmasked) == [
        RecordingUnmasked(recording=recording, by="8001", masked=9.0)
    ]
    assert not shop.facts(RecordingClosed)


def test_a_call_that_ends_masked_says_so_before_its_recording_is_closed(shop):
    leg, agent = talking(shop)
    keys(shop, agent, "*1")
    shop.advance(4)
    shop.killed()
    assert all(one.is_masked for one in shop.board.audio_wishes(shop.board.calls()[0]))
    shop.hang_up(leg)
    kinds = [type(entry.fact).__name__ for entry in shop.entries]
    assert kinds.index("RecordingUnmasked") < kinds.index("RecordingClosed")
    assert shop.facts(RecordingUnmasked)[0].masked == 4.0


def test_off_ends_the_recording_and_on_begins_another_of_the_same_call(shop):
    leg, agent = talking(shop)
    keys(shop, agent, "*4")
    assert shop.audio[leg].track is None and shop.audio[agent].track is None
    shop.advance(5)
    keys(shop, agent, "*4")
    assert shop.audio[leg].track.channel == "caller"
    shop.advance(5)
    shop.hang_up(leg)
    opened, closed = shop.facts(RecordingOpened), shop.facts(RecordingClosed)
    assert len(opened) == len(closed) == 2
    assert len({one.recording for one in opened}) == 2


def test_switched_off_it_stays_off_when_the_call_goes_on_elsewhere(shop):
    leg, agent = talking(shop)
    keys(shop, agent, "*4")
    shop.advance(1)
    keys(shop, agent, "*7")
    fetched = shop.dial("8002", "701")
    assert shop.hears(leg) == f"peer {fetched}"
    assert len(shop.facts(RecordingOpened)) == 1


def test_the_verbs_say_what_was_not_to_be_done(shop):
    assert ask(shop, RecordingWish.PAUSE, call="c-none") == "call_unknown"
    leg = shop.call_in()
    assert ask(shop, RecordingWish.PAUSE) == "not_talking"
    shop.hang_up(leg)
    leg, agent = talking(shop)
    assert ask(shop, RecordingWish.RESUME) == "already"
    assert ask(shop, RecordingWish.PAUSE) == ""
    assert ask(shop, RecordingWish.PAUSE) == "already"
    assert masks(shop, leg, agent) == [True, True]
    assert shop.facts(RecordingMasked)[0].by == "api:till"
    assert ask(shop, RecordingWish.RESUME) == ""
    assert ask(shop, RecordingWish.ON) == "already"
    assert ask(shop, RecordingWish.OFF) == ""
    assert ask(shop, RecordingWish.PAUSE) == "not_recorded"
    assert ask(shop, RecordingWish.OFF) == "not_recorded"
    assert ask(shop, RecordingWish.ON) == ""


def test_a_colleagues_call_is_recorded_when_somebody_asks_for_it(shop):
    leg = shop.dial("8001", "8002")
    shop.pick_up("8002")
    assert not shop.facts(RecordingOpened)
    keys(shop, leg, "*4")
    assert shop.facts(RecordingOpened)


def test_without_a_notice_heard_no_key_records(shop):
    shop.catalogue.missing = {"Welcome to Bread and Co. This call is recorded."}
    leg, agent = talking(shop)
    assert shop.facts(RecordingFailed)
    keys(shop, agent, "*4")
    assert shop.hears(agent) == "busy"
    assert ask(shop, RecordingWish.ON) == "not_allowed"
    shop.advance(1)
    assert shop.hears(agent) == f"peer {leg}"
    assert not shop.facts(RecordingOpened)


@pytest.mark.parametrize("key", ["*1", "*4"])
def test_callers_keys_control_nothing(shop, key):
    leg, agent = talking(shop)
    keys(shop, leg, key)
    assert shop.audio[agent].track is not None and not shop.audio[agent].is_masked


def test_the_site_may_choose_other_keys(bakery):
    from shop import Shop

    codes = replace(bakery.talk_codes, pause_recording="*55")
    shop = Shop(replace(bakery, talk_codes=codes))
    leg, agent = talking(shop)
    keys(shop, agent, "*55")
    assert masks(shop, leg, agent) == [True, True]
