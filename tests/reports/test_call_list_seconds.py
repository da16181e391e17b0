"""Seconds are cut, never rounded: the list of calls says what the timeline and the pages say."""

from pathlib import Path

import pytest
from journal_script import Journal

from appliance.daemons import command_line
from appliance.reports.names import Names
from appliance.reports.record import record_of
from appliance.reports.timeline import duration, timeline_of
from appliance.store.ledger import Ledger
from appliance.vocabulary.ids import AgentId, ExtensionNumber, VisitId
from appliance.vocabulary.journal import (
    AgentOffered,
    CallOutcome,
    MissReason,
    OfferMissed,
    VisitOutcome,
)

NINE = 1_763_600_400.0


def a_call() -> Journal:
    journal = Journal(NINE)
    journal.enters(0, "c1")
    visit = VisitId(journal.queued(1, "c1"))
    missed = {"agent": AgentId("1001"), "extension": ExtensionNumber("8001"), "visit": visit}
    journal.add(2, AgentOffered(**missed), "c1", "c1-b")
    journal.add(14.7, OfferMissed(**missed, reason=MissReason.NO_ANSWER), "c1", "c1-b")
    over = journal.talks(19.9, "c1", "1002", talk=40.9, rang=3)
    journal.left(19.9, "c1", VisitOutcome.ANSWERED, 18.9)
    journal.ends(over, "c1", CallOutcome.ANSWERED)
    return journal


def test_list_of_calls_cuts_seconds_as_the_timeline_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LINGHE_DATA", str(tmp_path))
    ledger = Ledger(tmp_path / "calls.db", record_of)
    ledger.append(a_call().entries)
    ledger.close()
    assert command_line.main(("calls",)) == 0
    said = capfd.readouterr().out
    assert " 18 s " in said and " 40 s " in said
    assert (duration(18.9), duration(40.9)) == ("0:18", "0:40")


def test_timeline_cuts_the_seconds_of_a_ring_too() -> None:
    lines = timeline_of(a_call().entries, Names())
    (missed,) = [line for line in lines if line.kind == "OfferMissed"]
    assert missed.values["seconds"] == "12"
