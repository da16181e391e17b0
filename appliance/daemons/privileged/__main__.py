"""`python -m appliance.daemons.privileged`: answers at its socket until SIGTERM.

One thread waits for questions and tells the service manager that it lives, one for each question
reads it, and another carries them out one after another, for an update takes minutes. The machine's
stop does not wait behind it: a UPS has no minutes. What nobody waits for any longer is not done,
and no account takes all readers or all of the queue (shares.py).
When nobody has asked for a while it ends, and the socket starts it again.
"""

import logging
import os
import queue
import select
import signal
import socket
import sys
import threading
import time

from appliance.daemons import notify
from appliance.daemons.paths import Environment, environment
from appliance.daemons.privileged.address_trial import look, on_trial, one_at_a_time
from appliance.daemons.privileged.asker import Asker, asker_of
from appliance.daemons.privileged.door import LONGEST_LINE, answer, is_urgent, uptime
from appliance.daemons.privileged.machine import Machine
from appliance.daemons.privileged.shares import Shares
from appliance.store.audit import AuditLine
from appliance.store.roots_audit import folder_beside, note
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.one_line import OneLineForm
from appliance.wire.codec import line_of
from appliance.wire.privileged import SOCKET

logger = logging.getLogger(__name__)

LISTEN_S = 1.0
IDLE_S = 120.0
LINE_S = 5.0
"""A question is here whole so long after its connection."""
MOST_WAITING = 8
MOST_READ = 32
"""Questions that are read at a time, for LINE_S at most."""
MOST_READ_OF_ONE = 8
MOST_WAITING_OF_ONE = 2
"""Of one account: those that wait or are carried out. A page asks for one thing at a time."""


class Office:
    """The socket, and the one who carries out."""

    def __init__(self, listening: socket.socket, machine: Machine, here: Environment) -> None:
        self._listening = listening
        self._machine = machine
        self._here = here
        self._mailbox: queue.Queue[tuple[socket.socket, bytes, Asker]] = queue.Queue(MOST_WAITING)
        self._waiting = Shares(MOST_WAITING_OF_ONE)
        self._heard_at = time.monotonic()
        self._readers = threading.BoundedSemaphore(MOST_READ)
        self._reading = Shares(MOST_READ_OF_ONE)
        self._at_work = threading.Event()
        self._is_over = False

    def run(self) -> None:
        """Until `stop`, or until nobody has asked for a while."""
        threading.Thread(target=self._work, daemon=True).start()
        self._listening.settimeout(LISTEN_S)
        while not self._is_over and not self._is_idle():
            notify.watchdog()
            self._look_at_address()
            try:
                link, _ = self._listening.accept()
            except TimeoutError:
                continue
            self._heard_at = time.monotonic()
            self._receive(link)

    def stop(self) -> None:
        """End after the turn."""
        self._is_over = True

    def _receive(self, link: socket.socket) -> None:
        """Have the question read where its asker and all together leave a place."""
        try:
            asker = asker_of(link)
        except OSError:
            link.close()
            return
        if self._reading.take(asker):
            if self._readers.acquire(blocking=False):
                threading.Thread(target=self._read, args=(link, asker), daemon=True).start()
                return
            self._reading.give_back(asker)
        link.close()

    def _look_at_address(self) -> None:
        """Begin a trial of a new address, and end one that nobody confirmed."""
        with one_at_a_time:
            try:
                done = look(self._machine, uptime())
            except EquipmentError as error:
                logger.warning("an address on trial: %s", error)
                return
        if done:
            logger.info("%s", done)
            self._audit("box", f"SetNetwork: {done}")

    def _is_idle(self) -> bool:
        is_quiet = time.monotonic() - self._heard_at > IDLE_S
        is_quiet = is_quiet and on_trial(self._machine) is None
        return is_quiet and self._mailbox.empty() and not self._at_work.is_set()

    def _read(self, link: socket.socket, asker: Asker) -> None:
        """Read one question; what is urgent is done here and now."""
        try:
            link.settimeout(LINE_S)
            line = _line_from(link)
            if is_urgent(line):
                self._answer(link, line, asker)
            elif line and self._is_queued(link, line, asker):
                return  # not ours to close any longer
        except OSError as error:
            logger.info("a question was not taken: %s", error)
        finally:
            self._readers.release()
            self._reading.give_back(asker)
        link.close()

    def _is_queued(self, link: socket.socket, line: bytes, asker: Asker) -> bool:
        if self._waiting.take(asker):
            try:
                self._mailbox.put_nowait((link, line, asker))
            except queue.Full:
                self._waiting.give_back(asker)
            else:
                return True
        logger.info("a question of %s was not taken: too many wait", asker.account)
        return False

    def _work(self) -> None:
        while True:
            link, line, asker = self._mailbox.get()
            self._at_work.set()
            try:
                if _is_gone(link):
                    logger.warning("who asked did not wait for it: not done")
                else:
                    self._answer(link, line, asker)
            except OSError as error:
                logger.info("who asked has gone: %s", error)
            link.close()
            self._waiting.give_back(asker)
            self._heard_at = time.monotonic()
            self._at_work.clear()

    def _answer(self, link: socket.socket, line: bytes, asker: Asker) -> None:
        link.sendall(line_of(answer(line, asker, self._machine, self._audit)))

    def _audit(self, by: str, sentence: str) -> None:
        """A log that cannot be written keeps nobody from setting the network right."""
        line = AuditLine(
            at=Utc(time.time()),
            by=by or "command line",
            what="system_changed",
            detail=sentence[:500],
        )
        try:
            note(folder_beside(self._here.data.absolute()), line)
        except OSError as error:
            logger.warning("root's notes cannot be written: %s", error)


def _line_from(link: socket.socket) -> bytes:
    end = time.monotonic() + LINE_S
    got = b""
    while b"\n" not in got and len(got) <= LONGEST_LINE and time.monotonic() < end:
        chunk = link.recv(LONGEST_LINE)
        if not chunk:
            break
        got += chunk
    line, found, _ = got.partition(b"\n")
    return line if found and len(line) <= LONGEST_LINE else b""


def _is_gone(link: socket.socket) -> bool:
    """Say whether the other end is closed (both ways: who only wrote to its end still listens)."""
    looking = select.poll()
    looking.register(link, 0)  # POLLHUP is always told
    return bool(looking.poll(0))


def _opened() -> socket.socket:
    """The service manager's socket, or one of our own where we were started by hand."""
    passed = notify.inherited_socket("privileged")
    if passed is not None:
        return passed
    place = os.environ.get("LINGHE_PRIVILEGED_SOCKET", SOCKET)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    if os.path.lexists(place):
        os.unlink(place)
    made.bind(place)
    os.chmod(place, 0o600)
    made.listen()
    return made


def main() -> int:
    """Run; return the exit code."""
    told = logging.StreamHandler(sys.stderr)
    told.setFormatter(OneLineForm())
    logging.basicConfig(level=logging.INFO, handlers=[told])
    try:
        here = environment()
        office = Office(_opened(), Machine(data=here.data), here)
    except (ValueError, OSError) as error:
        print(f"privileged: {error}", file=sys.stderr)
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: office.stop())
    notify.ready("waiting for questions")
    office.run()
    notify.stopping()
    return 0


if __name__ == "__main__":
    sys.exit(main())
