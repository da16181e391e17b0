"""Voicemail messages as pages, programs and the phone's menu are told of them."""

from appliance.vocabulary.ids import BoxName, CallId, RecordingId, Seconds, Utc
from appliance.vocabulary.shape import Value

MESSAGE = "message:"
"""Before the file of a recording, relative to their folder: in a Playlist, in a prompt's place."""


class MessageNote(Value, frozen=True, kw_only=True):
    """One message."""

    recording: RecordingId
    call: CallId | None = None
    """That left it."""
    caller: str = ""
    """Empty: withheld, or of an earlier version."""
    caller_name: str = ""
    left: Utc = Utc(0.0)
    """When the caller began to speak; 0: not known."""
    seconds: Seconds = Seconds(0.0)
    file: str = ""
    """Path relative to the recordings folder."""
    heard_by: str = ""
    """Who listened first."""
    heard_at: Utc | None = None


class BoxTold(Value, frozen=True, kw_only=True):
    """One box; in each list the oldest message stands first."""

    box: BoxName
    name: str = ""
    new: tuple[MessageNote, ...] = ()
    old: tuple[MessageNote, ...] = ()
