"""A queue's figures over any set of stays: a day's, a half hour's, the whole box's.

Sources: ICMI (ASA, abandon rates), icsoc (接通率, 平均排队时长 of all offered, X秒放弃率), Huawei
(呼损率), pindrop and webitel (AHT). A mean or rate over nothing is None, never 0 or 100 %.
Counting rules: a stay belongs to the interval in which the queue was entered; the wait ends at
the bridge, ring time included; a call that overflows into a second queue is one V there and one
O here; a callback is no abandon; a transfer counts once a call. Talk is our side's: handed on from
one to the next it adds up to the call's own; in a conference it counts for each who talks, while
the call's own talk (record.py) is the customer's time and counts it once. Consultations are hold.
"""

from collections import Counter
from collections.abc import Sequence

from appliance.reports.ratios import mean, per_cent, total_of
from appliance.reports.service_level import (
    ServiceLevelFigure,
    WaitCounts,
    service_level,
    service_levels,
    wait_counts,
)
from appliance.reports.story import Leg, Visit
from appliance.vocabulary.journal import VisitOutcome
from appliance.vocabulary.settings import ServiceLevel
from appliance.vocabulary.shape import Value


class QueueCounts(Value, frozen=True, kw_only=True):
    """How many stays, by outcome. Letters are those of the ledger identity."""

    offered: int
    """O"""
    answered: int
    """A"""
    abandoned: int
    """B"""
    abandoned_while_ringing: int
    """Of these, while an agent's phone rang (振铃放弃)."""
    abandoned_short: int
    abandoned_within: int
    answered_within: int
    overflow: int
    """V"""
    overflow_by_reason: dict[str, int]
    """wait, full, no_agent."""
    callback: int
    """K"""
    voicemail: int
    """M"""
    waiting: int
    transferred: int
    legs: int
    """Talks with an agent; more than `answered` where calls were transferred."""
    surveyed: int
    """Callers who were asked how it was."""
    rated: int
    """Of these, who pressed a key."""
    scores: tuple[int, int, int]
    """How many pressed 1, 2 and 3."""


class QueueTimes(Value, frozen=True, kw_only=True):
    """Seconds: sums, longest, means."""

    talk_total: float
    hold_total: float
    wrap_up_total: float
    handle_total: float
    average_answer: float | None
    """ASA: wait of answered / A."""
    average_queue: float | None
    """平均排队时长: wait of all offered / O."""
    average_abandon: float | None
    longest_wait: float | None
    average_ring: float | None
    average_talk: float | None
    average_hold: float | None
    average_wrap_up: float | None
    average_handle: float | None
    """AHT a call: (talk + hold + wrap-up) / A."""
    average_handle_leg: float | None
    """AHT a leg: transfers counted as separate handling."""


class QueueRates(Value, frozen=True, kw_only=True):
    """Per cent."""

    connect: float | None
    """接通率: A / O."""
    loss: float | None
    """呼损率: 100 − connect."""
    abandon: float | None
    """B / O."""
    abandon_without_short: float | None
    """(B − B≤S) / (O − B≤S)."""
    abandon_of_answered_and_abandoned: float | None
    """B / (A + B)."""
    abandoned_within: float | None
    """X秒放弃率: B≤T / B."""
    transfer: float | None
    """Calls with a transfer / A."""
    rated: float | None
    """参评率: rated / A."""
    content: float | None
    """满意率: keys 1 and 2 / rated (Easemob: 非常满意 + 满意)."""
    content_only: float | None
    """Key 1 / rated."""


class QueueFigures(Value, frozen=True, kw_only=True):
    """All figures of a set of stays, and the rule they were made by."""

    counts: QueueCounts
    times: QueueTimes
    rates: QueueRates
    service_level: ServiceLevelFigure
    target_per_cent: float
    service_levels: tuple[ServiceLevelFigure, ...]


def queue_figures(visits: Sequence[Visit], rule: ServiceLevel) -> QueueFigures:
    """Return the figures of these stays."""
    within = wait_counts(visits, rule.seconds, rule.short_abandon_seconds)
    counts = _counts(visits, within)
    return QueueFigures(
        counts=counts,
        times=_times(visits, counts),
        rates=_rates(counts),
        service_level=service_level(within, rule),
        target_per_cent=rule.target,
        service_levels=service_levels(within, rule),
    )


def _legs(visits: Sequence[Visit]) -> list[Leg]:
    return [leg for visit in visits for leg in visit.legs]


def _counts(visits: Sequence[Visit], within: WaitCounts) -> QueueCounts:
    by_outcome = Counter(visit.outcome for visit in visits)
    reasons = Counter(v.reason for v in visits if v.outcome is VisitOutcome.OVERFLOW)
    return QueueCounts(
        offered=within.offered,
        answered=within.answered,
        abandoned=within.abandoned,
        abandoned_while_ringing=sum(visit.was_ringing for visit in visits),
        abandoned_short=within.short_abandoned,
        abandoned_within=within.abandoned_within,
        answered_within=within.answered_within,
        overflow=by_outcome[VisitOutcome.OVERFLOW],
        overflow_by_reason=dict(sorted(reasons.items())),
        callback=by_outcome[VisitOutcome.CALLBACK],
        voicemail=by_outcome[VisitOutcome.VOICEMAIL],
        waiting=sum(visit.outcome is None and not visit.is_over for visit in visits),
        transferred=sum(visit.is_transferred for visit in visits),
        legs=len(_legs(visits)),
        surveyed=sum(visit.is_surveyed for visit in visits),
        rated=sum(visit.score is not None for visit in visits),
        scores=_scores(visits),
    )


def _scores(visits: Sequence[Visit]) -> tuple[int, int, int]:
    found = Counter(visit.score for visit in visits)
    return found[1], found[2], found[3]


def _times(visits: Sequence[Visit], counts: QueueCounts) -> QueueTimes:
    legs = _legs(visits)
    talk = total_of(leg.talk for leg in legs)
    hold = total_of(leg.hold for leg in legs)
    wrap_up = total_of(leg.wrap_up for leg in legs)
    handle = round(talk + hold + wrap_up, 3)
    answered = [visit for visit in visits if visit.outcome is VisitOutcome.ANSWERED]
    abandoned = [visit for visit in visits if visit.outcome is VisitOutcome.ABANDONED]
    waits = [visit.wait for visit in visits if visit.wait is not None]
    rings = [visit.ring for visit in answered if visit.ring is not None]
    return QueueTimes(
        talk_total=talk,
        hold_total=hold,
        wrap_up_total=wrap_up,
        handle_total=handle,
        average_answer=mean(total_of(visit.wait for visit in answered), counts.answered),
        average_queue=mean(total_of(waits), counts.offered - counts.waiting),
        average_abandon=mean(total_of(visit.wait for visit in abandoned), counts.abandoned),
        longest_wait=max(waits, default=None),
        average_ring=mean(total_of(rings), len(rings)),
        average_talk=mean(talk, counts.answered),
        average_hold=mean(hold, counts.answered),
        average_wrap_up=mean(wrap_up, counts.answered),
        average_handle=mean(handle, counts.answered),
        average_handle_leg=mean(handle, counts.legs),
    )


def _rates(counts: QueueCounts) -> QueueRates:
    connect = per_cent(counts.answered, counts.offered)
    short = counts.abandoned_short
    return QueueRates(
        connect=connect,
        loss=None if connect is None else 100.0 - connect,
        abandon=per_cent(counts.abandoned, counts.offered),
        abandon_without_short=per_cent(counts.abandoned - short, counts.offered - short),
        abandon_of_answered_and_abandoned=per_cent(
            counts.abandoned, counts.answered + counts.abandoned
        ),
        abandoned_within=per_cent(counts.abandoned_within, counts.abandoned),
        transfer=per_cent(counts.transferred, counts.answered),
        rated=per_cent(counts.rated, counts.answered),
        content=per_cent(counts.scores[0] + counts.scores[1], counts.rated),
        content_only=per_cent(counts.scores[0], counts.rated),
    )
