"""What people and programs ask of call control besides keys: the same verbs for the web page, the
API and the feature codes. Each is answered by VerbAnswered, at once."""

from enum import StrEnum
from typing import NewType

from appliance.vocabulary.facts_handling import SupervisionWay, TransferWay
from appliance.vocabulary.ids import (
    AgentId,
    CallbackId,
    CallId,
    ExtensionNumber,
    LegId,
    RecordingId,
)
from appliance.vocabulary.messages import BoxTold
from appliance.vocabulary.shape import Command, Event

AskId = NewType("AskId", str)
"""One question to call control; its answer carries the same."""


class AgentWish(StrEnum):
    """States that can be asked for."""

    READY = "ready"
    NOT_READY = "not_ready"
    SIGNED_OUT = "signed_out"
    SIGNED_IN = "signed_in"
    WRAP_UP_ENDED = "wrap_up_ended"


class RecordingWish(StrEnum):
    """What can be asked of a call's recording."""

    ON = "on"
    OFF = "off"
    PAUSE = "pause"
    """Silence in the file, a mark in the timeline."""
    RESUME = "resume"


class Originate(Command, frozen=True, kw_only=True):
    """Ring `extension`; when it answers, dial `number` for it."""

    ask: AskId
    by: str
    """Who asks, for the audit: a token's or person's name."""
    extension: ExtensionNumber
    number: str


class EndCall(Command, frozen=True, kw_only=True):
    """Hang up every leg of a call."""

    ask: AskId
    by: str
    call: CallId


class TransferCall(Command, frozen=True, kw_only=True):
    """Hand the call's outside party on to an extension, a queue or a number. ATTENDED: our side
    asks there first, while the outside party waits; EndConsult says how that ends."""

    ask: AskId
    by: str
    call: CallId
    to: str
    way: TransferWay = TransferWay.BLIND


class ConsultWish(StrEnum):
    """How asking a third party is to end."""

    COMPLETE = "complete"
    """The third party has the call; while he still rings, as soon as he answers."""
    RETURN = "return"
    """Back to the outside party, without the third one."""
    CONFERENCE = "conference"
    """All three talk."""


class EndConsult(Command, frozen=True, kw_only=True):
    """End the asking of a third party, whoever began it: a verb, or the phone by `*2`."""

    ask: AskId
    by: str
    call: CallId
    wish: ConsultWish


class HoldCall(Command, frozen=True, kw_only=True):
    """Hold (music) or retrieve the outside party."""

    ask: AskId
    by: str
    call: CallId
    is_held: bool


class SetAgent(Command, frozen=True, kw_only=True):
    """Change an agent's state."""

    ask: AskId
    by: str
    agent: AgentId
    wish: AgentWish
    reason: str = ""
    extension: ExtensionNumber | None = None
    """SIGNED_IN: where he sits; None: his usual phone."""


class SetRecording(Command, frozen=True, kw_only=True):
    """Control a call's recording."""

    ask: AskId
    by: str
    call: CallId
    wish: RecordingWish


class Supervise(Command, frozen=True, kw_only=True):
    """Ring the supervisor's phone and join him to a talk; for a call he is in: change the way."""

    ask: AskId
    by: str
    call: CallId
    extension: ExtensionNumber
    """The supervisor's phone."""
    way: SupervisionWay


class MessageHeard(Command, frozen=True, kw_only=True):
    """Somebody has listened to a voicemail message: it is not new any more, lamps go out."""

    ask: AskId
    by: str
    recording: RecordingId


class MarkMessage(Command, frozen=True, kw_only=True):
    """Let a voicemail message count as new again, or as heard."""

    ask: AskId
    by: str
    recording: RecordingId
    is_new: bool


class DeleteMessage(Command, frozen=True, kw_only=True):
    """Take a voicemail message out of its box, and its sound out of the store."""

    ask: AskId
    by: str
    recording: RecordingId


class ListMessages(Command, frozen=True, kw_only=True):
    """Which messages wait in which voicemail box? Answered with `boxes`."""

    ask: AskId
    by: str


class CancelCallback(Command, frozen=True, kw_only=True):
    """Give up a callback that is pending."""

    ask: AskId
    by: str
    callback: CallbackId


class SetEmergencyMode(Command, frozen=True, kw_only=True):
    """Let every number lead to the emergency flow, or where it always does again."""

    ask: AskId
    by: str
    is_on: bool


Verb = (
    Originate
    | EndCall
    | TransferCall
    | EndConsult
    | HoldCall
    | SetAgent
    | SetRecording
    | Supervise
    | MessageHeard
    | CancelCallback
    | MarkMessage
    | DeleteMessage
    | ListMessages
    | SetEmergencyMode
)


class VerbAnswered(Event, frozen=True, kw_only=True):
    """To the asker. `problem` is empty when it was done, else one of PROBLEMS."""

    ask: AskId
    problem: str = ""
    text: str = ""
    """For people: what was wrong, in English; pages translate the problem."""
    call: CallId | None = None
    leg: LegId | None = None
    boxes: tuple[BoxTold, ...] = ()
    """ListMessages: every box."""


PROBLEMS = (
    "call_unknown",
    "agent_unknown",
    "extension_unknown",
    "not_reachable",
    "not_allowed",
    "not_talking",
    "not_consulting",
    "not_recorded",
    "number_unknown",
    "busy",
    "already",
    "recording_unknown",
    "callback_unknown",
)
"""Why a verb was not carried out."""
