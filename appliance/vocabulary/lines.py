"""Lines as call control sees them: who is at the other end, and why a leg ended."""

from enum import StrEnum

from appliance.vocabulary.ids import ExtensionNumber, TrunkId
from appliance.vocabulary.shape import Value

SELF_TEST_EXTENSION = ExtensionNumber("selftest")
"""The account of the box's own test phone (`linghe selftest`); no site can have it, numbers are
digits. It may dial SELF_TEST_CODE from loopback, nothing else, and nobody can dial it."""
SELF_TEST_CODE = "*60"


class TrunkLine(Value, frozen=True, kw_only=True, tag="trunk", tag_field="line"):
    """A circuit to a carrier or gateway."""

    trunk: TrunkId


class PhoneLine(Value, frozen=True, kw_only=True, tag="phone", tag_field="line"):
    """A desk phone that registers at the box."""

    extension: ExtensionNumber


class GuestLine(Value, frozen=True, kw_only=True, tag="guest", tag_field="line"):
    """Somebody on loopback or the LAN before any site is configured."""

    address: str


Line = TrunkLine | PhoneLine | GuestLine


class Party(Value, frozen=True, kw_only=True):
    """A caller or called party as shown to people. Already clean UTF-8."""

    number: str = ""
    """Empty where withheld or unknown."""
    name: str = ""


class DiversionReason(StrEnum):
    """Why somebody sent a call on before it came here."""

    UNKNOWN = "unknown"
    ALWAYS = "always"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    DO_NOT_DISTURB = "do_not_disturb"
    TIME_OF_DAY = "time_of_day"
    DEFLECTED = "deflected"
    """By hand, while it rang."""
    FOLLOW_ME = "follow_me"


class Diversion(Value, frozen=True, kw_only=True):
    """Who sent a call on before it came here, as its carrier says. The last one, of several."""

    number: str = ""
    """Empty: he is not to be shown."""
    reason: DiversionReason = DiversionReason.UNKNOWN


class Cause(StrEnum):
    """Why a leg was refused or ended. Each protocol maps its own codes to these, both ways."""

    NORMAL = "normal"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    """No registration, no route, no reply."""
    CANCELLED = "cancelled"
    """We, or the caller, gave up before the answer."""
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    INCOMPATIBLE_AUDIO = "incompatible_audio"
    CONGESTION = "congestion"
    """No free channel, or the box is full."""
    AUDIO_LOST = "audio_lost"
    """Media silence or a failed session check ended it."""
    FAILURE = "failure"
    """Anything else that the far end reports as an error."""
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    """We gave this phone up because another one has the call: no missed call for its list."""
    BOX_RESTARTED = "box_restarted"
    """Power was cut; the leg cannot have survived."""
