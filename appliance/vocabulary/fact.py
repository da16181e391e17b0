"""What every fact of the journal is made of: its shape, and the words that several facts share."""

from enum import StrEnum

from msgspec import Struct


class Fact(Struct, frozen=True, kw_only=True, tag=True, tag_field="kind", omit_defaults=True):
    """What happened. The kind is the class name."""


class Direction(StrEnum):
    """How a call entered."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"
    SERVICE = "service"
    """A feature code (*80…) or the box's own self-test menu: not a customer's call."""


class CallOutcome(StrEnum):
    """What became of a call; one for each, decided at its end. Letters are those of reports.md."""

    ANSWERED = "answered"
    """A: an agent (or the called party) talked."""
    ABANDONED = "abandoned"
    """B: the caller hung up while queued."""
    IVR = "ivr"
    """I: ended in the menu."""
    DIRECT = "direct"
    """D: went straight to an extension, answered or not, or talked with a number outside."""
    NOTICE = "notice"
    """G: ended in voicemail or a notice from the flow or outside hours."""
    OVERFLOW = "overflow"
    """V: left the queue by a limit and was answered nowhere else."""
    VOICEMAIL = "voicemail"
    """Left a message; M where he was queued before, else G."""
    CALLBACK = "callback"
    """K: left the queue to be called back."""
    BLOCKED = "blocked"
    """X: refused before anything was heard."""
    NOT_ANSWERED = "not_answered"
    """Outbound and internal calls: nobody answered."""
    SERVICE = "service"


class VisitOutcome(StrEnum):
    """How a stay in a queue ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    OVERFLOW = "overflow"
    VOICEMAIL = "voicemail"
    CALLBACK = "callback"


class Side(StrEnum):
    """Who ended a call. Outbound and internal: AGENT is the called party."""

    CALLER = "caller"
    AGENT = "agent"
    BOX = "box"


class AgentState(StrEnum):
    """What an agent is doing; from live legs, never from hope."""

    SIGNED_OUT = "signed_out"
    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    HOLDING = "holding"
    WRAP_UP = "wrap_up"
    NOT_READY = "not_ready"
    UNREACHABLE = "unreachable"
    """The phone is lost."""
    BUSY = "busy"
    """On a call that no queue gave him (dialled, internal, direct, handed on): offered nothing."""


class MissReason(StrEnum):
    """Why an offer to an agent did not become a talk."""

    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    CALLER_GONE = "caller_gone"
    OVERFLOW = "overflow"
    """The wait limit ended the ringing."""
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    """Another phone of the group answered, or somebody picked the call up."""
