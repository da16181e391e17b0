"""Random but lawful journals, and beside them the tally that any report of them must give.

The tally is kept while the calls are written, not read back from them.
"""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from journal_script import Journal

from appliance.vocabulary.ids import AgentId, ExtensionNumber, Utc
from appliance.vocabulary.journal import (
    AgentOffered,
    AgentState,
    CallAnswered,
    CallBlocked,
    CallEntered,
    CallOutcome,
    Direction,
    Entry,
    MissReason,
    OfferMissed,
    Side,
    VisitOutcome,
)
from appliance.vocabulary.lines import Cause, Party, PhoneLine, TrunkLine

QUEUES = ("sales", "service", "billing")
AGENTS = tuple(f"1{number:03d}" for number in range(1, 7))
DAY_S = 86_400.0


@dataclass
class Tally:
    """What was written, by day number since the epoch."""

    entered: Counter[int] = field(default_factory=Counter)
    letters: Counter[tuple[int, str]] = field(default_factory=Counter)
    visits: Counter[tuple[int, str, str]] = field(default_factory=Counter)
    """(day of queueing, queue, outcome)."""
    talk: Counter[tuple[int, str]] = field(default_factory=Counter)
    """Milliseconds by (day of queueing, queue)."""
    others: Counter[tuple[int, Direction]] = field(default_factory=Counter)


class RandomCalls:
    """Writes calls over two days, some of them over midnight."""

    def __init__(self, rng: Random, epoch: float) -> None:
        self.rng = rng
        self.journal = Journal(epoch)
        self.tally = Tally()

    @property
    def entries(self) -> list[Entry]:
        return self.journal.entries

    def write(self, calls: int) -> None:
        kinds = (
            (8, self._queued),
            (2, self._in_menu),
            (1, self._blocked),
            (1, self._notice),
            (1, self._direct),
            (1, self._own),
            (1, self._service),
        )
        weighted = [kind for weight, kind in kinds for _ in range(weight)]
        for number in range(calls):
            at = round(self.rng.uniform(0, 2 * DAY_S), 3)
            if self.rng.random() < 0.1:
                at = round(DAY_S - self.rng.uniform(0, 120), 3)
            self.rng.choice(weighted)(f"c{number}", at)

    def _caller(self, call: str, at: float, letter: str) -> None:
        day = int(at // DAY_S)
        self.tally.entered[day] += 1
        self.tally.letters[day, letter] += 1
        self.journal.enters(at, call)

    def _in_menu(self, call: str, at: float) -> None:
        self._caller(call, at, "I")
        self.journal.ends(at + self._some(30), call, CallOutcome.IVR)

    def _notice(self, call: str, at: float) -> None:
        self._caller(call, at, "G")
        self.journal.ends(at + self._some(30), call, CallOutcome.NOTICE)

    def _blocked(self, call: str, at: float) -> None:
        day = int(at // DAY_S)
        self.tally.entered[day] += 1
        self.tally.letters[day, "X"] += 1
        self.journal.add(
            at,
            CallEntered(
                direction=Direction.INBOUND,
                line=TrunkLine(trunk="carrier"),
                caller=Party(),
                called="0",
            ),
            call,
        )
        self.journal.add(at, CallBlocked(cause=Cause.NOT_FOUND, reason="not_found"), call)
        self.journal.ends(at, call, CallOutcome.BLOCKED, by=Side.BOX, cause=Cause.NOT_FOUND)

    def _direct(self, call: str, at: float) -> None:
        self._caller(call, at, "D")
        over = at + self._some(20)
        if self.rng.random() < 0.6:
            over = self._talk(over, call, queue=None)
        self.journal.ends(over, call, CallOutcome.DIRECT)

    def _own(self, call: str, at: float) -> None:
        direction = self.rng.choice((Direction.OUTBOUND, Direction.INTERNAL))
        self.tally.others[int(at // DAY_S), direction] += 1
        agent = self.rng.choice(AGENTS)
        phone = ExtensionNumber(f"8{agent[1:]}")
        self.journal.add(
            at,
            CallEntered(
                direction=direction,
                line=PhoneLine(extension=phone),
                caller=Party(number=phone),
                called="913800138000",
                extension=phone,
                agent=AgentId(agent),
            ),
            call,
        )
        if self.rng.random() < 0.5:
            self.journal.ends(at + 20, call, CallOutcome.NOT_ANSWERED, cause=Cause.NO_ANSWER)
            return
        self.journal.add(at + 5, CallAnswered(), call)
        over = self._talk(at + 5, call, queue=None, agent=agent)
        self.journal.ends(over, call, CallOutcome.ANSWERED)

    def _service(self, call: str, at: float) -> None:
        self.tally.others[int(at // DAY_S), Direction.SERVICE] += 1
        phone = ExtensionNumber("8001")
        self.journal.add(
            at,
            CallEntered(
                direction=Direction.SERVICE,
                line=PhoneLine(extension=phone),
                caller=Party(number=phone),
                called="*82",
                extension=phone,
            ),
            call,
        )
        self.journal.ends(at + 3, call, CallOutcome.SERVICE)

    def _queued(self, call: str, at: float) -> None:
        """One to three queues after each other; the last one's end is the call's."""
        self._caller(call, at, "O")
        now = at + self._some(20)
        stays = self.rng.choice((1, 1, 1, 2, 3))
        for number in range(stays):
            queue = self.rng.choice(QUEUES)
            if number < stays - 1:
                now = self._stay(call, now, number, queue, VisitOutcome.OVERFLOW)
                continue
            outcome = self.rng.choice((VisitOutcome.ANSWERED, *VisitOutcome))
            now = self._stay(call, now, number, queue, outcome)
            if outcome is VisitOutcome.ANSWERED:
                now = self._handled(call, now, number, queue)
            self.journal.ends(now, call, CallOutcome(str(outcome)))

    def _stay(self, call: str, at: float, number: int, queue: str, outcome: VisitOutcome) -> float:
        visit = self.journal.queued(at, call, queue, f"{call}-v{number}")
        self.tally.visits[int((at) // DAY_S), queue, str(outcome)] += 1
        wait = self._some(60)
        self._misses(call, at, wait, visit)
        if outcome is not VisitOutcome.ANSWERED:
            reason = self.rng.choice(("wait", "full", "no_agent"))
            self.journal.left(at + wait, call, outcome, wait, queue, visit, reason)
        else:
            self.journal.left(at + wait, call, outcome, wait, queue, visit)
        return round(at + wait, 3)

    def _misses(self, call: str, at: float, wait: float, visit: str) -> None:
        """Agents who did not answer meanwhile."""
        for number in range(self.rng.choice((0, 0, 1, 2))):
            agent = self.rng.choice(AGENTS)
            of = {"agent": AgentId(agent), "extension": ExtensionNumber(f"8{agent[1:]}")}
            leg = f"{call}-{visit}-m{number}"
            self.journal.add(at, AgentOffered(**of, visit=visit), call, leg)
            reason = self.rng.choice(tuple(MissReason))
            self.journal.add(
                at + wait / 2, OfferMissed(**of, reason=reason, visit=visit), call, leg
            )

    def _handled(self, call: str, at: float, number: int, queue: str) -> float:
        day = int(self._queued_at(call, number) // DAY_S)
        over = at
        for leg in range(self.rng.choice((1, 1, 1, 2, 3))):
            before = over
            over = self._talk(
                over,
                call,
                queue=queue if leg == 0 else None,
                visit=f"{call}-v{number}" if leg == 0 else None,
                leg=f"{call}-l{leg}",
            )
            self.tally.talk[day, queue] += round((over - before) * 1000)
        return over

    def _queued_at(self, call: str, number: int) -> float:
        visit = f"{call}-v{number}"
        for entry in reversed(self.journal._entries):
            if getattr(entry.fact, "visit", None) == visit and hasattr(entry.fact, "position"):
                return round(entry.at - self.journal.epoch, 3)
        raise LookupError(visit)

    def _talk(
        self,
        at: float,
        call: str,
        *,
        queue: str | None,
        visit: str | None = None,
        leg: str = "",
        agent: str = "",
    ) -> float:
        return round(
            self.journal.talks(
                at,
                call,
                agent or self.rng.choice(AGENTS),
                talk=self._some(300),
                hold=self.rng.choice((0.0, 0.0, self._some(60))),
                wrap_up=self.rng.choice((0.0, self._some(30))),
                rang=self.rng.choice((0.0, 2.0)),
                queue=queue,
                visit=visit,
                leg=leg or f"{call}-b",
                talking=AgentState.TALKING if queue else AgentState.BUSY,
            ),
            3,
        )

    def _some(self, mean: float) -> float:
        return round(min(self.rng.expovariate(1 / mean), 20 * mean), 3)


def until(entries: list[Entry], now: float) -> list[Entry]:
    """Return what had been written by then."""
    return [entry for entry in entries if entry.at <= Utc(now)]
