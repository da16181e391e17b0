"""Promised against real waits on the page Today: the median's error, and a dot for each promise."""

import re

import pytest
import shop_day
from journal_script import Journal
from web_stage import Stage

from appliance.reports.promised_waits import Promise
from appliance.reports.record import record_of
from appliance.store.ledger import Ledger
from appliance.vocabulary.ids import QueueId, Seconds, VisitId
from appliance.vocabulary.journal import PositionTold, VisitOutcome
from webadmin.pages.today.promise_dots import MOST_DOTS, SIZE, dots_of

SALES = QueueId("sales")


def promise(promised: float, real: float | None) -> Promise:
    return Promise(queue=SALES, promised=promised, real=real)


def page(full: Stage) -> str:
    browser = full.logged_in(language="en")
    return browser.get("/today/?day=2025-11-20").text


def has_waits(full: Stage) -> None:
    """Three callers: promised 60 and waited 80, 100 and 100, 50 and gave up."""
    journal = Journal(shop_day.shop_journal().epoch)
    for number, (promised, waited, outcome) in enumerate(
        [
            (60, 80, VisitOutcome.ANSWERED),
            (100, 100, VisitOutcome.ANSWERED),
            (50, 30, VisitOutcome.ABANDONED),
        ]
    ):
        call, at = f"promised{number}", 100.0 * number
        journal.enters(at, call)
        visit = VisitId(journal.queued(at, call))
        told = PositionTold(visit=visit, position=1, wait=Seconds(promised))
        journal.add(at + 5, told, call)
        journal.left(at + 5 + waited, call, outcome, 5 + waited)
    ledger = Ledger(full.places.calls, record_of)
    ledger.append(journal.entries)
    ledger.close()


def test_a_day_without_promises_has_no_such_picture(full: Stage) -> None:
    assert 'id="promised"' not in page(full)


def test_promises_stand_beside_the_real_waits_with_the_medians_error(full: Stage) -> None:
    has_waits(full)
    text = page(full).partition('id="promised"')[2].partition("</section>")[0]
    assert text.count("<circle") == 2
    assert "promised 1:00, waited 1:20" in text
    row = re.findall(r'<td[^>]* data-label="([^"]+)">(?:<strong>)?([^<]*)', text)
    assert dict(row)["Promises"] == "3" and dict(row)["Of answered callers"] == "2"
    assert dict(row)["Median error"] == "12.5 %"


def test_a_dot_stands_where_its_seconds_say() -> None:
    dots = dots_of([promise(60, 120), promise(30, None)])
    assert dots.told == 2
    (dot,) = dots.dots
    scale = dict((value, place) for place, value in dots.lines)
    assert dot.x == pytest.approx(scale[60], abs=0.1)
    assert SIZE - dot.y == pytest.approx(scale[120], abs=0.1)


def test_of_very_many_promises_some_are_shown() -> None:
    dots = dots_of([promise(60, 60.0 + n) for n in range(3 * MOST_DOTS + 1)])
    assert MOST_DOTS / 2 < len(dots.dots) <= MOST_DOTS and dots.told == 3 * MOST_DOTS + 1
