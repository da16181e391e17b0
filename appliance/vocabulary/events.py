"""What happened, as call control hears it. No protocol in here (rule 2)."""

from enum import StrEnum

from appliance.vocabulary.audio import FarEnd, Quality
from appliance.vocabulary.ids import (
    CallId,
    ExtensionNumber,
    LegId,
    PlayId,
    RecordingId,
    Seconds,
    TrunkId,
)
from appliance.vocabulary.lines import Cause, Diversion, Line, Party
from appliance.vocabulary.lookups import LookedUp
from appliance.vocabulary.prompt_takes import PromptKept
from appliance.vocabulary.shape import Event
from appliance.vocabulary.verbs import Verb


# --- from lines ---------------------------------------------------------------------------------
class LegOffered(Event, frozen=True, kw_only=True):
    """A line rings at the box. `leg` was named by the line."""

    leg: LegId
    line: Line
    caller: Party
    called: str
    """The number or code that was dialled, as the line gave it."""
    audio: FarEnd | None
    """None: no codec in common; the call is to be refused and still stands in the ledger."""
    line_call: str = ""
    """The protocol's own name for it (SIP Call-ID), for people who search."""
    replaces: LegId | None = None
    """It takes that leg's place (SIP Replaces): attended transfer, pickup by a phone's own key."""
    diverted_from: str = ""
    """Number that the call was sent on from before it came here (SIP Diversion, History-Info)."""
    diversion: Diversion | None = None
    """The same with its reason; there too where its number is not to be shown."""
    refusal: str = ""
    """Why `audio` is None, where it is not for want of a codec: needs_srtp."""
    transport: str = ""
    """What its signalling goes over, in the line's own word: udp, tcp, tls; empty: not told."""


class LegRinging(Event, frozen=True, kw_only=True):
    """A leg that we dialled is ringing at the far end."""

    leg: LegId
    audio: FarEnd | None = None
    """Early media: the far end already sends its own ringing tone or announcement."""


class LegAnswered(Event, frozen=True, kw_only=True):
    """A leg that we dialled was answered."""

    leg: LegId
    audio: FarEnd
    transport: str = ""
    """As in LegOffered."""


class LegRefused(Event, frozen=True, kw_only=True):
    """A leg that we dialled was not answered."""

    leg: LegId
    cause: Cause
    text: str = ""


class LegEnded(Event, frozen=True, kw_only=True):
    """An answered or offered leg is gone: the far end hung up, or the line lost it."""

    leg: LegId
    cause: Cause


class LegAudioMoved(Event, frozen=True, kw_only=True):
    """The far end wants its audio elsewhere or otherwise (re-INVITE, hold)."""

    leg: LegId
    audio: FarEnd


class TransferAsked(Event, frozen=True, kw_only=True):
    """The far end of `leg` wants its other party handed on (SIP REFER). Answer with TellTransfer,
    the first within seconds."""

    leg: LegId
    to: str
    """Extension, feature code or outside number."""
    replaces: LegId | None = None
    """Attended: join with the other party of this leg (of another call of the same phone)."""


class PhoneRegistered(Event, frozen=True, kw_only=True):
    """A desk phone can be reached now (first registration or refresh)."""

    extension: ExtensionNumber
    where: str
    user_agent: str = ""
    transport: str = ""
    """As in LegOffered."""


class PhoneGone(Event, frozen=True, kw_only=True):
    """A desk phone's registration ended or ran out, or it answers no more."""

    extension: ExtensionNumber
    is_silent: bool = False
    """It has not said so: it did not answer three times. PhoneRegistered tells that it is back."""


class TrunkChanged(Event, frozen=True, kw_only=True):
    """A trunk became usable or stopped being so."""

    trunk: TrunkId
    is_up: bool
    text: str = ""


# --- from media ---------------------------------------------------------------------------------
class AudioClaimed(Event, frozen=True, kw_only=True):
    """The media worker holds a port for this leg."""

    leg: LegId
    port: int


class AudioRefused(Event, frozen=True, kw_only=True):
    """The media worker has no port for this leg."""

    leg: LegId
    text: str


class DigitForm(StrEnum):
    """How a key arrived."""

    RFC4733 = "rfc4733"
    INFO = "info"
    INBAND = "inband"


class DigitHeard(Event, frozen=True, kw_only=True):
    """The far end pressed a key: 0-9 * # A-D. One event a press, whatever forms it came in."""

    leg: LegId
    digit: str
    form: DigitForm


class DigitsUnsent(Event, frozen=True, kw_only=True):
    """The far end could not be told of these keys by signalling (SendDigit)."""

    leg: LegId
    digits: str


class PlayEnded(Event, frozen=True, kw_only=True):
    """A Playlist or Tone ended."""

    leg: LegId
    play: PlayId
    was_stopped: bool = False
    """True when a key stopped it."""


class AudioLost(Event, frozen=True, kw_only=True):
    """Nothing was received from the far end for so long."""

    leg: LegId
    silent_for: Seconds


class FarEndQuiet(Event, frozen=True, kw_only=True):
    """Nobody has spoken for as long as LegAudio.quiet_after says; once for each wish."""

    leg: LegId
    silent_for: Seconds


class LegMeasured(Event, frozen=True, kw_only=True):
    """A leg's audio quality, once, when its audio is released."""

    leg: LegId
    call: CallId
    quality: Quality


class RecordingStarted(Event, frozen=True, kw_only=True):
    """The first frame of this recording was written."""

    recording: RecordingId
    call: CallId


class RecordingRefused(Event, frozen=True, kw_only=True):
    """Disk full or broken: the call goes on, unrecorded, and the ledger says so."""

    recording: RecordingId
    call: CallId
    text: str


# --- from jobs ----------------------------------------------------------------------------------
class RecordingSealed(Event, frozen=True, kw_only=True):
    """The finished file stands in the store."""

    recording: RecordingId
    call: CallId
    file: str
    """Path relative to the recordings folder."""
    sha256: str
    seconds: Seconds
    missing_frames: int = 0
    """20 ms places that nothing was received for (filled with silence)."""


# --- from the ledger ----------------------------------------------------------------------------
class RecordingLeft(Event, frozen=True, kw_only=True):
    """Its call was ended on paper only, after a power cut: nobody has asked for its file."""

    recording: RecordingId
    call: CallId


# --- from the daemon ----------------------------------------------------------------------------
class ClockSet(Event, frozen=True, kw_only=True):
    """Utc minus Instant. Told at start, and again when somebody sets the clock."""

    utc_offset: Seconds


class PromptsChanged(Event, frozen=True, kw_only=True):
    """New prompts were rendered; look them up again."""


class BoxRestarted(Event, frozen=True, kw_only=True):
    """The machine itself was restarted since the last snapshot: every leg is gone."""


LineEvent = (
    LegOffered
    | LegRinging
    | LegAnswered
    | LegRefused
    | LegEnded
    | LegAudioMoved
    | TransferAsked
    | PhoneRegistered
    | PhoneGone
    | TrunkChanged
    | DigitHeard
    | DigitsUnsent
)
MediaEvent = (
    AudioClaimed
    | AudioRefused
    | DigitHeard
    | PlayEnded
    | AudioLost
    | FarEndQuiet
    | LegMeasured
    | RecordingStarted
    | RecordingRefused
)
BoxEvent = (
    RecordingSealed
    | RecordingLeft
    | LookedUp
    | PromptKept
    | ClockSet
    | PromptsChanged
    | BoxRestarted
)
CallEvent = LineEvent | MediaEvent | BoxEvent | Verb
