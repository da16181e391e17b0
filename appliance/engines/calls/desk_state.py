"""What a call remembers of desk features: ring group, park place, what its recording may be."""

from appliance.vocabulary.ids import ExtensionNumber, GroupId, Instant, RecordingId
from appliance.vocabulary.shape import State


class GroupRun(State, kw_only=True):
    """A ring group at work for a call (groups.py)."""

    group: GroupId
    number: ExtensionNumber
    left: list[ExtensionNumber] = []
    """Members who have not been rung yet."""


class ParkState(State, kw_only=True):
    """The call waits at a park place (park.py)."""

    slot: ExtensionNumber
    since: Instant
    by: ExtensionNumber | None = None
    """The phone that parked it, and is rung when nobody fetches it."""
    is_returning: bool = False
    """Nobody fetched it: it rings at `by`, and its place is free."""
    returns: int = 0
    """How often it has gone back in vain."""


class RecordingWishes(State, kw_only=True):
    """What was decided about recording this call (recording_control.py)."""

    is_refused: bool = False
    """The caller chose not to be recorded."""
    is_off: bool = False
    """Switched off by key or verb; stays so until it is switched on."""
    is_on: bool = False
    """Switched on though the rules would not record it."""
    masked: RecordingId | None = None
    """This recording goes on with silence."""
    masked_since: Instant = Instant(0.0)
