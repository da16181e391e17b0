"""What takes longer than a page is waited for: an update that is written, a restart that waits
until nobody talks. One of each at a time, in this process; it goes with it."""

import logging
import time
from collections.abc import Callable
from threading import Event, Lock, Thread

from appliance.vocabulary.errors import ApplianceError
from appliance.vocabulary.shape import Value
from webadmin.live_feed import LiveFeed, Picture

logger = logging.getLogger(__name__)

LOOK_S = 5.0
AWAY_S = 60.0
"""So long without a word of control, nobody can say any more whether somebody talks: media keeps
its talks while control is away. But control is back within seconds, or not by itself; then the
restart that was asked for may mend it, and it ends talks that went on. No lost connection alone
lasts so long: the feed makes a new one four times a second."""


class Standing(Value, frozen=True, kw_only=True):
    """How an errand stands."""

    name: str = ""
    """What it is about; empty: there was none."""
    is_at_work: bool = False
    is_done: bool = False
    said: str = ""
    """What became of it; English."""


class Errand:
    """One at a time, in a thread of its own."""

    def __init__(self) -> None:
        """Nothing is at work."""
        self._lock = Lock()
        self._standing = Standing()
        self._stop = Event()

    def begin(self, name: str, work: Callable[[Event], str]) -> bool:
        """Begin it; False: another one is at work. `work` looks at its event now and then, says
        what it did ("": it was stopped), and raises ApplianceError."""
        with self._lock:
            if self._standing.is_at_work:
                return False
            self._stop = Event()
            self._standing = Standing(name=name, is_at_work=True)
            Thread(target=self._run, args=(name, work, self._stop), daemon=True).start()
            return True

    def stop(self) -> None:
        """Have it stop. What `work` has begun to ask of root by then is done all the same; nobody
        is told of it any more."""
        with self._lock:
            self._stop.set()
            self._standing = Standing()

    def forget(self) -> None:
        """What became of it was read."""
        with self._lock:
            if not self._standing.is_at_work:
                self._standing = Standing()

    @property
    def standing(self) -> Standing:
        """How it stands now."""
        return self._standing

    def _run(self, name: str, work: Callable[[Event], str], stop: Event) -> None:
        try:
            told = Standing(name=name, is_done=True, said=work(stop))
        except ApplianceError as error:
            told = Standing(name=name, said=str(error))
        except Exception:  # the last guard of the thread
            logger.exception("%s", name)
            told = Standing(name=name, said="it failed")
        with self._lock:
            if not stop.is_set():
                self._standing = told


def until_nobody_talks(feed: LiveFeed, stop: Event) -> bool:
    """Wait until it may be restarted; False: it was stopped."""
    began = time.monotonic()
    while not stop.is_set():
        picture = feed.now()
        if may_be_restarted(picture, began, time.monotonic()):
            if picture.is_away:
                logger.warning("control is silent for %.0f s: it is not waited for", AWAY_S)
            return True
        if picture.is_away:
            stop.wait(LOOK_S)
        else:
            feed.until(lambda live: not live.calls, LOOK_S)
    return False


def may_be_restarted(picture: Picture, began: float, now: float) -> bool:
    """Nobody talks, or control has been silent for AWAY_S without a break since it was waited for.
    `began`, `now`: monotonic seconds, as the picture has them."""
    if picture.is_away:
        return now - max(picture.heard_at, began) >= AWAY_S
    return picture.live is not None and not picture.live.calls
