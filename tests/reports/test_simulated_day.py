"""A day through the engines in virtual time, held against what is known of such days."""

from collections.abc import Sequence
from datetime import date
from math import sqrt
from pathlib import Path
from random import Random
from statistics import fmean, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.reports.days import day_of
from appliance.reports.erlang import erlang_a, erlang_c
from appliance.reports.simulated_day import DayResult, plot, simulated
from appliance.reports.simulated_people import (
    Arrivals,
    PlainShop,
    Shift,
    SimulatedDay,
    callers_of,
    plain_site,
    seconds_of,
)
from appliance.store.site_file import read_site
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import AgentId
from appliance.vocabulary.journal import Entry, VisitEnded, VisitOutcome
from appliance.vocabulary.settings import Site

MONDAY = date(2026, 11, 23)
WHEN = day_of(MONDAY, "Asia/Shanghai")
BATCHES = 20
STUDENT_99 = 2.861
"""Two-sided 99 % of Student's t with 19 degrees of freedom."""


def day_with(calls: float, **more: object) -> SimulatedDay:
    arrivals = (Arrivals(from_="00:00", to="24:00", calls=calls),)
    return SimulatedDay(**{"date": "2026-11-23", "arrivals": arrivals, "answer_seconds": 0} | more)


def run(site: Site, day: SimulatedDay, seed: int = 1) -> tuple[DayResult, list[Entry]]:
    return simulated(site, day, WHEN, Random(seed).random)


def batches(values: Sequence[float]) -> tuple[float, float]:
    """Mean and half width of its 99 % interval by batch means: neighbours' waits are alike, whole
    batches hardly. The first batch, in which the shop fills, is left out."""
    size = len(values) // (BATCHES + 1)
    means = [fmean(values[n * size : (n + 1) * size]) for n in range(1, BATCHES + 1)]
    return fmean(means), STUDENT_99 * stdev(means) / sqrt(BATCHES)


def agrees(values: Sequence[float], expected: float, share: float) -> None:
    """The formula lies in the interval, and the interval is narrow enough to say something."""
    mean, half = batches(values)
    assert abs(mean - expected) <= half, f"{mean:.4f} ± {half:.4f}, expected {expected:.4f}"
    assert half <= share * expected, f"± {half:.4f} of {expected:.4f} says too little"


def visits(entries: list[Entry]) -> list[VisitEnded]:
    return [entry.fact for entry in entries if isinstance(entry.fact, VisitEnded)]


def test_callers_who_never_give_up_wait_as_erlang_c_says() -> None:
    calls, talk = 6000.0, 28.8
    _, entries = run(plain_site(PlainShop(agents=3)), day_with(calls, talk_seconds=talk))
    waits = [one.wait for one in visits(entries)]
    expected = erlang_c(calls / 86400, talk, 3, 20)
    assert expected.waits == pytest.approx(4 / 9, abs=1e-6), "reports.md: the small shop"
    agrees([wait > 0.001 for wait in waits], expected.waits, 0.15)
    agrees(waits, expected.mean_wait_s, 0.30)
    agrees([wait <= 20 for wait in waits], expected.within, 0.10)


def test_callers_who_give_up_do_so_as_often_as_erlang_a_says() -> None:
    calls, talk, patience = 6000.0, 28.8, 9.6
    site = plain_site(PlainShop(agents=2))
    _, entries = run(site, day_with(calls, talk_seconds=talk, patience_seconds=patience))
    found = visits(entries)
    expected = erlang_a(calls / 86400, talk, 2, 3.2, patience)
    assert expected.abandons == pytest.approx(0.331003, abs=1e-6), "reports.md: small, n = 2"
    agrees([one.outcome is VisitOutcome.ABANDONED for one in found], expected.abandons, 0.10)
    agrees([one.wait for one in found], expected.mean_wait_s, 0.15)
    answered = [one.outcome is VisitOutcome.ANSWERED and one.wait <= 3.2 for one in found]
    agrees(answered, expected.within, 0.10)


def test_every_strategy_of_equal_agents_waits_alike() -> None:
    means = []
    arrivals = (Arrivals(from_="00:00", to="02:00", calls=100),)
    for strategy in ("longest-idle", "round-robin", "fixed-order"):
        site = plain_site(PlainShop(agents=3, strategy=strategy))
        result, _ = run(site, day_with(0, arrivals=arrivals, talk_seconds=180))
        means.append(result.report.box.figures.times.average_queue)
    assert len(set(means)) == 1, "who is rung changes nothing for callers whose talks are given"


def test_the_same_seed_is_the_same_day_and_another_is_another() -> None:
    arrivals = (Arrivals(from_="00:00", to="02:00", calls=100),)
    site = plain_site(PlainShop(agents=3))
    day = day_with(0, arrivals=arrivals, patience_seconds=60)
    _, first = run(site, day)
    _, again = run(site, day)
    _, other = run(site, day, seed=2)
    assert first == again
    assert first != other


def test_one_more_agent_from_ten_to_twelve_meets_the_same_callers_and_shortens_their_wait() -> None:
    arrivals = (Arrivals(from_="09:00", to="13:00", calls=240),)
    agents = [AgentId(str(1000 + number)) for number in range(5)]
    shift = Shift(agents=tuple(agents[:4]), from_="08:30", to="14:00")
    more = Shift(agents=(agents[4],), from_="10:00", to="12:00")
    site = plain_site(PlainShop(agents=5))
    few, _ = run(site, day_with(0, arrivals=arrivals, shift=(shift,), talk_seconds=230))
    many, _ = run(site, day_with(0, arrivals=arrivals, shift=(shift, more), talk_seconds=230))
    assert few.callers == many.callers
    waits = {
        one.label: (one.mean_wait_s, other.mean_wait_s, other.staffed)
        for one, other in zip(few.half_hours, many.half_hours, strict=True)
        if one.offered
    }
    assert waits["09:00"][0] == waits["09:00"][1], "nothing has changed yet"
    before, after, staffed = waits["11:00"]
    assert before is not None and after is not None
    assert after < before
    assert staffed == pytest.approx(5.0, abs=0.05)


def test_a_whole_site_with_menu_hours_and_voicemail_adds_up() -> None:
    text = (Path(__file__).parents[1] / "data" / "bakery.toml").read_text()
    site, _ = read_site(text, "bakery.toml", before=Site(), random_bytes=bytes)
    day = SimulatedDay(
        date="2026-11-23",
        number="02188886666",
        keys="1",
        patience_seconds=90,
        talk_seconds=120,
        arrivals=(Arrivals(from_="07:00", to="21:00", calls=300),),
    )
    result, _ = run(site, day)
    report = result.report
    assert report.is_reconciled
    counts = report.box.counts
    assert counts.entered == result.callers
    assert counts.notice > 0, "before eight and after six they leave messages"
    assert report.box.figures.counts.answered > 100
    assert counts.in_progress == 0 and report.box.figures.counts.waiting == 0
    assert {one.agent for one in report.agents if one.counts.answered} == {"1001", "1002"}


@settings(max_examples=8, deadline=None)
@given(
    agents=st.integers(1, 4),
    calls=st.integers(0, 60),
    talk=st.floats(1, 600),
    patience=st.sampled_from([0.0, 5.0, 60.0]),
    answer=st.floats(0, 30),
    wrap_up=st.sampled_from([0.0, 15.0]),
    seed=st.integers(0, 1000),
)
def test_no_day_loses_a_caller_or_counts_him_twice(
    agents: int, calls: int, talk: float, patience: float, answer: float, wrap_up: float, seed: int
) -> None:
    site = plain_site(PlainShop(agents=agents, wrap_up_seconds=wrap_up))
    arrivals = (Arrivals(from_="00:00", to="01:00", calls=calls),)
    day = day_with(
        0,
        arrivals=arrivals,
        talk_seconds=talk,
        patience_seconds=patience,
        answer_seconds=answer,
    )
    result, entries = run(site, day, seed)
    counts = result.report.box.figures.counts
    assert result.report.is_reconciled
    assert counts.offered == result.callers == len(visits(entries))
    assert counts.answered + counts.abandoned + counts.overflow == counts.offered
    assert patience or not counts.abandoned


# --- the file, and the plot -----------------------------------------------------------------------
def test_the_last_wrap_ups_end_when_their_time_is_over() -> None:
    arrivals = (Arrivals(from_="08:00", to="12:00", calls=200),)
    day = SimulatedDay(date="2026-11-23", arrivals=arrivals, talk_seconds=60)
    result, _ = run(plain_site(PlainShop(agents=4, wrap_up_seconds=15)), day)
    (queue,) = result.report.queues
    assert queue.figures.times.average_wrap_up == pytest.approx(15)


def test_as_many_callers_come_as_were_asked_for_on_average() -> None:
    day = day_with(5000, talk_seconds=60, patience_seconds=30)
    callers = callers_of(day, Random(3).random)
    assert abs(len(callers) - 5000) < 3 * sqrt(5000)
    assert fmean(one.talk for one in callers) == pytest.approx(60, rel=0.06)
    assert fmean(one.patience for one in callers) == pytest.approx(30, rel=0.06)
    assert [one.at for one in callers] == sorted(one.at for one in callers)


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"arrivals": (Arrivals(from_="09:00", to="08:00", calls=1),)}, "arrivals"),
        ({"arrivals": (Arrivals(from_="9h", to="10:00", calls=1),)}, "time_unknown"),
        ({"shift": (Shift(agents=(AgentId("9"),), from_="09:00", to="10:00"),)}, "agent_unknown"),
    ],
)
def test_a_day_that_cannot_be_is_refused(more: dict[str, object], key: str) -> None:
    with pytest.raises(RefusedError) as refused:
        run(plain_site(PlainShop(agents=1)), day_with(1, **more))
    assert refused.value.key == key


def test_a_site_that_nobody_can_call_and_a_shop_of_nobody_are_refused() -> None:
    with pytest.raises(RefusedError, match="nobody can call"):
        run(Site(), day_with(1))
    with pytest.raises(RefusedError):
        plain_site(PlainShop(agents=0))
    assert seconds_of("24:00") == 86400.0


def test_the_plot_has_a_line_for_each_half_hour_and_its_longest_bar_for_the_worst() -> None:
    arrivals = (
        Arrivals(from_="09:00", to="09:30", calls=10),
        Arrivals(from_="09:30", to="10:00", calls=60),
    )
    day = day_with(0, arrivals=arrivals, talk_seconds=100, patience_seconds=100)
    result, _ = run(plain_site(PlainShop(agents=2)), day)
    lines = plot(result.half_hours)
    assert [line[:5] for line in lines[1:]] == ["09:00", "09:30"]
    bars = [line.count("█") for line in lines]
    assert bars[2] == 30 > bars[1]
    assert all(line.endswith("●● 2.0") for line in lines[1:])
    assert [one.formula for one in result.half_hours if one.offered] == ["Erlang A", "Erlang A"]
