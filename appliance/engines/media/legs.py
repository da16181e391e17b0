"""One leg as the worker remembers it: what is wished for, and what was learnt or told meanwhile.

This is what the daemon writes to its state journal at each change (the counters that change with
every packet lie in the columns). After kill -9 a leg is whole again from these two.
"""

from appliance.vocabulary.audio import LegAudio
from appliance.vocabulary.ids import CallId, LegId, PlayId
from appliance.vocabulary.shape import State

Source = tuple[str, int]
"""IP literal and port."""


class Leg(State, kw_only=True):
    """One leg and its place in the columns."""

    leg: LegId
    call: CallId
    place: int
    port: int
    audio: LegAudio | None = None
    source: Source | None = None
    """Where its packets come from; nothing else is let in until the far end changes."""
    is_lost: bool = False
    """Told as lost: the far end's addresses may lock it to another port (see `sources`)."""
    is_learnt: bool = False
    """Behind NAT: packets go back to `source`, not to the address in the session description."""
    ended: PlayId | None = None
    """The play that is over: not begun again by a restart."""
    was_stopped: bool = False
    """A key ended it."""
    has_rows: bool = False
    """Something of its present track stands in the recording journal."""
