"""What a call remembers at whose phone a prompt is being recorded (prompt_recording.py)."""

from enum import StrEnum

from appliance.vocabulary.ids import RecordingId
from appliance.vocabulary.shape import State


class TakeStep(StrEnum):
    """How far it is."""

    ASKING = "asking"
    """Number and PIN are keyed in."""
    INVITING = "inviting"
    """He is told to speak, then the tone comes."""
    SPEAKING = "speaking"
    SEALING = "sealing"
    """The file is being made."""
    CHOOSING = "choosing"
    """He has heard it: keep, again, or nothing."""
    KEEPING = "keeping"


class PromptTake(State, kw_only=True):
    """One recording, or several until one is kept."""

    step: TakeStep = TakeStep.ASKING
    name: str = ""
    keyed: str = ""
    recording: RecordingId | None = None
    file: str = ""
    """Of the latest one; relative to the recordings folder."""
    asks: int = 0
    """How often the daemon was asked to keep it, or he how it is to be."""
