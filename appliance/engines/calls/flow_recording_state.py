"""What call control remembers of something that a flow has its caller say."""

from appliance.vocabulary.events import RecordingSealed
from appliance.vocabulary.ids import RecordingId
from appliance.vocabulary.shape import State


class FlowRecording(State, kw_only=True):
    """It is being recorded, or was, and is not kept yet (flow_recording.py)."""

    recording: RecordingId
    box: str = ""
    """Of which it becomes a message; "" for none."""
    sealed: RecordingSealed | None = None
    """Its file is made."""
    wanted: int = 0
    """The flow's play in which it is to be heard."""
