"""Plain bridges: packets go out in the tick in which they came, only their headers rewritten.

The outgoing stream's sequence number and timestamp are the incoming ones plus a delta that is
kept for each listener; so loss, order and pauses of the speaker reach the far end unchanged
(RFC 3550 §7.1 would have a translator do so), and a whole batch is rewritten by one addition.
Deltas are set anew where a stream begins: another speaker, another SSRC.
"""

import numpy as np

from appliance.engines.media.columns import (
    A_LAW,
    MU_LAW,
    NOBODY,
    Column16,
    Column32,
    Columns,
    Layer,
)
from appliance.engines.media.intake import Intake
from appliance.engines.media.joining import next_timestamp
from appliance.engines.media.rtp import (
    HEADER_BYTES,
    MARKER,
    Batch,
    Flags,
    Places,
)
from appliance.signals.g711 import ALAW_TO_ULAW, ULAW_TO_ALAW


class Departures:
    """Rows of a batch and the legs that they go out to."""

    __slots__ = ("batch", "rows", "sizes", "to")

    def __init__(self, batch: Batch, rows: Places, sizes: Places, to: Places) -> None:
        self.batch = batch
        self.rows = rows
        self.sizes = sizes
        self.to = to


def relay(
    batch: Batch, taken: Intake, columns: Columns, links: list[Layer], tick: int
) -> list[Departures]:
    """Rewrite the accepted rows for their listeners.

    The second and further listeners of a speaker get copies in rows behind the batch; where no
    row is left they miss a packet, the first listener never does.
    """
    layers = [
        found for found in (_for_layer(taken, columns, layer) for layer in links) if len(found[0])
    ]
    departures = []
    for depth in reversed(range(len(layers))):
        rows, is_event, to = layers[depth]
        if depth:
            rows, is_event, to = _copied(batch, rows, is_event, to)
        departures.append(_rewritten(batch, rows, is_event, to, columns, tick))
    departures.reverse()
    return departures


def _for_layer(taken: Intake, columns: Columns, layer: Layer) -> tuple[Places, Flags, Places]:
    """Return rows, whether each is a telephone event, and to whom it goes."""
    to = layer[taken.place]
    goes = to != NOBODY
    goes &= columns.may_send[to]
    if not taken.is_plain:
        goes &= taken.is_audio | (taken.is_event & (columns.out_event_type[to] >= 0))
    if goes.all():
        return taken.rows, taken.is_event, to.astype(np.intp)
    return taken.rows[goes], taken.is_event[goes], to[goes].astype(np.intp)


def _copied(
    batch: Batch, rows: Places, is_event: Flags, to: Places
) -> tuple[Places, Flags, Places]:
    start = batch.count
    room = min(len(rows), batch.capacity - start)
    batch.bytes[start : start + room] = batch.bytes[rows[:room]]
    batch.place = np.concatenate([batch.place, batch.place[rows[:room]]])
    batch.size = np.concatenate([batch.size, batch.size[rows[:room]]])
    batch.count = start + room
    return np.arange(start, start + room), is_event[:room], to[:room]


def _rewritten(
    batch: Batch, rows: Places, is_event: Flags, to: Places, columns: Columns, tick: int
) -> Departures:
    ssrc = batch.ssrc[rows]
    begins = ~columns.is_joined[to] | (columns.from_ssrc[to] != ssrc)
    marked: list[int] = []
    if begins.any():
        marked = [
            row
            for row, listener in zip(rows[begins].tolist(), to[begins].tolist(), strict=True)
            if _join(batch, row, listener, columns, tick)
        ]
    kind = columns.out_type[to].astype(np.uint8)
    if is_event.any():
        kind = np.where(is_event, columns.out_event_type[to], kind).astype(np.uint8)
        _translate(batch, rows[~is_event], to[~is_event], columns)
    else:
        _translate(batch, rows, to, columns)
    sequence = batch.sequence[rows].astype(np.uint16) + columns.sequence_delta[to]
    timestamp = batch.timestamp[rows].astype(np.uint32) + columns.timestamp_delta[to]
    batch.sequence[rows] = sequence
    batch.timestamp[rows] = timestamp
    batch.ssrc[rows] = columns.out_ssrc[to]
    batch.second[rows] = (batch.second[rows] & MARKER) | kind
    if marked:
        batch.second[marked] |= MARKER
    _note_sent(columns, to, sequence, timestamp, tick)
    return Departures(batch, rows, batch.size[rows], to)


def _join(batch: Batch, row: int, listener: int, columns: Columns, tick: int) -> bool:
    """Set the listener's deltas so that its stream goes on; False: an earlier row did."""
    ssrc = int(batch.ssrc[row])
    if columns.is_joined[listener] and columns.from_ssrc[listener] == ssrc:
        return False
    timestamp = next_timestamp(columns, listener, tick) - int(batch.timestamp[row])
    sequence = int(columns.out_sequence[listener]) - int(batch.sequence[row])
    columns.timestamp_delta[listener] = timestamp & 0xFFFFFFFF
    columns.sequence_delta[listener] = sequence & 0xFFFF
    columns.from_ssrc[listener] = ssrc
    columns.is_joined[listener] = True
    return True


def _translate(batch: Batch, rows: Places, to: Places, columns: Columns) -> None:
    """A-law and µ-law into each other, where speaker and listener differ."""
    differs = columns.law[batch.place[rows]] != columns.law[to]
    if not differs.any():
        return
    for law, table in ((A_LAW, ULAW_TO_ALAW), (MU_LAW, ALAW_TO_ULAW)):
        these = rows[differs & (columns.law[to] == law)]
        if len(these):
            width = int(batch.size[these].max())
            coded = batch.bytes[these, HEADER_BYTES:width]
            batch.bytes[these, HEADER_BYTES:width] = np.take(table, coded, mode="clip")


def _note_sent(
    columns: Columns,
    to: Places,
    sequence: Column16,
    timestamp: Column32,
    tick: int,
) -> None:
    """Remember where the streams stand; a packet that came late sets nothing back."""
    following = sequence + np.uint16(1)
    is_newer = (following - columns.out_sequence[to]).view(np.int16) > 0
    if not is_newer.all():
        to, following, timestamp = to[is_newer], following[is_newer], timestamp[is_newer]
    columns.out_sequence[to] = following
    columns.out_timestamp[to] = timestamp
    columns.out_tick[to] = tick
