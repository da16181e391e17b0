"""Looking for rare facts in the journal without reading all of it."""

from appliance.reports.record import record_of
from appliance.store.journal_tail import JournalTail
from appliance.store.ledger import Ledger
from appliance.vocabulary.facts_messages import MessageArrived, MessageDeleted
from appliance.vocabulary.journal import DigitPressed, Entry

KINDS = (MessageArrived, MessageDeleted)


def entry(number, fact):
    return Entry(at=1.0 + number, mono=float(number), fact=fact, key=f"k{number}")


def test_rare_facts_are_found_among_others_and_all_rows_count_as_read(tmp_path):
    ledger, tail = Ledger(tmp_path / "calls.db", record_of), JournalTail(tmp_path / "calls.db")
    gone = MessageDeleted(recording="r1", box="b1", by="b1", file="r1.wav")
    # Whoever names a node of his flow so makes no message of it.
    pressed = DigitPressed(node="MessageDeleted", digit="1")
    ledger.append([entry(n, pressed) for n in range(5)] + [entry(5, gone), entry(6, pressed)])
    row, found = tail.only(0, 100, KINDS)
    assert (row, [one.fact for one in found]) == (tail.last(), [gone])
    assert tail.only(row, 100, KINDS) == (row, [])
    assert tail.only(0, 3, KINDS) == (3, [])
    tail.close()
    ledger.close()
