"""The box's picture from control: one connection, whatever number of pages is open.

Theory of operation. One thread asks control to WatchLive and keeps the latest Live. It begins
with the first question and ends with the process. Pages wait for a picture newer than the one
they have. When control ends, the connection breaks: the picture is *away* until a new control
has answered (its socket is kept by the service manager meanwhile, so to be connected means
nothing; only an answer does). Silence is broken by asking: without an answer control is away too.
"""

import logging
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Thread

from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.live import Live
from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.control import FromControl, LiveAsked, LiveTold, WatchLive

logger = logging.getLogger(__name__)

ASK_AFTER_S = 1.0
"""So long without a word from control: ask. Also keeps the page at most this old."""
AWAY_AFTER_S = 3.0
"""So long without an answer: away."""
AGAIN_AFTER_S = 0.25
"""Between two tries to reach control."""
FIRST_PICTURE_S = 1.0
"""The first question of all waits so long for a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is known at one moment."""

    number: int
    """Counts up with each change."""
    live: Live | None
    """The latest; None before the first."""
    heard_at: float
    """Monotonic seconds at which it came."""
    is_away: bool
    """Control does not answer; `live` is what was last known."""


class LiveFeed:
    """The latest picture, and waiting for the next."""

    def __init__(self, place: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Name control's socket; nothing is connected yet."""
        self._place = place
        self._clock = clock
        self._changed = Condition()
        self._picture = Picture(number=0, live=None, heard_at=0.0, is_away=True)
        self._thread: Thread | None = None

    def now(self) -> Picture:
        """Return the latest picture; the first question of all waits for one."""
        self._begin()
        if self._picture.number == 0:
            return self.after(0, FIRST_PICTURE_S)
        return self._picture

    def after(self, number: int, timeout: float) -> Picture:
        """Return a picture newer than `number`, or after `timeout` seconds the latest."""
        self._begin()
        with self._changed:
            self._changed.wait_for(lambda: self._picture.number > number, timeout)
            return self._picture

    def until(self, is_so: Callable[[Live], bool], timeout: float) -> bool:
        """Wait for a picture of which this is so; False after `timeout` seconds without one."""
        self._begin()
        with self._changed:
            return self._changed.wait_for(
                lambda: self._picture.live is not None and is_so(self._picture.live), timeout
            )

    def box_time(self) -> Utc:
        """Return the box's own time, which LINGHE_CLOCK may have set; else the machine's."""
        picture = self.now()
        if picture.live is None:
            return Utc(time.time())
        return Utc(picture.live.at + self.age_of(picture))

    def age_of(self, picture: Picture) -> float:
        """Return how many seconds ago control said this."""
        return max(self._clock() - picture.heard_at, 0.0)

    def _begin(self) -> None:
        with self._changed:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="live-feed", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                self._watch()
            except (OSError, PeerError) as error:
                logger.debug("control is away: %s", error)
            self._lost()
            time.sleep(AGAIN_AFTER_S)

    def _watch(self) -> None:
        """Keep the picture until the connection breaks. Raises OSError, PeerError."""
        decoder: LineDecoder[FromControl] = LineDecoder(FromControl)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(ASK_AFTER_S)
            link.connect(str(self._place))
            link.sendall(line_of(WatchLive()))
            heard = self._clock()
            while True:
                try:
                    chunk = link.recv(1 << 16)
                except TimeoutError:
                    if self._clock() - heard > AWAY_AFTER_S:
                        raise
                    link.sendall(line_of(LiveAsked()))
                    continue
                if not chunk:
                    return
                heard = self._clock()
                for told in decoder.feed(chunk):
                    if isinstance(told, LiveTold):
                        self._tell(told.live)

    def _tell(self, live: Live) -> None:
        self._put(live, is_away=False)

    def _lost(self) -> None:
        if not self._picture.is_away or self._picture.number == 0:
            self._put(self._picture.live, is_away=True)

    def _put(self, live: Live | None, *, is_away: bool) -> None:
        with self._changed:
            self._picture = Picture(
                number=self._picture.number + 1,
                live=live,
                heard_at=self._picture.heard_at if is_away else self._clock(),
                is_away=is_away,
            )
            self._changed.notify_all()
