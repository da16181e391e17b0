"""After the talk the caller says how it was, also when the agent hangs up first."""

import pytest
from ledger_checks import kept, record_of, wrong_in_the_ledger
from msgspec.structs import replace
from shop import MONDAY_10, Shop
from test_queue_story import ask, with_queue

from appliance.daemons.control.box import LASTING
from appliance.reports.daily import daily_report
from appliance.reports.days import day_at
from appliance.vocabulary.commands import HangUp, TellTransfer
from appliance.vocabulary.events import DigitForm
from appliance.vocabulary.facts_customers import (
    ReasonSpoken,
    SurveyAsked,
    SurveyScored,
    SurveySkipped,
    SurveyUnanswered,
)
from appliance.vocabulary.journal import CallEnded, RecordingOpened, TalkEnded
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.settings import Survey

CALLER = "13900001111"


def shop_of(bakery, *, phones=("8001", "8002"), queue=None, **rules):
    survey = Survey(id="how", **rules)
    site = replace(with_queue(bakery, "orders", survey="how", **(queue or {})), survey=(survey,))
    return Shop(site, phones=phones)


def talk(shop, seconds=30, caller=CALLER):
    """A caller of the queue and an agent who talk; return their legs."""
    leg = ask(shop, caller=caller)
    extension = "8001" if shop.ringing_leg("8001") else "8002"
    agent = shop.pick_up(extension)
    shop.advance(2.1 + seconds)
    assert shop.hears(leg) == f"peer {agent}"
    return leg, agent


def test_the_caller_is_asked_when_the_agent_hangs_up_and_his_key_counts(bakery):
    shop = shop_of(bakery)
    leg, agent = talk(shop)
    shop.hang_up(agent)
    assert shop.hears(leg) == "survey_ask" and shop.legs[leg] == "answered"
    assert shop.facts(TalkEnded)[0].talk == pytest.approx(30, abs=0.2)
    shop.advance(1)
    shop.press(leg, "1")
    assert shop.hears(leg) == "survey_thanks"
    shop.advance(2.1)
    assert shop.legs[leg] == "over"
    [scored] = shop.facts(SurveyScored)
    assert (scored.score, scored.agent, scored.queue) == (1, "1001", "orders")
    assert [str(one.outcome) for one in shop.facts(CallEnded)] == ["answered"]
    shop.advance(20)
    assert not wrong_in_the_ledger(shop)
    assert record_of(shop).survey.score == 1


def test_the_agent_is_free_while_the_caller_is_asked(bakery):
    shop = shop_of(bakery, queue={"agents": ("1001",), "wrap_up_seconds": 0})
    leg, agent = talk(shop)
    shop.hang_up(agent)
    other = ask(shop, caller="13900002222")
    assert shop.ringing_leg("8001")
    shop.pick_up("8001")
    shop.press(leg, "2")
    shop.advance(5)
    assert [one.score for one in shop.facts(SurveyScored)] == [2]
    assert shop.legs[other] == "answered"


def test_a_wrong_key_and_a_silence_are_asked_once_more_and_then_it_ends(bakery):
    shop = shop_of(bakery)
    leg, agent = talk(shop)
    shop.hang_up(agent)
    shop.press(leg, "7")
    assert shop.hears(leg) == "survey_ask"
    shop.advance(2.1)
    assert shop.legs[leg] == "answered"
    shop.advance(4.8)
    assert shop.legs[leg] == "answered"
    shop.advance(0.5)
    assert shop.legs[leg] == "over"
    assert len(shop.facts(SurveyUnanswered)) == 1 and not shop.facts(SurveyScored)
    shop.advance(20)
    assert not wrong_in_the_ledger(shop)


@pytest.mark.parametrize("form", list(DigitForm))
def test_a_key_counts_in_whatever_form_it_comes(bakery, form):
    shop = shop_of(bakery)
    leg, agent = talk(shop)
    shop.hang_up(agent)
    shop.advance(0.5)
    shop.press(leg, "2", form)
    assert [one.score for one in shop.facts(SurveyScored)] == [2]


def test_who_is_not_content_says_why_after_a_tone(bakery):
    shop = shop_of(bakery, reason_seconds=20)
    leg, agent = talk(shop)
    shop.hang_up(agent)
    shop.press(leg, "3")
    assert shop.hears(leg) == "survey_reason"
    shop.advance(2.1)
    assert shop.hears(leg) == "beep"
    shop.advance(0.5)
    [reason] = shop.facts(ReasonSpoken)
    assert shop.audio[leg].track.recording == reason.recording
    shop.advance(10)
    shop.press(leg, "#")
    assert shop.hears(leg) == "survey_thanks" and shop.audio[leg].track is None
    shop.advance(2.1)
    assert reason.recording in [one.recording for one in shop.sealings]
    shop.seal_all()
    shop.advance(20)
    note = record_of(shop).survey
    assert (note.score, note.reason) == (3, reason.recording)
    assert not wrong_in_the_ledger(shop)


def test_the_reason_ends_with_its_time_or_with_the_caller(bakery):
    shop = shop_of(bakery, reason_seconds=20)
    for ends in (True, False):
        leg, agent = talk(shop, caller="13900002222" if ends else CALLER)
        shop.hang_up(agent)
        shop.press(leg, "3")
        shop.advance(2.6 + 19)
        assert shop.legs[leg] == "answered"
        if ends:
            shop.hang_up(leg)
        else:
            shop.advance(4)
        assert shop.legs[leg] == "over"
        shop.advance(15)
    assert len(shop.facts(RecordingOpened)) == 4
    assert not wrong_in_the_ledger(shop)


def test_nobody_is_asked_after_a_short_talk_nor_twice_within_hours(bakery):
    shop = shop_of(bakery)
    leg, agent = talk(shop, seconds=10)
    shop.hang_up(agent)
    assert shop.legs[leg] == "over"
    shop.advance(15)
    leg, agent = talk(shop)
    shop.hang_up(agent)
    assert shop.hears(leg) == "survey_ask"
    shop.press(leg, "1")
    shop.advance(15)
    leg, agent = talk(shop)
    shop.hang_up(agent)
    assert shop.legs[leg] == "over"
    assert [one.reason for one in shop.facts(SurveySkipped)] == ["short_talk", "asked_lately"]
    shop.advance(4 * 3600)
    leg, agent = talk(shop)
    shop.hang_up(agent)
    assert shop.hears(leg) == "survey_ask"


def test_a_power_cut_does_not_forget_whom_it_asked(bakery):
    shop = shop_of(bakery)
    _, agent = talk(shop)
    shop.hang_up(agent)
    assert any(name.startswith("asked:") for name in shop.slots)
    assert all(name.startswith(LASTING) for name in shop.slots if name.startswith("asked:"))


def test_no_survey_where_the_phone_was_lost_or_the_caller_hung_up(bakery):
    shop = shop_of(bakery)
    leg, agent = talk(shop)
    shop.hang_up(agent, Cause.FAILURE)
    assert shop.legs[leg] == "over"
    shop.advance(15)
    leg, agent = talk(shop)
    shop.hang_up(leg)
    assert shop.legs[agent] == "over" and not shop.facts(SurveyAsked)


def test_no_survey_after_a_transfer_to_a_number_outside(bakery):
    shop = shop_of(bakery)
    leg, agent = talk(shop)
    assert [str(one) for one in shop.refer(agent, "9013800138000")][0] == "trying"
    outside = shop.outside_answers()
    shop.advance(60)
    assert shop.hears(leg) == f"peer {outside}"
    shop.hang_up(outside)
    assert shop.legs[leg] == "over" and not shop.facts(SurveyAsked)


def test_the_score_is_of_who_talked_last(bakery):
    shop = shop_of(bakery)
    leg, agent = talk(shop)
    shop.refer(agent, "8002")
    second = shop.pick_up("8002")
    shop.advance(30)
    assert shop.hears(leg) == f"peer {second}"
    shop.hang_up(second)
    shop.press(leg, "2")
    assert [(one.agent, one.score) for one in shop.facts(SurveyScored)] == [("1002", 2)]


@pytest.mark.parametrize("way", ["code", "refer"])
def test_the_agent_hands_the_caller_to_the_survey(bakery, way):
    shop = shop_of(bakery)
    leg, agent = talk(shop, seconds=5)
    if way == "code":
        shop.keys(agent, "*88")
    else:
        assert [str(one) for one in shop.refer(agent, "*88")] == ["trying", "done"]
    assert shop.hears(leg) == "survey_ask" and shop.legs[agent] == "over"
    shop.press(leg, "1")
    shop.advance(3)
    assert [one.why for one in shop.facts(SurveyAsked)] == ["handed_on"]
    shop.advance(20)
    assert not wrong_in_the_ledger(shop)


def test_the_phone_that_hands_him_over_is_told_so_before_its_leg_goes(bakery):
    shop = shop_of(bakery)
    leg, agent = talk(shop, seconds=5)
    said, carry_out = [], shop._carry_out

    def noted(command):
        if isinstance(command, TellTransfer | HangUp) and command.leg == agent:
            said.append(str(getattr(command, "stage", "hang_up")))
        carry_out(command)

    shop._carry_out = noted
    shop.refer(agent, "*88")
    assert said == ["trying", "done", "hang_up"]
    assert shop.hears(leg) == "survey_ask"


def test_kill_9_in_the_survey_loses_neither_the_call_nor_the_score(bakery):
    shop = shop_of(bakery)
    leg, agent = talk(shop)
    shop.hang_up(agent)
    shop.killed()
    shop.advance(1)
    shop.press(leg, "3")
    shop.killed()
    shop.advance(2.6)
    shop.killed()
    shop.advance(5)
    shop.press(leg, "#")
    shop.killed()
    shop.advance(3)
    assert shop.legs[leg] == "over"
    assert [one.score for one in shop.facts(SurveyScored)] == [3]
    shop.advance(20)
    assert not wrong_in_the_ledger(shop)


def test_a_media_worker_that_dies_in_the_survey_keeps_nobody_for_ever(bakery):
    shop = shop_of(bakery)
    leg, agent = talk(shop)
    shop.hang_up(agent)
    shop.plays_lost()
    shop.advance(60.5)
    assert shop.hears(leg) == "survey_ask"
    shop.advance(10)
    assert shop.legs[leg] == "over"


def test_a_question_that_cannot_be_said_is_not_asked(bakery):
    shop = shop_of(bakery)
    shop.catalogue.missing.add("survey_ask")
    leg, agent = talk(shop)
    shop.hang_up(agent)
    assert shop.legs[leg] == "over"
    assert [one.reason for one in shop.facts(SurveySkipped)] == ["no_words"]


def test_the_sites_own_words_are_said(bakery):
    shop = shop_of(bakery, text="How was it?", thanks="Thanks!", reason_text="Why?")
    leg, agent = talk(shop)
    shop.hang_up(agent)
    assert shop.hears(leg) == "How was it?"
    shop.press(leg, "3")
    assert shop.hears(leg) == "Why?"
    shop.advance(3)
    shop.press(leg, "#")
    assert shop.hears(leg) == "Thanks!"


def test_the_day_has_what_was_asked_and_answered_by_queue_and_agent(bakery):
    shop = shop_of(bakery, not_again_hours=0, reason_from=0)
    for key in ("1", "2", "3", ""):
        leg, agent = talk(shop)
        shop.hang_up(agent)
        if key:
            shop.press(leg, key)
        shop.advance(30)
    day = day_at(MONDAY_10, "Asia/Shanghai")
    report = daily_report(kept(shop), shop.site, day, day.end)
    figures = next(one for one in report.queues if one.queue == "orders").figures
    assert (figures.counts.surveyed, figures.counts.rated) == (4, 3)
    assert figures.counts.scores == (1, 1, 1)
    assert figures.rates.content == pytest.approx(200 / 3)
    assert figures.rates.rated == pytest.approx(75.0)
    assert report.agents_together.counts.rated == 3
    assert report.agents_together.content == pytest.approx(200 / 3)
