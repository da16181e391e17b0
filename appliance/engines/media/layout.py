"""Where each column lies in the worker's memory file: the part that needs no numpy.

Two read it: `columns`, as arrays, and after a kill the daemon's first aid, which passes packets
on while numpy is still being imported. Widest columns first, so that each is aligned.
"""

from typing import Final

FORM: Final = 0x4C480005
"""Changes when the columns change, so that an older worker's memory is not misread."""
HEAD_BYTES: Final = 64
"""FORM and the capacity, as two int64; the rest is spare."""
TRACK_BYTES: Final = 40
"""What is the same in every row of a leg's track in the recording journal."""

_WIDTHS: Final = {"d": 8, "q": 8, "I": 4, "i": 4, "H": 2, "h": 2, "?": 1, "B": 1}
_COLUMNS: Final = (
    ("d", "heard_at digit_at sampled_at jitter_ms"),
    ("q", "out_tick play_tick send_tick sample_tick sealed_index opened_index"),
    ("I", "out_ssrc out_timestamp play_timestamp from_ssrc timestamp_delta in_ssrc"),
    ("I", "event_timestamp event_ssrc event_from event_out_timestamp"),
    ("I", "heard_packets heard_expected sample_timestamp opened_ssrc"),
    ("i", "sole_listener"),
    ("H", "out_sequence sequence_delta port heard_sequence samples event_duration"),
    ("h", "in_type event_type out_event_type out_type frame"),
    ("?", "is_joined has_ssrc event_is_open has_event is_connected is_counted"),
    ("?", "may_send is_watched wants_inband is_tracked track_is_fresh is_special is_masked"),
    ("B", "event_code digit digit_form losses_told law track"),
)
_CODES: Final = {name: code for code, names in _COLUMNS for name in names.split()}


def width(name: str) -> int:
    """Return the bytes of one leg in a column."""
    return _WIDTHS[_CODES[name]] * (TRACK_BYTES if name == "track" else 1)


def bytes_for(capacity: int) -> int:
    """Return how large a buffer `capacity` legs need."""
    return HEAD_BYTES + capacity * sum(map(width, _CODES))


def column(name: str, capacity: int) -> tuple[str, int, int]:
    """Return the element code (as of `struct`), the first byte and the length in bytes."""
    at = HEAD_BYTES
    for earlier in _CODES:
        if earlier == name:
            break
        at += capacity * width(earlier)
    return _CODES[name], at, capacity * width(name)
