"""The voices that are mixed: for each a dense jitter buffer on one time line that all share.

Theory of operation. *Places* are samples since the clock's zero: at tick t the present is 80·t,
for everybody. A voice's packet is laid down at a place that follows from its RTP timestamp; who
listens reads up to the present, at whatever tick suits him, so listeners of any packet time and
phase share one copy, and the sum for all of them is one gather.

A packet should end SLACK behind the present when it comes, which is what ordinary jitter and the
10 ms of a tick need. Where packets come later than that, or a far end's clock runs slower or
faster than ours, the voice is stretched or shortened by one period of its own pitch: the splice
falls where the voice resembles itself, so there is no click and nothing is lost. A hole that a
lost packet leaves is filled by the period before it, fading.
"""

from typing import Final

import numpy as np

from appliance.engines.media.joining import SAMPLES_A_TICK
from appliance.engines.media.rtp import Places
from appliance.signals.g711 import Linear
from appliance.signals.mixing import crossed, matching_lag

LINE: Final = 8192
"""Samples (1 s) of each voice that are kept: those to come and those that were."""
SLACK: Final = 240
"""How far behind the present a packet should end when it comes."""
LEAST_AHEAD: Final = 80
"""Ending nearer than that it came too late for a listener who reads before the next comes."""
MOST_AHEAD: Final = 1600
"""A voice that is further ahead is not late or early but elsewhere: its clock was set."""
_LEAST_PERIOD: Final = 80
_MOST_PERIOD: Final = 160
"""What one splice takes away or puts in."""
_WIDTH: Final = 80
"""Samples that are compared to find a period."""
_SEAM: Final = 40
_REPEATED: Final = 480
"""Samples over which a hole's filling fades to nothing."""
_LOOK_BACK: Final = 64
"""Packets all of which must have been early before a voice is shortened."""
_GROWTH: Final = 32


class Voice:
    """Where one voice's packets go."""

    __slots__ = ("began", "end", "last_place", "last_timestamp", "least_ahead", "packets", "ssrc")

    def __init__(self) -> None:
        self.ssrc = -1
        self.began = 0
        """Place from which on it was heard without interruption."""
        self.end = 0
        """Place behind its newest sample."""
        self.last_timestamp = 0
        self.last_place = 0
        """Where the packet of that timestamp was laid."""
        self.least_ahead = MOST_AHEAD
        self.packets = 0
        """Since `least_ahead` was looked at."""

    def place_of(self, timestamp: int) -> int:
        """Return where a sample of this RTP timestamp stands, as the voice goes now."""
        return self.last_place + _signed(timestamp - self.last_timestamp)


class Voices:
    """All voices that anybody mixes, by the place of their leg in the columns."""

    def __init__(self) -> None:
        self._sound = np.zeros((0, LINE), np.int16)
        self._slots: dict[int, int] = {}
        self._free: list[int] = []
        self._voices: dict[int, Voice] = {}
        self._cleared = 0
        """Place up to which the line is ready to be written."""

    def __contains__(self, leg: int) -> bool:
        return leg in self._slots

    def want(self, legs: set[int]) -> None:
        """Keep the voices of these legs, and of no others."""
        for leg in self._slots.keys() - legs:
            self._free.append(self._slots.pop(leg))
            del self._voices[leg]
        for leg in legs - self._slots.keys():
            if not self._free:
                first = len(self._sound)
                more = np.zeros((_GROWTH, LINE), np.int16)
                self._sound = np.concatenate([self._sound, more])
                self._free = list(range(first, first + _GROWTH))
            slot = self._slots[leg] = self._free.pop()
            self._sound[slot] = 0
            self._voices[leg] = Voice()

    def voice(self, leg: int) -> Voice | None:
        """Return where this leg's voice stands; None while nothing of it has come."""
        found = self._voices.get(leg)
        return found if found is not None and found.ssrc >= 0 else None

    # --- writing ----------------------------------------------------------------------------
    def go_on(self, tick: int) -> None:
        """Silence what lies ahead, where the line holds what was a second ago."""
        target = tick * SAMPLES_A_TICK + MOST_AHEAD + 2 * _REPEATED
        count = min(target - self._cleared, LINE)
        if count <= 0:
            return
        start = (target - count) % LINE
        first = min(count, LINE - start)
        self._sound[:, start : start + first] = 0
        self._sound[:, : count - first] = 0
        self._cleared = target

    def hear(self, leg: int, ssrc: int, timestamp: int, sound: Linear, tick: int) -> None:
        """Lay one packet of a wanted voice down."""
        voice, present = self._voices[leg], tick * SAMPLES_A_TICK
        place = voice.place_of(timestamp)
        ahead = place + len(sound) - present
        if voice.ssrc != ssrc or not -SLACK < ahead <= MOST_AHEAD:
            place = present + SLACK - len(sound)
            voice.ssrc, voice.began, voice.end = ssrc, place, place
            voice.packets, voice.least_ahead = 0, MOST_AHEAD
            ahead = SLACK
        elif voice.end <= place < voice.end + _REPEATED:
            self._fill_hole(leg, voice, place)
            place = self._timed(leg, voice, place, ahead, len(sound))
        voice.last_timestamp, voice.last_place = timestamp, place
        self._lay(leg, place, sound)
        voice.end = max(voice.end, place + len(sound))

    def _timed(self, leg: int, voice: Voice, place: int, ahead: int, length: int) -> int:
        """Return where the packet goes: a period later when it came late, or a period earlier
        when all of the last second came early."""
        voice.packets += 1
        voice.least_ahead = min(voice.least_ahead, ahead)
        if voice.end - voice.began < _MOST_PERIOD + _WIDTH:
            return place
        if ahead < LEAST_AHEAD:
            period = self._period(leg, voice.end)
            self._lay(leg, place, self._read(leg, place - period, period))
            voice.packets, voice.least_ahead = 0, MOST_AHEAD
            return place + period
        if voice.packets < _LOOK_BACK:
            return place
        spare = voice.least_ahead - SLACK
        voice.packets, voice.least_ahead = 0, MOST_AHEAD
        if spare < _LEAST_PERIOD + _SEAM or length < _MOST_PERIOD:
            return place
        period = self._period(leg, voice.end)
        over = crossed(
            self._read(leg, place - period - _SEAM, _SEAM), self._read(leg, place - _SEAM, _SEAM)
        )
        self._lay(leg, place - period - _SEAM, over)
        # What stood there is said again by nobody: the packet takes its place.
        self._lay(leg, place - period, np.zeros(period, np.int16))
        return place - period

    def _period(self, leg: int, end: int) -> int:
        past = self._read(leg, end - _MOST_PERIOD - _WIDTH, _MOST_PERIOD + _WIDTH)
        return matching_lag(past, _LEAST_PERIOD, _MOST_PERIOD, _WIDTH)

    def _fill_hole(self, leg: int, voice: Voice, place: int) -> None:
        missing = place - voice.end
        if not missing or voice.end - voice.began < _MOST_PERIOD + _WIDTH:
            return
        period = self._period(leg, voice.end)
        repeated = np.resize(self._read(leg, voice.end - period, period), missing)
        fading = repeated * (1 - np.arange(missing, dtype=np.float32) / _REPEATED)
        self._lay(leg, voice.end, fading.astype(np.int16))

    # --- the line ---------------------------------------------------------------------------
    def _lay(self, leg: int, place: int, sound: Linear) -> None:
        line, start = self._sound[self._slots[leg]], place % LINE
        first = min(len(sound), LINE - start)
        line[start : start + first] = sound[:first]
        line[: len(sound) - first] = sound[first:]

    def _read(self, leg: int, place: int, length: int) -> Linear:
        line = self._sound[self._slots[leg]]
        stretch: Linear = line.take(np.arange(place, place + length), mode="wrap")
        return stretch

    def read(self, leg: int, place: int, length: int) -> Linear:
        """Return what stands on a stretch of the line; silence for a voice that nobody wants."""
        if leg not in self._slots:
            return np.zeros(length, np.int16)
        return self._read(leg, place, length)

    def gather(self, legs: list[int], places: Places, length: int) -> Linear:
        """Return a matrix: for each leg (all wanted) the stretch from its place on."""
        slots = np.fromiter((self._slots[leg] for leg in legs), np.intp, len(legs))
        at = (places[:, None] + np.arange(length)) % LINE
        stretches: Linear = self._sound[slots[:, None], at]
        return stretches


def _signed(difference: int) -> int:
    """Return a difference of 32-bit timestamps as the shorter way round."""
    return (difference + 0x80000000) % 0x100000000 - 0x80000000
