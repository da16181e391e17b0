"""Where on the recording's time line each row belongs: by its RTP timestamp.

Theory of operation. Placing by arrival would let the two sides drift apart at each loss and
each silence that was not sent; so rows are placed by their RTP timestamp, and arrival only says
where a stretch of timestamps is anchored. A new anchor is taken

- at another SSRC;
- where the timestamp jumps otherwise than the clock on the wall (a gateway that begins a new
  timestamp base, a phone whose timestamp stood still while it held the call), and stays so.

A network stall looks like the latter for a moment: packets come late, then all at once. So the
anchor is the *least delayed* row of the second that follows; where that agrees with the old
anchor nothing has jumped. A stretch never begins before the previous one ends: nothing that was
received is overwritten. A stretch whose timestamps do not run at 8000 a second at all (a phone
with a wrong clock rate, or one that lies) is placed by arrival, packet after packet.

Places are samples (1/8000 s) on the clock of the journal's arrival times.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from appliance.engines.recording.frames import Rows, chosen

RATE: Final = 8000
JUMP: Final = RATE // 2
"""How far timestamp and wall clock may disagree from one row to the next."""
SETTLE: Final = RATE
"""How long after a jump the least delayed row is looked for."""
LIMIT: Final = 2 * RATE
"""How far ahead of its arrival a row may be told to stand before its stretch counts as lies."""
DRIFT: Final = RATE
"""How far a stretch may have fallen behind at its end: 100 ppm in three hours do not."""

Places = npt.NDArray[np.int64]


def arrival_places(rows: Rows) -> Places:
    """Return the arrival times in samples."""
    places: Places = rows["arrival_us"] * RATE // 1_000_000
    return places


def placed(rows: Rows) -> tuple[Rows, Places]:
    """Return one side's rows in playing order, and the place of each.

    Rows may come in any order; those that repeat a packet are dropped.
    """
    if not len(rows):
        return rows, np.empty(0, np.int64)
    rows = chosen(rows, np.argsort(rows["arrival_us"], kind="stable"))
    arrivals = arrival_places(rows)
    # Differences as int32 unwrap the timestamp (and step over SSRC changes, which are anchored).
    steps = np.diff(rows["timestamp"]).view(np.int32).astype(np.int64)
    told = np.concatenate([[0], np.cumsum(steps)])
    places = _anchored(rows, told, arrivals)
    order = np.lexsort((rows["sequence"], places))
    return _without_repeats(chosen(rows, order), places[order])


def _anchored(rows: Rows, told: Places, arrivals: Places) -> Places:
    """Return the places: stretches of told times, each tied to the arrival clock."""
    delays = arrivals - told
    lengths = rows["track"]["payload_length"].astype(np.int64)
    is_other = np.concatenate([[True], np.diff(rows["ssrc"]) != 0])
    may_jump = is_other.copy()
    may_jump[1:] |= np.abs(np.diff(delays)) > JUMP
    starts = np.flatnonzero(may_jump)
    stops = np.append(starts[1:], len(rows))
    places = np.empty(len(rows), np.int64)
    anchor, end = 0, -(1 << 62)
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        piece = slice(start, stop)
        settled = min(stop, int(np.searchsorted(arrivals, arrivals[start] + SETTLE)))
        fresh = int(delays[start : max(settled, start + 1)].min())
        if is_other[start] or abs(fresh - anchor) > JUMP:
            anchor = max(fresh, end - int(told[piece].min()))
        ahead = anchor - delays[piece]
        at_end = ahead[arrivals[piece] >= arrivals[stop - 1] - SETTLE].max()
        if ahead.max() > LIMIT or at_end < -DRIFT:
            places[piece] = _one_after_another(np.maximum(arrivals[piece], end), lengths[piece])
        else:
            places[piece] = told[piece] + anchor
        end = max(end, int((places[piece] + lengths[piece]).max()))
    return places


def _one_after_another(earliest: Places, lengths: Places) -> Places:
    """Place each at its earliest, or behind the one before it."""
    before = np.cumsum(lengths) - lengths
    chained: Places = before + np.maximum.accumulate(earliest - before)
    return chained


def _without_repeats(rows: Rows, places: Places) -> tuple[Rows, Places]:
    """Drop rows that repeat the packet before them (a duplicate on the network)."""
    is_first = np.ones(len(rows), np.bool_)
    is_first[1:] = (
        (np.diff(places) != 0)
        | (rows["sequence"][1:] != rows["sequence"][:-1])
        | (rows["ssrc"][1:] != rows["ssrc"][:-1])
        | (rows["track"]["payload_length"][1:] != rows["track"]["payload_length"][:-1])
    )
    if is_first.all():
        return rows, places
    return chosen(rows, is_first), places[is_first]
