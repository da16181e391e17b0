"""The filters of the list of calls: from the address to the store's filter, and back."""

from enum import StrEnum
from typing import TypeVar

from flask import request
from msgspec.structs import replace

from appliance.reports.days import Day, parsed_day
from appliance.store.calls import CallFilter
from appliance.vocabulary.ids import AgentId, QueueId
from appliance.vocabulary.journal import CallOutcome, Direction
from webadmin.access import present_visitor
from webadmin.days import chosen_day

NAMES = ("text", "number", "agent", "queue", "outcome", "direction", "recorded", "last")
LONGEST = 64

Word = TypeVar("Word", bound=StrEnum)


def chosen() -> dict[str, str]:
    """Return the filters that the address names and that are not empty."""
    given = {name: request.args.get(name, "").strip()[:LONGEST] for name in NAMES}
    return {name: value for name, value in given.items() if value}


def call_filter() -> CallFilter:
    """Return what is wanted; an agent gets his own calls, whatever he asks for."""
    given = chosen()
    agent = present_visitor().agent
    if agent is None and "agent" in given:
        agent = AgentId(given["agent"])
    return CallFilter(
        text=given.get("text", ""),
        number=given.get("number", ""),
        agent=agent,
        queue=QueueId(given["queue"]) if "queue" in given else None,
        outcome=_word(CallOutcome, given.get("outcome", "")),
        direction=_word(Direction, given.get("direction", "")),
        has_recording={"yes": True, "no": False}.get(given.get("recorded", "")),
    )


def chosen_days() -> Day:
    """Return what is asked for: a day, or all days from ?day= to ?last=, as one."""
    first = chosen_day()
    last = request.args.get("last", "").strip()
    if not last:
        return first
    until = parsed_day(last, first.timezone)
    if until.date <= first.date:
        return first
    return replace(first, date=f"{first.date}…{until.date}", end=until.end)


def _word(kind: type[Word], text: str) -> Word | None:
    """Return the word, None for one that there is not."""
    return kind(text) if text in set(kind) else None
