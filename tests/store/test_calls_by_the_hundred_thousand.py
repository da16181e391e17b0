"""100,000 calls: whatever is searched for, the first page is there within a second."""

import time
from pathlib import Path
from random import Random

import pytest

from appliance.reports.record import record_of
from appliance.store.calls import CallBook, CallFilter
from appliance.store.ledger import Ledger, _call_row
from appliance.vocabulary.ids import AgentId, CallId, QueueId, RecordingId, Seconds, Utc
from appliance.vocabulary.journal import CallOutcome, Direction, Side
from appliance.vocabulary.lines import Cause, Party, TrunkLine
from appliance.vocabulary.records import CallRecord, RecordingNote

CALLS = 100_000
START = 1_730_000_000.0


def record(number: int, rng: Random) -> CallRecord:
    entered = Utc(START + number * 315.0)
    agent = AgentId(f"1{rng.randrange(50):03d}")
    queue = QueueId(rng.choice(("sales", "service", "billing")))
    return CallRecord(
        call=CallId(f"{rng.getrandbits(64):016x}"),
        direction=Direction.INBOUND,
        outcome=rng.choice((CallOutcome.ANSWERED, CallOutcome.ABANDONED, CallOutcome.IVR)),
        caller=Party(number=f"13{rng.randrange(10**9):09d}", name="李 先生"),
        called="02188886666",
        line=TrunkLine(trunk="carrier"),
        line_call=f"{rng.getrandbits(80):020x}@198.51.100.7",
        queue=queue,
        queues=(queue,),
        agent=agent,
        agents=(agent,),
        entered=entered,
        answered=entered,
        queued=Utc(entered + 20),
        bridged=Utc(entered + 40),
        ended=Utc(entered + 200),
        wait=Seconds(20.0),
        talk=Seconds(160.0),
        ended_by=Side.CALLER,
        cause=Cause.NORMAL,
        recordings=(
            RecordingNote(
                recording=RecordingId(f"r{number}"),
                file=f"2025-01-01/r{number}.wav",
                seconds=Seconds(160.0),
                sha256=f"{rng.getrandbits(256):064x}",
                notice=f"{rng.getrandbits(256):064x}",
                notice_at=entered,
            ),
        ),
        nodes=("notice", "menu", "sales"),
        digits="2",
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("calls") / "calls.db"
    ledger = Ledger(path, record_of)
    rng = Random(5)
    connection = ledger._connection
    connection.execute("BEGIN")
    connection.executemany(
        f"INSERT INTO calls VALUES ({', '.join('?' * 11)})",
        (_call_row(record(number, rng)) for number in range(CALLS)),
    )
    connection.execute("COMMIT")
    ledger.close()
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    "wanted",
    [
        CallFilter(),
        CallFilter(number="9876543"),
        CallFilter(text="nothing has this in it"),
        CallFilter(agent=AgentId("1007"), queue=QueueId("billing")),
        CallFilter(agent=AgentId("nobody")),
        CallFilter(outcome=CallOutcome.BLOCKED),
        CallFilter(has_recording=False),
        CallFilter(direction=Direction.OUTBOUND, text="7"),
    ],
    ids=str,
)
def test_the_first_page_is_there_within_a_second(path: Path, wanted: CallFilter) -> None:
    began = time.process_time()
    book = CallBook(path)
    found = book.calls_between(Utc(0.0), Utc(1e12), wanted)
    assert time.process_time() - began < 1.0
    assert len(found) <= 50
    began = time.process_time()
    assert book.count_between(Utc(0.0), Utc(1e12), wanted) >= len(found)
    assert time.process_time() - began < 1.0


@pytest.mark.slow
def test_the_last_page_is_as_near_as_the_first(path: Path) -> None:
    book = CallBook(path)
    (oldest,) = book.calls_between(Utc(0.0), Utc(START + 1), limit=1)
    began = time.process_time()
    (second,) = book.calls_between(Utc(0.0), Utc(START + 400), limit=1)
    assert book.calls_between(Utc(0.0), Utc(1e12), before=second.call) == [oldest]
    assert time.process_time() - began < 0.1
