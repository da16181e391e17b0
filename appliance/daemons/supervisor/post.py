"""What the supervisor knows of one unit: is it up, when must it say something, when to start it.

Theory of operation. A post goes round: WAITING (to be started at `start_at`) -> STARTING (forked)
-> READY (it said so) -> WAITING (it died; at once, or a second later if it dies all the time). One
that is overdue is KILLED, and WAITING as soon as its death is known. From anywhere it can be
STOPPING (told to end) -> STOPPED. ABSENT: its program is not installed. There is no limit of
starts: a box that gives up answering calls helps nobody. Only who ends by himself can earn a
pause; being killed (signal 9: a person, a test, the kernel short of memory, us) is no fault.

No clock and no process in here: `now` is monotonic seconds, and what is to be done is returned.
"""

from collections import deque
from enum import StrEnum

from appliance.daemons.supervisor.messages import Message
from appliance.daemons.supervisor.units import Unit

MANY_DEATHS = 10
WITHIN_SECONDS = 10.0
PAUSE_SECONDS = 1.0
"""Ten deaths in ten seconds: then a second's pause before each start, so that a core stays free."""

MANY_FAILED_STARTS = 3
"""After so many in a row people are told in a sentence, and its cries stand in its log only."""
SETTLED_SECONDS = 2.0
"""Who ends by himself before that has not started well, even if he said that he was ready."""


class PostState(StrEnum):
    """See the theory of operation."""

    ABSENT = "absent"
    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    KILLED = "killed"
    STOPPING = "stopping"
    STOPPED = "stopped"


class Post:
    """One unit and its standing."""

    def __init__(self, unit: Unit, *, is_there: bool) -> None:
        self.unit = unit
        self.state = PostState.WAITING if is_there else PostState.ABSENT
        self.pid: int | None = None
        self.status = ""
        self.restarts = 0
        self.failed_starts = 0
        """In a row; see SETTLED_SECONDS."""
        self.was_ever_ready = False
        self.started_at = 0.0
        self.start_at = 0.0
        self._alive_at = 0.0
        self._deaths: deque[float] = deque(maxlen=MANY_DEATHS)

    @property
    def is_running(self) -> bool:
        return self.pid is not None

    def started(self, pid: int, now: float) -> None:
        """It was forked."""
        self.state = PostState.STARTING
        self.pid = pid
        self.started_at = self._alive_at = now
        self.status = ""

    def heard(self, message: Message, now: float) -> bool:
        """Take in what it says; True when it has just become ready."""
        self._alive_at = now
        if message.status is not None:
            self.status = message.status
        if not message.is_ready or self.state is not PostState.STARTING:
            return False
        self.state = PostState.READY
        self.was_ever_ready = True
        return True

    def killed(self) -> None:
        """It was overdue and sent a signal 9; nothing more is awaited from it but its death."""
        if self.state is PostState.STARTING:
            self.failed_starts += 1
        self.state = PostState.KILLED

    def died(self, now: float, *, was_killed: bool) -> None:
        """It is gone; `start_at` says when to start it again."""
        self.pid = None
        if self.state is PostState.STOPPING:
            self.state = PostState.STOPPED
            return
        self.restarts += 1
        self.start_at = now
        if not was_killed:
            self._count_death(now)
        self.state = PostState.WAITING

    def _count_death(self, now: float) -> None:
        is_failed_start = now - self.started_at < SETTLED_SECONDS
        self.failed_starts = self.failed_starts + 1 if is_failed_start else 0
        is_storm = len(self._deaths) == MANY_DEATHS and now - self._deaths[0] <= WITHIN_SECONDS
        self._deaths.append(now)
        if is_storm or self.is_failing:
            self.start_at = now + PAUSE_SECONDS

    @property
    def is_failing(self) -> bool:
        """It was started again and again in vain."""
        return self.failed_starts >= MANY_FAILED_STARTS

    def settle(self, now: float) -> bool:
        """True when one that was failing has now been up long enough to be believed."""
        if self.state is not PostState.READY or not self.is_failing:
            return False
        if now < self.started_at + SETTLED_SECONDS:
            return False
        self.failed_starts = 0
        return True

    def stop(self) -> None:
        """It is to end, and not to be started again."""
        if self.pid is not None:
            self.state = PostState.STOPPING
        elif self.state is not PostState.ABSENT:
            self.state = PostState.STOPPED

    def due_at(self) -> float | None:
        """When to look at it again; None: nothing is awaited."""
        if self.state is PostState.WAITING:
            return self.start_at
        overdue = self._overdue_at()
        if self.state is PostState.READY and self.is_failing:
            settled = self.started_at + SETTLED_SECONDS
            return settled if overdue is None else min(settled, overdue)
        return overdue

    def _overdue_at(self) -> float | None:
        if self.state is PostState.STARTING:
            return self.started_at + self.unit.start_seconds
        if self.state is PostState.READY and self.unit.watchdog_seconds is not None:
            return self._alive_at + self.unit.watchdog_seconds
        return None

    def overdue(self, now: float) -> str | None:
        """Return why it must be killed now, in plain words; None when all is well."""
        due = self._overdue_at()
        if due is None or now < due:
            return None
        if self.state is PostState.STARTING:
            return f"did not become ready within {self.unit.start_seconds:g} s"
        return f"gave no sign of life for {self.unit.watchdog_seconds:g} s"
