"""What control says of itself in one line."""

from pathlib import Path

from journal_script import Journal

from appliance.daemons.control.status import status_told
from appliance.reports.record import record_of
from appliance.store.calls import CallBook
from appliance.store.ledger import Ledger
from appliance.vocabulary.ids import ExtensionNumber, Utc
from appliance.vocabulary.journal import CallEntered, CallOutcome, Direction
from appliance.vocabulary.lines import Party, PhoneLine
from appliance.vocabulary.live import Live
from appliance.vocabulary.settings import Site

NINE = 1_763_600_400.0


def test_the_boxs_own_test_call_is_no_call_of_today(tmp_path: Path) -> None:
    journal = Journal(NINE)
    journal.enters(0, "c1")
    journal.ends(5, "c1", CallOutcome.IVR)
    line = PhoneLine(extension=ExtensionNumber("self-test"))
    tested = CallEntered(direction=Direction.SERVICE, line=line, caller=Party(number="self-test"),
                         called="*60", line_call="c2@box")  # fmt: skip
    journal.add(10, tested, "c2", "c2-a")
    journal.ends(20, "c2", CallOutcome.SERVICE)
    ledger = Ledger(tmp_path / "calls.db", record_of)
    ledger.append(journal.entries)
    ledger.close()
    at = Utc(NINE + 60)
    told = status_told(
        Live(at=at, site_name="", site_version=0), Site(), at,
        up_seconds=60, restarts=0, book=CallBook(tmp_path / "calls.db"), ports=(5060, 5061),
    )  # fmt: skip
    assert told.calls_today == 1
