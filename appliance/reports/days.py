"""A day in a time zone and its half hours, right also when summer time begins or ends.

A day is from its midnight to the next one as the place's clocks show them: 23, 24 or 25 hours.
Where a change skips midnight itself, the day begins with the first moment that there is.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.shape import Value

HALF_HOUR_S = 1800


class Interval(Value, frozen=True, kw_only=True):
    """[start, end)."""

    start: Utc
    end: Utc
    label: str
    """Local time of the start, "09:30"; twice in the night when summer time ends."""


class Day(Value, frozen=True, kw_only=True):
    """A calendar day of a place."""

    date: str
    """ISO 8601: 2025-11-20."""
    timezone: str
    start: Utc
    end: Utc

    def half_hours(self) -> tuple[Interval, ...]:
        """Return the day's half hours: 46, 48 or 50."""
        zone = zone_of(self.timezone)
        starts = range(int(self.start), int(self.end), HALF_HOUR_S)
        return tuple(
            Interval(
                start=Utc(float(start)),
                end=Utc(min(float(start + HALF_HOUR_S), self.end)),
                label=datetime.fromtimestamp(start, zone).strftime("%H:%M"),
            )
            for start in starts
        )


def zone_of(timezone: str) -> ZoneInfo:
    """Return the zone. RefusedError for a name that is not known."""
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise RefusedError(
            "timezone_unknown",
            f"{timezone!r} is no time zone.",
            "Write it like Asia/Shanghai or Europe/Warsaw.",
        ) from error


def day_of(date_: date, timezone: str) -> Day:
    """Return the day. RefusedError for a time zone that is not known."""
    zone = zone_of(timezone)
    return Day(
        date=date_.isoformat(),
        timezone=timezone,
        start=_midnight(date_, zone),
        end=_midnight(date_ + timedelta(days=1), zone),
    )


def day_at(now: Utc, timezone: str) -> Day:
    """Return the day that `now` falls in."""
    return day_of(datetime.fromtimestamp(now, zone_of(timezone)).date(), timezone)


def parsed_day(text: str, timezone: str) -> Day:
    """Return the day of "2025-11-20". RefusedError when it is no date."""
    try:
        return day_of(date.fromisoformat(text), timezone)
    except (ValueError, OverflowError) as error:  # the ends of the calendar have no day beside them
        raise RefusedError(
            "date_unknown", f"{text!r} is no date.", "Write it like 2025-11-20."
        ) from error


def local_time(at: Utc, timezone: str) -> str:
    """Return the local time of day: "13:02:11"."""
    return datetime.fromtimestamp(at, zone_of(timezone)).strftime("%H:%M:%S")


def local_moment(at: Utc, timezone: str) -> str:
    """Return the local date and time: "2025-11-20 13:02:11"."""
    return datetime.fromtimestamp(at, zone_of(timezone)).strftime("%Y-%m-%d %H:%M:%S")


def _midnight(date_: date, zone: ZoneInfo) -> Utc:
    """Return the first moment of a date.

    Where midnight is skipped, fold=0 reads 00:00 with the offset before the change: that is the
    moment of the change itself plus nothing, the first that the new date has. Where it comes
    twice, fold=0 is the first of the two.
    """
    local = datetime(date_.year, date_.month, date_.day, tzinfo=zone)
    return Utc(local.astimezone(UTC).timestamp())
