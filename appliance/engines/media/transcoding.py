"""Legs of other codecs than G.711: decoded as they come, coded again as they leave.

Between the two all rows are A-law of 8 kHz with timestamps of 8 kHz, so recording, keys, relay,
rings and mixes know nothing of codecs. Where both sides of a relay speak the same codec its own
bytes go through: `wrap` puts back what came. A coder is its leg's memory of what was said; after
a kill it begins anew, which a far end hears as a packet that was lost.
"""

from dataclasses import dataclass

import numpy as np

from appliance.engines.media.intake import Intake
from appliance.engines.media.relay import Departures
from appliance.engines.media.rtp import (
    HEADER_BYTES,
    MARKER,
    OUR_OPUS_TYPE,
    ROW_BYTES,
    Batch,
    Places,
    plain,
)
from appliance.engines.media.switchboard import Switchboard
from appliance.signals.coder import CLOCK_RATIO, Coder, coder
from appliance.signals.g711 import decode_alaw, encode_alaw
from appliance.vocabulary.audio import Codec, FarEnd
from appliance.vocabulary.ids import Instant, LegId

_TIMESTAMP = slice(4, 8)
_DURATION = slice(HEADER_BYTES + 2, HEADER_BYTES + 4)
_LENGTHS = (80, 160, 320, 480)
"""Samples of a packet that every codec can make."""


@dataclass(slots=True)
class CodedLeg:
    """One leg's coder, and where its own clock stands."""

    leg: LegId
    far: FarEnd
    coder: Coder
    ratio: int
    events_ratio: int
    last: int = 0
    """Timestamp of its newest packet, its wrap-arounds counted."""

    def is_our_opus(self, kind: int) -> bool:
        """Whether this is Opus by the number that our offer has for it: what they send us carries
        ours, whatever number they want it to carry towards them (RFC 3264 §5.1, §6.1)."""
        return (
            kind == OUR_OPUS_TYPE
            and self.far.codec is Codec.OPUS
            and kind != self.far.dtmf_payload_type
        )

    def at_8k(self, timestamp: int) -> int:
        """Return a timestamp of the leg's as one of 8 kHz."""
        if self.ratio == 1:
            return timestamp
        ahead = (timestamp - self.last + 0x80000000) % 0x100000000 - 0x80000000
        told = self.last + ahead if self.last else timestamp
        self.last = max(told, self.last)
        return told // self.ratio & 0xFFFFFFFF


class Transcoding:
    """The step for all coded legs of a worker."""

    def __init__(self, board: Switchboard) -> None:
        self._board = board
        self._coded: dict[int, CodedLeg] = {}
        self._came: dict[int, tuple[Codec, bytes]] = {}
        """Row of the present batch to codec and payload as it came."""
        self._batch: Batch | None = None

    def _leg(self, place: int) -> CodedLeg | None:
        """Return the coder of the leg that has this place now; None for G.711."""
        leg = self._board.by_place[place]
        far = leg.audio.far if leg is not None and leg.audio is not None else None
        if leg is None or far is None or far.codec not in (Codec.G722, Codec.OPUS):
            self._coded.pop(place, None)
            return None
        found = self._coded.get(place)
        if found is not None and found.leg == leg.leg and found.far is far:
            return found
        if found is not None and found.leg == leg.leg and found.far.codec is far.codec:
            found.far = far
            return found
        made = coder(far.codec)
        if made is None:
            return None
        events_ratio = far.dtmf_clock_rate // 8000
        ratio = CLOCK_RATIO[far.codec]
        self._coded[place] = CodedLeg(leg.leg, far, made, ratio, events_ratio)
        return self._coded[place]

    # --- as they come -------------------------------------------------------------------------
    def unwrap(self, batch: Batch, rows: Places, now: Instant) -> None:
        """Decode the audio of coded legs in place."""
        self._came.clear()
        self._batch = batch
        for row, place in zip(rows.tolist(), batch.place[rows].tolist(), strict=True):
            coded = self._leg(place)
            size = int(batch.size[row])
            if coded is None or size < HEADER_BYTES or batch.first[row] >> 6 != 2:
                continue
            if batch.first[row] != 0x80:
                batch.size[row] = size = plain(batch.views[row], size)
                if size < HEADER_BYTES:
                    continue
            batch.timestamp[row] = coded.at_8k(int(batch.timestamp[row]))
            if coded.is_our_opus(int(batch.second[row]) & 0x7F):
                batch.second[row] = (batch.second[row] & MARKER) | coded.far.payload_type
            if batch.second[row] & 0x7F == coded.far.payload_type:
                self._decode(batch, row, size, coded)
            elif size == HEADER_BYTES + 4:
                _scale_duration(batch.views[row], 1, coded.events_ratio)

    def _decode(self, batch: Batch, row: int, size: int, coded: CodedLeg) -> None:
        view = batch.views[row]
        payload = bytes(view[HEADER_BYTES:size])
        samples = coded.coder.decode(payload)
        self._came[row] = coded.far.codec, payload
        end = HEADER_BYTES + len(samples)
        view[HEADER_BYTES:end] = encode_alaw(samples).tobytes()
        batch.size[row] = end if len(samples) else 0

    def hear(self, batch: Batch, taken: Intake, tick: int) -> None:
        """Nothing: what was accepted is A-law already."""

    # --- as they leave ------------------------------------------------------------------------
    def wrap(self, departures: Departures) -> Departures:
        """Code the rows of coded legs in place."""
        to = departures.to
        special = self._board.columns.is_special[to]
        if not special.any():
            return departures
        sizes = departures.sizes.copy()
        batch = departures.batch
        came = self._came if batch is self._batch else {}
        for at in np.flatnonzero(special).tolist():
            place, row = int(to[at]), int(departures.rows[at])
            coded = self._leg(place)
            if coded is not None:
                sizes[at] = self._encode(batch, row, int(sizes[at]), coded, came.get(row))
        return Departures(batch, departures.rows, sizes, to)

    def _encode(
        self,
        batch: Batch,
        row: int,
        size: int,
        coded: CodedLeg,
        came: tuple[Codec, bytes] | None,
    ) -> int:
        view = batch.views[row]
        batch.timestamp[row] = int(batch.timestamp[row]) * coded.ratio & 0xFFFFFFFF
        if batch.second[row] & 0x7F != coded.far.payload_type:
            if size == HEADER_BYTES + 4:
                _scale_duration(view, coded.events_ratio, 1)
            return size
        if came is not None and came[0] is coded.far.codec:
            payload = came[1]
        else:
            payload = _encoded(coded.coder, bytes(view[HEADER_BYTES:size]))
        end = min(HEADER_BYTES + len(payload), ROW_BYTES)
        view[HEADER_BYTES:end] = payload[: end - HEADER_BYTES]
        return end

    def wrap_one(self, packet: bytes, place: int) -> bytes:
        """Bring a telephone event that goes singly to the clock of its leg."""
        coded = self._leg(place)
        if coded is None or (coded.ratio == 1 and coded.events_ratio == 1):
            return packet
        changed = bytearray(packet)
        timestamp = int.from_bytes(changed[_TIMESTAMP], "big") * coded.ratio & 0xFFFFFFFF
        changed[_TIMESTAMP] = timestamp.to_bytes(4, "big")
        if len(changed) == HEADER_BYTES + 4:
            _scale_duration(memoryview(changed), coded.events_ratio, 1)
        return bytes(changed)

    def due(self, tick: int, now: Instant) -> list[tuple[bytes, int]]:
        """Nothing of its own."""
        return []


def _encoded(leg: Coder, alaw: bytes) -> bytes:
    """Return one packet; of a length that codecs do not know, with silence behind it."""
    samples = decode_alaw(np.frombuffer(alaw, np.uint8))
    length = next((length for length in _LENGTHS if length >= len(samples)), _LENGTHS[-1])
    if length != len(samples):
        samples = np.pad(samples[:length], (0, max(length - len(samples), 0)))
    return leg.encode(samples)


def _scale_duration(view: memoryview, up: int, down: int) -> None:
    """Tell an event's duration by another clock (RFC 4733 §2.3)."""
    if up != down:
        duration = min(int.from_bytes(view[_DURATION], "big") * up // down, 0xFFFF)
        view[_DURATION] = duration.to_bytes(2, "big")
