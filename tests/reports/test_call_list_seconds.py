"""Seconds are cut, never rounded: the list of calls says what the timeline and the pages say."""

from pathlib import Path

import pytest
from journal_script import Journal

from appliance.daemons import command_line
from appliance.reports.call_list import call_list, call_tables
from appliance.reports.days import day_at
from appliance.reports.names import Names
from appliance.reports.record import record_of
from appliance.reports.timeline import duration, timeline_of
from appliance.reports.words import words_for
from appliance.store.ledger import Ledger
from appliance.vocabulary.ids import AgentId, ExtensionNumber, Utc, VisitId
from appliance.vocabulary.journal import (
    MISSED_CALLS,
    MISSED_CODE,
    AgentOffered,
    CallEntered,
    CallOutcome,
    Direction,
    MissReason,
    OfferMissed,
    VisitOutcome,
)
from appliance.vocabulary.lines import Party, PhoneLine
from appliance.vocabulary.settings import Language, Site

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


def test_a_call_that_told_an_agent_he_is_not_ready_has_words_instead_of_a_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    journal = Journal(NINE)
    line = PhoneLine(extension=ExtensionNumber("8001"))
    told = CallEntered(direction=Direction.SERVICE, line=line, caller=Party(number="8001"),
                       called=MISSED_CODE, line_call="c1@box", asked_by=MISSED_CALLS)  # fmt: skip
    journal.add(0, told, "c1", "c1-a")
    journal.ends(5, "c1", CallOutcome.SERVICE)
    monkeypatch.setenv("LINGHE_DATA", str(tmp_path))
    ledger = Ledger(tmp_path / "calls.db", record_of)
    ledger.append(journal.entries)
    ledger.close()
    assert command_line.main(("calls",)) == 0
    said = capfd.readouterr().out
    assert "told: not ready" in said and MISSED_CODE not in said
    listed = call_list(journal.entries, Site(), day_at(Utc(NINE), "Asia/Shanghai"), Utc(NINE + 60))
    for language, words in ((Language.EN, "told: not ready"), (Language.ZH, "通知：未就绪")):
        (table,) = call_tables(listed, words_for(language))
        assert words in table.rows[0] and MISSED_CODE not in table.rows[0]


def test_timeline_cuts_the_seconds_of_a_ring_too() -> None:
    lines = timeline_of(a_call().entries, Names())
    (missed,) = [line for line in lines if line.kind == "OfferMissed"]
    assert missed.values["seconds"] == "12"
