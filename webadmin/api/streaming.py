"""The event stream (server-sent events, WHATWG HTML §9.2), and what has happened page by page.

A reader is told from the journal itself, row after row, so nothing is kept for him in memory: who
is slow is behind, and who takes nothing for half a minute is cut off by the web server
(gunicorn_worker.py); with Last-Event-ID he goes on where he was. Each reader holds one of the web
server's threads, so their number is bounded, and each token has its share.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from threading import Lock

from flask import Response, request

from appliance.reports.public_events import Announcer, public_json, public_name
from appliance.store.journal_tail import JournalTail
from appliance.store.places import Paths
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.public_events import AnyPublicEvent
from appliance.vocabulary.tokens import Scope, Token
from webadmin.api.door import present_token
from webadmin.api.operation import Asked, Nothing, Shown
from webadmin.api.takes import EventsQuery, PastEventsQuery
from webadmin.problems import Problem
from webadmin.stores import places

MOST_READERS = 8
"""Of the web server's 32 threads; 16 are for the pages Live."""
MOST_OF_A_TOKEN = 4
"""One program that opens stream after stream leaves room for the others."""
LOOK_EVERY_S = 0.1
BEAT_S = 5.0
"""A reader hears something at least so often, and the box learns that he has gone."""
TOKEN_S = 10.0
"""So often it is looked whether the token still holds."""
LONGEST_S = 3600.0
"""Then the reader comes again by himself."""
ROWS = 200
MOST_ROWS_LOOKED_AT = 20_000
"""For one page of what has happened: filters may let little of it through."""


class _Places:
    """Who reads: so many at all, and so many with one token."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._taken: Counter[str] = Counter()

    def take(self, token: str) -> None:
        """Take a place; Problem where there is none."""
        with self._lock:
            if self._taken[token] >= MOST_OF_A_TOKEN:
                most = f"At most {MOST_OF_A_TOKEN} with one token."
            elif self._taken.total() >= MOST_READERS:
                most = f"At most {MOST_READERS}."
            else:
                self._taken[token] += 1
                return
        raise Problem("readers_full", most, retry_after=int(BEAT_S))

    def give_back(self, token: str) -> None:
        """Free a place."""
        with self._lock:
            self._taken[token] -= 1
            self._taken += Counter()  # those without a reader are forgotten


_places = _Places()


class EventsShown(Shown, frozen=True, kw_only=True):
    """A page of what has happened, in order."""

    events: tuple[AnyPublicEvent, ...]
    after: int
    """`after` of the next page; the same as was asked for: there is nothing more yet."""


def stream_events(asked: Asked[EventsQuery, Nothing]) -> Response:
    """Events as they happen: one JSON object each, in the field `data`; `id` is the event's id."""
    after = _last_event_id()
    if request.method == "HEAD":
        return Response(content_type="text/event-stream; charset=utf-8")
    token = present_token()
    _places.take(token.name)
    body = _Stream(
        places(),
        token,
        frozenset(asked.query.events),
        asked.query.after if after is None else after,
        lambda: _places.give_back(token.name),
    )
    return Response(
        body,
        content_type="text/event-stream; charset=utf-8",
        # X-Accel-Buffering: a proxy before us must not hold the events back.
        headers={"X-Accel-Buffering": "no"},
    )


def list_events(asked: Asked[PastEventsQuery, Nothing]) -> EventsShown:
    """What has happened, in order: for who was away, and to begin with."""
    query = asked.query
    tail = JournalTail(places().calls)
    try:
        announcer = Announcer(tail.before)
        wanted, found, row = frozenset(query.events), list[AnyPublicEvent](), query.after
        until = row + MOST_ROWS_LOOKED_AT
        while len(found) < query.limit and row < until:
            rows = tail.after(row, ROWS)
            for row, entry in rows:
                event = None if entry is None else announcer.event(row, entry)
                if event is not None and (not wanted or public_name(event) in wanted):
                    found.append(event)
                    if len(found) == query.limit:
                        break
            if len(rows) < ROWS:
                break
        return EventsShown(events=tuple(found), after=row)
    finally:
        tail.close()


def _last_event_id() -> int | None:
    """Return the header's number; one that is no number of ours is an error, not "from now"."""
    text = request.headers.get("Last-Event-ID", "").strip()
    if not text:
        return None
    if re.fullmatch(r"[0-9]{1,16}", text, re.ASCII) is None:
        raise Problem("invalid", "It is the id of an event.", field="Last-Event-ID")
    return int(text)


class _Stream:
    """The body. The server closes it, whatever ends it; then its place is free."""

    def __init__(
        self,
        at: Paths,
        token: Token,
        wanted: frozenset[str],
        after: int | None,
        on_close: Callable[[], None],
    ) -> None:
        self._at, self._token, self._wanted, self._after = at, token, wanted, after
        self._on_close = on_close
        self._is_closed = False
        self._begun = self._beaten = time.monotonic()
        self._looked = -TOKEN_S

    def __iter__(self) -> Iterator[bytes]:
        tail = JournalTail(self._at.calls)
        try:
            yield from self._told(tail)
        except EquipmentError:
            # The reader comes again, and is told then whether the files can be read.
            return
        finally:
            tail.close()

    def close(self) -> None:
        """Give the place back, once."""
        if not self._is_closed:
            self._is_closed = True
            self._on_close()

    def _told(self, tail: JournalTail) -> Iterator[bytes]:
        announcer = Announcer(tail.before)
        last = tail.last()
        # An id beyond the end is from another journal: from now on.
        row = last if self._after is None else min(self._after, last)
        yield b"retry: 1000\n\n"
        is_behind = True
        while time.monotonic() - self._begun < LONGEST_S:
            if not self._still_may():
                yield b"event: over\ndata: {}\n\n"
                return
            rows = tail.after(row, ROWS) if is_behind or tail.has_news() else []
            told = b""
            for row, entry in rows:
                event = None if entry is None else announcer.event(row, entry)
                if event is not None and (not self._wanted or public_name(event) in self._wanted):
                    told += _frame(event)
            is_behind = len(rows) == ROWS
            if told or time.monotonic() - self._beaten >= BEAT_S:
                self._beaten = time.monotonic()
                yield told or b": beat\n\n"
            if not is_behind:
                time.sleep(LOOK_EVERY_S)

    def _still_may(self) -> bool:
        if time.monotonic() - self._looked < TOKEN_S:
            return True
        self._looked = time.monotonic()
        store = SettingsStore(self._at.settings)
        try:
            token = store.tokens.by_digest(self._token.digest)
        finally:
            store.close()
        return token is not None and token.may(Scope.EVENTS_READ)


def _frame(event: AnyPublicEvent) -> bytes:
    name = public_name(event).encode()
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.id, name, public_json(event))
