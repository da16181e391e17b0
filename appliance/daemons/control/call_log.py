"""What an operator would tell a colleague of a call: one line for each step that matters.

For people only: reports read the journal, never this. Callers' numbers stay out above debug.
"""

import logging
from collections.abc import Callable
from typing import Any

from appliance.vocabulary.facts_handling import Healed
from appliance.vocabulary.facts_queues import BreakOverran
from appliance.vocabulary.journal import (
    AgentStateChanged,
    Bridged,
    CallBlocked,
    CallEnded,
    CallEntered,
    CallQueued,
    Entry,
    OfferMissed,
    RecordingFailed,
    VisitEnded,
)

logger = logging.getLogger("calls")
_say: Callable[[str], None] = logger.info

STEPS: dict[type, Callable[[Any], str]] = {
    CallEntered: lambda fact: f"{fact.direction} -> {fact.called}",
    CallQueued: lambda fact: f"queued in {fact.queue}, position {fact.position}",
    Bridged: lambda fact: f"talking: {fact.agent or fact.extension or 'outside'}",
    OfferMissed: lambda fact: f"{fact.extension} missed: {fact.reason}",
    VisitEnded: lambda fact: f"left {fact.queue}: {fact.outcome} after {int(fact.wait)} s",
    CallEnded: lambda fact: f"ended by {fact.by}: {fact.outcome} ({fact.cause})",
    CallBlocked: lambda fact: f"refused: {fact.reason}",
    RecordingFailed: lambda fact: f"not recorded: {fact.text}",
    AgentStateChanged: lambda fact: f"agent {fact.agent} {fact.state} {fact.reason}".rstrip(),
}
"""Any: a dictionary by type is beyond the type checker; each lambda sees its own key's type."""
WARNED = frozenset((Healed, BreakOverran))


def speak_through(say: Callable[[str], None]) -> None:
    """Have the lines of calls said by this from now on: logging's own way is ten times as long."""
    global _say
    _say = say


def tell(entry: Entry) -> None:
    """Write the line of this fact, if it has one."""
    step = STEPS.get(type(entry.fact))
    if step is not None:
        if logger.isEnabledFor(logging.INFO):
            _say(f"call={entry.call or '-'} leg={entry.leg or '-'} {step(entry.fact)}")
    elif type(entry.fact) in WARNED:
        _warn(entry)


def _warn(entry: Entry) -> None:
    if isinstance(entry.fact, Healed):
        fact = entry.fact
        told = f"{fact.what}; {fact.done}" if fact.done else fact.what
        logger.warning("call=%s leg=%s mended: %s", entry.call or "-", entry.leg or "-", told)
    if isinstance(entry.fact, BreakOverran):
        over = entry.fact
        logger.warning("agent %s: break %s over %d s", over.agent, over.reason, over.budget)
