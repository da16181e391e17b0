"""A recording made at a phone that is to become a prompt: what call control asks the daemon for."""

from appliance.vocabulary.ids import CallId, ExtensionNumber
from appliance.vocabulary.shape import Command, Event


class KeepPrompt(Command, frozen=True, kw_only=True):
    """Make a prompt of this recording; PromptKept follows. Asked twice it is kept once."""

    call: CallId
    name: str
    file: str
    """Path relative to the recordings folder."""
    extension: ExtensionNumber
    """Where it was spoken."""


class PromptKept(Event, frozen=True, kw_only=True):
    """What came of KeepPrompt."""

    call: CallId
    is_kept: bool
    text: str = ""
    """Why not, for people."""
