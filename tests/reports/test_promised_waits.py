"""Promises against what came: medians and percentiles, and who is not counted in them."""

import pytest

from appliance.reports.days import parsed_day
from appliance.reports.promised_waits import QueuePromises, promised_waits
from appliance.vocabulary.ids import CallId, QueueId, Seconds, Utc, VisitId
from appliance.vocabulary.journal import CallQueued, Entry, PositionTold, VisitEnded, VisitOutcome
from appliance.vocabulary.settings import Queue, Site

ORDERS, OFFICE = QueueId("orders"), QueueId("office")
SITE = Site(queue=(Queue(id=ORDERS), Queue(id=OFFICE)))
DAY = parsed_day("2025-11-20", "UTC")


class Waits:
    """Callers one after the other."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.count = 0

    def caller(
        self,
        promised: float | None,
        waited: float,
        outcome: VisitOutcome = VisitOutcome.ANSWERED,
        queue: QueueId = ORDERS,
    ) -> None:
        """Somebody is told after five seconds, and waits on for so long."""
        self.count += 1
        visit, call = VisitId(f"v{self.count}"), CallId(f"c{self.count}")
        begun = self.count * 100.0
        facts = (
            (0.0, CallQueued(queue=queue, visit=visit, position=1)),
            (
                5.0,
                PositionTold(
                    visit=visit,
                    position=1,
                    wait=None if promised is None else Seconds(promised),
                ),
            ),
            (
                5.0 + waited,
                VisitEnded(queue=queue, visit=visit, outcome=outcome, wait=Seconds(5.0 + waited)),
            ),
        )
        for after, fact in facts:
            at = begun + after
            key = f"{call}:{len(self.entries)}"
            moment = Utc(DAY.start + at)
            self.entries.append(Entry(at=moment, mono=at, call=call, fact=fact, key=key))

    def told(self) -> tuple[QueuePromises, ...]:
        lines = promised_waits(self.entries, SITE, DAY, Utc(DAY.end)).queues
        assert [one.queue for one in lines] == [ORDERS, OFFICE]
        return tuple(one for one in lines if one.promises)


def test_the_error_of_one_promise_is_that_of_the_worked_example() -> None:
    waits = Waits()
    waits.caller(60, 80)
    (line,) = waits.told()
    assert (line.median_error_s, line.median_error_per_cent) == (20, 25)


def test_median_and_ninth_of_ten() -> None:
    waits = Waits()
    for error in (1, 2, 3, 4, 5, 6, 7, 8, 9, 100):
        waits.caller(100 + error, 100)
    (line,) = waits.told()
    assert (line.median_error_s, line.p90_error_s) == (5.5, 9)
    assert (line.median_error_per_cent, line.p90_error_per_cent) == pytest.approx((5.5, 9))


def test_who_gave_up_is_counted_and_not_measured() -> None:
    waits = Waits()
    waits.caller(60, 60)
    waits.caller(60, 300, VisitOutcome.ABANDONED)
    (line,) = waits.told()
    assert (line.promises, line.kept, line.median_error_s) == (2, 1, 0)


def test_a_place_without_a_wait_is_no_promise_and_short_waits_are_no_great_error() -> None:
    waits = Waits()
    waits.caller(None, 50)
    assert waits.told() == ()
    waits.caller(6, 1)
    (line,) = waits.told()
    assert line.median_error_per_cent == 50, "of ten seconds"


def test_queues_stand_in_the_order_of_the_site() -> None:
    waits = Waits()
    waits.caller(60, 60, queue=OFFICE)
    waits.caller(60, 60)
    assert [one.queue for one in waits.told()] == [ORDERS, OFFICE]
