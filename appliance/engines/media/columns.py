"""What the worker knows of each leg, as one array a fact, all carved from one buffer.

The buffer is the daemon's: a memory file that outlives a killed worker, so that counters which
change with every packet (sequence numbers, timestamps, who was heard when) need no writing and
are exact after kill -9. What follows from a leg's wished-for audio is written again at restart.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

Column64 = npt.NDArray[np.int64]
Column32 = npt.NDArray[np.uint32]
Column16 = npt.NDArray[np.uint16]
Signed16 = npt.NDArray[np.int16]
Octets = npt.NDArray[np.uint8]
Truths = npt.NDArray[np.bool_]
Instants = npt.NDArray[np.float64]
Layer = npt.NDArray[np.int32]
"""For each place another place, or NOBODY."""

NOBODY: Final = -1
NO_TYPE: Final = -1
"""Payload type of what was not negotiated: equals no 7-bit number."""
A_LAW: Final = 0
MU_LAW: Final = 1
FORM: Final = 0x4C480001
"""Changes when the columns change, so that an older worker's memory is not misread."""
_HEAD_BYTES: Final = 64
BYTES_A_LEG: Final = 160
"""Ample for one row of every column; checked while carving."""


def bytes_for(capacity: int) -> int:
    """Return how large a buffer `capacity` legs need."""
    return _HEAD_BYTES + capacity * BYTES_A_LEG


class Columns:
    """One array for each fact; index = the leg's place. Capacity must be a multiple of 64."""

    def __init__(self, buffer: bytearray | memoryview, capacity: int) -> None:
        if capacity % 64:
            raise ValueError("columns come in multiples of 64 legs")
        self._buffer = buffer
        self._at = _HEAD_BYTES
        self._carved: list[npt.NDArray[Any]] = []
        self.capacity = capacity
        head = np.frombuffer(buffer, np.int64, 2)
        self.is_inherited = bool(head[0] == FORM and head[1] == capacity)
        """True when a worker before us left its counters here."""
        self._carve_lasting()
        self._carve_derived()
        if not self.is_inherited:
            for column in self._carved:
                column[:] = 0
            head[:] = FORM, capacity

    def _carve_lasting(self) -> None:
        """What was counted or learnt: must come through a kill unchanged."""
        self.heard_at: Instants = self._column(np.float64)
        """When the last accepted packet came."""
        self.digit_at: Instants = self._column(np.float64)
        self.out_tick: Column64 = self._column(np.int64)
        """The tick that `out_timestamp` belongs to."""
        self.play_tick: Column64 = self._column(np.int64)
        """The tick at which the play's first sample is due."""
        self.send_tick: Column64 = self._column(np.int64)
        """Playout: the next packet is due at this tick."""
        self.out_ssrc: Column32 = self._column(np.uint32)
        self.out_timestamp: Column32 = self._column(np.uint32)
        """Of the last packet sent."""
        self.play_timestamp: Column32 = self._column(np.uint32)
        """Playout: the timestamp of the play's first sample."""
        self.from_ssrc: Column32 = self._column(np.uint32)
        """Relay: the stream that the two deltas hold for."""
        self.timestamp_delta: Column32 = self._column(np.uint32)
        self.in_ssrc: Column32 = self._column(np.uint32)
        self.event_timestamp: Column32 = self._column(np.uint32)
        self.event_from: Column32 = self._column(np.uint32)
        """Re-cut streams: the peer's timestamp of the event that is being passed on …"""
        self.event_out_timestamp: Column32 = self._column(np.uint32)
        """… and the one that it got on the way out."""
        self.out_sequence: Column16 = self._column(np.uint16)
        """Of the next packet to be sent."""
        self.sequence_delta: Column16 = self._column(np.uint16)
        self.is_joined: Truths = self._column(np.bool_)
        """Deltas (or play_timestamp) hold; else the next packet starts a talk spurt anew."""
        self.has_ssrc: Truths = self._column(np.bool_)
        self.event_code: Octets = self._column(np.uint8)
        self.event_is_open: Truths = self._column(np.bool_)
        self.has_event: Truths = self._column(np.bool_)
        """A telephone event was heard on this leg: its keys need no listening for tones."""
        self.digit: Octets = self._column(np.uint8)
        self.digit_form: Octets = self._column(np.uint8)
        self.losses_told: Octets = self._column(np.uint8)
        """How often the present silence was told."""

    def _carve_derived(self) -> None:
        """What follows from the wished-for audio."""
        self.in_type: Signed16 = self._column(np.int16)
        self.event_type: Signed16 = self._column(np.int16)
        self.out_type: Signed16 = self._column(np.int16)
        self.frame: Signed16 = self._column(np.int16)
        """Samples in a packet towards it."""
        self.law: Octets = self._column(np.uint8)
        self.may_send: Truths = self._column(np.bool_)
        self.is_watched: Truths = self._column(np.bool_)
        self.wants_inband: Truths = self._column(np.bool_)
        self.is_tracked: Truths = self._column(np.bool_)
        self.track_is_fresh: Truths = self._column(np.bool_)
        """Nothing of this track was recorded yet."""

    def _column(self, kind: type[np.generic]) -> npt.NDArray[Any]:
        column = np.frombuffer(self._buffer, kind, self.capacity, self._at)
        self._at += column.nbytes
        self._carved.append(column)
        return column

    def clear(self, place: int) -> None:
        """Make a place as new for the leg that takes it."""
        for column in self._carved:
            column[place] = 0
        self.in_type[place] = self.event_type[place] = NO_TYPE
