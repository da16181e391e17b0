"""What the worker knows of each leg, as one array a fact, all carved from one buffer.

The buffer is the daemon's: a memory file that outlives a killed worker, so that counters which
change with every packet (sequence numbers, timestamps, who was heard when) need no writing and
are exact after kill -9. What follows from a leg's wished-for audio is written again at restart.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from appliance.engines.media.layout import FORM, column

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


class Columns:
    """One array for each fact; index = the leg's place. Capacity must be a multiple of 64."""

    def __init__(self, buffer: bytearray | memoryview, capacity: int) -> None:
        if capacity % 64:
            raise ValueError("columns come in multiples of 64 legs")
        self._buffer = buffer
        self._carved: list[npt.NDArray[Any]] = []
        self.capacity = capacity
        head = np.frombuffer(buffer, np.int64, 2)
        self.is_inherited = bool(head[0] == FORM and head[1] == capacity)
        """True when a worker before us left its counters here."""
        self._carve_lasting()
        self._carve_derived()
        if not self.is_inherited:
            for carved in self._carved:
                carved[:] = 0
            head[:] = FORM, capacity

    def _carve_lasting(self) -> None:
        """What was counted or learnt: must come through a kill unchanged."""
        self.heard_at: Instants = self._column("heard_at")
        """When the last accepted packet came."""
        self.digit_at: Instants = self._column("digit_at")
        self.out_tick: Column64 = self._column("out_tick")
        """The tick that `out_timestamp` belongs to."""
        self.play_tick: Column64 = self._column("play_tick")
        """The tick at which the play's first sample is due."""
        self.send_tick: Column64 = self._column("send_tick")
        """Playout: the next packet is due at this tick."""
        self.out_ssrc: Column32 = self._column("out_ssrc")
        self.out_timestamp: Column32 = self._column("out_timestamp")
        """Of the last packet sent."""
        self.play_timestamp: Column32 = self._column("play_timestamp")
        """Playout: the timestamp of the play's first sample."""
        self.from_ssrc: Column32 = self._column("from_ssrc")
        """Relay: the stream that the two deltas hold for."""
        self.timestamp_delta: Column32 = self._column("timestamp_delta")
        self.in_ssrc: Column32 = self._column("in_ssrc")
        self.event_timestamp: Column32 = self._column("event_timestamp")
        self.event_ssrc: Column32 = self._column("event_ssrc")
        self.event_duration: Column16 = self._column("event_duration")
        """The longest that a packet of this press told."""
        self.event_from: Column32 = self._column("event_from")
        """Re-cut streams: the peer's timestamp of the event that is being passed on …"""
        self.event_out_timestamp: Column32 = self._column("event_out_timestamp")
        """… and the one that it got on the way out."""
        self.out_sequence: Column16 = self._column("out_sequence")
        """Of the next packet to be sent."""
        self.sequence_delta: Column16 = self._column("sequence_delta")
        self.is_joined: Truths = self._column("is_joined")
        """Deltas (or play_timestamp) hold; else the next packet starts a talk spurt anew."""
        self.has_ssrc: Truths = self._column("has_ssrc")
        self.event_code: Octets = self._column("event_code")
        self.event_is_open: Truths = self._column("event_is_open")
        self.has_event: Truths = self._column("has_event")
        """A telephone event was heard on this leg: its keys need no listening for tones."""
        self.digit: Octets = self._column("digit")
        self.digit_form: Octets = self._column("digit_form")
        self.losses_told: Octets = self._column("losses_told")
        """How often the present silence was told."""
        self._carve_reception()

    def _carve_reception(self) -> None:
        """What was received of each leg (`reception`), and SRTP's packet counts."""
        self.heard_packets: Column32 = self._column("heard_packets")
        self.heard_expected: Column32 = self._column("heard_expected")
        self.heard_sequence: Column16 = self._column("heard_sequence")
        """The highest of the present stream."""
        self.is_counted: Truths = self._column("is_counted")
        """`heard_sequence` holds; else the next packet follows on."""
        self.samples: Column16 = self._column("samples")
        """How many arrivals were asked for; at most 65535."""
        self.sample_tick: Column64 = self._column("sample_tick")
        """When to ask next."""
        self.sampled_at: Instants = self._column("sampled_at")
        self.sample_timestamp: Column32 = self._column("sample_timestamp")
        self.jitter_ms: Instants = self._column("jitter_ms")
        self.sealed_index: Column64 = self._column("sealed_index")
        """1 + the index of the last packet that was encrypted; 0: none yet."""
        self.opened_index: Column64 = self._column("opened_index")
        """1 + the highest index that was decrypted, of the stream `opened_ssrc`; 0: none yet."""
        self.opened_ssrc: Column32 = self._column("opened_ssrc")

    def _carve_derived(self) -> None:
        """What follows from the wished-for audio."""
        self.in_type: Signed16 = self._column("in_type")
        self.event_type: Signed16 = self._column("event_type")
        self.out_event_type: Signed16 = self._column("out_event_type")
        """Of telephone events that are passed on to it; NO_TYPE: none are."""
        self.out_type: Signed16 = self._column("out_type")
        self.frame: Signed16 = self._column("frame")
        """Samples in a packet towards it."""
        self.law: Octets = self._column("law")
        self.may_send: Truths = self._column("may_send")
        self.is_watched: Truths = self._column("is_watched")
        self.wants_inband: Truths = self._column("wants_inband")
        self.is_tracked: Truths = self._column("is_tracked")
        self.track_is_fresh: Truths = self._column("track_is_fresh")
        """Nothing of this track was recorded yet."""
        self.is_connected: Truths = self._column("is_connected")
        """The system lets in packets of nobody but the far end."""
        self.is_special: Truths = self._column("is_special")
        """Needs more than the plain relay: see `steps`."""
        self.is_masked: Truths = self._column("is_masked")
        """Its track is silence for now."""
        self.port: Column16 = self._column("port")
        self.sole_listener: Layer = self._column("sole_listener")
        """Place + 1 of the only leg that hears this one, by plain relay; 0: not so simple."""
        self.track: Octets = self._column("track")
        """What rows of the recording begin with; zeros until it is known."""

    def _column(self, name: str) -> npt.NDArray[Any]:
        code, at, length = column(name, self.capacity)
        kind = np.dtype(code)
        carved = np.frombuffer(self._buffer, kind, length // kind.itemsize, at)
        if len(carved) > self.capacity:
            carved = carved.reshape(self.capacity, -1)
        self._carved.append(carved)
        return carved

    def clear(self, place: int) -> None:
        """Make a place as new for the leg that takes it."""
        for carved in self._carved:
            carved[place] = 0
        self.in_type[place] = self.event_type[place] = self.out_event_type[place] = NO_TYPE
