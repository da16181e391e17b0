"""The page, its stream of pictures (server-sent events, WHATWG HTML §9.2) and its fallback.

Each open page holds one of the web server's threads, so their number is bounded; a page that
finds no place asks every two seconds instead, as it does where a proxy swallows the stream.
"""

import time
from collections.abc import Callable, Iterator
from threading import BoundedSemaphore

from flask import Response, abort, render_template, request

from appliance.reports.names import Names, names_of
from appliance.store.places import Paths
from appliance.store.settings import SettingsStore
from appliance.vocabulary.journal import MISSED_CODE
from webadmin.access import blueprint_of, login_ended, present_visitor
from webadmin.box import live_feed
from webadmin.languages import say
from webadmin.live_feed import LiveFeed
from webadmin.pages.live.told import told
from webadmin.stores import names, places
from webadmin.wording import AGENT_STATES, STAGES, dialled

blueprint = blueprint_of(__name__, "live", "/live")

MOST_STREAMS = 16
"""Of the web server's 32 threads; 8 are for readers of events, the rest for all else."""
BEAT_S = 1.0
"""A page hears something at least so often."""
BETWEEN_S = 0.4
"""A page is told at most so often."""
LOOK_S = 10.0
"""So often it is looked whether the visitor may still see this, and whether names changed."""
LONGEST_S = 3600.0

_places = BoundedSemaphore(MOST_STREAMS)


@blueprint.get("/")
def show() -> str:
    """Show the frame; the picture comes by itself."""
    words = {
        "states": {key: say(text) for key, text in AGENT_STATES.items()},
        "stages": {key: say(text) for key, text in STAGES.items()},
        "missed_code": MISSED_CODE,
        "missed": dialled(MISSED_CODE),
        "withheld": say("withheld"),
        "phone": say("phone"),
        "trunk": say("trunk"),
        "up": say("up"),
        "down": say("down"),
        "waiting": say("waiting"),
        "longest": say("longest"),
        "ready": say("ready"),
        "signed_in": say("signed in"),
        "began": say("call so far"),
        "talks_for": say("talk so far"),
        "position": say("position"),
        "recorded": say("is recorded"),
        "encrypted": say("sound encrypted"),
        "not_encrypted": say("sound not encrypted"),
        "new_messages": say("new messages:"),
        "quiet": say("do not disturb"),
        "forwards": say("forwards to"),
        "away": say("Call control does not answer. This is what was last known; calls go on."),
        "never": say("Call control is not running. This page fills itself as soon as it is."),
        "lost": say("The connection to the box is lost. Trying again…"),
        "logged_out": say("You are logged out. Open the page again."),
        "no_waiting": say("Nobody is waiting."),
        "no_calls": say("No calls."),
        "no_agents": say("No agents are set up yet."),
        "no_lines": say("No lines are set up yet."),
        "no_queues": say("No queue is set up yet."),
    }
    return render_template("live.html", words=words)


@blueprint.get("/now")
def now() -> Response:
    """Give one picture."""
    feed = live_feed()
    picture = feed.now()
    return Response(told(picture, names(), feed.age_of(picture)), content_type="application/json")


@blueprint.get("/stream")
def stream() -> Response:
    """Give picture after picture, until the page is closed or the login ends."""
    if request.method == "HEAD":
        # A body that nobody takes is never closed: its place would not come back.
        return Response(content_type="text/event-stream; charset=utf-8")
    if not _places.acquire(blocking=False):
        abort(429)
    who = present_visitor().user
    looks = _Looks(places(), who.name, who.login_stamp, login_ended())
    body = _Pictures(live_feed(), looks, _places.release)
    return Response(
        body,
        content_type="text/event-stream; charset=utf-8",
        # X-Accel-Buffering: a proxy before us must not hold the events back.
        headers={"X-Accel-Buffering": "no"},
    )


class _Looks:
    """What a stream looks up from time to time: may he still see this, and the names."""

    def __init__(self, at: Paths, name: str, stamp: str, is_ended: Callable[[], bool]) -> None:
        self._at, self._name, self._stamp, self._is_ended = at, name, stamp, is_ended

    def names(self) -> Names | None:
        """Return the site's names; None when the login is over."""
        if self._is_ended():
            return None
        store = SettingsStore(self._at.settings)
        try:
            user = store.people.user(self._name)
            if user is None or user.login_stamp != self._stamp:
                return None
            return names_of(store.current())
        finally:
            store.close()


class _Pictures:
    """The body of a stream. The server closes it, whatever ends it; then its place is free."""

    def __init__(self, feed: LiveFeed, looks: _Looks, on_close: Callable[[], None]) -> None:
        self._feed, self._looks, self._on_close = feed, looks, on_close
        self._is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        begun = time.monotonic()
        looked, names, number = -LOOK_S, None, -1
        yield b"retry: 1000\n\n"
        while time.monotonic() - begun < LONGEST_S:
            if time.monotonic() - looked >= LOOK_S:
                looked, names = time.monotonic(), self._looks.names()
            if names is None:
                yield b"event: over\ndata: {}\n\n"
                return
            picture = self._feed.now() if number < 0 else self._feed.after(number, BEAT_S)
            if picture.number == number:
                yield b"event: beat\ndata: {}\n\n"
                continue
            number = picture.number
            yield b"data: " + told(picture, names, self._feed.age_of(picture)) + b"\n\n"
            time.sleep(BETWEEN_S)

    def close(self) -> None:
        """Give the place back, once."""
        if not self._is_closed:
            self._is_closed = True
            self._on_close()
