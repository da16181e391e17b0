"""Call control as the pages and the API see it, on run/control.sock: picture, status and verbs.

A verb is answered by what the picture has: a call or an agent that is not in it is unknown, as is
an extension without a line; all else is done.
"""

import socket
import time
from pathlib import Path
from threading import Lock, Thread

from msgspec.structs import replace

from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import CallId, Utc
from appliance.vocabulary.live import Live
from appliance.vocabulary.messages import BoxTold
from appliance.vocabulary.verbs import (
    CancelCallback,
    DeleteMessage,
    ListMessages,
    MarkMessage,
    MessageHeard,
    Originate,
    SetAgent,
    SetEmergencyMode,
    Verb,
    VerbAnswered,
)
from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.control import (
    Done,
    FlowsInUse,
    FlowsInUseAsked,
    LiveAsked,
    LiveTold,
    Refused,
    ReloadPrompts,
    ReloadSite,
    StatusAsked,
    StatusTold,
    ToControl,
    WatchLive,
)

STATUS = StatusTold(
    version="0.1.0", pid=7, up_seconds=5.0, restarts=0, calls=3, calls_today=12,
    registered_phones=1, trunks_up=1, trunks=1, site_version=1, site_name="Example",
    sip_port=5070, sips_port=5071,
)  # fmt: skip


class ControlSocket:
    """A control that shows one picture after another, can fall silent and be killed."""

    def __init__(self, place: Path, live: Live) -> None:
        """Listen at once."""
        self.place = place
        self.live = live
        self._since = time.monotonic()
        self.is_silent = False
        self.reloaded: Done | Refused = Done(text="")
        """Its answer to a changed site."""
        self.connections = 0
        self.originated = CallId("c0ffee")
        """The call that Originate makes."""
        self.boxes: tuple[BoxTold, ...] = ()
        """Voicemail boxes and their messages."""
        self.verbs: list[Verb] = []
        """Those that were asked for, oldest first."""
        self._lock = Lock()
        self._watchers: list[socket.socket] = []
        self._open: list[socket.socket] = []
        self._begin()

    def _begin(self) -> None:
        self.place.parent.mkdir(parents=True, exist_ok=True)
        self.place.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self.place))
        self._listener.listen(16)
        Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                link, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(link)
            Thread(target=self._serve, args=(link,), daemon=True).start()

    def _serve(self, link: socket.socket) -> None:
        decoder: LineDecoder[ToControl] = LineDecoder(ToControl)
        try:
            while chunk := link.recv(65536):
                for question in decoder.feed(chunk):
                    if isinstance(question, WatchLive):
                        self._watchers.append(link)
                    if self.is_silent:
                        continue
                    if isinstance(question, WatchLive | LiveAsked):
                        self._say(link)
                    elif isinstance(question, StatusAsked):
                        link.sendall(line_of(STATUS))
                    elif isinstance(question, ReloadPrompts):
                        link.sendall(line_of(Done(text="")))
                    elif isinstance(question, ReloadSite):
                        link.sendall(line_of(self.reloaded))
                    elif isinstance(question, FlowsInUseAsked):
                        link.sendall(line_of(FlowsInUse(flows=())))
                    elif isinstance(question, Verb):
                        self._answer(link, question)
        except (OSError, PeerError):
            return

    def _say(self, link: socket.socket) -> None:
        """Tell the picture with the present time, as control does."""
        passed = time.monotonic() - self._since
        live = replace(self.live, at=Utc(self.live.at + passed))
        with self._lock:
            link.sendall(line_of(LiveTold(live=live)))

    def _answer(self, link: socket.socket, verb: Verb) -> None:
        self.verbs.append(verb)
        problem = self._problem_of(verb)
        call = self.originated if isinstance(verb, Originate) else getattr(verb, "call", None)
        with self._lock:
            told = VerbAnswered(ask=verb.ask, problem=problem, call=None if problem else call)
            if isinstance(verb, ListMessages):
                told = VerbAnswered(ask=verb.ask, boxes=self.boxes)
            link.sendall(line_of(told))

    def _problem_of(self, verb: Verb) -> str:
        extension = getattr(verb, "extension", None)
        if extension is not None and extension not in {one.name for one in self.live.lines}:
            return "extension_unknown"
        if isinstance(verb, SetAgent):
            known = verb.agent in {one.agent for one in self.live.agents}
            return "" if known else "agent_unknown"
        if isinstance(verb, Originate | MessageHeard | ListMessages):
            return ""
        if isinstance(verb, SetEmergencyMode):
            is_on = self.live.emergency_since is not None
            return "already" if verb.is_on == is_on else ""
        if isinstance(verb, CancelCallback):
            known = verb.callback in {one.callback for one in self.live.callbacks}
            return "" if known else "callback_unknown"
        if isinstance(verb, MarkMessage | DeleteMessage):
            kept = [note for box in self.boxes for note in (*box.new, *box.old)]
            known = verb.recording in {note.recording for note in kept}
            return "" if known else "recording_unknown"
        return "" if verb.call in {one.call for one in self.live.calls} else "call_unknown"

    def show(self, live: Live) -> None:
        """The picture changed: tell everybody who watches."""
        self.live, self._since = live, time.monotonic()
        for link in list(self._watchers):
            try:
                self._say(link)
            except OSError:
                self._watchers.remove(link)

    def kill(self) -> None:
        """As after kill -9: every connection breaks, nobody listens."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for link in self._open:
            try:
                link.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            link.close()
        self._open, self._watchers = [], []
        self.place.unlink(missing_ok=True)

    def start(self) -> None:
        """A new control."""
        self._begin()
