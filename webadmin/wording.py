"""Times, durations and the vocabulary's words as people read them; the templates' filters."""

from flask import Flask

from appliance.reports import call_list
from appliance.reports.call_list import DIRECTION_WORDS, OUTCOME_WORDS
from appliance.reports.days import local_moment, local_time
from appliance.reports.timeline import duration
from appliance.reports.timeline_of_call import CAUSE_WORDS
from appliance.reports.timeline_of_customers import SCORES
from appliance.reports.words import words_for
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.journal import CallOutcome, Direction
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.records import CallRecord
from webadmin import site_words
from webadmin.languages import language_now, mark
from webadmin.stores import site

NOTHING = "–"
"""Where there is nothing to divide by, or nothing happened: neither 0 nor empty."""

AGENT_STATES = {
    "signed_out": mark("signed out"),
    "ready": mark("ready"),
    "ringing": mark("ringing"),
    "talking": mark("talking"),
    "holding": mark("holding"),
    "wrap_up": mark("wrap-up"),
    "not_ready": mark("not ready"),
    "unreachable": mark("phone lost"),
    "busy": mark("on another call"),
}
STAGES = {
    "ringing": mark("ringing"),
    "menu": mark("in the menu"),
    "queued": mark("waiting"),
    "talking": mark("talking"),
    "held": mark("on hold"),
    "consult": mark("asking a third party"),
    "conference": mark("conference"),
    "transfer": mark("being transferred"),
    "parked": mark("parked"),
    "voicemail": mark("voicemail"),
    "service": mark("feature code"),
    "survey": mark("asked how it was"),
    "ending": mark("ending"),
}


def init_app(app: Flask) -> None:
    """Give the templates their filters."""
    app.jinja_env.filters.update(
        clock=clock,
        moment=moment,
        span=span,
        seconds=seconds,
        percent=percent,
        outcome=outcome,
        direction=direction,
        dialled=dialled,
        ender=ender,
        cause=cause,
        score=score,
        site_word=site_words.word,
        writer=site_words.writer,
        place=site_words.place,
    )


def outcome(word: CallOutcome | None) -> str:
    """Say what became of a call, in the reports' words."""
    return report_word("still in progress" if word is None else OUTCOME_WORDS[word])


def direction(word: Direction) -> str:
    """Say how a call entered."""
    return report_word(DIRECTION_WORDS[word])


def dialled(called: str) -> str:
    """Say what was dialled; a call that the box made to tell an agent something says what."""
    word = call_list.dialled_word(called)
    return called if word == called else report_word(word)


def ender(call: CallRecord) -> str:
    """Say who ended a call."""
    if call.ended_by is None:
        return NOTHING
    return report_word(call_list.ender(call.ended_by, call.direction))


def cause(word: Cause | None) -> str:
    """Say why a call ended."""
    return NOTHING if word is None else report_word(CAUSE_WORDS[word])


def score(given: int | None) -> str:
    """Say what a caller said of the talk: 1 content."""
    return NOTHING if given is None else f"{given} {report_word(SCORES.get(given, str(given)))}"


def report_word(text: str) -> str:
    """Return one of the reports' words in the reader's language."""
    return words_for(language_now())(text)


def clock(at: Utc | None) -> str:
    """Return the site's local time of day: 13:02:11."""
    return NOTHING if at is None else local_time(at, site().site.timezone)


def moment(at: Utc | None) -> str:
    """Return the site's local date and time: 2025-11-20 13:02:11."""
    return NOTHING if at is None else local_moment(at, site().site.timezone)


def span(length: float | None) -> str:
    """Return minutes and seconds as the timeline does: 3:20, or 1:03:20; seconds are cut."""
    return NOTHING if length is None else duration(length)


def seconds(length: float | None) -> str:
    """Return seconds with one decimal: 16.7 s."""
    return NOTHING if length is None else f"{length:.1f} s"


def percent(value: float | None) -> str:
    """Return per cent with one decimal: 63.6 %."""
    return NOTHING if value is None else f"{value:.1f} %"
