"""What the facts of a call's beginning, flow, talks and end say in a timeline."""

from collections.abc import Callable

from msgspec import field

from appliance.reports.names import Names
from appliance.reports.timeline_legs import Legs
from appliance.reports.timeline_line import Said, duration
from appliance.reports.words_phrases import HEARD_PHRASES
from appliance.reports.words_refusals import REFUSALS
from appliance.vocabulary.ids import Instant
from appliance.vocabulary.journal import (
    CALLED_BACK,
    MISSED_CALLS,
    REDIAL,
    VOICEMAIL,
    Bridged,
    CallAnswered,
    CallBlocked,
    CallEnded,
    CallEntered,
    CallResumed,
    DigitPressed,
    Direction,
    Entry,
    LegGone,
    NodeEntered,
    PromptMissing,
    PromptPlayed,
    RouteChosen,
    Side,
    TalkEnded,
)
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.shape import State

CAUSE_WORDS = {
    Cause.NORMAL: "normal",
    Cause.BUSY: "busy",
    Cause.NO_ANSWER: "nobody answered",
    Cause.REJECTED: "rejected",
    Cause.UNREACHABLE: "unreachable",
    Cause.CANCELLED: "cancelled",
    Cause.NOT_FOUND: "number unknown",
    Cause.FORBIDDEN: "not allowed",
    Cause.INCOMPATIBLE_AUDIO: "no common audio format",
    Cause.CONGESTION: "no free line",
    Cause.AUDIO_LOST: "no more audio",
    Cause.FAILURE: "failure",
    Cause.ANSWERED_ELSEWHERE: "answered elsewhere",
    Cause.BOX_RESTARTED: "the box was stopped",
}


class Known(State, kw_only=True):
    """What the lines before have told."""

    names: Names
    direction: Direction = Direction.INBOUND
    is_callback: bool = False
    """The agent was rung first: his is the caller's side."""
    led_to: str = ""
    """Where the last key led, in people's words: the queue need not be named again."""
    offered: dict[str, Instant] = {}
    """When each phone began to be called."""
    picked_up: tuple[str, ...] = ()
    """Phones that answered since they were last called."""
    talks: int = 0
    legs: Legs = field(default_factory=Legs)
    is_conference: bool = False
    messages: tuple[str, ...] = ()
    """Recordings that are voicemails."""


def _entered(fact: CallEntered, entry: Entry, known: Known) -> Said | None:
    known.direction = fact.direction
    if fact.direction is Direction.INBOUND:
        is_withheld = not fact.caller.number
        return Said(
            text_key="call from {caller} to {called}",
            values={
                "caller": "withheld number" if is_withheld else fact.caller.number,
                "called": fact.called,
            },
            words=("caller",) if is_withheld else (),
        )
    if fact.asked_by == CALLED_BACK:
        known.is_callback = True
        return None  # CallbackBegun says whom, and why
    phone = fact.extension or fact.caller.number
    key = "{who} had {phone} rung and {called} dialled"
    if fact.asked_by == VOICEMAIL:
        key = "{phone} calls back who left a message, {called}"
    if fact.asked_by == MISSED_CALLS:
        key = "{phone} is rung to tell of missed calls: not ready"
    if fact.asked_by == REDIAL:
        key = "{called} is free now, {phone} is rung to call it back"
    return Said(
        text_key=key if fact.asked_by else "{phone} dialled {called}",
        values={"who": fact.asked_by, "phone": phone, "called": fact.called},
        is_main=True,
    )


def _answered(fact: CallAnswered, entry: Entry, known: Known) -> Said:
    if known.direction in (Direction.OUTBOUND, Direction.INTERNAL):
        return Said(text_key="the other side answered", is_main=True)
    return Said(text_key="the box answered")


def _blocked(fact: CallBlocked, entry: Entry, known: Known) -> Said:
    is_cause = not fact.reason or fact.reason in set(Cause)
    reason = CAUSE_WORDS[fact.cause] if is_cause else REFUSALS.get(fact.reason)
    return Said(
        text_key="refused: {reason}",
        values={"reason": reason or fact.reason},
        words=("reason",) if reason else (),
        is_main=True,
    )


def _routed(fact: RouteChosen, entry: Entry, known: Known) -> Said:
    if fact.why == "do_not_disturb":
        return Said(text_key="{phone} wants no calls", values={"phone": fact.number}, is_main=True)
    return Said(
        text_key="number {number} led to {target}",
        values={"number": fact.number, "target": fact.flow or fact.target or fact.why},
    )


def _node(fact: NodeEntered, entry: Entry, known: Known) -> Said:
    return Said(text_key="came to {node}", values={"node": fact.node})


def _played(fact: PromptPlayed, entry: Entry, known: Known) -> Said:
    phrase, _, value = fact.text.partition(" ")
    if phrase in HEARD_PHRASES:
        return Said(text_key=HEARD_PHRASES[phrase], values={"value": value})
    key = "recording notice played: {text}" if fact.is_notice else "heard: {text}"
    return Said(text_key=key, values={"text": fact.text})


def _missing(fact: PromptMissing, entry: Entry, known: Known) -> Said:
    return Said(text_key="prompt missing: {text}", values={"text": fact.text})


def _pressed(fact: DigitPressed, entry: Entry, known: Known) -> Said:
    if not fact.leads_to:
        return Said(
            text_key="pressed {digit}, no such choice",
            values={"digit": fact.digit},
            is_main=True,
        )
    known.led_to = known.names.nodes.get(fact.leads_to, fact.leads_to)
    return Said(
        text_key="pressed {digit} → {target}",
        values={"digit": fact.digit, "target": known.led_to},
        is_main=True,
    )


def _bridged(fact: Bridged, entry: Entry, known: Known) -> Said:
    known.talks += 1
    is_transfer = known.talks > 1
    key = "{phone} took over" if is_transfer else "talk with {phone} begins"
    return Said(
        text_key="{phone} joined" if known.is_conference else key,
        values={"phone": _with_whom(fact, known)},
        is_main=is_transfer,
    )


def _with_whom(fact: Bridged | TalkEnded, known: Known) -> str:
    return fact.extension or fact.agent or fact.number or known.legs.dialled


def _talked(fact: TalkEnded, entry: Entry, known: Known) -> Said:
    values = {"phone": _with_whom(fact, known), "duration": duration(fact.talk)}
    if not fact.hold:
        return Said(text_key="{phone} talked {duration}", values=values, is_main=True)
    return Said(
        text_key="{phone} talked {duration}, on hold {hold}",
        values={**values, "hold": duration(fact.hold)},
        is_main=True,
    )


def _gone(fact: LegGone, entry: Entry, known: Known) -> Said | None:
    """A leg's end is told where the others talk on; else the call's end says it."""
    phone = known.legs.phones.get(entry.leg) if entry.leg is not None else None
    if not known.is_conference or phone is None:
        return None
    return Said(text_key="{phone} left the conference", values={"phone": phone}, is_main=True)


def _resumed(fact: CallResumed, entry: Entry, known: Known) -> Said:
    return Said(text_key="call control was restarted, the call went on")


def _ended(fact: CallEnded, entry: Entry, known: Known) -> Said:
    if fact.cause is not Cause.NORMAL and not (
        fact.by is Side.CALLER and fact.cause is Cause.CANCELLED
    ):
        return Said(
            text_key="ended: {cause}",
            values={"cause": CAUSE_WORDS[fact.cause]},
            words=("cause",),
            is_main=True,
        )
    if fact.by is Side.CALLER:
        who = "agent hung up" if known.is_callback else "caller hung up"
        return Said(text_key=who, is_main=True)
    if fact.by is Side.BOX:
        return Said(text_key="the box ended the call", is_main=True)
    if known.direction in (Direction.OUTBOUND, Direction.INTERNAL):
        return Said(text_key="the called party hung up", is_main=True)
    leg = known.legs.gone or known.legs.talks_at
    # a phone of nobody's, or a number outside that got the call by a transfer
    phone = known.legs.labels.get(leg) if leg is not None and leg not in known.legs.agents else None
    if phone is not None:
        return Said(text_key="{phone} hung up", values={"phone": phone}, is_main=True)
    return Said(text_key="agent hung up", is_main=True)


CALL_SAYS: dict[type, Callable[..., Said | None]] = {
    CallEntered: _entered,
    CallAnswered: _answered,
    CallBlocked: _blocked,
    RouteChosen: _routed,
    NodeEntered: _node,
    PromptPlayed: _played,
    PromptMissing: _missing,
    DigitPressed: _pressed,
    Bridged: _bridged,
    TalkEnded: _talked,
    LegGone: _gone,
    CallResumed: _resumed,
    CallEnded: _ended,
}
