"""The golden day: every figure of the mission's tables, from the journal's entries."""

import pytest
from golden_day import SITE, golden_day, golden_end, golden_entries
from journal_script import Journal

from appliance.reports.agent_figures import AgentFigures
from appliance.reports.daily import DailyReport, daily_report
from appliance.reports.fold import stories_of
from appliance.reports.queue_figures import QueueFigures
from appliance.reports.service_level import service_levels, wait_counts
from appliance.vocabulary.journal import CallOutcome, VisitOutcome
from appliance.vocabulary.settings import ServiceLevel


@pytest.fixture(scope="module")
def report() -> DailyReport:
    return daily_report(golden_entries(), SITE, golden_day(), golden_end())


@pytest.fixture(scope="module")
def sales(report: DailyReport) -> QueueFigures:
    (queue,) = report.queues
    return queue.figures


def per_variant(figures: QueueFigures) -> list[float | None]:
    return [
        None if one.per_cent is None else round(one.per_cent, 2) for one in figures.service_levels
    ]


def test_the_two_identities_hold(report: DailyReport) -> None:
    box, box_queues, sales = report.reconciliation
    assert box.text == "E 14 = I 1 + X 0 + D 0 + G 0 + O 13 + P 0; Δ 0"
    assert box_queues.text == "O 13 = A 7 + B 4 + V 1 + K 1 + M 0 + W 0; Δ 0"
    assert sales.text == box_queues.text
    assert report.is_reconciled and report.is_whole


def test_the_counts_behind_the_formulae(sales: QueueFigures) -> None:
    counts = sales.counts
    assert (counts.answered_within, counts.abandoned_within, counts.abandoned_short) == (4, 3, 2)
    assert counts.abandoned - counts.abandoned_within == 1
    assert (counts.legs, counts.transferred) == (8, 1)
    assert counts.overflow_by_reason == {"wait": 1}
    times = sales.times
    assert (times.talk_total, times.hold_total, times.wrap_up_total) == (830, 30, 115)
    assert times.handle_total == 975


def test_who_was_content_is_told_by_both_ways_of_counting(
    sales: QueueFigures, report: DailyReport
) -> None:
    rates = sales.rates
    assert sales.counts.scores == (1, 1, 1)
    assert rates.content == pytest.approx(66.67, abs=0.005)
    assert rates.content_only == pytest.approx(33.33, abs=0.005)
    assert rates.rated == pytest.approx(42.86, abs=0.005)
    by_agent = {one.agent: (one.counts.rated, one.content) for one in report.agents}
    assert by_agent == {"1001": (2, 50.0), "1002": (1, 100.0)}


def test_service_level_in_all_six_variants(sales: QueueFigures) -> None:
    assert per_variant(sales) == [63.64, 57.14, 36.36, 50.00, 54.55, 30.77]
    assert sales.service_level.variant == 1
    assert sales.service_level.formula == "(A≤20 + B≤20) / (A + B)"
    assert sales.service_levels[4].formula == "(A≤20 + B≤5) / (A + B)"


def test_service_level_counted_strictly_below_the_threshold() -> None:
    visits = [visit for story in stories_of(golden_entries()) for visit in story.visits]
    counts = wait_counts(visits, 20, 5, is_strict=True)
    assert counts.answered_within == 3
    second = service_levels(counts, ServiceLevel())[1]
    assert second.per_cent == pytest.approx(42.86, abs=0.005)


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ("average_answer", 16.71),
        ("average_queue", 21.92),
        ("average_abandon", 17.00),
        ("longest_wait", 60),
        ("average_talk", 118.57),
        ("average_wrap_up", 16.43),
        ("average_handle", 139.29),
        ("average_handle_leg", 121.88),
    ],
)
def test_mean_times(sales: QueueFigures, figure: str, expected: float) -> None:
    assert getattr(sales.times, figure) == pytest.approx(expected, abs=0.0051)


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ("abandon", 30.77),
        ("abandon_without_short", 18.18),
        ("abandon_of_answered_and_abandoned", 36.36),
        ("connect", 53.85),
        ("loss", 46.15),
        ("abandoned_within", 75.00),
        ("transfer", 14.29),
    ],
)
def test_rates(sales: QueueFigures, figure: str, expected: float) -> None:
    assert getattr(sales.rates, figure) == pytest.approx(expected, abs=0.0051)


def test_the_boxs_line_counts_each_call_once_and_has_the_same_figures(
    report: DailyReport, sales: QueueFigures
) -> None:
    assert report.box.figures == sales
    counts = report.box.counts
    assert (counts.entered, counts.ivr, counts.offered) == (14, 1, 13)
    assert (counts.outbound, counts.outbound_answered) == (1, 1)


def test_occupancy_utilisation_and_busy_share_of_both_agents(report: DailyReport) -> None:
    both = report.agents_together
    assert both.times.signed_in == 7200
    assert both.not_ready_by_reason == {"1": 600}
    assert both.occupancy == pytest.approx(16.06, abs=0.005)
    assert both.utilisation == pytest.approx(14.72, abs=0.005)
    assert both.not_ready_share == pytest.approx(8.33, abs=0.005)
    assert both.average_handle == pytest.approx(121.88, abs=0.005)


def agent(report: DailyReport, name: str) -> AgentFigures:
    (found,) = [one for one in report.agents if one.agent == name]
    return found


def test_each_agents_own_day(report: DailyReport) -> None:
    first, second = agent(report, "1001"), agent(report, "1002")
    assert (first.name, second.name) == ("王芳", "李强")
    assert (first.counts.answered, second.counts.answered) == (4, 4)
    assert (first.counts.transferred_away, second.counts.transferred_away) == (1, 0)
    assert (first.sums.talk, first.sums.hold, first.sums.wrap_up) == (450, 30, 70)
    assert (second.sums.talk, second.sums.hold, second.sums.wrap_up) == (380, 0, 45)
    assert (first.counts.outbound, first.counts.outbound_answered) == (1, 1)
    assert first.times.own_calls == 75
    assert first.times.wrap_up == 80
    assert first.not_ready_share == pytest.approx(100 * 600 / 3600)
    assert first.average_ring == 3
    states = first.times
    assert states.signed_in == pytest.approx(
        states.ready
        + states.ringing
        + states.talking
        + states.holding
        + states.wrap_up
        + states.own_calls
        + states.not_ready
        + states.unreachable
    )


def test_half_hours_add_up_to_the_day_and_empty_ones_have_no_ratio(report: DailyReport) -> None:
    (queue,) = report.queues
    assert len(queue.half_hours) == 48
    assert sum(line.figures.counts.offered for line in queue.half_hours) == 13
    assert sum(line.counts.entered for line in report.half_hours) == 14
    by_label = {line.interval.label: line.figures for line in queue.half_hours}
    assert by_label["09:00"].counts.offered == 11
    assert by_label["09:30"].counts.offered == 2
    empty = by_label["03:00"]
    assert empty.counts.offered == 0
    assert per_variant(empty) == [None] * 6
    assert empty.rates.connect is None and empty.times.average_answer is None


def test_a_report_made_at_noon_has_what_had_happened(report: DailyReport) -> None:
    day = golden_day()
    at = 915 + 9 * 3600 + day.start
    entries = [entry for entry in golden_entries() if entry.at <= at]
    running = daily_report(entries, SITE, day, at)
    assert not running.is_whole and running.is_reconciled
    (queue,) = running.queues
    assert queue.figures.counts.waiting == 1
    identity = running.reconciliation[2]
    assert identity.text == "O 9 = A 5 + B 3 + V 0 + K 0 + M 0 + W 1; Δ 0"
    b = agent(running, "1002")
    assert b.times.talking == 30 + 90 + 103


def test_a_call_that_was_lost_on_the_way_is_printed_as_a_difference() -> None:
    entries = [
        entry
        for entry in golden_entries()
        if not (
            entry.call == "c08" and getattr(entry.fact, "outcome", None) is VisitOutcome.OVERFLOW
        )
    ]
    report = daily_report(entries, SITE, golden_day(), golden_end())
    identity = report.reconciliation[2]
    assert identity.text == "O 13 = A 7 + B 4 + V 0 + K 1 + M 0 + W 0; Δ 1"
    assert not report.is_reconciled


def test_a_talk_after_an_overflow_to_an_extension_is_not_the_queues() -> None:
    journal = Journal(golden_day().start)
    journal.enters(0, "c1")
    journal.queued(5, "c1")
    journal.left(65, "c1", VisitOutcome.OVERFLOW, 60, reason="wait")
    over = journal.talks(70, "c1", "1001", talk=100)
    journal.ends(over, "c1", CallOutcome.ANSWERED)
    report = daily_report(journal.entries, SITE, golden_day(), golden_end())
    (queue,) = report.queues
    counts = queue.figures.counts
    assert (counts.overflow, counts.answered, counts.legs) == (1, 0, 0)
    assert queue.figures.times.average_talk is None
    assert report.box.figures.counts.answered == 1
    assert report.box.figures.times.average_talk == 100
    first = agent(report, "1001")
    assert (first.counts.answered, first.counts.direct) == (0, 1)
    assert report.is_reconciled
