"""When the shop is open: the days people get wrong."""

from datetime import date, datetime, timedelta

import pytest
from flow_stage import OFFICE

from appliance.engines.ivr.calendar import explain, is_known_year, is_open, weekdays_of
from appliance.engines.ivr.holidays import HOLIDAYS, cn, pl
from appliance.engines.ivr.holidays.country import DayKind, HolidayCalendar
from appliance.vocabulary.ids import CalendarId
from appliance.vocabulary.settings import Calendar, OpenHours


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def calendar(*ranges: tuple[str, str, str], **more: tuple[str, ...]) -> Calendar:
    hours = tuple(OpenHours(days=days, from_=first, to=last) for days, first, last in ranges)
    return Calendar(id=CalendarId("c"), open=hours, **more)


@pytest.mark.parametrize(
    ("moment", "is_it_open", "why"),
    [
        ("2026-10-08T09:00", True, "hours"),  # Thursday after the National Day week
        ("2026-10-08T08:59", False, "outside_hours"),
        ("2026-10-08T17:59", True, "hours"),
        ("2026-10-08T18:00", False, "outside_hours"),
        ("2026-10-07T10:00", False, "holiday"),
        ("2026-10-10T10:00", True, "make_up_workday"),  # a Saturday
        ("2026-10-10T19:00", False, "outside_hours"),
        ("2026-10-11T10:00", False, "outside_hours"),  # a Sunday
        ("2026-09-20T09:00", True, "make_up_workday"),  # a Sunday
        ("2026-02-14T12:00", True, "make_up_workday"),
        ("2026-02-16T12:00", False, "holiday"),
        ("2026-02-24T12:00", True, "hours"),
        ("2026-01-02T12:00", False, "holiday"),
        ("2026-01-04T12:00", True, "make_up_workday"),
        ("2026-09-25T12:00", False, "holiday"),
        ("2025-02-08T12:00", True, "make_up_workday"),
        ("2025-10-08T12:00", False, "holiday"),
        ("2025-10-09T12:00", True, "hours"),
    ],
)
def test_an_office_in_china(moment: str, is_it_open: bool, why: str) -> None:
    assert (is_open(OFFICE, at(moment)), explain(OFFICE, at(moment))) == (is_it_open, why)


def test_a_range_over_midnight_belongs_to_the_day_it_begins_on() -> None:
    bar = calendar(("fri", "22:00", "02:00"))
    open_at = ["2026-03-06T22:00", "2026-03-06T23:59", "2026-03-07T00:00", "2026-03-07T01:59"]
    closed_at = ["2026-03-06T01:00", "2026-03-06T21:59", "2026-03-07T02:00", "2026-03-07T22:30"]
    assert [is_open(bar, at(moment)) for moment in open_at] == [True] * 4
    assert [is_open(bar, at(moment)) for moment in closed_at] == [False] * 4
    assert explain(bar, at("2026-03-07T01:00")) == "hours"


def test_a_range_over_midnight_runs_out_into_a_holiday_but_does_not_begin_on_one() -> None:
    night = calendar(("mon-sun", "20:00", "04:00"))
    night = Calendar(id=night.id, open=night.open, holidays="cn")
    assert is_open(night, at("2026-10-01T03:00")), "begun on September 30"
    assert explain(night, at("2026-10-01T03:00")) == "hours"
    assert not is_open(night, at("2026-10-01T21:00"))
    assert not is_open(night, at("2026-10-08T03:00")), "would have begun on a holiday"
    assert is_open(night, at("2026-10-08T20:00"))


def test_round_the_clock_can_be_written_in_two_ways() -> None:
    for always in (
        calendar(("mon-sun", "00:00", "24:00")),
        calendar(("mon-sun", "00:00", "00:00")),
    ):
        hours = [at("2026-03-02T00:00") + timedelta(minutes=7 * step) for step in range(1440)]
        assert all(is_open(always, hour) for hour in hours)


def test_a_lunch_break_is_two_ranges() -> None:
    shop = calendar(("mon-fri", "09:00", "12:00"), ("mon-fri", "13:30", "18:00"))
    assert not is_open(shop, at("2026-03-02T12:30"))
    assert is_open(shop, at("2026-03-02T13:30"))


def test_the_shops_own_dates_go_before_the_law() -> None:
    shop = Calendar(
        id=OFFICE.id,
        open=OFFICE.open,
        holidays="cn",
        closed_dates=("2026-10-08", "12-24", "2026-10-02"),
        open_dates=("2026-10-01", "2026-10-02", "2026-10-18"),
    )
    assert explain(shop, at("2026-10-08T10:00")) == "closed_date"
    assert explain(shop, at("2026-12-24T10:00")) == "closed_date"
    assert explain(shop, at("2026-10-01T10:00")) == "open_date"
    assert is_open(shop, at("2026-10-01T10:00"))
    assert not is_open(shop, at("2026-10-01T19:00"))
    assert explain(shop, at("2026-10-02T10:00")) == "closed_date", "named twice: closed"
    assert is_open(shop, at("2026-10-18T10:00")), "a Sunday with Monday's hours"


def test_a_make_up_workday_has_the_hours_of_a_working_day_even_where_saturday_has_its_own() -> None:
    shop = calendar(("mon-fri", "09:00", "18:00"), ("sat", "10:00", "14:00"))
    shop = Calendar(id=shop.id, open=shop.open, holidays="cn")
    assert is_open(shop, at("2026-10-10T17:00"))
    assert not is_open(shop, at("2026-10-17T17:00"))


def test_without_holidays_every_day_is_as_the_week_says() -> None:
    assert is_open(calendar(("mon-fri", "09:00", "18:00")), at("2026-10-01T10:00"))


def test_a_year_that_is_not_published_is_known_to_be_unknown() -> None:
    assert [is_known_year(OFFICE, year) for year in (2023, 2024, 2026, 2027)] == [
        False,
        True,
        True,
        False,
    ]
    assert explain(OFFICE, at("2027-10-01T10:00")) == "holiday", "fixed by law in every year"
    assert explain(OFFICE, at("2027-10-05T10:00")) == "hours"
    assert is_known_year(calendar(("mon", "09:00", "18:00")), 2027)


@pytest.mark.parametrize(
    ("year", "holidays", "make_up", "by_law"),
    [(2024, 28, 8, 11), (2025, 28, 5, 13), (2026, 33, 6, 13)],
)
def test_the_state_councils_year_adds_up(
    year: int, holidays: int, make_up: int, by_law: int
) -> None:
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
    kinds = [cn.kind_of(day) for day in days]
    assert kinds.count(DayKind.HOLIDAY) == holidays
    assert kinds.count(DayKind.MAKE_UP_WORKDAY) == make_up
    weekends = [day.weekday() for day in days if cn.kind_of(day) is DayKind.MAKE_UP_WORKDAY]
    assert all(weekday >= 5 for weekday in weekends)
    # each make-up day is swapped for a weekday; the weekdays left are the days of the law
    free = [day for day in days if cn.kind_of(day) is DayKind.HOLIDAY and day.weekday() < 5]
    assert len(free) - make_up == by_law


@pytest.mark.parametrize(
    ("day", "is_free"),
    [
        ("2026-01-06", True),
        ("2026-04-05", True),
        ("2026-04-06", True),
        ("2026-04-07", False),
        ("2026-05-01", True),
        ("2026-05-02", False),
        ("2026-05-03", True),
        ("2026-05-24", True),
        ("2026-06-04", True),
        ("2026-08-15", True),
        ("2026-11-11", True),
        ("2025-12-24", True),
        ("2024-12-24", False),
        ("2010-01-06", False),
    ],
)
def test_free_days_in_poland(day: str, is_free: bool) -> None:
    assert (pl.kind_of(date.fromisoformat(day)) is DayKind.HOLIDAY) is is_free


@pytest.mark.parametrize(
    "day",
    ["2000-04-23", "2008-03-23", "2011-04-24", "2025-04-20", "2038-04-25", "1954-04-18",
     "1981-04-19", "2076-04-19"],
)  # fmt: skip
def test_easter(day: str) -> None:
    assert pl.easter(int(day[:4])) == date.fromisoformat(day)


@pytest.mark.parametrize("country", HOLIDAYS, ids=lambda country: country.key)
def test_every_country_knows_every_day_of_a_century(country: HolidayCalendar) -> None:
    days = [date(2000, 1, 1) + timedelta(days=number) for number in range(36525)]
    free = sum(country.kind_of(day) is DayKind.HOLIDAY for day in days)
    assert 5 * 100 <= free <= 40 * 100


def test_days_of_the_week_as_people_write_them() -> None:
    assert weekdays_of("Mon-Fri") == frozenset(range(5))
    assert weekdays_of("mon, wed,sun") == frozenset({0, 2, 6})
    assert weekdays_of("sat-mon") == frozenset({5, 6, 0})
    assert weekdays_of("sun") == frozenset({6})
