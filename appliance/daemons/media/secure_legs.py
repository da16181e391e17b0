"""SRTP: packets of legs with keys are opened before, and sealed after, everything else (RFC 3711).

A step of the media engine, and the first of them: what it opens the others read, what they send it
seals. The counts of packets lie in the columns, so that a killed worker goes on with the same
stream and a key never sees the same index twice. What a leg with keys is sent in the clear, or
changed on its way, or once more, is dropped.
"""

from base64 import b64decode
from time import monotonic

import numpy as np

from appliance.engines.media.engine import MediaEngine
from appliance.engines.media.intake import Intake
from appliance.engines.media.relay import Departures
from appliance.engines.media.rtp import HEADER_BYTES, ROW_BYTES, Batch, Places
from appliance.protocols.rtp import rtcp
from appliance.protocols.rtp.srtp import Cipher, Replays, index_of
from appliance.vocabulary.audio import SrtpKeys
from appliance.vocabulary.ids import Instant
from appliance.vocabulary.srtp_suites import SUITES

MOST_STREAMS = 4
"""Of one leg that are remembered: a phone whose music on hold has an SSRC of its own goes on with
the former one, and nobody may play an earlier stream to us once more."""


class _Stream:
    """How far one SSRC of theirs has come."""

    def __init__(self, last: int) -> None:
        """`last`: the highest index opened by the worker before us, -1 for none."""
        self.last = last
        self.replays = Replays(last)


class _Secured:
    """The ciphers of one leg."""

    def __init__(self, keys: SrtpKeys) -> None:
        suite = SUITES[keys.suite]
        self.keys = keys
        self.ours = Cipher(suite, b64decode(keys.ours))
        self.theirs = Cipher(suite, b64decode(keys.theirs))
        self.streams: dict[int, _Stream] = {}
        """By SSRC, the one heard last at the end."""


class SecureLegs:
    """The step."""

    def __init__(self, engine: MediaEngine) -> None:
        self._columns, self._board = engine.columns, engine.board
        self._secured: dict[int, _Secured] = {}

    # --- the step's doors ---
    def unwrap(self, batch: Batch, rows: Places, now: Instant) -> None:
        """Open the packets of legs with keys."""
        for row in rows.tolist():
            place = int(batch.place[row])
            secured = self._of(place)
            if secured is None:
                continue
            packet = bytes(batch.views[row][: int(batch.size[row])])
            is_report = (
                len(packet) > 1
                and packet[1] in rtcp.TYPES
                and packet[1] & 0x7F != self._columns.in_type[place]
            )
            # A report on the same port is opened where it is read (`opened`).
            plain = packet if is_report else self._open(secured, place, packet)
            batch.size[row] = 0 if plain is None else len(plain)
            if plain is not None and not is_report:
                batch.views[row][: len(plain)] = plain

    def hear(self, batch: Batch, taken: Intake, tick: int) -> None:
        """Nothing is left to do."""

    def wrap(self, departures: Departures) -> Departures:
        """Seal what goes to legs with keys, in its row."""
        special = np.flatnonzero(self._columns.is_special[departures.to]).tolist()
        if not special:
            return departures
        batch, sizes = departures.batch, departures.sizes.copy()
        has_room = np.ones(len(sizes), np.bool_)
        for at in special:
            place, row = int(departures.to[at]), int(departures.rows[at])
            view = batch.views[row]
            packet = bytes(view[: int(sizes[at])])
            sealed = self.wrap_one(packet, place)
            if sealed is packet:
                continue
            has_room[at] = len(sealed) <= ROW_BYTES
            if has_room[at]:
                view[: len(sealed)] = sealed
                sizes[at] = len(sealed)
        if has_room.all():
            return Departures(batch, departures.rows, sizes, departures.to)
        # What has no room with its tag (Opus of many bits) is lost; in the clear it never leaves.
        rows, to = departures.rows[has_room], departures.to[has_room]
        return Departures(batch, rows, sizes[has_room], to)

    def wrap_one(self, packet: bytes, place: int) -> bytes:
        """Seal one packet, where its leg has keys."""
        secured = self._of(place)
        if secured is None:
            return packet
        last = int(self._columns.sealed_index[place]) - 1
        sequence = int.from_bytes(packet[2:4], "big")
        index = index_of(sequence, last if last >= 0 else None)
        self._columns.sealed_index[place] = max(last, index) + 1
        return secured.ours.seal(packet, index)

    def due(self, tick: int, now: Instant) -> list[tuple[bytes, int]]:
        """Nothing of its own; ciphers of legs that are gone are dropped now and then."""
        if tick % 1000 == 0:
            for place in [one for one in self._secured if self._keys(one) is None]:
                del self._secured[place]
        return []

    # --- reports ---
    def sealed(self, packet: bytes, place: int) -> bytes:
        """Seal a report. Its index is the machine's second: it rises over restarts, too, and a leg
        is sent one report in five seconds."""
        secured = self._of(place)
        if secured is None:
            return packet
        return secured.ours.seal_rtcp(packet, int(monotonic()) & 0x7FFFFFFF)

    def opened(self, packet: bytes, place: int) -> bytes | None:
        """Open a report; None: not theirs."""
        secured = self._of(place)
        return packet if secured is None else secured.theirs.open_rtcp(packet)

    # --- parts ---
    def _keys(self, place: int) -> SrtpKeys | None:
        leg = self._board.by_place[place]
        far = leg.audio.far if leg is not None and leg.audio is not None else None
        return None if far is None else far.keys

    def _of(self, place: int) -> _Secured | None:
        keys = self._keys(place)
        if keys is None:
            return None
        secured = self._secured.get(place)
        if secured is None or secured.keys != keys:
            if secured is not None:  # another leg, or a new key: its packets are counted anew
                self._columns.opened_index[place] = 0
                if secured.keys.ours != keys.ours:
                    self._columns.sealed_index[place] = 0
            secured = self._secured[place] = _Secured(keys)
        return secured

    def is_theirs(self, place: int, packet: bytes) -> bool:
        """Say whether a packet from a source that is not known yet is the leg's: nobody without
        the key may lock a leg to himself."""
        secured = self._of(place)
        return secured is None or self._opened(secured, place, packet) is not None

    def _open(self, secured: _Secured, place: int, packet: bytes) -> bytes | None:
        found = self._opened(secured, place, packet)
        if found is None:
            return None
        plain, index, stream = found
        ssrc, streams = int.from_bytes(packet[8:12], "big"), secured.streams
        streams.pop(ssrc, None)
        streams[ssrc] = stream
        if len(streams) > MOST_STREAMS:
            del streams[next(iter(streams))]
        stream.replays.note(index)
        stream.last = max(stream.last, index)
        self._columns.opened_ssrc[place] = ssrc
        self._columns.opened_index[place] = stream.last + 1
        return plain

    def _opened(
        self, secured: _Secured, place: int, packet: bytes
    ) -> tuple[bytes, int, _Stream] | None:
        """Return the plain packet, its index and its stream; None: not theirs. Notes nothing."""
        if len(packet) < HEADER_BYTES:
            return None
        ssrc = int.from_bytes(packet[8:12], "big")
        stream = secured.streams.get(ssrc)
        if stream is None:
            is_known = int(self._columns.opened_ssrc[place]) == ssrc
            stream = _Stream(int(self._columns.opened_index[place]) - 1 if is_known else -1)
        sequence = int.from_bytes(packet[2:4], "big")
        index = index_of(sequence, stream.last if stream.last >= 0 else None)
        if not stream.replays.is_fresh(index):
            return None
        plain = secured.theirs.open(packet, index)
        return None if plain is None else (plain, index, stream)
