"""What came out of a simulated day: its report, its waits and staffing by half hour as a plot for a
terminal, and beside them what Erlang's formulae say of a half hour like that.

The formulae know calls that come by chance and agents who do nothing else; a real half hour has a
queue left over from the one before, so they are a ruler and not a judge.
"""

from collections.abc import Sequence

from appliance.reports.agent_states import clipped, stretches_of
from appliance.reports.daily import BoxLine, DailyReport, daily_report
from appliance.reports.days import Day
from appliance.reports.erlang import Waiting, erlang_a, erlang_c
from appliance.reports.simulated_changes import with_changes
from appliance.reports.simulated_people import SimulatedDay, Uniform, callers_of, with_shifts
from appliance.reports.simulated_shop import AFTERWARDS_SECONDS, OnHour, SimulatedShop
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import AgentId, Utc
from appliance.vocabulary.journal import AgentState, Entry
from appliance.vocabulary.settings import Site
from appliance.vocabulary.shape import Value

AT_WORK = frozenset(AgentState) - {
    AgentState.SIGNED_OUT,
    AgentState.NOT_READY,
    AgentState.UNREACHABLE,
}
BAR_WIDTH = 30
FULL, PARTS = "█", " ▏▎▍▌▋▊▉"


class HalfHour(Value, frozen=True, kw_only=True):
    """One half hour of the day. Seconds; None where nobody came."""

    label: str
    offered: int
    answered: int
    abandoned: int
    mean_wait_s: float | None
    longest_wait_s: float | None
    staffed: float
    """Agents at work, on average."""
    formula: str = ""
    """Erlang A (callers give up) or Erlang C; "" where neither holds."""
    expected_wait_s: float | None = None
    """What it says."""


class DayResult(Value, frozen=True, kw_only=True):
    """The day."""

    callers: int
    report: DailyReport
    half_hours: tuple[HalfHour, ...]


def simulated(
    site: Site, day: SimulatedDay, when: Day, uniform: Uniform, on_hour: OnHour | None = None
) -> tuple[DayResult, list[Entry]]:
    """Let the day happen; return what came of it, and its journal. `on_hour`: told each hour of
    the day once it is over, 1 to 24 and more.

    RefusedError for a site that nobody can call, and for times and agents that cannot be.
    """
    site, day = with_changes(site, day)
    if not site.trunk or not site.route:
        raise RefusedError("trunk_missing", "The site has no trunk or no route: nobody can call.")
    callers = callers_of(day, uniform)
    begun = with_shifts(site, day)
    entries = SimulatedShop(begun, day, when, on_hour).run(callers, when.end - when.start)
    report = daily_report(entries, begun, when, Utc(when.end + AFTERWARDS_SECONDS))
    states = _staffing(entries, when)
    result = DayResult(
        callers=len(callers),
        report=report,
        half_hours=tuple(_half_hour(line, states, day, report) for line in report.half_hours),
    )
    return result, entries


def plot(half_hours: Sequence[HalfHour]) -> list[str]:
    """Return the half hours from the first caller to the last one as lines of text."""
    busy = [place for place, one in enumerate(half_hours) if one.offered]
    shown = half_hours[busy[0] : busy[-1] + 1] if busy else ()
    most = max((one.mean_wait_s or 0.0 for one in shown), default=0.0)
    lines = [
        f"{'':5}  {'calls':>5} {'lost':>4}  {'mean wait':<{BAR_WIDTH}} {'mean':>7} "
        f"{'longest':>8} {'formula':>10}  staffed"
    ]
    for one in shown:
        expected = "" if one.expected_wait_s is None else f"{one.expected_wait_s:.1f} s"
        lines.append(
            f"{one.label:5}  {one.offered:5} {one.abandoned:4}  "
            f"{_bar(one.mean_wait_s or 0.0, most):<{BAR_WIDTH}} {_seconds(one.mean_wait_s):>7} "
            f"{_seconds(one.longest_wait_s):>8} {expected:>10}  "
            f"{'●' * min(BAR_WIDTH, round(one.staffed))} {one.staffed:.1f}"
        )
    return lines


def _staffing(entries: Sequence[Entry], when: Day) -> dict[AgentId, list[tuple[float, float]]]:
    """When each agent was at work."""
    return {
        agent: [(one.start, one.end) for one in stretches if one.state in AT_WORK]
        for agent, stretches in stretches_of(entries, when.end).items()
        if clipped(stretches, when.start, when.end)
    }


def _half_hour(
    line: BoxLine,
    states: dict[AgentId, list[tuple[float, float]]],
    day: SimulatedDay,
    report: DailyReport,
) -> HalfHour:
    start, end = line.interval.start, line.interval.end
    worked = sum(
        max(0.0, min(last, end) - max(first, start))
        for stretches in states.values()
        for first, last in stretches
    )
    counts, times = line.figures.counts, line.figures.times
    staffed = worked / (end - start)
    handle = report.box.figures.times.average_handle
    expected = None
    if counts.offered and handle:
        # an agent whose phone rings is busy, and his caller waits for so long at least
        busy_for = handle + day.answer_seconds
        expected = _expected(counts.offered / (end - start), busy_for, round(staffed), day)
    formula = "" if expected is None else ("Erlang A" if day.patience_seconds else "Erlang C")
    return HalfHour(
        label=line.interval.label,
        offered=counts.offered,
        answered=counts.answered,
        abandoned=counts.abandoned,
        mean_wait_s=times.average_queue,
        longest_wait_s=times.longest_wait,
        staffed=staffed,
        formula=formula,
        expected_wait_s=None if expected is None else expected.mean_wait_s + day.answer_seconds,
    )


def _expected(
    calls_per_s: float, handle_s: float, agents: int, day: SimulatedDay
) -> Waiting | None:
    try:
        if day.patience_seconds:
            return erlang_a(calls_per_s, handle_s, agents, 20.0, day.patience_seconds)
        return erlang_c(calls_per_s, handle_s, agents, 20.0)
    except RefusedError:
        return None  # more work than agents, or nobody there: no formula holds


def _bar(value: float, most: float) -> str:
    eighths = round(value / most * BAR_WIDTH * 8) if most else 0
    return FULL * (eighths // 8) + PARTS[eighths % 8].strip()


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"
