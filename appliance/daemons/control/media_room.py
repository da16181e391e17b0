"""All media workers as control sees them: which call is where, and everything said again."""

import asyncio
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from appliance.daemons.control.heard_events import HeardEvents
from appliance.daemons.control.media_links import MediaLink
from appliance.vocabulary.audio import LegAudio, Silence
from appliance.vocabulary.commands import (
    ClaimAudio,
    MediaCommand,
    RelayDigit,
    ReleaseAudio,
    SetAudio,
    SoundDigit,
)
from appliance.vocabulary.events import MediaEvent
from appliance.vocabulary.ids import CallId, LegId
from appliance.wire.control import WorkerStatus
from appliance.wire.media import (
    FiguresAsked,
    FromMedia,
    NumberingBegan,
    Sync,
    TrackClosed,
    WorkerFigures,
)

Wishes = Callable[[], Iterable[tuple[CallId, list[LegAudio]]]]
"""Every call with the wished-for audio of its legs."""
SYNC_EVERY = 5
"""Questions for figures, one a second, between two times that the workers are told what is wished
for: whatever else they have is ended."""
SLOT = "heard:"
"""What the names of the slots begin with; the worker's number follows."""


class MediaRoom:
    """The links to the workers. All legs of a call are on one worker, the same after a restart.

    Calls that may become one are on one worker too: their audio goes by the first one's name.
    """

    def __init__(
        self,
        *,
        sockets: list[Path],
        loop: asyncio.AbstractEventLoop,
        wishes: Wishes,
        on_events: Callable[[list[MediaEvent]], None],
    ) -> None:
        self._wishes = wishes
        self._on_events = on_events
        self._leg_workers: dict[LegId, int] = {}
        self._figures: dict[int, WorkerFigures] = {}
        self._asked = 0
        self._links = [
            MediaLink(
                worker=worker,
                path=path,
                loop=loop,
                on_events=self._events,
                on_connected=self._connected,
            )
            for worker, path in enumerate(sockets)
        ]
        self._heard = [HeardEvents() for _ in sockets]

    def connect(self) -> None:
        """Connect to every worker, now or as soon as it is there."""
        for link in self._links:
            link.connect()

    # --- slots ---
    def restore(self, slots: Mapping[str, bytes]) -> None:
        """Take up how far the process before had come with each worker's events."""
        for worker, heard in enumerate(self._heard):
            content = slots.get(f"{SLOT}{worker}")
            if content is not None:
                heard.restore(content)

    def take_slots(self) -> dict[str, bytes]:
        """Return how far control has come with each worker's events, where that has changed."""
        kept = {f"{SLOT}{worker}": one.take_slot() for worker, one in enumerate(self._heard)}
        return {name: content for name, content in kept.items() if content is not None}

    # --- the turn ---
    def send(self, commands: Sequence[MediaCommand]) -> None:
        """Pass commands on, each to its call's worker. The turn's slots are written by now."""
        for command in _without_superseded(commands):
            match command:
                case ClaimAudio():
                    worker = self._worker_of(command.call)
                    self._leg_workers[command.leg] = worker
                    self._links[worker].send(command)
                case SetAudio():
                    self._links[self._worker_of(command.audio.call)].send(command)
                case RelayDigit() | SoundDigit():
                    found = self._leg_workers.get(command.leg)
                    if found is not None:
                        self._links[found].send(command)
                case ReleaseAudio():
                    found = self._leg_workers.pop(command.leg, None)
                    if found is not None:
                        self._links[found].send(command)
        for link, heard in zip(self._links, self._heard, strict=True):
            acknowledgement = heard.take_acknowledgement()
            if acknowledgement is not None:
                link.send(acknowledgement)
            link.flush()

    def ask_figures(self) -> None:
        """Have every worker tell its figures; they come as events. To be called between turns,
        every second."""
        self._asked += 1
        if self._asked % SYNC_EVERY == 0:
            self._sync()
        for link in self._links:
            link.send(FiguresAsked())
            link.flush()

    def _sync(self) -> None:
        """Nothing is on its way here: what a worker has besides, no call will ever release."""
        legs: list[list[LegId]] = [[] for _ in self._links]
        for _, audios in self._wishes():
            for audio in audios:
                legs[self._worker_of(audio.call)].append(audio.leg)
        for link, wished in zip(self._links, legs, strict=True):
            link.send(Sync(legs=tuple(wished)))

    def status(self) -> tuple[WorkerStatus, ...]:
        """Return how the workers are."""
        return tuple(self._worker_status(link) for link in self._links)

    def _worker_of(self, call: CallId) -> int:
        return zlib.crc32(call.encode()) % len(self._links)

    def _connected(self, worker: int) -> None:
        """A worker is there (again): say everything that it should be doing."""
        link = self._links[worker]
        self._heard[worker].connected()
        legs: list[LegId] = []
        for _, audios in self._wishes():
            for audio in audios:
                if self._worker_of(audio.call) != worker:
                    continue
                legs.append(audio.leg)
                self._leg_workers[audio.leg] = worker
                link.send(ClaimAudio(leg=audio.leg, call=audio.call))
                if audio.version > 0:
                    link.send(SetAudio(audio=audio))
        link.send(Sync(legs=tuple(legs)))
        link.send(FiguresAsked())  # its answer shows that a worker is there
        link.flush()

    def _events(self, worker: int, events: list[FromMedia]) -> None:
        told: list[MediaEvent] = []
        for event in self._heard[worker].new(events):
            if isinstance(event, WorkerFigures):
                self._figures[worker] = event
            elif not isinstance(event, TrackClosed | NumberingBegan):
                told.append(event)
        if told:
            self._on_events(told)

    def _worker_status(self, link: MediaLink) -> WorkerStatus:
        found = self._figures.get(link.worker)
        if found is None:
            return WorkerStatus(worker=link.worker, is_up=link.is_up)
        return WorkerStatus(
            worker=link.worker,
            is_up=link.is_up,
            legs=found.legs,
            ticks_late=found.ticks_late,
            worst_tick_ms=found.worst_tick_ms,
            packets_in=found.packets_in,
            packets_refused=found.packets_refused,
        )


def _without_superseded(commands: Sequence[MediaCommand]) -> Iterator[MediaCommand]:
    """Leave out what a later wish of the same turn says anew: an answered leg is told its far end,
    hearing nothing, and at once what it hears. A play that begins, and a recording that opens or
    closes, are said in any case."""
    latest = {one.audio.leg: one.audio for one in commands if isinstance(one, SetAudio)}
    for command in commands:
        if isinstance(command, SetAudio):
            audio, last = command.audio, latest[command.audio.leg]
            is_superseded = last is not audio and audio.track == last.track
            if is_superseded and isinstance(audio.hears, Silence):
                continue
        yield command
