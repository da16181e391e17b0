"""Days of a place: summer time makes them 23 and 25 hours long."""

from datetime import UTC, date, datetime, timedelta

import pytest

from appliance.reports.days import day_at, day_of, local_time, parsed_day
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import Utc


@pytest.mark.parametrize(
    ("day", "zone", "hours", "halves"),
    [
        (date(2025, 11, 20), "Asia/Shanghai", 24, 48),
        (date(2025, 3, 30), "Europe/Warsaw", 23, 46),
        (date(2025, 10, 26), "Europe/Warsaw", 25, 50),
        (date(2025, 4, 6), "Australia/Lord_Howe", 24.5, 49),
    ],
)
def test_a_day_has_as_many_half_hours_as_its_clocks_go_through(
    day: date, zone: str, hours: float, halves: int
) -> None:
    found = day_of(day, zone)
    assert found.end - found.start == hours * 3600
    intervals = found.half_hours()
    assert len(intervals) == halves
    assert (intervals[0].start, intervals[-1].end) == (found.start, found.end)
    assert all(a.end == b.start for a, b in zip(intervals, intervals[1:], strict=False))
    assert intervals[0].label == "00:00" and intervals[-1].label == "23:30"


def test_the_hour_that_comes_twice_stands_twice_and_the_missing_one_not() -> None:
    autumn = [half.label for half in day_of(date(2025, 10, 26), "Europe/Warsaw").half_hours()]
    assert autumn[4:8] == ["02:00", "02:30", "02:00", "02:30"]
    spring = [half.label for half in day_of(date(2025, 3, 30), "Europe/Warsaw").half_hours()]
    assert spring[3:5] == ["01:30", "03:00"]


@pytest.mark.parametrize(
    "zone", ["Asia/Shanghai", "Europe/Warsaw", "America/Sao_Paulo", "Asia/Beirut"]
)
def test_the_days_of_years_follow_each_other_without_gap_or_overlap(zone: str) -> None:
    first = date(2016, 1, 1)
    days = [day_of(first + timedelta(days=number), zone) for number in range(3 * 366)]
    assert all(a.end == b.start for a, b in zip(days, days[1:], strict=False))
    assert all(day_at(day.start, zone).date == day.date for day in days)
    assert all(day_at(Utc(day.end - 1), zone).date == day.date for day in days)


def test_a_moment_is_in_the_day_that_the_places_clocks_show() -> None:
    late = Utc(datetime(2025, 11, 20, 17, 30, tzinfo=UTC).timestamp())
    assert day_at(late, "Asia/Shanghai").date == "2025-11-21"
    assert day_at(late, "Europe/Warsaw").date == "2025-11-20"
    assert local_time(late, "Asia/Shanghai") == "01:30:00"


@pytest.mark.parametrize(
    "text", ["", "today", "2025-13-01", "20/11/2025", "2025-11-31", "0001-01-01", "9999-12-31"]
)
def test_what_is_no_date_is_refused_in_words(text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        parsed_day(text, "Asia/Shanghai")
    assert refused.value.key == "date_unknown"


@pytest.mark.parametrize("zone", ["", "Mars/Phobos", "../etc/passwd", "Asia"])
def test_what_is_no_time_zone_is_refused_in_words(zone: str) -> None:
    with pytest.raises(RefusedError) as refused:
        parsed_day("2025-11-20", zone)
    assert refused.value.key == "timezone_unknown"
