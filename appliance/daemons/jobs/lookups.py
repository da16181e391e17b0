"""Answers what flows ask: rows of tables, services over HTTP. Callers wait for it.

Theory of operation. One thread holds a line to control and hears what is wanted: all that is open
when the line is opened, then each question as it comes. Each is found out in a thread of its own,
so that a slow service keeps nobody else waiting; what it answers goes back over the same line. A
control that is killed asks again, and so does one whose jobs was killed: a question may therefore
be asked twice, and a POST sent twice.
"""

import logging
import socket
import time
from threading import Event, Lock, Thread

import msgspec

from appliance.daemons.jobs.control_line import ControlLine
from appliance.daemons.jobs.service_call import called
from appliance.daemons.paths import Paths
from appliance.store.lookup_tables import LookupTables
from appliance.store.secrets import Secrets
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import ApplianceError
from appliance.vocabulary.ids import CallId
from appliance.vocabulary.lookups import (
    Answer,
    LookedUp,
    LookUp,
    LookupResult,
    Question,
    ServiceQuestion,
    TableQuestion,
)
from appliance.wire.control import LookupAnswered, Lookups, Refused, WatchLookups

logger = logging.getLogger(__name__)

LISTEN_S = 1.0
MOST_AT_ONCE = 32
"""Of one service; a caller more is told at once that there is no answer."""
MOST_KEPT = 256
"""Answers of services that are kept for a while."""

_encode = msgspec.json.Encoder(order="sorted").encode


class AnswerCache:
    """Answers that serve again for a while, by question."""

    def __init__(self) -> None:
        self._kept: dict[bytes, tuple[float, Answer]] = {}
        self._lock = Lock()

    def answer(self, question: ServiceQuestion, now: float) -> Answer | None:
        """Return one that is young enough."""
        with self._lock:
            kept = self._kept.get(_encode(question))
        return None if kept is None or now - kept[0] > question.cache else kept[1]

    def keep(self, question: ServiceQuestion, answer: Answer, now: float) -> None:
        """Keep it, if it is one to be kept; the oldest goes."""
        if not question.cache or answer.result is LookupResult.FAILED:
            return
        name = _encode(question)
        with self._lock:
            self._kept.pop(name, None)
            self._kept[name] = (now, answer)
            while len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]


class Enquiries:
    """All lookups of the box."""

    def __init__(self, paths: Paths, own_ports: frozenset[int]) -> None:
        """`own_ports`: of the box itself, where nothing is sent to."""
        self._paths, self._own_ports = paths, own_ports
        self._tables = LookupTables(paths.tables)
        self._cache = AnswerCache()
        self._stopped = Event()
        self._open: set[tuple[CallId, int]] = set()
        """Being found out just now."""
        self._busy: dict[str, int] = {}
        """Of each service, how many."""
        self._answers: list[LookedUp] = []
        self._lock = Lock()
        self._bell, self._ring = socket.socketpair()
        """Rung when an answer is there: the line's thread listens to control meanwhile."""

    def start(self) -> None:
        """Begin; returns at once."""
        Thread(target=self._run, name="lookups", daemon=True).start()

    def stop(self) -> None:
        """End; what is not answered is asked again."""
        self._stopped.set()

    def _run(self) -> None:
        line = ControlLine(self._paths.control_socket, WatchLookups(), self._bell)
        while not self._stopped.is_set():
            try:
                self._turn(line)
            except Exception:  # the last guard of the thread
                logger.exception("lookups failed")
                self._stopped.wait(LISTEN_S)
        line.close()

    def _turn(self, line: ControlLine) -> None:
        for message in line.messages(LISTEN_S):
            if isinstance(message, Lookups):
                for wanted in message.wanted:
                    self._begin(wanted)
            elif isinstance(message, Refused):
                logger.warning("control refused an answer: %s", message.sentence)
        with self._lock:
            answers, self._answers = self._answers, []
        for answer in answers:
            # What cannot be said is asked again on the next line.
            line.say(LookupAnswered(looked_up=answer))

    def _begin(self, wanted: LookUp) -> None:
        question = wanted.question
        source = _source(question)
        with self._lock:
            if (wanted.call, wanted.number) in self._open:
                return
            is_full = self._busy.get(source, 0) >= MOST_AT_ONCE
            if not is_full:
                self._open.add((wanted.call, wanted.number))
                self._busy[source] = self._busy.get(source, 0) + 1
        if is_full:
            self._tell(wanted, Answer(result=LookupResult.FAILED, text="too many at once"))
        else:
            Thread(target=self._find_out, args=(wanted, source), daemon=True).start()

    def _find_out(self, wanted: LookUp, source: str) -> None:
        answer = Answer(result=LookupResult.FAILED, text="failed")
        try:
            answer = self._answered(wanted)
        except ApplianceError as error:
            answer = Answer(result=LookupResult.FAILED, text=str(error)[:200])
        except Exception:  # the last guard of the thread
            logger.exception("call=%s lookup in %s failed", wanted.call, source)
        finally:
            with self._lock:
                self._open.discard((wanted.call, wanted.number))
                self._busy[source] -= 1
            self._tell(wanted, answer)

    def _answered(self, wanted: LookUp) -> Answer:
        question = wanted.question
        if isinstance(question, TableQuestion):
            return self._tables.answer(question.table, question.key, question.columns)
        known = self._cache.answer(question, time.monotonic())
        if known is not None:
            return known
        settings = SettingsStore(self._paths.settings)
        services = {one.id: one for one in settings.current().service}
        settings.close()
        service = services.get(question.service)
        if service is None:
            return Answer(result=LookupResult.FAILED, text="the site has this service no more")
        secret = Secrets(self._paths.secrets, bytes).service_secrets().get(service.id, "")
        answer = called(service, question, secret, own_ports=self._own_ports, seconds=wanted.within)
        self._cache.keep(question, answer, time.monotonic())
        return answer

    def _tell(self, wanted: LookUp, answer: Answer) -> None:
        if answer.result is LookupResult.FAILED:
            logger.warning("call=%s %s: %s", wanted.call, _source(wanted.question), answer.text)
        with self._lock:
            self._answers.append(LookedUp(call=wanted.call, number=wanted.number, answer=answer))
        self._ring.send(b".")


def _source(question: Question) -> str:
    if isinstance(question, TableQuestion):
        return f"table {question.table}"
    return f"service {question.service}"
