"""The event stream: from now on or from an id, filtered, bounded, ended with its token."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from api_stage import API, TOKEN, Program, has_token
from chromium import Web
from web_stage import Stage

from appliance.reports.record import record_of
from appliance.store.ledger import Ledger
from appliance.vocabulary.fact import AgentState
from appliance.vocabulary.ids import AgentId, ExtensionNumber, Instant, Utc
from appliance.vocabulary.journal import AgentStateChanged, Entry, PhoneSeen
from appliance.vocabulary.tokens import Scope, token_text
from webadmin.api import streaming
from webadmin.gunicorn_worker import WRITE_S

PATIENCE_S = 10.0


class Happenings:
    """Somebody who writes the journal."""

    def __init__(self, stage: Stage) -> None:
        self.ledger = Ledger(stage.places.calls, record_of)
        self.count = 0

    def __call__(self, count: int = 1, size: int = 0) -> None:
        """An agent's state changes so many times, each with a reason so long."""
        entries = []
        for _ in range(count):
            self.count += 1
            state = AgentStateChanged(
                agent=AgentId("1001"), state=AgentState.READY, reason="x" * size
            )
            entries.append(_entry(f"s{self.count}", state))
        self.ledger.append(entries)


def _entry(key: str, fact: AgentStateChanged | PhoneSeen) -> Entry:
    return Entry(at=Utc(1e9), mono=Instant(1.0), fact=fact, key=f"box:{key}")


@pytest.fixture
def happens(stage: Stage) -> Iterator[Happenings]:
    stage.has_people()
    has_token(stage)
    happenings = Happenings(stage)
    yield happenings
    happenings.ledger.close()


@pytest.fixture
def program(stage: Stage, happens: Happenings) -> Program:
    return Program(stage)


class Reader:
    """Reads a stream as a library for server-sent events does."""

    def __init__(self, program: Program, path: str = "/events", **headers: str) -> None:
        self.answer = program.client.get(
            API + path, headers=program.headers | headers, buffered=False
        )
        self._chunks = self.answer.iter_encoded()
        self._text = b""

    def frame(self) -> dict[str, str]:
        """Return the next frame's fields; comments are under ""."""
        while b"\n\n" not in self._text:
            self._text += next(self._chunks)
        frame, _, self._text = self._text.partition(b"\n\n")
        return dict(line.split(": ", 1) for line in frame.decode().split("\n"))

    def event(self) -> dict:
        """Return the next event; its frame and its body must agree."""
        while "data" not in (frame := self.frame()):
            pass
        told = json.loads(frame["data"])
        assert (frame["id"], frame["event"]) == (str(told["id"]), told["event"])
        return told

    def close(self) -> None:
        self.answer.close()


def test_reader_is_told_of_what_happens_from_now_on(program: Program, happens: Happenings) -> None:
    happens(5)
    reader = Reader(program)
    assert reader.answer.mimetype == "text/event-stream"
    assert reader.frame() == {"retry": "1000"}
    happens(3)
    assert [reader.event()["id"] for _ in range(3)] == [6, 7, 8]
    reader.close()


@pytest.mark.parametrize("header", [True, False])
def test_reader_goes_on_after_the_last_event_that_he_read(
    program: Program, happens: Happenings, header: bool
) -> None:
    happens(600)
    words = {"Last-Event-ID": "100"} if header else {}
    reader = Reader(program, "/events" if header else "/events?after=100", **words)
    assert [reader.event()["id"] for _ in range(500)] == list(range(101, 601))
    reader.close()


def test_the_header_goes_before_the_address(program: Program, happens: Happenings) -> None:
    happens(10)
    reader = Reader(program, "/events?after=2", **{"Last-Event-ID": "8"})
    assert reader.event()["id"] == 9
    reader.close()


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "9" * 17])
def test_id_that_is_none_of_ours_is_refused(program: Program, text: str) -> None:
    answer = program.get("/events", **{"Last-Event-ID": text})
    assert program.problem(answer) == (422, "invalid")


def test_id_beyond_the_end_means_from_now_on(program: Program, happens: Happenings) -> None:
    happens(2)
    reader = Reader(program, **{"Last-Event-ID": "999"})
    assert reader.frame() == {"retry": "1000"}
    happens(1)
    assert reader.event()["id"] == 3
    reader.close()


def test_only_wanted_events_are_told(program: Program, happens: Happenings) -> None:
    happens(2)
    reader = Reader(program, "/events?after=0&events=ended,agent_state")
    assert reader.event()["event"] == "agent_state"
    reader.close()
    assert json.loads(program.get("/events/past?events=ended").text) == {"events": [], "after": 2}
    answer = program.get("/events?events=weather")
    assert program.problem(answer) == (422, "invalid")


def test_what_nobody_is_told_of_is_no_event(program: Program, happens: Happenings) -> None:
    phone = PhoneSeen(extension=ExtensionNumber("8001"), is_registered=True)
    happens.ledger.append([_entry("p1", phone)])
    happens(1)
    assert [one["id"] for one in json.loads(program.get("/events/past").text)["events"]] == [2]


def test_silence_is_broken_by_a_beat(
    program: Program, happens: Happenings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "BEAT_S", 0.1)
    reader = Reader(program)
    reader.frame()
    assert reader.frame() == {"": "beat"}
    reader.close()


def test_stream_ends_with_its_token(
    stage: Stage, program: Program, happens: Happenings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "TOKEN_S", 0.1)
    reader = Reader(program)
    reader.frame()
    store = stage.settings()
    store.tokens.revoke("crm")
    store.close()
    frames, until = [], time.monotonic() + PATIENCE_S
    while not frames or "event" not in frames[-1]:
        assert time.monotonic() < until
        happens(1)
        frames.append(reader.frame())
        if frames[-1].get("event") == "agent_state":
            frames.append({})
    assert frames[-1]["event"] == "over"
    with pytest.raises(StopIteration):
        reader.frame()
    reader.close()


def _programs(stage: Stage, count: int) -> list[Program]:
    """Programs with a token each."""
    texts = [token_text(bytes((number + 1,)) * 32) for number in range(count)]
    for number, text in enumerate(texts):
        has_token(stage, Scope.EVENTS_READ, name=f"program-{number}", text=text)
    return [Program(stage, text) for text in texts]


def test_one_token_cannot_hold_all_places(stage: Stage, program: Program) -> None:
    (other,) = _programs(stage, 1)
    readers = [Reader(program) for _ in range(streaming.MOST_OF_A_TOKEN)]
    assert streaming.MOST_OF_A_TOKEN < streaming.MOST_READERS
    refused = program.get("/events")
    assert program.problem(refused) == (429, "readers_full")
    assert "with one token" in refused.text and refused.headers["Retry-After"] == "5"
    readers.append(Reader(other))
    readers.pop(0).close()
    readers.append(Reader(program))
    assert {reader.answer.status_code for reader in readers} == {200}
    for reader in readers:
        reader.close()


def test_readers_are_bounded_and_their_places_given_back(stage: Stage, program: Program) -> None:
    readers = [Reader(one) for one in _programs(stage, streaming.MOST_READERS)]
    refused = program.get("/events")
    assert program.problem(refused) == (429, "readers_full")
    for reader in readers:
        reader.close()
    again = Reader(program)
    assert again.answer.status_code == 200
    again.close()


def test_head_of_the_stream_takes_no_place(program: Program) -> None:
    for _ in range(streaming.MOST_READERS + 1):
        answer = program.client.head(f"{API}/events", headers=program.headers)
        assert answer.status_code == 200
    reader = Reader(program)
    assert reader.answer.status_code == 200
    reader.close()


def test_pages_of_the_past_join_without_a_gap(program: Program, happens: Happenings) -> None:
    happens(25)
    ids, after = [], 0
    while True:
        page = json.loads(program.get(f"/events/past?after={after}&limit=10").text)
        if page["after"] == after:
            break
        ids += [one["id"] for one in page["events"]]
        after = page["after"]
    assert ids == list(range(1, 26))


# --- over a real web server -------------------------------------------------------------------
def test_event_reaches_a_reader_within_a_second(stage: Stage, happens: Happenings) -> None:
    web = Web(stage)
    try:
        link = http.client.HTTPConnection("127.0.0.1", web.port, timeout=PATIENCE_S)
        link.request("GET", f"{API}/events", headers={"Authorization": f"Bearer {TOKEN}"})
        stream = link.getresponse()
        assert stream.readline() == b"retry: 1000\n"
        begun = time.monotonic()
        happens(1)
        while not stream.readline().startswith(b"data: "):
            assert time.monotonic() - begun < PATIENCE_S
        assert time.monotonic() - begun < 1.0
        link.close()
    finally:
        web.close()


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_reader_who_takes_nothing_is_cut_off_and_others_are_not(
    stage: Stage, happens: Happenings
) -> None:
    web = Web(stage)
    try:
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", web.port))
        asked = f"GET {API}/events?after=0 HTTP/1.1\r\nHost: box\r\nAuthorization: Bearer {TOKEN}"
        slow.sendall(f"{asked}\r\n\r\n".encode())
        # More than all buffers between hold.
        for _ in range(20):
            happens(200, size=5000)
        others = Program(stage)
        until = time.monotonic() + WRITE_S + 30
        pause = threading.Event()
        while _sockets_of(web.port, slow.getsockname()[1]):
            assert others.get("/events/past?limit=1").status_code == 200
            assert time.monotonic() < until, "still connected"
            pause.wait(0.5)
        slow.close()
    finally:
        web.close()


def _sockets_of(port: int, peer: int) -> bool:
    """Say whether the web server has this connection established still (proc(5), net/tcp)."""
    ours, state = (f"0100007F:{port:04X}", f"0100007F:{peer:04X}"), "01"
    with open("/proc/net/tcp") as table:
        return any((*ours, state) == tuple(line.split()[1:4]) for line in table)
