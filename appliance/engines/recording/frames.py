"""The recording journal: fixed-width rows that a media worker appends before it sends.

One file a worker, `frames/<worker>-<start instant in µs>.lhf`, opened O_APPEND, one write a tick
for all legs, fdatasync each half second from a thread, a new file at 64 MiB, at every start of
the worker *and after any short write* (disk full). A row is valid by itself: magic, then a
check word over all its other words. So a kill or a power cut costs only rows that were not
whole on the disk, wherever in the file the hole is (a disk may drop any 512-byte sector since
the last sync, and what it dropped reads as zeros).

A packet of 10 or 20 ms is one row; one of 30 or 40 ms is two, one of 60 ms three (each 160
samples further on), which keeps the row 232 bytes wide. A row with payload_length 0
says "this packet came and carries no speech" (a telephone event, comfort noise), so that it is
not counted as missing.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from appliance.vocabulary.audio import Channel, Codec
from appliance.vocabulary.ids import RecordingId

PAYLOAD: Final = 160
"""Bytes of audio in one row."""
MAGIC: Final = b"LHF\x01"
"""Name and version of the form."""
ROTATE_AT: Final = 64 << 20
"""Bytes after which a worker goes on in a new file."""

TRACK: Final = np.dtype(
    [
        ("magic", "S4"),
        ("channel", "u1"),
        ("codec", "u1"),
        ("payload_length", "u1"),
        ("voice", "u1"),
        ("recording", "S32"),
    ]
)
"""What is the same in every row of one leg's track: kept by the worker as one column. `voice`
tells legs apart that are recorded on one channel at the same time (conference, barge)."""
ROW: Final = np.dtype(
    [
        ("check", "<u8"),
        ("track", TRACK),
        ("arrival_us", "<i8"),
        ("timestamp", "<u4"),
        ("ssrc", "<u4"),
        ("sequence", "<u2"),
        ("offset", "<u2"),
        ("spare", "<u4"),
        ("payload", "u1", (PAYLOAD,)),
    ]
)
"""One row. `offset`: how many samples into its packet the payload begins (0, 160, …)."""
WIDTH: Final = ROW.itemsize
_OPAQUE: Final = np.dtype(
    {"names": ["track"], "formats": ["V40"], "offsets": [8], "itemsize": ROW.itemsize}
)
"""A row whose track is 40 bytes and no more: copied several times as quickly as field by field."""

CALLER: Final = 0
AGENT: Final = 1
PCMU: Final = 0
PCMA: Final = 8
"""Codecs are named by their static RTP payload types (RFC 3551 table 4)."""

Buffer = bytes | bytearray | memoryview
"""What a journal is read from; a memory map comes as memoryview."""
Rows = npt.NDArray[np.void]
"""A one-dimensional array of ROW."""
Tracks = npt.NDArray[np.void]
"""A one-dimensional array of TRACK."""

_WORDS: Final = WIDTH // 8
_WEIGHTS: Final = np.cumprod(
    np.full(_WORDS - 1, 0x9E3779B97F4A7C15, dtype=np.uint64), dtype=np.uint64
)
"""Odd weights (powers of an odd number): no word can change alone without changing the sum."""


def track_of(recording: RecordingId, channel: Channel, codec: Codec, *, voice: int = 0) -> Tracks:
    """Return one TRACK (shape (1,)) to be put in the worker's column of tracks.

    Raises ValueError for a recording id that could not be a file's name: it is 1 to 32 graphic
    ASCII characters without "/", not beginning with a dot.
    """
    if not 1 <= len(recording) <= 32 or not all("!" <= char <= "~" for char in recording):
        raise ValueError(f"a recording id is 1 to 32 graphic ASCII characters, not {recording!r}")
    if "/" in recording or recording.startswith("."):
        raise ValueError(f"a recording id is to be a file's name, not {recording!r}")
    track = np.zeros(1, TRACK)
    track["magic"] = MAGIC
    track["channel"] = CALLER if channel is Channel.CALLER else AGENT
    # Other codecs are A-law by the time they are recorded.
    track["codec"] = PCMU if codec is Codec.PCMU else PCMA
    track["voice"] = voice
    track["recording"] = recording.encode()
    return track


def rows_of(
    tracks: Tracks,
    *,
    payload: npt.NDArray[np.uint8],
    length: npt.NDArray[np.integer],
    timestamp: npt.NDArray[np.integer],
    sequence: npt.NDArray[np.integer],
    ssrc: npt.NDArray[np.integer],
    arrival_us: npt.NDArray[np.integer] | int,
) -> Rows:
    """Return the rows of n packets, in order; write `rows.data` (or the array) as it is.

    tracks: (n,) TRACK, one for each packet's leg. payload: (n, >= 160) uint8, G.711 bytes from
    the packet's first audio byte on; what lies behind `length` is ignored. length: bytes of
    audio, at most as wide as the payload; each 160 of them become a row. arrival_us: Instant in µs,
    one for all or one each.
    """
    count = len(tracks)
    rows = np.empty(count, ROW)
    rows.view(_OPAQUE)["track"] = tracks.view(_OPAQUE["track"])
    rows["arrival_us"] = arrival_us
    rows["offset"] = rows["spare"] = 0
    rows["timestamp"] = timestamp
    rows["ssrc"] = ssrc
    rows["sequence"] = sequence
    width = min(payload.shape[1], PAYLOAD)
    rows["payload"][:, :width] = payload[:, :width]
    rows["payload"][:, width:] = 0
    if (length == PAYLOAD).all():
        rows["track"]["payload_length"] = PAYLOAD
    else:
        rows = _with_lengths(rows, payload, length)
    rows["check"] = _checks(rows)
    return rows


def _with_lengths(
    rows: Rows, payload: npt.NDArray[np.uint8], length: npt.NDArray[np.integer]
) -> Rows:
    """Put lengths in, blank what lies behind them, add the further rows of long packets."""
    _cut_to(rows, np.minimum(length, PAYLOAD))
    pieces, packets = [rows], [np.arange(len(rows))]
    for start in range(PAYLOAD, payload.shape[1], PAYLOAD):
        longer = np.flatnonzero(length > start)
        if not len(longer):
            break
        piece = rows[longer]
        width = min(payload.shape[1] - start, PAYLOAD)
        piece["payload"][:, :width] = payload[longer, start : start + width]
        piece["timestamp"] += np.uint32(start)
        piece["offset"] = start
        _cut_to(piece, np.minimum(length[longer] - start, PAYLOAD))
        pieces.append(piece)
        packets.append(longer)
    if len(pieces) == 1:
        return rows
    # The rows of a packet stand one behind the other.
    return chosen(np.concatenate(pieces), np.argsort(np.concatenate(packets), kind="stable"))


def _cut_to(rows: Rows, length: npt.NDArray[np.integer]) -> None:
    rows["track"]["payload_length"] = length
    rows["payload"][np.arange(PAYLOAD) >= length[:, None]] = 0


def _checks(rows: Rows) -> npt.NDArray[np.uint64]:
    words = rows.view(np.uint64).reshape(-1, _WORDS)
    sums: npt.NDArray[np.uint64] = words[:, 1:] @ _WEIGHTS
    return sums


def are_valid(rows: Rows) -> npt.NDArray[np.bool_]:
    """Say of each row whether it is whole."""
    valid: npt.NDArray[np.bool_] = (
        (rows["track"]["magic"] == MAGIC)
        & (rows["track"]["payload_length"] <= PAYLOAD)
        & (rows["check"] == _checks(rows))
    )
    return valid


def row_offsets(content: Buffer, start: int = 0) -> npt.NDArray[np.int64]:
    """Return the byte offsets, from `start` on, at which whole rows stand, ascending.

    Holes are skipped. Where rows go on off the stride after a short write they are found again
    by their magic. What is behind the last whole row is torn, or not yet wholly written.
    """
    view = memoryview(content).cast("B")
    found: list[npt.NDArray[np.int64]] = []
    at = start
    while len(view) - at >= WIDTH:
        count = (len(view) - at) // WIDTH
        valid = are_valid(np.frombuffer(view, ROW, count, at))
        last = int(np.flatnonzero(valid)[-1]) + 1 if valid.any() else 0
        found.append(at + np.flatnonzero(valid) * WIDTH)
        at = _off_stride(view, at + last * WIDTH)
    return np.concatenate(found) if found else np.empty(0, np.int64)


def _off_stride(view: memoryview, at: int) -> int:
    """Return the offset of the next whole row from `at` on, at any byte; the end if none."""
    magic_at = ROW.fields["track"][1] if ROW.fields else 0
    rest = bytes(view[at:])
    place = rest.find(MAGIC, magic_at)
    while place >= 0:
        start = place - magic_at
        if len(rest) - start < WIDTH:
            break
        if are_valid(np.frombuffer(rest, ROW, 1, start))[0]:
            return at + start
        place = rest.find(MAGIC, place + 1)
    return len(view)


def rows_at(content: Buffer, offsets: npt.NDArray[np.int64]) -> Rows:
    """Return copies of the rows at these offsets, in this order."""
    if not len(offsets):
        return np.empty(0, ROW)
    phases = offsets % WIDTH
    phase = int(phases[0])
    if (phases == phase).all():
        view = memoryview(content).cast("B")
        count = (len(view) - phase) // WIDTH
        return chosen(np.frombuffer(view, ROW, count, phase), (offsets - phase) // WIDTH)
    return np.concatenate([np.frombuffer(content, ROW, 1, int(offset)) for offset in offsets])


def chosen(rows: Rows, which: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> Rows:
    """Return copies of the rows that indices or a mask name: `rows[which]`, fifteen times
    quicker, because they are copied as opaque bytes and not field by field."""
    places = np.flatnonzero(which) if which.dtype == np.bool_ else which
    return rows.view(f"V{WIDTH}").take(places).view(ROW)


def read_rows(content: Buffer) -> Rows:
    """Return all whole rows of a journal; torn and garbage ones are left out."""
    return rows_at(content, row_offsets(content))
