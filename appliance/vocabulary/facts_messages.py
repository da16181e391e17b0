"""Facts of voicemail messages: left, heard, marked, deleted; of the call that left them."""

from enum import StrEnum

from appliance.vocabulary.fact import Fact
from appliance.vocabulary.ids import BoxName, ExtensionNumber, RecordingId, Seconds


class MessageArrived(Fact, frozen=True, kw_only=True):
    """The sound stands in the store: the message waits in its box, unheard."""

    recording: RecordingId
    box: BoxName
    caller: str = ""
    """Empty: withheld."""
    seconds: Seconds
    file: str = ""
    """Path relative to the recordings folder."""


class MessageHeardBy(Fact, frozen=True, kw_only=True):
    """Somebody has listened for the first time: it is not new any more."""

    recording: RecordingId
    box: BoxName
    by: str
    """A phone's number, a person's name, "token NAME"."""
    waited: Seconds = Seconds(0.0)
    """Since it was left."""


class MessageMarked(Fact, frozen=True, kw_only=True):
    """Somebody wants it to count as new again, or as heard."""

    recording: RecordingId
    box: BoxName
    by: str
    is_new: bool


class MessageDeleted(Fact, frozen=True, kw_only=True):
    """Out of its box; jobs removes the sound."""

    recording: RecordingId
    box: BoxName
    by: str
    file: str = ""


class PinChange(StrEnum):
    """What happened with the PIN of a box."""

    CHANGED = "changed"
    WRONG = "wrong"
    LOCKED = "locked"


class BoxPinUsed(Fact, frozen=True, kw_only=True):
    """A box's PIN was changed at a phone, or keyed in wrongly there; the PIN itself never stands
    anywhere."""

    box: BoxName
    extension: ExtensionNumber
    change: PinChange


MessageFact = MessageArrived | MessageHeardBy | MessageMarked | MessageDeleted | BoxPinUsed
