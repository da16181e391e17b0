"""Which rows of a batch are sound packets of their legs, and of what kind (RFC 3550 §5.1, A.1).

The source's address was checked when the row was received (`Switchboard.admit`); here follow the
header, the payload type and the SSRC, for all rows at once. Rows that differ are looked at singly.
"""

from typing import Final

import numpy as np

from appliance.engines.media.columns import Columns
from appliance.engines.media.rtp import (
    COMFORT_NOISE,
    HEADER_BYTES,
    OUR_EVENT_TYPE,
    OUR_OPUS_TYPE,
    Batch,
    Flags,
    Places,
    plain,
)
from appliance.vocabulary.ids import Instant

REPORTS: Final = (192, 223)
"""Second bytes of RTCP on the port of the audio (RFC 5761 section 4)."""
DYNAMIC: Final = 96
EVENT_PACKET: Final = HEADER_BYTES + 4
"""A dynamic type with four bytes of payload can only be a telephone event, whatever was negotiated:
testers' and some gateways' fixed types (sipp's 96) are understood."""
OTHER_STREAM_AFTER: Final = 0.5
"""Seconds. A gateway that switches its own sources goes on, from the very same address and port,
with another SSRC; it is believed once the former stream has been silent for so long. While that
flows nobody can slip in beside it."""


class Intake:
    """The accepted rows of one tick. All arrays are as long as `rows`."""

    __slots__ = ("is_audio", "is_event", "is_plain", "place", "rows")

    def __init__(
        self,
        rows: Places,
        place: Places,
        is_audio: Flags,
        is_event: Flags,
        *,
        is_plain: bool = False,
    ) -> None:
        self.rows = rows
        self.place = place
        self.is_audio = is_audio
        self.is_event = is_event
        """Telephone event; neither of both: comfort noise."""
        self.is_plain = is_plain
        """All rows are audio, no more than that needs to be asked."""


def looks_sound(row: memoryview, size: int, columns: Columns, place: int) -> bool:
    """Say of a single packet whether it may lock a leg: version 2 and a negotiated type."""
    if size < HEADER_BYTES or row[0] >> 6 != 2:
        return False
    kind = row[1] & 0x7F
    if kind >= DYNAMIC and size == EVENT_PACKET:
        return True
    if kind == OUR_OPUS_TYPE and columns.is_special[place]:
        return True
    return kind == columns.in_type[place] or (
        columns.event_type[place] >= 0 and kind in (columns.event_type[place], OUR_EVENT_TYPE)
    )


def intake(batch: Batch, columns: Columns, now: Instant) -> Intake:
    """Check all rows of the batch; note who was heard."""
    count = batch.count
    place, first = batch.place, batch.first[:count]
    if (first != 0x80).any():
        _make_plain(batch)
    kind = batch.second[:count] & 0x7F
    is_audio = kind == columns.in_type[place]
    is_known = columns.has_ssrc[place] & (batch.ssrc[:count] == columns.in_ssrc[place])
    has_payload = batch.size > HEADER_BYTES
    if (is_audio & is_known & has_payload & (first == 0x80)).all():
        columns.heard_at[place] = now
        columns.losses_told[place] = 0
        return Intake(batch.every[:count], place, is_audio, batch.none[:count], is_plain=True)
    event = columns.event_type[place]
    is_event = ((kind == event) | (kind == OUR_EVENT_TYPE)) & (event >= 0) & ~is_audio
    is_event |= (kind >= DYNAMIC) & (batch.size[:count] == EVENT_PACKET) & ~is_audio
    is_sound = (is_audio | is_event | (kind == COMFORT_NOISE)) & (first == 0x80)
    is_sound &= has_payload
    for row in np.flatnonzero(is_sound & ~is_known).tolist():
        is_sound[row] = _may_begin_stream(batch, columns, row, now)
    rows = np.flatnonzero(is_sound)
    if len(rows) == count:
        heard = place
    else:
        heard, is_audio, is_event = place[rows], is_audio[rows], is_event[rows]
    columns.heard_at[heard] = now
    columns.losses_told[heard] = 0
    return Intake(rows, heard, is_audio, is_event)


def _make_plain(batch: Batch) -> None:
    for row in np.flatnonzero(batch.first[: batch.count] != 0x80).tolist():
        if REPORTS[0] <= batch.second[row] <= REPORTS[1]:
            continue  # its first byte counts blocks; it is no audio, whatever that says
        size = int(batch.size[row])
        if size >= HEADER_BYTES and batch.first[row] >> 6 == 2:
            batch.size[row] = plain(batch.views[row], size)
        if batch.first[row] != 0x80:
            batch.size[row] = 0


def _may_begin_stream(batch: Batch, columns: Columns, row: int, now: Instant) -> bool:
    """Lock the leg to this SSRC, or refuse the packet."""
    place = int(batch.place[row])
    ssrc = batch.ssrc[row]
    if columns.has_ssrc[place]:
        if ssrc == columns.in_ssrc[place]:
            return True
        if now - columns.heard_at[place] < OTHER_STREAM_AFTER:
            return False
    columns.in_ssrc[place] = ssrc
    columns.has_ssrc[place], columns.is_counted[place] = True, False
    columns.heard_sequence[place] = batch.sequence[row]
    columns.heard_at[place] = now
    return True
