"""What-if of a simulated day: agents more and less for a time, and other rules."""

from random import Random

import pytest
from msgspec.structs import replace

from appliance.reports.arrivals import usual_arrivals
from appliance.reports.days import parsed_day
from appliance.reports.simulated_changes import with_changes
from appliance.reports.simulated_day import DayResult, simulated
from appliance.reports.simulated_people import (
    Arrivals,
    PlainShop,
    Shift,
    SimulatedDay,
    StaffChange,
    plain_site,
)
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import AgentId, QueueId, Utc

QUEUE = QueueId("queue")
WHEN = parsed_day("2026-11-23", "Asia/Shanghai")
SITE = plain_site(PlainShop(agents=3, wrap_up_seconds=10))
DAY = SimulatedDay(
    date="2026-11-23",
    patience_seconds=90,
    arrivals=(Arrivals(from_="09:00", to="12:00", calls=240, queue=QUEUE),),
)


def run(day: SimulatedDay) -> DayResult:
    return simulated(SITE, day, WHEN, Random(3).random)[0]


def staffed(result: DayResult) -> dict[str, float]:
    return {half.label: round(half.staffed, 2) for half in result.half_hours}


def change(agents: int, from_: str = "10:00", to: str = "11:00") -> StaffChange:
    return StaffChange(queue=QUEUE, agents=agents, from_=from_, to=to)


def test_two_more_are_there_for_that_hour_and_answer_calls() -> None:
    before, after = run(DAY), run(replace(DAY, change=(change(2),)))
    assert before.callers == after.callers
    there = staffed(after)
    assert (there["09:30"], there["10:30"], there["11:30"]) == (3.0, 5.0, 3.0)
    wait = {half.label: half.mean_wait_s or 0.0 for half in after.half_hours}
    waited = {half.label: half.mean_wait_s or 0.0 for half in before.half_hours}
    assert wait["10:30"] < waited["10:30"]
    assert after.report.is_reconciled


def test_one_less_is_away_for_that_hour_only() -> None:
    there = staffed(run(replace(DAY, change=(change(-1),))))
    assert there["09:30"] == 3.0 and there["11:30"] == 3.0
    assert there["10:30"] < 2.5, "a talk that goes on is ended first"


def test_a_shift_is_cut_where_the_change_is() -> None:
    agents = tuple(one.id for one in SITE.agent)
    shifts = (Shift(agents=agents, from_="08:00", to="10:30"),)
    day = replace(DAY, shift=shifts, change=(change(-2, "10:00", "12:00"),))
    _, changed = with_changes(SITE, day)
    assert [(one.agents, one.to) for one in changed.shift] == [
        ((AgentId("1000"),), "10:30"),
        ((AgentId("1001"),), "10:00"),
        ((AgentId("1002"),), "10:00"),
    ]


def test_more_less_than_there_are_leaves_nobody() -> None:
    there = staffed(run(replace(DAY, change=(change(-50, "00:00", "24:00"),))))
    assert there["10:00"] == 0.0


def test_strategy_and_wrap_up_are_the_days_own() -> None:
    day = replace(DAY, strategies={QUEUE: "fixed-order"}, wrap_up_seconds=60)
    site, _ = with_changes(SITE, day)
    assert site.queue[0].strategy == "fixed-order" and site.queue[0].wrap_up_seconds == 60
    handled = run(day).report.box.figures.times.average_handle
    usual = run(DAY).report.box.figures.times.average_handle
    assert handled is not None and usual is not None and handled > usual + 30


def test_hours_are_told_while_the_day_passes() -> None:
    told: list[int] = []
    simulated(SITE, DAY, WHEN, Random(3).random, told.append)
    assert told == sorted(set(told)) and {9, 10, 11} <= set(told)


@pytest.mark.parametrize(
    ("day", "key"),
    [
        (replace(DAY, change=(replace(change(1), queue=QueueId("none")),)), "queue_unknown"),
        (replace(DAY, strategies={QueueId("none"): "random"}), "queue_unknown"),
        (replace(DAY, strategies={QUEUE: "by-star-sign"}), "strategy_unknown"),
        (replace(DAY, change=(change(1, "11:00", "10:00"),)), "time_unknown"),
        (replace(DAY, change=(change(5000),)), "agents"),
    ],
)
def test_what_cannot_be_is_refused(day: SimulatedDay, key: str) -> None:
    with pytest.raises(RefusedError) as refused:
        with_changes(SITE, day)
    assert refused.value.key == key


def test_a_usual_day_is_the_mean_of_the_days_with_callers() -> None:
    monday = WHEN.start + 9 * 3600
    came = [(Utc(monday + minute * 60), QUEUE) for minute in (1, 5, 61)]
    came += [(Utc(monday + 2 * 86400 + 60), QUEUE)]
    found = usual_arrivals(came, "Asia/Shanghai")[QUEUE]
    assert [(one.from_, one.to, one.calls) for one in found] == [
        ("09:00", "10:00", 1.5),
        ("10:00", "11:00", 0.5),
    ]
