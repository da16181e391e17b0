"""What the facts of single legs (vocabulary/facts_legs.py) say in a timeline."""

from collections.abc import Callable

from appliance.reports.timeline_legs import CALLER
from appliance.reports.timeline_line import Said
from appliance.reports.timeline_of_call import CAUSE_WORDS, Known
from appliance.vocabulary.facts_legs import CallDiverted, LegConnected, TrunkRefused
from appliance.vocabulary.journal import Entry
from appliance.vocabulary.lines import DiversionReason

DIVERSION_WORDS = {
    DiversionReason.ALWAYS: "all calls",
    DiversionReason.BUSY: "busy",
    DiversionReason.NO_ANSWER: "nobody answered",
    DiversionReason.UNREACHABLE: "unreachable",
    DiversionReason.DO_NOT_DISTURB: "wants no calls",
    DiversionReason.TIME_OF_DAY: "by the time of day",
    DiversionReason.DEFLECTED: "by hand",
    DiversionReason.FOLLOW_ME: "follow me",
}
"""Why, in the words of the timeline; the rest is not known."""

_BY = (
    "{phone} is connected by {transport}, its sound is not encrypted",
    "{phone} is connected by {transport}, its sound is encrypted",
)
_THROUGH = (
    "{phone} is connected through {trunk} by {transport}, its sound is not encrypted",
    "{phone} is connected through {trunk} by {transport}, its sound is encrypted",
)
"""Without and with encryption."""


def _connected(fact: LegConnected, entry: Entry, known: Known) -> Said:
    """A leg that we dialled is named by the fact: what tells of its talk comes later."""
    known_as = known.legs.labels.get(entry.leg) if entry.leg is not None else None
    phone = fact.extension or fact.number or known_as or CALLER
    keys = _BY if fact.trunk is None else _THROUGH
    return Said(
        text_key=keys[fact.is_encrypted],
        values={
            "phone": phone,
            "transport": fact.transport.upper(),
            **({} if fact.trunk is None else {"trunk": fact.trunk}),
        },
        words=("phone",) if phone == CALLER else (),
    )


def _diverted(fact: CallDiverted, entry: Entry, known: Known) -> Said:
    """By a number that may not be shown, too; why, where that was told."""
    reason = DIVERSION_WORDS.get(fact.by.reason)
    number = fact.by.number or "withheld number"
    words = () if fact.by.number else ("number",)
    if reason is None:
        return Said(text_key="sent on by {number}", values={"number": number}, words=words)
    return Said(
        text_key="sent on by {number}: {reason}",
        values={"number": number, "reason": reason},
        words=(*words, "reason"),
    )


def _refused(fact: TrunkRefused, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="{number} was not reached through {trunk}: {reason}",
        values={"number": fact.number, "trunk": fact.trunk, "reason": CAUSE_WORDS[fact.cause]},
        words=("reason",),
    )


LEG_SAYS: dict[type, Callable[..., Said | None]] = {
    LegConnected: _connected,
    CallDiverted: _diverted,
    TrunkRefused: _refused,
}
