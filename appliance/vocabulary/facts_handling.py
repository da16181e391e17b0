"""Facts of handling a call beyond answer and hang-up: hold, transfer, conference, supervision,
recording control, quality. One call id goes through all of them (journal.py has the rest)."""

from enum import StrEnum

from appliance.vocabulary.fact import Fact, Side
from appliance.vocabulary.ids import (
    AgentId,
    CallId,
    ExtensionNumber,
    QueueId,
    RecordingId,
    Seconds,
)
from appliance.vocabulary.lines import Cause


class TransferWay(StrEnum):
    """How a call is handed on."""

    BLIND = "blind"
    """At once, unannounced."""
    ATTENDED = "attended"
    """After both spoke."""
    SEMI_ATTENDED = "semi_attended"
    """While the target rings."""


class SupervisionWay(StrEnum):
    """What a supervisor does to a talk."""

    LISTEN = "listen"
    WHISPER = "whisper"
    """Only our side hears him."""
    BARGE = "barge"
    """Everybody hears him."""
    TAKE_OVER = "take_over"
    """He talks on in the agent's place."""


# --- hold -----------------------------------------------------------------------------------------
class Held(Fact, frozen=True, kw_only=True):
    """A side wants no audio for now; the other hears music."""

    by: Side
    asked_by: str = ""
    """The program that asked for it ("token NAME"); empty: a person did it at his phone."""


class Retrieved(Fact, frozen=True, kw_only=True):
    """Nobody holds any more."""

    by: Side
    asked_by: str = ""
    """The program that asked for it ("token NAME"); empty: a person did it at his phone."""


# --- transfer -------------------------------------------------------------------------------------
class TransferBegun(Fact, frozen=True, kw_only=True):
    """Somebody hands the call on. `leg` of the entry is the transferring leg."""

    way: TransferWay
    to: str
    """Extension, queue id or outside number, as it was asked for."""
    agent: AgentId | None = None
    extension: ExtensionNumber | None = None
    """Who transfers."""
    asked_by: str = ""
    """The program that asked for it ("token NAME"); empty: a person did it at his phone."""


class TransferFinished(Fact, frozen=True, kw_only=True):
    """The target has the call (answered, or waits in that queue)."""

    to: str
    queue: QueueId | None = None


class TransferFailed(Fact, frozen=True, kw_only=True):
    """The target did not take it; `is_returned`: it goes back to who transferred."""

    to: str
    cause: Cause
    is_returned: bool = False
    extension: ExtensionNumber | None = None
    """Whose wish it was, where nothing was begun: no such number, or not for this phone."""


class ConsultBegun(Fact, frozen=True, kw_only=True):
    """Our side speaks to a third party while the first one waits with music."""

    to: str
    agent: AgentId | None = None
    extension: ExtensionNumber | None = None
    asked_by: str = ""
    """The program that asked for it ("token NAME"); empty: a person did it at his phone."""


class ConsultEnded(Fact, frozen=True, kw_only=True):
    """The consultation is over: transferred, joined to a conference, or given up."""

    to: str
    seconds: Seconds
    """From the third party's answer; 0 where he never answered."""


class ConsultFailed(Fact, frozen=True, kw_only=True):
    """A phone wanted to ask a third party, and nothing was begun: no such number, not for this
    phone, or nobody there."""

    to: str
    cause: Cause
    extension: ExtensionNumber | None = None


class ConferenceBegun(Fact, frozen=True, kw_only=True):
    """More than two talk: `parties` are numbers or names as people know them."""

    parties: tuple[str, ...]


class ConferenceEnded(Fact, frozen=True, kw_only=True):
    """At most two are left."""

    seconds: Seconds
    overlap: Seconds = Seconds(0.0)
    """How much talk of our sides ran at the same time: the talks' sum less the customer's time."""


class CallMerged(Fact, frozen=True, kw_only=True):
    """This call's remaining leg went over into another call, which goes on (attended transfer by
    the phone's own keys: the consultation was a call of its own)."""

    into: CallId


# --- park, pickup, forwarding ---------------------------------------------------------------------
class Parked(Fact, frozen=True, kw_only=True):
    """The call waits at a park place until somebody fetches it."""

    slot: str
    extension: ExtensionNumber | None = None
    """Who parked it."""


class Unparked(Fact, frozen=True, kw_only=True):
    """Fetched by `extension`, or (None) gone back to who parked it after the limit."""

    slot: str
    extension: ExtensionNumber | None = None
    parked: Seconds = Seconds(0.0)


class PickedUp(Fact, frozen=True, kw_only=True):
    """A ringing phone's call was taken at another one."""

    extension: ExtensionNumber
    """Who took it."""
    ringing: ExtensionNumber
    """Where it rang."""


class Forwarded(Fact, frozen=True, kw_only=True):
    """A phone's own rule sent the call elsewhere; `why`: always, busy, no_answer, unreachable,
    do_not_disturb."""

    extension: ExtensionNumber
    to: str
    why: str


# --- supervision ----------------------------------------------------------------------------------
class SupervisorJoined(Fact, frozen=True, kw_only=True):
    """A supervisor listens, whispers, barges or takes over (also when he changes the way)."""

    supervisor: AgentId | None
    extension: ExtensionNumber | None
    agent: AgentId | None
    """Whose talk."""
    way: SupervisionWay


class SupervisorLeft(Fact, frozen=True, kw_only=True):
    """He is in the talk no more; `seconds`: since he joined."""

    supervisor: AgentId | None
    extension: ExtensionNumber | None
    seconds: Seconds


class ForcedRelease(Fact, frozen=True, kw_only=True):
    """A supervisor, or the API, ended somebody else's call. `by` names him."""

    by: str


# --- recording ------------------------------------------------------------------------------------
class RecordingMasked(Fact, frozen=True, kw_only=True):
    """From here the file has silence (card numbers); `by`: a phone's number, "token NAME"."""

    recording: RecordingId
    by: str


class RecordingUnmasked(Fact, frozen=True, kw_only=True):
    """The file has sound again, or ends; `masked`: how long it had none."""

    recording: RecordingId
    by: str
    masked: Seconds


class ConsentAsked(Fact, frozen=True, kw_only=True):
    """The caller chose whether he may be recorded."""

    is_granted: bool
    digit: str = ""


# --- quality --------------------------------------------------------------------------------------
class QualityMeasured(Fact, frozen=True, kw_only=True):
    """Telephone quality of one leg, at its end. `leg` of the entry is the leg.

    Source: RFC 3550 receiver statistics; MOS by the E-model (ITU-T G.107), 1.0 to 4.5.
    """

    codec: str
    packets: int
    """Received from the leg."""
    lost: int
    """Expected and not received."""
    jitter_ms: float
    round_trip_ms: float | None = None
    """From RTCP; None where the far end sends none."""
    far_lost: int | None = None
    """What the far end missed of ours, by its reports."""
    mos: float


# --- the box heals itself -------------------------------------------------------------------------
class Healed(Fact, frozen=True, kw_only=True):
    """The reconciler found something that must not be, and mended it."""

    what: str
    done: str = ""
    """How it was mended."""


HandlingFact = (
    Held
    | Retrieved
    | TransferBegun
    | TransferFinished
    | TransferFailed
    | ConsultBegun
    | ConsultEnded
    | ConsultFailed
    | ConferenceBegun
    | ConferenceEnded
    | CallMerged
    | Parked
    | Unparked
    | PickedUp
    | Forwarded
    | SupervisorJoined
    | SupervisorLeft
    | ForcedRelease
    | RecordingMasked
    | RecordingUnmasked
    | ConsentAsked
    | QualityMeasured
    | Healed
)
