"""Struct to line and back. Malformed lines become PeerError, never another error."""

from typing import Generic, TypeVar

import msgspec

from appliance.vocabulary.errors import PeerError

T = TypeVar("T")

MAX_LINE = 1 << 20
"""Longest line that is accepted, in bytes: a Live of a full box takes some 200 kB."""

_encoder = msgspec.json.Encoder()


def line_of(message: object) -> bytes:
    """Return one JSON object and a newline."""
    return _encoder.encode(message) + b"\n"


class LineDecoder(Generic[T]):
    """Cuts a byte stream into messages of one union type."""

    def __init__(self, kind: object) -> None:
        self._decoder: msgspec.json.Decoder[T] = msgspec.json.Decoder(kind)
        self._rest = b""

    def feed(self, data: bytes) -> list[T]:
        """Return the messages that are complete now. Raises PeerError; the stream is then void."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > MAX_LINE:
            raise PeerError("a line on the wire is too long")
        try:
            return [self._decoder.decode(line) for line in lines if line]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            # half a character, and brackets within brackets: no errors of msgspec's own
            raise PeerError(f"malformed line on the wire: {error}") from error
