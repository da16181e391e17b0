"""RTP headers as columns: a batch of datagrams is one byte matrix, a header field one array.

RFC 3550 §5.1 for the fixed header, RFC 3551 for the static payload types, RFC 4733 for telephone
events. Nothing here knows a socket: the daemon fills the rows, these views read and rewrite them.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.intp]
"""Places of legs in the columns, or row numbers of a batch."""
Flags = npt.NDArray[np.bool_]

ROW_BYTES: Final = 512
"""Room for one datagram. G.711 of 60 ms is 492 bytes; what does not fit is no audio of ours."""
HEADER_BYTES: Final = 12
PAYLOAD_BYTES: Final = ROW_BYTES - HEADER_BYTES
SAMPLES_A_MS: Final = 8
COMFORT_NOISE: Final = 13
"""RFC 3389: "I am silent now". Proof of life, but no audio."""
OUR_EVENT_TYPE: Final = 101
"""What our own offers name for telephone events: a far end that answers with another number
still sends ours (RFC 3264 §5.1)."""
OUR_OPUS_TYPE: Final = 107
"""The same for Opus, which has no number of its own."""
MARKER: Final = 0x80

HEADER: Final = np.dtype(
    [
        ("first", "u1"),
        ("second", "u1"),
        ("sequence", ">u2"),
        ("timestamp", ">u4"),
        ("ssrc", ">u4"),
        ("payload", "u1", (PAYLOAD_BYTES,)),
    ]
)
"""One row as a record: big-endian fields are read and written in place."""


class Batch:
    """The datagrams of one tick: rows of one byte matrix, whose leg each is, and how long."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.count = 0
        self.bytes: Bytes = np.zeros((capacity, ROW_BYTES), np.uint8)
        headers = self.bytes.view(HEADER)[:, 0]
        self.first: Bytes = headers["first"]
        self.second: Bytes = headers["second"]
        self.sequence: npt.NDArray[np.uint16] = headers["sequence"]
        self.timestamp: npt.NDArray[np.uint32] = headers["timestamp"]
        self.ssrc: npt.NDArray[np.uint32] = headers["ssrc"]
        self.payload: Bytes = self.bytes[:, HEADER_BYTES:]
        self.place: Places = np.empty(0, np.intp)
        self.size: Places = np.empty(0, np.intp)
        self.every: Places = np.arange(capacity)
        self.none: Flags = np.zeros(capacity, np.bool_)
        """All rows, and none of them; to be cut to `count`, never to be written."""
        self.is_distinct = False
        """No leg has more than one row; False: perhaps."""
        whole = memoryview(self.bytes.data).cast("B")
        self.views: list[memoryview] = [
            whole[start : start + ROW_BYTES] for start in range(0, len(whole), ROW_BYTES)
        ]
        """The rows as buffers, to receive into and to send from."""
        self._cuts: dict[int, list[memoryview]] = {}

    def filled(self, places: list[int], sizes: list[int], *, is_distinct: bool = False) -> None:
        """Rows 0.. hold datagrams for these legs, of these sizes."""
        self.count, self.is_distinct = len(places), is_distinct
        self.place = np.array(places, np.intp)
        self.size = np.array(sizes, np.intp)

    def cut(self, size: int) -> list[memoryview]:
        """Return at least the filled rows, cut to `size` bytes; the lists are kept, for a handful
        of sizes recur, and are only as long as was ever needed: a view is 200 bytes."""
        views = self._cuts.get(size)
        if views is None:
            views = []
            if len(self._cuts) < 8:
                self._cuts[size] = views
        if len(views) < self.count:
            views += [view[:size] for view in self.views[len(views) : self.count]]
        return views


def plain(row: memoryview, size: int) -> int:
    """Bring one packet to the plain form: no padding, no extension, no contributing sources.

    Returns its new size; 0 when its lengths contradict each other. The few peers that send such
    packets would otherwise make every later step look for the payload.
    """
    first = row[0]
    start = HEADER_BYTES + 4 * (first & 0x0F)
    if first & 0x10:
        if size < start + 4:
            return 0
        start += 4 + 4 * (row[start + 2] << 8 | row[start + 3])
    end = size - (row[size - 1] if first & 0x20 and size else 0)
    if not HEADER_BYTES <= start <= end:
        return 0
    row[HEADER_BYTES : HEADER_BYTES + end - start] = bytes(row[start:end])
    row[0] = 0x80
    return HEADER_BYTES + end - start
