"""Answers questions on run/control.sock: command line, web and jobs (wire/control.py)."""

import asyncio
import logging
import socket
import sys
from pathlib import Path
from typing import Protocol, assert_never

from appliance.daemons import notify
from appliance.daemons.control import clock
from appliance.daemons.control.lookup_list import LookupList
from appliance.vocabulary.errors import ApplianceError, PeerError
from appliance.vocabulary.events import CallEvent, RecordingSealed
from appliance.vocabulary.live import Live
from appliance.vocabulary.lookups import LookUp
from appliance.vocabulary.verbs import Verb, VerbAnswered
from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.control import (
    Done,
    FlowsInUse,
    FlowsInUseAsked,
    FromControl,
    LiveAsked,
    LiveTold,
    LookupAnswered,
    Refused,
    ReloadPrompts,
    ReloadSite,
    Sealed,
    Sealings,
    SealingsAsked,
    StatusAsked,
    StatusTold,
    ToControl,
    WatchLive,
    WatchLookups,
    WatchSealings,
)

logger = logging.getLogger(__name__)

LIVE_EVERY_SECONDS = 0.25
"""At most four pictures a second; the page promises to be at most 2 s old."""
MOST_BUFFERED = 4 << 20
"""A watcher that does not read is cut off."""


class Answers(Protocol):
    """What the box can say about itself."""

    def live(self) -> Live: ...

    def status(self) -> StatusTold: ...

    def sealings(self) -> Sealings: ...

    def flows_in_use(self) -> FlowsInUse: ...

    def reload_site(self) -> str: ...

    def reload_prompts(self) -> str: ...

    def sealed(self, event: RecordingSealed) -> None: ...

    def happened(self, event: CallEvent) -> None: ...

    def verb(self, verb: Verb) -> VerbAnswered: ...


def control_socket(place: Path) -> socket.socket:
    """Return the socket that the service manager keeps, else a new one at its place."""
    kept = notify.inherited_socket("control")
    if kept is not None:
        return kept
    place.unlink(missing_ok=True)
    new = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    new.bind(str(place))
    return new


class Questions:
    """One for a box; any number of askers."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._live_watchers: set[asyncio.StreamWriter] = set()
        self._sealing_watchers: set[asyncio.StreamWriter] = set()
        self._lookup_watchers: set[asyncio.StreamWriter] = set()
        self._lookups = LookupList()
        self._live_due = False

    async def listen(self, control: socket.socket) -> asyncio.Server:
        """Answer at this socket, which is the service manager's: its path stays when we end.

        Python 3.13 would remove it, and whoever follows us would listen where nobody can knock.
        """
        if sys.version_info >= (3, 13):
            return await asyncio.start_unix_server(self.ask, sock=control, cleanup_socket=False)
        return await asyncio.start_unix_server(self.ask, sock=control)

    async def ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        decoder: LineDecoder[ToControl] = LineDecoder(ToControl)
        try:
            while data := await reader.read(65536):
                for question in decoder.feed(data):
                    self._say(writer, self._answered(question, writer))
                await writer.drain()
        except PeerError as error:
            self._say(writer, Refused(key="malformed", sentence=str(error)))
        except (OSError, asyncio.CancelledError) as error:
            # Cancelled at the end of the process: asyncio would print each as a failure.
            logger.debug("an asker is gone: %s", error)
        finally:
            self._live_watchers.discard(writer)
            self._sealing_watchers.discard(writer)
            self._lookup_watchers.discard(writer)
            writer.close()

    def _answered(self, question: ToControl, writer: asyncio.StreamWriter) -> FromControl:
        """Answer, come what may: who asked `apply` must hear why it was not taken up."""
        try:
            return self._answer(question, writer)
        except ApplianceError as error:
            logger.warning("cannot answer %s: %s", type(question).__name__, error)
            return Refused(key="failed", sentence=str(error))
        except Exception:  # the last guard of the asker's connection
            logger.exception("cannot answer %s", type(question).__name__)
            return Refused(key="failed", sentence="The log of control says why.")

    def _answer(self, question: ToControl, writer: asyncio.StreamWriter) -> FromControl:
        match question:
            case LiveAsked():
                return LiveTold(live=self._answers.live())
            case WatchLive():
                self._live_watchers.add(writer)
                return LiveTold(live=self._answers.live())
            case StatusAsked():
                return self._answers.status()
            case ReloadSite():
                return Done(text=self._answers.reload_site())
            case ReloadPrompts():
                return Done(text=self._answers.reload_prompts())
            case FlowsInUseAsked():
                return self._answers.flows_in_use()
            case SealingsAsked() | WatchSealings() | Sealed() | WatchLookups() | LookupAnswered():
                return self._answer_jobs(question, writer)
            case _:
                return self._answers.verb(question)

    def _answer_jobs(
        self,
        question: SealingsAsked | WatchSealings | Sealed | WatchLookups | LookupAnswered,
        writer: asyncio.StreamWriter,
    ) -> FromControl:
        match question:
            case SealingsAsked():
                return self._answers.sealings()
            case WatchSealings():
                self._sealing_watchers.add(writer)
                return self._answers.sealings()
            case Sealed():
                self._answers.sealed(question.sealed)
                return Done()
            case WatchLookups():
                self._lookup_watchers.add(writer)
                return self._lookups.told(clock.now())
            case LookupAnswered():
                if self._lookups.take(question.looked_up):
                    self._answers.happened(question.looked_up)
                return Done()
            case _:
                assert_never(question)

    def settled(self, lookups: list[LookUp], is_changed: bool) -> None:
        """A turn is over: what it wants to have found out is told to jobs."""
        if lookups:
            self._lookups.forget_late(clock.now())
            told = self._lookups.add(lookups, clock.now())
            for writer in list(self._lookup_watchers):
                self._say(writer, told)
        if is_changed:
            self.live_changed()

    def live_changed(self) -> None:
        """Something changed: watchers get a picture soon."""
        if self._live_due or not self._live_watchers:
            return
        self._live_due = True
        asyncio.get_running_loop().call_later(LIVE_EVERY_SECONDS, self._tell_live)

    def _tell_live(self) -> None:
        self._live_due = False
        told = LiveTold(live=self._answers.live())
        for writer in list(self._live_watchers):
            self._say(writer, told)

    def sealings_changed(self) -> None:
        """A recording waits to be sealed."""
        for writer in list(self._sealing_watchers):
            self._say(writer, self._answers.sealings())

    def _say(self, writer: asyncio.StreamWriter, answer: FromControl) -> None:
        if writer.transport.get_write_buffer_size() > MOST_BUFFERED:
            self._live_watchers.discard(writer)
            self._sealing_watchers.discard(writer)
            self._lookup_watchers.discard(writer)
            writer.close()
            return
        if not writer.is_closing():
            writer.write(line_of(answer))
