"""Breaks and their budgets: how long an agent has been not ready, by reason, within a shift.

A shift has no bell here: what counts are the breaks of the last SHIFT_SECONDS. So yesterday's lunch
is not held against today's, and nobody's budget begins anew by signing out and in.
"""

from appliance.engines.acd.memory import AgentMemory, BreakMemory
from appliance.vocabulary.ids import Seconds, Utc
from appliance.vocabulary.settings import Agent

SHIFT_SECONDS = 12 * 3600.0


def enter(agent: AgentMemory, reason: str | None, now: Utc) -> bool:
    """He is not ready for this reason now (None: he is not on a break). True when that is new."""
    last = agent.breaks[-1] if agent.breaks else None
    is_open = last is not None and last.ended is None
    if last is not None and is_open:
        if last.reason == reason:
            return False
        last.ended = now
    if reason is None:
        return is_open
    recent = [one for one in agent.breaks if (one.ended or now) > now - SHIFT_SECONDS]
    agent.breaks = [*recent, BreakMemory(reason=reason, began=now)]
    return True


def open_reason(agent: AgentMemory) -> str | None:
    """The reason of the break that he has; None when he has none."""
    last = agent.breaks[-1] if agent.breaks else None
    return last.reason if last is not None and last.ended is None else None


def used(agent: AgentMemory, reason: str, now: Utc) -> Seconds:
    """How long he was on breaks for this reason within the shift, the one that he has included."""
    since = now - SHIFT_SECONDS
    total = 0.0
    for one in agent.breaks:
        if one.reason == reason:
            end = now if one.ended is None else one.ended
            total += max(0.0, end - max(one.began, since))
    return Seconds(total)


def left(agent: AgentMemory, settings: Agent | None, now: Utc) -> Seconds | None:
    """What is left of the budget for the break that he has; None: he has none, or no budget."""
    reason = open_reason(agent)
    minutes = None if settings is None or reason is None else settings.break_minutes.get(reason)
    if reason is None or minutes is None:
        return None
    return Seconds(minutes * 60 - used(agent, reason, now))
