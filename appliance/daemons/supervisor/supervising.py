"""The supervisor itself: one thread, one epoll, nothing polled.

Theory of operation. A child's death is a SIGCHLD, a signal is a byte on the wake-up pipe, a word
of a unit is a datagram on its notify socket, a line of its log is bytes in its pipe; the next
deadline of any post is the time-out of the wait. On a death the last words are read first (they
may hold descriptors to keep), the rest of its process group is ended, and the unit is forked anew
before anything is printed or written: people can wait a millisecond, packets cannot.

Sockets and stored descriptors stay open here all the while; that is the whole trick.
"""

import os
import select
import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from appliance.daemons.supervisor.board import Board
from appliance.daemons.supervisor.keeping import NotifySocket, Store
from appliance.daemons.supervisor.output import Console, Lines, LogFile
from appliance.daemons.supervisor.post import MANY_FAILED_STARTS, Post, PostState
from appliance.daemons.supervisor.spawning import adopt_orphans, hurry, spawn
from appliance.daemons.supervisor.units import Unit

STOP_SECONDS = 5.0
"""For an orderly stop of everything; then kill -9."""
ANNOUNCE_AFTER = 30.0
"""Say where the page is even if not everything is up by then."""


class _Ward:
    """A post with the descriptors that belong to it."""

    def __init__(self, post: Post, log_folder: Path) -> None:
        self.post = post
        self.store = Store()
        self.notify = NotifySocket(f"linghe-{os.getpid()}-{post.unit.name}")
        self.output, self.input = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self.output, False)
        self.lines = Lines()
        self.log = LogFile(log_folder / f"{post.unit.name}.log")

    def close(self) -> None:
        self.store.close()
        self.notify.close()
        self.log.close()
        os.close(self.output)
        os.close(self.input)


class Supervisor:
    """Keeps the units up until it is told to stop."""

    def __init__(
        self,
        *,
        units: Sequence[tuple[Unit, bool]],
        sockets: Mapping[str, socket.socket],
        environment: Mapping[str, str],
        data: Path,
        when_up: Callable[[], list[str]],
        console: Console,
    ) -> None:
        """`units`: each with whether its program is there. `when_up`: lines to say then."""
        self._sockets = sockets
        self._environment = dict(environment)
        self._console = console
        self._when_up: Callable[[], list[str]] | None = when_up
        self._board = Board(data / "run")
        log_folder = data / "log"
        self._wards = [_Ward(Post(unit, is_there=there), log_folder) for unit, there in units]
        self._epoll = select.epoll()
        self._begun = time.monotonic()
        self._stop_by: float | None = None

    def run(self) -> int:
        """Run until a signal says stop; return the exit code."""
        adopt_orphans()
        hurry()
        wake = self._catch_signals()
        doors: dict[int, Callable[[], None]] = {wake.fileno(): lambda: self._signalled(wake)}
        for ward in self._wards:
            doors[ward.notify.fileno()] = partial(self._listen, ward)
            doors[ward.output] = partial(self._pass_on, ward)
        for descriptor in doors:
            self._epoll.register(descriptor, select.EPOLLIN)
        self._report_absent()
        while not self._is_over():
            self._act(time.monotonic())
            for descriptor, _ in self._epoll.poll(self._pause()):
                doors[descriptor]()
        self._close(wake)
        return 0

    # --- what happens ---------------------------------------------------------------------------
    def _signalled(self, wake: socket.socket) -> None:
        numbers = wake.recv(256)
        if signal.SIGCHLD in numbers:
            self._reap()
        for number in numbers:
            if number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                self._stop_asked()

    def _reap(self) -> None:
        while True:
            try:
                pid, wait_status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for ward in self._wards:
                if ward.post.pid == pid:
                    self._died(ward, wait_status)

    def _died(self, ward: _Ward, wait_status: int) -> None:
        now = time.monotonic()
        post, pid = ward.post, ward.post.pid
        self._listen(ward)
        _end_group(pid)
        code = os.waitstatus_to_exitcode(wait_status)
        was_failing = post.is_failing
        post.died(now, was_killed=code == -signal.SIGKILL)
        if post.state is PostState.WAITING and post.start_at <= now:
            self._start(ward)
        took = (time.monotonic() - now) * 1000
        self._pass_on(ward)
        cause = f"signal {-code}" if code < 0 else f"exit code {code}"
        if post.state is PostState.STOPPED:
            self._console.say(f"{post.unit.title} stopped")
        elif post.is_failing and not was_failing:
            self._console.say(
                f"{post.unit.title} does not start ({cause}, {MANY_FAILED_STARTS} times): its last "
                f"words stand in log/{post.unit.name}.log. It is tried again each second."
            )
        elif not post.is_failing:
            again = f"started again after {took:.1f} ms" if post.is_running else "pausing 1 s"
            self._console.say(f"{post.unit.title} died ({cause}); {again}")
        self._board.show(self._posts())

    def _listen(self, ward: _Ward) -> None:
        now = time.monotonic()
        for message, descriptors in ward.notify.messages():
            ward.store.apply(message, descriptors)
            if ward.post.heard(message, now):
                took = now - ward.post.started_at
                again = f", start {ward.post.restarts + 1}" if ward.post.restarts else ""
                if not ward.post.is_failing:
                    self._console.say(f"{ward.post.unit.title} ready ({took:.1f} s{again})")
                self._board.show(self._posts())

    def _pass_on(self, ward: _Ward) -> None:
        while True:
            try:
                chunk = os.read(ward.output, 65536)
            except BlockingIOError:
                return
            ward.log.append(chunk)
            lines = [f"{ward.post.unit.title} | {line}" for line in ward.lines.feed(chunk)]
            if lines and not ward.post.is_failing:
                self._console.say("\n".join(lines))

    # --- what is due ----------------------------------------------------------------------------
    def _act(self, now: float) -> None:
        for ward in self._wards:
            post = ward.post
            if post.state is PostState.WAITING and post.start_at <= now:
                self._start(ward)
                self._board.show(self._posts())
            elif (reason := post.overdue(now)) is not None and post.pid is not None:
                self._console.say(f"{post.unit.title} {reason}; killed")
                os.kill(post.pid, signal.SIGKILL)
                post.killed()
            elif post.settle(now):
                self._console.say(f"{post.unit.title} is up after all (start {post.restarts + 1})")
        if self._stop_by is not None:
            self._stop_next(now)
        elif self._when_up is not None and self._is_up(now):
            lines, self._when_up = self._when_up(), None
            for line in lines:
                self._console.say(line)

    def _start(self, ward: _Ward) -> None:
        unit = ward.post.unit
        passed = [(name, self._sockets[name].fileno()) for name in unit.sockets]
        variables = {**self._environment, "NOTIFY_SOCKET": ward.notify.address}
        pid = spawn(unit, passed + ward.store.passed(), variables, ward.input)
        ward.post.started(pid, time.monotonic())

    def _stop_asked(self) -> None:
        if self._stop_by is None:
            self._stop_by = time.monotonic() + STOP_SECONDS
            self._console.say("stopping")
        else:
            self._stop_by = time.monotonic()

    def _stop_next(self, now: float) -> None:
        """Stop the units of the lowest order that still run; past the time, kill what is left."""
        for post in self._posts():
            if post.state is PostState.WAITING:
                post.stop()
        running = [post for post in self._posts() if post.pid is not None]
        if self._stop_by is not None and now >= self._stop_by:
            for post in running:
                post.stop()
                _end_group(post.pid)
            return
        order = min((post.unit.stop_order for post in running), default=0)
        for post in running:
            if post.unit.stop_order == order and post.state is not PostState.STOPPING:
                post.stop()
                if post.pid is not None:
                    os.kill(post.pid, signal.SIGTERM)

    def _pause(self) -> float:
        """Seconds until something is due; -1: nothing is."""
        dues = [due for post in self._posts() if (due := post.due_at()) is not None]
        if self._stop_by is not None:
            dues.append(max(self._stop_by, time.monotonic() + 0.05))
        elif self._when_up is not None:
            if self._is_up(time.monotonic()):
                return 0
            dues.append(self._begun + ANNOUNCE_AFTER)
        return max(0.0, min(dues) - time.monotonic()) if dues else -1

    # --- the rest -------------------------------------------------------------------------------
    def _posts(self) -> list[Post]:
        return [ward.post for ward in self._wards]

    def _is_up(self, now: float) -> bool:
        there = [post for post in self._posts() if post.state is not PostState.ABSENT]
        return all(post.was_ever_ready for post in there) or now >= self._begun + ANNOUNCE_AFTER

    def _is_over(self) -> bool:
        return self._stop_by is not None and not any(post.is_running for post in self._posts())

    def _report_absent(self) -> None:
        for post in self._posts():
            if post.state is PostState.ABSENT:
                self._console.say(
                    f"{post.unit.title} is not installed (no module {post.unit.needs}); "
                    "the others are started without it"
                )

    def _catch_signals(self) -> socket.socket:
        inner, outer = socket.socketpair()
        inner.setblocking(False)
        outer.setblocking(False)
        signal.set_wakeup_fd(inner.fileno(), warn_on_full_buffer=False)
        self._wake_end = inner
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda _number, _frame: None)
        return outer

    def _close(self, wake: socket.socket) -> None:
        signal.set_wakeup_fd(-1)
        wake.close()
        self._wake_end.close()
        self._board.clear(self._posts())
        for ward in self._wards:
            ward.close()
        self._epoll.close()


def _end_group(pid: int | None) -> None:
    """Kill what is left of a unit's process group."""
    if pid is None:
        return
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
