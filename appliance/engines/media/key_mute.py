"""Tones of keys are taken out of what a far end hears that is told of keys by signalling.

Else its exchange would hear each key twice: once told, once in the voice. A packet is silenced by
itself, as soon as one of its windows shows a key; what is left of a press is 10 ms at its begin
and at its end, too short for any receiver (ITU-T Q.24). Speech loses nothing by it: none of 68,000
packets of eight voices showed a key. The recording has the voice as it came.
"""

import numpy as np

from appliance.engines.media.columns import MU_LAW, Columns, Octets
from appliance.engines.media.digits import Captured
from appliance.engines.media.intake import Intake
from appliance.engines.media.legs import Leg
from appliance.engines.media.mixing import Mixing
from appliance.engines.media.rtp import HEADER_BYTES, Batch
from appliance.engines.media.switchboard import Switchboard
from appliance.signals.dtmf import HOP, WINDOW, shown_keys
from appliance.signals.g711 import ALAW_SILENCE, ULAW_SILENCE, decode_alaw, decode_ulaw


class KeyMute:
    """The listeners of a worker who are told of keys by signalling."""

    def __init__(self, board: Switchboard, mixing: Mixing) -> None:
        self._board, self._columns, self._mixing = board, board.columns, mixing
        self.told: set[int] = set()
        """Their places; empty: nothing is paid for them."""

    def note(self, leg: Leg) -> None:
        """The leg's audio is set anew."""
        far = leg.audio.far if leg.audio is not None else None
        is_told = far is not None and far.takes_keys_by_signalling
        (self.told.add if is_told else self.told.discard)(leg.place)

    def mute(self, batch: Batch, taken: Intake, suspects: list[Captured]) -> None:
        """Silence the packets that show a key, of speakers whom nobody else hears."""
        found = {place for places, _ in suspects for place in places.tolist()}
        for place in found:
            if self._is_for_told_only(place):
                rows = taken.rows[(taken.place == place) & taken.is_audio]
                for row in rows.tolist():
                    coded = batch.payload[row, : batch.size[row] - HEADER_BYTES]
                    if shows_key(coded, self._columns, place):
                        is_mu = self._columns.law[place] == MU_LAW
                        coded[:] = ULAW_SILENCE if is_mu else ALAW_SILENCE

    def _is_for_told_only(self, place: int) -> bool:
        speaker = self._board.by_place[place]
        if speaker is None or self._mixing.listeners_of(place):
            return False
        listeners = self._board.listeners_of(speaker.leg)
        return bool(listeners) and listeners <= self.told


def shows_key(coded: Octets, columns: Columns, place: int) -> bool:
    """Say whether a window of this packet shows a key, none before or after it looked at."""
    if len(coded) < WINDOW:
        return False
    starts = [*range(0, len(coded) - WINDOW, HOP), len(coded) - WINDOW]
    linear = decode_ulaw(coded) if columns.law[place] == MU_LAW else decode_alaw(coded)
    windows = np.stack([linear[start : start + WINDOW] for start in starts]).astype(np.float32)
    return bool((shown_keys(windows) >= 0).any())
