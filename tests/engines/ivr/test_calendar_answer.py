"""The calendar is asked what happens: known days, and whatever week, zone and moment may come."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flow_stage import OFFICE
from hypothesis import given
from hypothesis import strategies as st

from appliance.engines.ivr.calendar import Why, explain, is_open
from appliance.engines.ivr.calendar_answer import answer, missing_years, next_change
from appliance.vocabulary.ids import CalendarId
from appliance.vocabulary.settings import Calendar, OpenHours

SHANGHAI, WARSAW = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Warsaw")
NEW_YORK = ZoneInfo("America/New_York")


def calendar(*ranges: tuple[str, str, str], holidays: str = "") -> Calendar:
    hours = tuple(OpenHours(days=days, from_=first, to=last) for days, first, last in ranges)
    return Calendar(id=CalendarId("c"), open=hours, holidays=holidays)


def in_shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_what_happens_on_2026_10_08_at_nine() -> None:
    told = answer(OFFICE, in_shanghai("2026-10-08T09:00"))
    assert (told.is_open, told.why, told.occasion) == (True, Why.HOURS, "")
    assert told.changes_at == in_shanghai("2026-10-08T18:00")


def test_the_week_of_the_national_day_ends_on_the_eighth() -> None:
    told = answer(OFFICE, in_shanghai("2026-10-03T12:00"))
    assert (told.is_open, told.why, told.occasion) == (False, Why.HOLIDAY, "national_day")
    assert told.source == "国办发明电〔2025〕7号 (2025-11-04)"
    assert told.changes_at == in_shanghai("2026-10-08T09:00")


def test_a_make_up_workday_says_what_it_is_worked_for() -> None:
    told = answer(OFFICE, in_shanghai("2026-02-14T10:00"))
    assert (told.is_open, told.why, told.occasion) == (
        True,
        Why.MAKE_UP_WORKDAY,
        "spring_festival",
    )


def test_after_midnight_the_day_before_decides() -> None:
    bar = calendar(("fri", "22:00", "02:00"))
    told = answer(bar, in_shanghai("2026-03-07T01:00"))
    assert (told.is_open, told.day, told.ranges) == (True, date(2026, 3, 6), ((1320, 1560),))
    assert told.changes_at == in_shanghai("2026-03-07T02:00")


def test_a_shop_that_never_opens_has_no_next_change() -> None:
    assert answer(calendar(), in_shanghai("2026-03-07T01:00")).changes_at is None


def test_the_owner_is_warned_in_december_of_the_year_that_is_missing() -> None:
    assert missing_years(OFFICE, date(2026, 11, 30)) == []
    assert missing_years(OFFICE, date(2026, 12, 1)) == [2027]
    assert missing_years(OFFICE, date(2027, 1, 1)) == [2027]
    assert missing_years(OFFICE, date(2027, 12, 1)) == [2027, 2028]
    assert missing_years(calendar(holidays="pl"), date(2026, 12, 31)) == []
    assert missing_years(calendar(), date(2026, 12, 31)) == []


@pytest.mark.parametrize(
    ("night", "hours"),
    [("2026-03-28T22:00", 7), ("2026-10-24T22:00", 9), ("2026-06-06T22:00", 8)],
)
def test_a_night_has_as_many_hours_as_the_clock_gives_it(night: str, hours: int) -> None:
    guard = calendar(("sat", "22:00", "06:00"))
    opens = datetime.fromisoformat(night).replace(tzinfo=WARSAW)
    closes = next_change(guard, opens)
    assert closes is not None
    assert closes.astimezone(UTC) - opens.astimezone(UTC) == timedelta(hours=hours)
    assert (closes.hour, closes.minute) == (6, 0)


def test_an_hour_that_does_not_exist_opens_when_the_clock_has_jumped() -> None:
    early = calendar(("sun", "02:30", "05:00"))
    before = datetime(2026, 3, 29, 1, 0, tzinfo=WARSAW)
    assert next_change(early, before) == datetime(2026, 3, 29, 3, 0, tzinfo=WARSAW)


def test_an_hour_that_comes_twice_closes_in_between() -> None:
    early = calendar(("sun", "02:30", "05:00"))
    moment = datetime(2026, 10, 25, 1, 0, tzinfo=WARSAW)
    changes = []
    for _ in range(4):
        found = next_change(early, moment)
        assert found is not None
        changes.append(found.astimezone(UTC).strftime("%H:%M"))
        moment = found
    # 02:30 summer time, back to 02:00 winter time, 02:30 again, 05:00
    assert changes == ["00:30", "01:00", "01:30", "04:00"]


# --- whatever may come ----------------------------------------------------------------------------
CLOCKS = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
DAYS = st.sampled_from(["mon-fri", "sat", "sun", "mon,wed", "fri-mon", "tue"])
RANGES = st.builds(
    lambda days, first, last: OpenHours(days=days, from_=first, to=last), DAYS, CLOCKS, CLOCKS
)
SPECIAL = st.lists(
    st.sampled_from(["2026-03-29", "10-25", "12-31", "01-01", "2027-01-02", "2026-11-01"]),
    max_size=3,
    unique=True,
).map(tuple)
CALENDARS = st.builds(
    lambda ranges, holidays, closed, opened: Calendar(
        id=CalendarId("c"),
        open=tuple(ranges),
        holidays=holidays,
        closed_dates=closed,
        open_dates=opened,
    ),
    st.lists(RANGES, max_size=3),
    st.sampled_from(["", "cn", "pl"]),
    SPECIAL,
    SPECIAL,
)
AROUND = st.sampled_from(
    [
        datetime(2026, 3, 28, 12, tzinfo=UTC),  # summer time begins in Europe
        datetime(2026, 10, 24, 12, tzinfo=UTC),  # and ends
        datetime(2026, 3, 7, 12, tzinfo=UTC),  # New York
        datetime(2026, 10, 31, 12, tzinfo=UTC),
        datetime(2026, 12, 30, 12, tzinfo=UTC),  # the year ends
        datetime(2026, 9, 30, 12, tzinfo=UTC),
    ]
)
MOMENTS = st.builds(
    lambda start, minutes, zone: (start + timedelta(minutes=minutes)).astimezone(zone),
    AROUND,
    st.integers(0, 3 * 1440),
    st.sampled_from([WARSAW, NEW_YORK, SHANGHAI]),
)


@given(one=CALENDARS, at=MOMENTS)
def test_nothing_changes_before_the_next_change_and_then_it_does(
    one: Calendar, at: datetime
) -> None:
    change = next_change(one, at)
    is_now = is_open(one, at)
    end = at.astimezone(UTC) + timedelta(days=9) if change is None else change
    moment = at.astimezone(UTC).replace(second=0, microsecond=0)
    # quarter hours, and the clock's own jumps: nothing in these calendars is finer
    for _ in range(9 * 96):
        moment += timedelta(minutes=15)
        if moment >= end.astimezone(UTC):
            break
        assert is_open(one, moment.astimezone(at.tzinfo)) is is_now
    if change is not None:
        assert change.astimezone(UTC) > at.astimezone(UTC)
        assert is_open(one, change) is not is_now


@given(one=CALENDARS, at=MOMENTS)
def test_open_and_closed_have_reasons_that_fit(one: Calendar, at: datetime) -> None:
    told = answer(one, at)
    assert told.why == explain(one, at.replace(tzinfo=None))
    open_whys = {Why.HOURS, Why.MAKE_UP_WORKDAY, Why.OPEN_DATE}
    assert (told.why in open_whys) is told.is_open
    if told.is_open:
        minute = at.hour * 60 + at.minute + 1440 * (at.date() - told.day).days
        assert any(first <= minute < last for first, last in told.ranges)


@given(one=CALENDARS, at=MOMENTS)
def test_a_closed_date_of_the_site_wins_over_everything(one: Calendar, at: datetime) -> None:
    day = at.date().isoformat()
    shut = Calendar(
        id=one.id,
        open=one.open,
        holidays=one.holidays,
        open_dates=(day,),
        closed_dates=(day, (at.date() - timedelta(days=1)).isoformat()),
    )
    assert not is_open(shut, at)
    assert explain(shut, at) == Why.CLOSED_DATE
