"""What happens at a moment: every calendar's answer and every number's way, and both in words.

The same facts for `linghe hours` and for the API; the words are those of words_hours.py.
"""

from datetime import date, datetime
from functools import partial

from appliance.engines.ivr.calendar_answer import HoursAnswer, answer, missing_years
from appliance.engines.ivr.calendar_routes import RouteAnswer, route_answers
from appliance.reports.words_hours import OCCASIONS, hours_word
from appliance.vocabulary.settings import Language, Site
from appliance.vocabulary.shape import Value

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MINUTES_A_DAY = 24 * 60


class HoursTold(Value, frozen=True, kw_only=True):
    """The site at one moment."""

    at: datetime
    calendars: tuple[HoursAnswer, ...]
    routes: tuple[RouteAnswer, ...]
    missing_years: tuple[int, ...]
    """Years whose holidays are not built in and should be by now."""


def hours_at(site: Site, at: datetime) -> HoursTold:
    """Ask every calendar and follow every route. `at` is aware, in the site's zone."""
    return HoursTold(
        at=at,
        calendars=tuple(answer(one, at) for one in site.calendar),
        routes=route_answers(site, at),
        missing_years=years_missing(site, at.date()),
    )


def years_missing(site: Site, today: date) -> tuple[int, ...]:
    """Years whose holidays some calendar of the site follows and which are not built in."""
    missing = {year for one in site.calendar for year in missing_years(one, today)}
    return tuple(sorted(missing))


def calendar_sentence(told: HoursAnswer, language: Language) -> str:
    """Say what a calendar answered: "office: open, a working day (09:00-18:00), until …"."""
    gettext = partial(hours_word, language=language)
    text = gettext("{calendar}: {state}, {why}").format(
        calendar=told.calendar,
        state=gettext("open") if told.is_open else gettext("closed"),
        why=_why(told, language),
    )
    if told.ranges:
        text += gettext("; hours of {day}: {hours}").format(
            day=_day(told.day, language), hours=", ".join(clock_ranges(told.ranges))
        )
    if told.changes_at is None:
        text += gettext("; it never opens") if not told.is_open else gettext("; it never closes")
    else:
        until = gettext("; open until {until}") if told.is_open else gettext("; opens {until}")
        text += until.format(until=moment_sentence(told.changes_at, language))
    if not told.is_known:
        text += gettext("; the holidays of {year} are not known").format(year=told.day.year)
    return text


def moment_sentence(moment: datetime, language: Language) -> str:
    """Say which moment is meant, with its weekday: "2026-10-08 (Thursday) 09:00"."""
    return f"{_day(moment.date(), language)} {moment:%H:%M}"


def route_sentence(told: RouteAnswer, language: Language) -> str:
    """Say where callers of a number come to: "02188886666: greeting → menu: waits for a key"."""
    gettext = partial(hours_word, language=language)
    way = " → ".join([*told.nodes, end_sentence(told.ends, told.target, told.flow, language)])
    number = gettext("any number") if told.number == "*" else told.number
    return f"{told.trunk}, {number}: {way}"


def end_sentence(ends: str, target: str, flow: str, language: Language) -> str:
    """Say how a way through a flow ends (dry_run.DryRun.ends)."""
    text = {
        "waits": "{target} waits for a key",
        "queue": "the queue {target}",
        "callback": "to be called back by the queue {target}",
        "voicemail": "a message into the box {target}",
        "extension": "phone {target} rings",
        "outside": "the number {target} outside is rung",
        "hangup": "a goodbye",
        "missing": "no such flow: {flow}",
    }[ends]
    return hours_word(text, language).format(target=target, flow=flow)


def clock_ranges(ranges: tuple[tuple[int, int], ...]) -> tuple[str, ...]:
    """Return a day's hours as people write them: "22:00-02:00"."""
    return tuple(f"{_clock(first)}-{_clock(last)}" for first, last in ranges)


def emergency_sentence(flow: str, language: Language) -> str:
    """Say that the mode is on, whatever the calendars and routes say."""
    text = hours_word("emergency mode is on: at this moment every number leads to {flow}", language)
    return text.format(flow=flow)


def missing_sentence(year: int, language: Language) -> str:
    """Warn of a year whose holidays are not built in."""
    text = hours_word("the holidays and make-up workdays of {year} are not built in", language)
    return text.format(year=year)


def _why(told: HoursAnswer, language: Language) -> str:
    gettext = partial(hours_word, language=language)
    words = {
        "hours": "by the week's hours",
        "outside_hours": "outside the hours",
        "holiday": "a holiday ({occasion}, {source})",
        "make_up_workday": "a make-up workday ({occasion}, {source})",
        "closed_date": "closed on this date by the site",
        "open_date": "open on this date by the site",
    }
    occasion = gettext(OCCASIONS[told.occasion]) if told.occasion else ""
    source = told.source or gettext("fixed by law")
    return gettext(words[told.why]).format(occasion=occasion, source=source)


def _clock(minute: int) -> str:
    """24:00 is the day's end; beyond it is the next day's time."""
    if minute > MINUTES_A_DAY:
        minute -= MINUTES_A_DAY
    return f"{minute // 60:02}:{minute % 60:02}"


def _day(day: date, language: Language) -> str:
    weekday = hours_word(WEEKDAYS[day.weekday()], language)
    return f"{day.isoformat()} ({weekday})"
