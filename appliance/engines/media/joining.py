"""Joining a new piece to a leg's outgoing stream, so that the far end hears one stream.

RFC 3550 §5.1: the sequence number grows by one a packet; the timestamp by the samples of the time
that passed, also over pauses and from one source to the next.
"""

import numpy as np

from appliance.engines.media.columns import Columns

SAMPLES_A_TICK = 80


NEVER = np.iinfo(np.int64).max
"""A play that waits is due at this tick."""


def align(columns: Columns, place: int, began: int, following: int) -> None:
    """The play's grid begins at one tick; its first packet is due at or after another."""
    each = int(columns.frame[place]) // SAMPLES_A_TICK
    missed = max(0, -(-(following - began) // each))
    columns.play_tick[place] = began
    columns.send_tick[place] = began + missed * each


def next_timestamp(columns: Columns, place: int, tick: int) -> int:
    """Return the timestamp that a packet sent at `tick` carries when it begins something new."""
    passed = (tick - int(columns.out_tick[place])) * SAMPLES_A_TICK
    least = int(columns.frame[place])
    return (int(columns.out_timestamp[place]) + max(passed, least)) & 0xFFFFFFFF
