"""What waiting callers were promised, and how long they waited: the estimate's error, by queue.

A promise is the expected wait that stands in the journal with a place (PositionTold.wait); the real
wait is from that moment until an agent answered. Who gave up or was sent on before has no real wait
and is counted apart: to leave him out of the error would flatter it, and to guess would be worse.

The error of one promise is |promised - real|, in seconds and as a share of the real wait (of ten
seconds at least: 3 s promised where 1 s came is no error of 200 %). Shown are median and
nearest-rank 90th percentile, as a few callers of a bad hour would move a mean.

Worked example: 60 s promised and 80 s waited: an error of 20 s, and of 25 %.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import ceil
from statistics import median

from appliance.reports.days import Day
from appliance.reports.tables import Table
from appliance.reports.words import Gettext
from appliance.vocabulary.ids import Instant, QueueId, Utc, VisitId
from appliance.vocabulary.journal import CallQueued, Entry, PositionTold, VisitEnded, VisitOutcome
from appliance.vocabulary.settings import Site
from appliance.vocabulary.shape import Value

LEAST_SHARE_OF_S = 10.0
P90 = 0.9


class QueuePromises(Value, frozen=True, kw_only=True):
    """One queue's day. None: nobody who was promised anything was answered."""

    queue: QueueId
    promises: int
    """Told, each time counted."""
    kept: int
    """Of them, those whose caller was answered."""
    median_error_s: float | None
    p90_error_s: float | None
    median_error_per_cent: float | None
    p90_error_per_cent: float | None


class PromisedWaits(Value, frozen=True, kw_only=True):
    """All queues of the site, and others that promised something."""

    day: Day
    queues: tuple[QueuePromises, ...]


class Promise(Value, frozen=True, kw_only=True):
    """One that was told."""

    queue: QueueId
    promised: float
    """Seconds."""
    real: float | None
    """Seconds from then until an agent answered; None: none did."""


def promises_of(entries: Sequence[Entry], day: Day) -> list[Promise]:
    """Return every promise that was told on a day, in their order."""
    queue_of: dict[VisitId, QueueId] = {}
    ended: dict[VisitId, tuple[Instant, bool]] = {}
    told: list[tuple[VisitId, Instant, float]] = []
    for entry in entries:
        match entry.fact:
            case CallQueued() as fact:
                queue_of[fact.visit] = fact.queue
            case VisitEnded() as fact:
                ended[fact.visit] = (entry.mono, fact.outcome is VisitOutcome.ANSWERED)
            case PositionTold() as fact if fact.wait is not None:
                if day.start <= entry.at < day.end:
                    told.append((fact.visit, entry.mono, fact.wait))
    found = []
    for visit, at, wait in told:
        queue = queue_of.get(visit)
        if queue is None:
            continue
        end, is_answered = ended.get(visit, (at, False))
        real = end - at if is_answered and end >= at else None
        found.append(Promise(queue=queue, promised=wait, real=real))
    return found


def promised_waits(entries: Sequence[Entry], site: Site, day: Day, now: Utc) -> PromisedWaits:
    """Return a day's promises, by the day on which they were told."""
    errors: dict[QueueId, list[tuple[float, float]]] = defaultdict(list)
    counts: dict[QueueId, int] = defaultdict(int)
    for one in promises_of(entries, day):
        counts[one.queue] += 1
        if one.real is not None:
            errors[one.queue].append(_error(one.promised, one.real))
    of_site = [one.id for one in site.queue]
    known = [*of_site, *sorted(counts.keys() - set(of_site))]
    return PromisedWaits(
        day=day, queues=tuple(_line(one, counts[one], errors[one]) for one in known)
    )


def promised_tables(report: PromisedWaits, gettext: Gettext) -> tuple[Table, ...]:
    """Lay it out."""
    return (
        Table(
            title=gettext("Promised and real waits"),
            headings=tuple(
                map(
                    gettext,
                    (
                        "queue",
                        "promises",
                        "of answered callers",
                        "median error s",
                        "p90 error s",
                        "median error %",
                        "p90 error %",
                    ),
                )
            ),
            rows=tuple(
                (
                    one.queue,
                    one.promises,
                    one.kept,
                    one.median_error_s,
                    one.p90_error_s,
                    one.median_error_per_cent,
                    one.p90_error_per_cent,
                )
                for one in report.queues
            ),
        ),
    )


def _error(promised: float, real: float) -> tuple[float, float]:
    error = abs(promised - real)
    return error, 100 * error / max(real, LEAST_SHARE_OF_S)


def _line(queue: QueueId, promises: int, errors: Sequence[tuple[float, float]]) -> QueuePromises:
    seconds, shares = [one for one, _ in errors], [one for _, one in errors]
    return QueuePromises(
        queue=queue,
        promises=promises,
        kept=len(errors),
        median_error_s=median(seconds) if seconds else None,
        p90_error_s=_p90(seconds),
        median_error_per_cent=median(shares) if shares else None,
        p90_error_per_cent=_p90(shares),
    )


def _p90(values: Iterable[float]) -> float | None:
    """Return the nearest-rank 90th percentile: of ten values the ninth."""
    ordered = sorted(values)
    return ordered[ceil(P90 * len(ordered)) - 1] if ordered else None
