"""Joining a new piece to a leg's outgoing stream, so that the far end hears one stream.

RFC 3550 §5.1: the sequence number grows by one a packet; the timestamp by the samples of the time
that passed, also over pauses and from one source to the next.
"""

from appliance.engines.media.columns import Columns

SAMPLES_A_TICK = 80


def next_timestamp(columns: Columns, place: int, tick: int) -> int:
    """Return the timestamp that a packet sent at `tick` carries when it begins something new."""
    passed = (tick - int(columns.out_tick[place])) * SAMPLES_A_TICK
    least = int(columns.frame[place])
    return (int(columns.out_timestamp[place]) + max(passed, least)) & 0xFFFFFFFF
