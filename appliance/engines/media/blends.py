"""What a leg hears that hears several: the sum of voices, cut into its packets.

Theory of operation. A *blend* is one listener's: whose voices, and how far behind the present it
reads (`lag`). It is seated among the players, so its packets stand on the playout clock, and all
blends that are due in a tick are summed at once. Two seams must not be heard:

- From a plain relay to a blend. The relay goes out in the tick in which it came, the blend reads
  30 ms behind, so those 30 ms would be said twice. A *waiting* blend therefore leaves its leg on
  the relay until some packets of that voice stand on the line, and then crosses over to a place
  where the voice resembles what was sent last: one or a few periods of its pitch are said twice,
  in phase, and timestamps and sequence numbers go on as if nothing had been.
- From a blend back to the relay. What was not yet said would be lost; so the blend
  stays, with that one voice, until there is a pause, and hands over in it (`is_leaving`).

A voice that comes or goes in the midst of a word is faded over one packet.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np

from appliance.engines.media.columns import A_LAW, Columns
from appliance.engines.media.joining import SAMPLES_A_TICK
from appliance.engines.media.players import Ring
from appliance.engines.media.rtp import Places
from appliance.engines.media.voices import Voices
from appliance.signals.g711 import Linear, encode_alaw
from appliance.signals.mixing import crossed, matching_lag, mixed
from appliance.vocabulary.ids import LegId, PlayId

PAUSE: Final = 400
"""Peak (int16 units, -38 dBFS) under which nothing is said."""
MOST_LAG: Final = 800
_PATIENCE_TICKS: Final = 20
"""How long a waiting blend waits for the voice that it shall cross over from; then it begins."""
_WIDTH: Final = 80
_SEARCHED: Final = 100
"""Samples beyond the least that a splice may go back further, to find its phase."""


class Blend:
    """One listener's. A `players.Player`; its frames are made for all at once, by `blended`."""

    law = A_LAW
    total: int | None = None
    play: PlayId | None = None
    stops_on_digit = False

    def __init__(self, legs: tuple[LegId, ...]) -> None:
        self.legs = legs
        """Whose voices, as wished for."""
        self.voices: tuple[int, ...] = ()
        """Their places, of those that are on this worker."""
        self.lag = 0
        """Samples that it reads behind the present."""
        self.has_seam = False
        """It crossed over from a relay without a pause."""
        self.relayed: int | None = None
        """Waiting: place of the voice that the leg still gets by relay …"""
        self.ring: Ring | None = None
        """… cut anew by this, where its packets are of another length."""
        self.waits_until = 0
        self.is_leaving = False
        self.frame: bytes = b""
        """A-law, made for the present tick."""
        self.peak = 0
        self.said = 0
        """Place behind what its last packet said."""
        self._before: tuple[int, ...] | None = None
        """Voices of the packet before, where they were others."""
        self._fading: Linear | None = None
        """What the next packet fades out."""

    def fill(self, offset: int, frame: memoryview) -> bool:
        """Write what was made for this tick."""
        if len(self.frame) != len(frame):
            return False
        frame[:] = self.frame
        return True

    def hears(self, voices: tuple[int, ...]) -> None:
        """From the next packet on these."""
        if voices != self.voices:
            self._before = self.voices
            self.voices = voices

    def wait(self, relayed: int, ring: Ring | None, tick: int) -> None:
        """Leave the leg on the relay of this voice, or on its ring, until `crosses`."""
        self.relayed, self.ring, self.waits_until = relayed, ring, tick + _PATIENCE_TICKS

    # --- from the relay -----------------------------------------------------------------------
    def crosses(self, voices: Voices, columns: Columns, place: int, tick: int) -> bool:
        """Say whether the leg goes over from its relay now, and prepare for that."""
        relayed = self.relayed
        voice = voices.voice(relayed) if relayed is not None else None
        if relayed is None or voice is None or not columns.is_joined[place]:
            return tick >= self.waits_until
        frame = int(columns.frame[place])
        following = self._following(columns, place, frame, tick)
        if following is None:
            return tick >= self.waits_until
        said = voice.place_of(following)
        again = said - (tick * SAMPLES_A_TICK - frame)
        is_ready = (
            voice.end >= said + frame
            and said - voice.began >= again + _SEARCHED + _WIDTH
            and abs(again) <= MOST_LAG
        )
        if not is_ready:
            return tick >= self.waits_until
        self._splice(voices, relayed, said=said, again=again, frame=frame)
        return True

    def _following(self, columns: Columns, place: int, frame: int, tick: int) -> int | None:
        """Return the voice's timestamp that its next packet to the leg would begin with; None
        when none is due."""
        if self.ring is None:
            sent = int(columns.out_timestamp[place]) - int(columns.timestamp_delta[place])
            return (sent + frame) & 0xFFFFFFFF
        if columns.send_tick[place] > tick:
            return None
        each = frame // SAMPLES_A_TICK
        offset = (tick - int(columns.play_tick[place])) // each * frame
        return self.ring.timestamp_at(offset)

    def _splice(self, voices: Voices, relayed: int, *, said: int, again: int, frame: int) -> None:
        """Begin where the voice is as it was when it was last heard."""
        self.has_seam = True
        if again <= 0:
            self.lag = -again
            return
        past = voices.read(relayed, said - again - _SEARCHED - _WIDTH, again + _SEARCHED + _WIDTH)
        back = matching_lag(past, again, again + _SEARCHED, _WIDTH)
        self.lag = back - again
        self._fading = voices.read(relayed, said, frame)

    # --- the sum ------------------------------------------------------------------------------
    def begins(self, start: int, voices: Voices, sums: Linear) -> Linear:
        """Return its packet, faded from what was heard before where that ends here."""
        before, self._before = self._before, None
        fading, self._fading = self._fading, None
        if fading is None and before:
            kept = [voices.read(leg, start, len(sums)).astype(np.int32) for leg in before]
            fading = np.clip(sum(kept), -32768, 32767).astype(np.int16)
        return sums if fading is None else crossed(fading, sums)

    # --- to the relay -------------------------------------------------------------------------
    def has_paused(self) -> bool:
        """Say whether nothing is said in its last packet."""
        return self.peak < PAUSE

    def unsaid(self, voices: Voices) -> bool:
        """Say whether there is something behind its last packet that must still be said."""
        for leg in self.voices:
            voice = voices.voice(leg)
            length = 0 if voice is None else min(voice.end - self.said, MOST_LAG)
            if (
                length > 0
                and np.abs(voices.read(leg, self.said, length).astype(np.int32)).max() > PAUSE
            ):
                return True
        return False


def blended(
    blends: Iterable[tuple[int, Blend]], voices: Voices, columns: Columns, tick: int
) -> None:
    """Make the packets of all these blends (with their legs' places) for this tick."""
    for length, group in _by_length(blends, columns).items():
        sums = _summed(group, voices, length, tick)
        for row, blend in enumerate(group):
            start = tick * SAMPLES_A_TICK - length - blend.lag
            sums[row] = blend.begins(start, voices, sums[row])
        peaks = np.abs(sums.astype(np.int32)).max(axis=1)
        coded = encode_alaw(sums)
        for row, blend in enumerate(group):
            blend.frame = coded[row].tobytes()
            blend.peak = int(peaks[row])
            blend.said = tick * SAMPLES_A_TICK - blend.lag


def _by_length(blends: Iterable[tuple[int, Blend]], columns: Columns) -> dict[int, list[Blend]]:
    groups: dict[int, list[Blend]] = {}
    for place, blend in blends:
        groups.setdefault(int(columns.frame[place]), []).append(blend)
    return groups


def _summed(group: list[Blend], voices: Voices, length: int, tick: int) -> Linear:
    heard = [[leg for leg in blend.voices if leg in voices] for blend in group]
    counts = np.array([len(legs) for legs in heard], np.intp)
    lags = np.array([blend.lag for blend in group], np.intp)
    starts: Places = np.repeat(tick * SAMPLES_A_TICK - length - lags, counts)
    stretches = voices.gather([leg for legs in heard for leg in legs], starts, length)
    return mixed(stretches, np.arange(len(stretches)), np.cumsum(counts) - counts)
