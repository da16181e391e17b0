"""What is to be done, as call control says it. No protocol in here (rule 2)."""

from enum import StrEnum

from appliance.vocabulary.audio import LegAudio
from appliance.vocabulary.ids import CallId, ExtensionNumber, LegId, RecordingId, TrunkId
from appliance.vocabulary.journal import Entry
from appliance.vocabulary.lines import Cause, Party
from appliance.vocabulary.lookups import LookUp
from appliance.vocabulary.prompt_takes import KeepPrompt
from appliance.vocabulary.shape import Command
from appliance.vocabulary.verbs import VerbAnswered


# --- to lines -----------------------------------------------------------------------------------
class Ring(Command, frozen=True, kw_only=True):
    """Tell the offering side that somebody's phone rings."""

    leg: LegId
    port: int | None = None
    """Early media: our audio is on this port before the answer (183 with SDP)."""


class Answer(Command, frozen=True, kw_only=True):
    """Answer an offered leg; our audio is on `port`."""

    leg: LegId
    port: int


class Reject(Command, frozen=True, kw_only=True):
    """Refuse an offered leg that was not answered."""

    leg: LegId
    cause: Cause


class DialPhone(Command, frozen=True, kw_only=True):
    """Ring a desk phone; our audio is on `port`."""

    leg: LegId
    extension: ExtensionNumber
    port: int
    caller: Party
    """What the phone's display shows."""
    is_auto_answered: bool = False
    """The phone is asked to pick up by itself (click to dial, supervisor's own phone)."""
    diverted_from: str = ""
    """Number that the call was sent on from (Diversion)."""
    may_hush: bool = False
    """The other side agreed on comfort noise (RFC 3389): this one is asked whether it will."""


class DialTrunk(Command, frozen=True, kw_only=True):
    """Dial out; our audio is on `port`."""

    leg: LegId
    trunk: TrunkId
    number: str
    port: int
    caller: Party
    presented: str = ""
    """Number that this phone shows outside, in place of the trunk's; empty: the trunk's rule."""
    diverted_from: str = ""
    has_other: bool = False
    """There is another trunk to try: give this one up within seconds when it shows no sign of
    life (LegRefused, UNREACHABLE). Else it has as long as its protocol waits."""
    may_hush: bool = False
    """As in DialPhone."""


class HangUp(Command, frozen=True, kw_only=True):
    """End a leg in whatever state it is: cancel a ringing one, end a talking one."""

    leg: LegId
    cause: Cause = Cause.NORMAL


class CheckLeg(Command, frozen=True, kw_only=True):
    """Find out whether the far end still lives; LegEnded follows when it does not."""

    leg: LegId


class MoveAudio(Command, frozen=True, kw_only=True):
    """Our audio of an answered leg is on another port now: tell the far end."""

    leg: LegId
    port: int


class TransferStage(StrEnum):
    """How far an asked transfer has come."""

    TRYING = "trying"
    RINGING = "ringing"
    DONE = "done"
    FAILED = "failed"


class TellTransfer(Command, frozen=True, kw_only=True):
    """To the phone that asked for a transfer (SIP NOTIFY of its REFER). TRYING accepts it; FAILED
    as the first word refuses it."""

    leg: LegId
    stage: TransferStage
    cause: Cause = Cause.NORMAL
    """FAILED: why."""


class LampState(StrEnum):
    """What a busy-lamp key shows."""

    IDLE = "idle"
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    NOT_READY = "not_ready"
    """An agent who takes no calls, a phone that wants no calls."""
    UNREACHABLE = "unreachable"


class ShowLamp(Command, frozen=True, kw_only=True):
    """The lamp of an extension, an agent, or a park slot is so from now on (SIP dialog events)."""

    name: str
    """Extension number, agent id, or park slot: what the phone's key subscribes to."""
    state: LampState
    other: str = ""
    """The other party's number, where one may see it."""


class ShowMessages(Command, frozen=True, kw_only=True):
    """Message-waiting lamp of a phone (SIP message-summary)."""

    extension: ExtensionNumber
    new: int
    old: int


class SendDigit(Command, frozen=True, kw_only=True):
    """Tell the far end of a key by signalling; DigitsUnsent follows where that fails."""

    leg: LegId
    digit: str


# --- to media -----------------------------------------------------------------------------------
class ClaimAudio(Command, frozen=True, kw_only=True):
    """Hold a port for this leg. All legs of one call are held by one worker."""

    leg: LegId
    call: CallId


class SetAudio(Command, frozen=True, kw_only=True):
    """Make this leg's audio so."""

    audio: LegAudio


class ReleaseAudio(Command, frozen=True, kw_only=True):
    """The leg is over: close its recording track, give its port back."""

    leg: LegId


# --- to jobs ------------------------------------------------------------------------------------
class SealRecording(Command, frozen=True, kw_only=True):
    """All tracks of this recording are closed; make the file."""

    recording: RecordingId
    call: CallId


class RelayDigit(Command, frozen=True, kw_only=True):
    """Signalling told of a key of this leg (SIP INFO): whoever hears the leg and wants keys gets
    it, as a telephone event or as tones. Keys in the leg's own audio need no telling."""

    leg: LegId
    digit: str


class SoundDigit(Command, frozen=True, kw_only=True):
    """Let this leg hear the tones of a key: signalling could not tell its far end of it."""

    leg: LegId
    digit: str


# --- to the ledger ------------------------------------------------------------------------------
class Write(Command, frozen=True, kw_only=True):
    """Put an entry in the journal."""

    entry: Entry


LineCommand = (
    Ring
    | Answer
    | Reject
    | DialPhone
    | DialTrunk
    | HangUp
    | CheckLeg
    | MoveAudio
    | TellTransfer
    | SendDigit
    | ShowLamp
    | ShowMessages
)
MediaCommand = ClaimAudio | SetAudio | ReleaseAudio | RelayDigit | SoundDigit
CallCommand = (
    LineCommand | MediaCommand | SealRecording | LookUp | KeepPrompt | Write | VerbAnswered
)
