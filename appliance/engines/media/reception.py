"""What was received of each leg: expected, arrived, late by how much (RFC 3550 section 6.4, A.3).

Counted on every accepted packet, telephone events and comfort noise included, for all legs at once.
The columns outlive a killed worker; the first packet after that, and of each new stream, is counted
as expected, whatever its number, so that neither a restart nor a gateway that begins anew looks
like a loss.

Jitter is the mean deviation of transit times as in section 6.4.1, but of a sample of the packets:
the tick knows to 10 ms only when a packet came, so for some of them the kernel is asked.
"""

from typing import Final, NamedTuple

import numpy as np

from appliance.engines.media.columns import Columns
from appliance.engines.media.intake import Intake
from appliance.engines.media.rtp import Batch, Places

MOST_AHEAD: Final = 3000
"""RFC 3550 A.1, MAX_DROPOUT: a jump beyond it is a stream that began anew."""
SAMPLE_EVERY_TICKS: Final = np.array([307, 47])
"""Every three seconds, and twice a second for the first samples of a leg; no multiples of any
packet time, so that every packet may come in turn. Asking the kernel costs 6 µs."""
FIRST_SAMPLES: Final = 10
_SMOOTH: Final = 16
"""RFC 3550 section 6.4.1: a new deviation weighs a sixteenth; the first ones weigh more."""


class Received(NamedTuple):
    """The figures of one leg."""

    packets: int
    expected: int
    highest_sequence: int
    """With the count of cycles above 16 bits."""
    jitter_ms: float

    @property
    def lost(self) -> int:
        """Expected and not received; duplicates do not make it negative."""
        return max(0, self.expected - self.packets)


def note(columns: Columns, batch: Batch, taken: Intake) -> None:
    """Count the accepted rows of a tick."""
    place = taken.place
    sequence = batch.sequence[: batch.count] if taken.is_plain else batch.sequence[taken.rows]
    sequence = sequence.astype(np.uint16)
    ahead = sequence - columns.heard_sequence[place]
    # Of two packets of one leg the second is to be looked at after the first.
    follows = ahead == 1 if batch.is_distinct else batch.none[: len(place)]
    if not follows.all():
        others, numbers = place[~follows].tolist(), sequence[~follows].tolist()
        for leg, number in zip(others, numbers, strict=True):
            _note_one(columns, leg, number)
        place, sequence = place[follows], sequence[follows]
    columns.heard_packets[place] += 1
    columns.heard_expected[place] += 1
    columns.heard_sequence[place] = sequence


def _note_one(columns: Columns, place: int, sequence: int) -> None:
    ahead = (sequence - int(columns.heard_sequence[place])) & 0xFFFF
    columns.heard_packets[place] += 1
    if not columns.is_counted[place]:
        columns.is_counted[place] = True
        ahead = 1
    elif ahead >= 0x10000 - MOST_AHEAD or ahead == 0:  # late, or twice
        return
    elif ahead > MOST_AHEAD:
        ahead = 1
    columns.heard_expected[place] += ahead
    columns.heard_sequence[place] = sequence


def begin_anew(columns: Columns, places: Places) -> None:
    """Their next packets follow on whatever came before."""
    columns.is_counted[places] = False
    # Whatever comes next is not its follower, so it is looked at singly.
    columns.heard_sequence[places] += 0x8000


def to_sample(columns: Columns, taken: Intake, tick: int) -> Places:
    """Return the positions, within the accepted rows, of audio whose arrival is to be asked for."""
    due = columns.sample_tick[taken.place] <= tick
    if not taken.is_plain:
        due &= taken.is_audio
    found = np.flatnonzero(due)
    if len(found):
        places = taken.place[found]
        is_young = columns.samples[places] < FIRST_SAMPLES
        columns.sample_tick[places] = tick + SAMPLE_EVERY_TICKS[is_young.astype(np.intp)]
    return found


def sampled(columns: Columns, place: int, arrived_at: float, timestamp: int, clock: int) -> None:
    """Take in when one packet really came, by any steady clock; `clock` is its RTP rate.

    The first time does not count: to be asked is what makes the kernel keep times of arrival, and
    for a packet that was read before it tells the time of the question (Linux, sock_gettstamp).
    """
    deviations = int(columns.samples[place]) - 1
    if deviations > 0:
        sent = ((timestamp - int(columns.sample_timestamp[place]) + (1 << 31)) & 0xFFFFFFFF) - (
            1 << 31
        )
        passed = arrived_at - float(columns.sampled_at[place])
        deviation_ms = abs(passed - sent / clock) * 1000
        if deviation_ms < 1000:  # more is a stream that paused or began anew, not jitter
            weight = 1 / min(deviations, _SMOOTH)
            columns.jitter_ms[place] += (deviation_ms - columns.jitter_ms[place]) * weight
    columns.samples[place] = min(deviations + 2, 0xFFFF)
    columns.sampled_at[place] = arrived_at
    columns.sample_timestamp[place] = timestamp


def received(columns: Columns, place: int) -> Received:
    """Return the figures of one leg."""
    expected = int(columns.heard_expected[place])
    sequence = int(columns.heard_sequence[place])
    base = (sequence - max(expected - 1, 0)) & 0xFFFF
    return Received(
        packets=int(columns.heard_packets[place]),
        expected=expected,
        highest_sequence=base + max(expected - 1, 0),
        jitter_ms=float(columns.jitter_ms[place]),
    )
