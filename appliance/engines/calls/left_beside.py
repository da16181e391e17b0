"""To which call a leg belonged whose audio went by another call's name (CallState.room).

Media tells of a leg's quality when its audio is released, and knows the leg by that name only. By
then the call may be over, and the process that knew it killed: so each such leg has a slot, until
its quality is told.
"""

from appliance.vocabulary.ids import CallId, LegId

KIND = "beside"
MOST = 1000
"""A leg that never spoke, or whose media worker was killed, has no quality that is told."""


class LeftBeside:
    """The legs that are gone, and their calls."""

    def __init__(self) -> None:
        self._call_of: dict[LegId, CallId] = {}
        self._touched: set[str] = set()

    def note(self, leg: LegId, call: CallId) -> None:
        """The leg leaves this call."""
        self._call_of[leg] = call
        self._touched.add(f"{KIND}:{leg}")
        if len(self._call_of) > MOST:
            self.take(next(iter(self._call_of)))

    def take(self, leg: LegId) -> CallId | None:
        """Return the leg's call, and forget it; None for a leg that is not known here."""
        call = self._call_of.pop(leg, None)
        if call is not None:
            self._touched.add(f"{KIND}:{leg}")
        return call

    # --- slots ---
    def take_touched(self) -> set[str]:
        """Return the names of the slots changed since the last call."""
        touched, self._touched = self._touched, set()
        return touched

    def slot(self, leg: LegId) -> bytes | None:
        """Return a slot's content."""
        call = self._call_of.get(leg)
        return None if call is None else call.encode()

    def restore(self, leg: LegId, content: bytes) -> None:
        """Put a slot back."""
        self._call_of[leg] = CallId(content.decode())
