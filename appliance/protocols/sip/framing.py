"""Cuts a TCP or TLS byte stream into SIP messages and keep-alives.

RFC 3261 §18.3 (Content-Length frames), RFC 5626 §3.5.1 (CRLF keep-alive: the side that opened the
connection pings with CRLFCRLF, the other answers CRLF).

What comes out does not depend on how the bytes were cut into segments. A stream whose next message
cannot be found any more is broken for good: the messages before it, and the head that broke it (so
that it can be answered 400), still come out; `is_broken` says so, and feeding it again raises.
"""

import re
from enum import StrEnum

from appliance.protocols.sip.grammar import integer
from appliance.protocols.sip.limits import MAX_MESSAGE, MAX_UINT32
from appliance.vocabulary.errors import PeerError

_FOLD = re.compile(rb"\r\n[ \t]+")


class KeepAlive(StrEnum):
    """What may stand between two messages."""

    PING = "ping"
    """CRLFCRLF from who opened the connection: answer PONG_BYTES."""
    PONG = "pong"
    """CRLF, the answer to ours."""


PING_BYTES = b"\r\n\r\n"
PONG_BYTES = b"\r\n"


class StreamFramer:
    """One connection's receive side. `we_connected`: CRLF then is a pong, else half a ping."""

    def __init__(self, limit: int = MAX_MESSAGE, *, we_connected: bool = False) -> None:
        self._limit = limit
        self._we_connected = we_connected
        self._rest = bytearray()
        self._searched = 0
        """No end of headers stands before here; so byte by byte stays linear."""
        self._wanted: int | None = None
        """Length of the message that has begun, once its head is whole."""
        self._fault: str | None = None

    @property
    def is_broken(self) -> bool:
        """Whether the connection should be closed once what came out is answered."""
        return self._fault is not None

    @property
    def is_idle(self) -> bool:
        """Whether the stream stands between two messages (no half message is waiting)."""
        return not self._rest

    def feed(self, received: bytes) -> list[bytes | KeepAlive]:
        """Take the next bytes; return what is whole now. Raises PeerError on a broken stream."""
        if self._fault is not None:
            raise PeerError(self._fault)
        self._rest += received
        out: list[bytes | KeepAlive] = []
        while self._rest and self._fault is None:
            found = self._keep_alive() if self._wanted is None else None
            if found is None:
                found = self._message()
            if found is None:
                break
            if found:
                out.append(found)
        return out

    def _keep_alive(self) -> KeepAlive | bytes | None:
        """Take line ends between messages; b"" means one was swallowed, None that there is none."""
        if not self._rest.startswith(b"\r"):
            return self._drop(1) if self._rest.startswith(b"\n") else None
        if self._we_connected:
            if self._rest.startswith(PONG_BYTES):
                self._drop(2)
                return KeepAlive.PONG
        elif self._rest.startswith(PING_BYTES):
            self._drop(4)
            return KeepAlive.PING
        if PING_BYTES.startswith(self._rest):
            return None
        return self._drop(1)

    def _message(self) -> bytes | None:
        """Return the message at the front, or None while it is not whole."""
        if PING_BYTES.startswith(self._rest):
            return None  # half a ping
        if self._wanted is None:
            self._wanted = self._whole_length()
        if self._wanted is None or len(self._rest) < self._wanted:
            return None
        whole = bytes(self._rest[: self._wanted])
        self._drop(self._wanted)
        return whole

    def _whole_length(self) -> int | None:
        """Return how long the message at the front is; None while its head is not whole."""
        end = self._rest.find(b"\r\n\r\n", max(0, self._searched - 3))
        if end < 0 or end + 4 > self._limit:
            self._searched = len(self._rest)
            if len(self._rest) >= self._limit:
                self._fault = "a head longer than the limit"
            return None
        try:
            body = declared_length(bytes(self._rest[:end]))
            if end + 4 + body > self._limit:
                raise PeerError("a message longer than the limit")
        except PeerError as error:
            self._fault = str(error)
            body = 0
        return end + 4 + body

    def _drop(self, count: int) -> bytes:
        del self._rest[:count]
        self._searched, self._wanted = 0, None
        return b""


def declared_length(head: bytes) -> int:
    """Return the Content-Length of a head; 0 when it has none. Raises PeerError when unusable.

    On a stream it is mandatory (§20.14), but phones that leave it out mean "no body".
    """
    if b"\r\n " in head or b"\r\n\t" in head:
        head = _FOLD.sub(b" ", head)
    values: list[bytes] = []
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.rstrip(b" \t").lower() in (b"content-length", b"l"):
            values.append(value.strip(b" \t"))
    if not values:
        return 0
    if len(values) > 1:
        raise PeerError("several Content-Lengths")
    return integer(values[0].decode("latin-1"), MAX_UINT32)
