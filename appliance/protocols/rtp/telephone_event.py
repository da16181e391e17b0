"""Keys as telephone events (RFC 4733): four bytes a packet, several packets a press.

All packets of one press carry the RTP timestamp of its beginning, so that is what a press is
known by: whichever of its packets comes first counts, its repetitions (the end is sent three
times, §2.5.1.4) do not.
"""

from typing import Final, NamedTuple

from appliance.vocabulary.errors import PeerError

PAYLOAD: Final = 4
KEYS: Final = "0123456789*#ABCD"
"""Events 0 to 15 (§3.2, table 3)."""
LEAST_PAUSE: Final = 240
"""Timestamp units (30 ms): what begins sooner after the same key is still that press. So a press
longer than 65535 units, which goes on in a new segment (§2.5.1.3), is one press, and so is one
of a phone that wrongly advances the timestamp within it."""


class TelephoneEvent(NamedTuple):
    """The payload of one packet."""

    event: int
    is_end: bool
    volume: int
    """-dBm0, 0..63."""
    duration: int
    """Timestamp units since the press began (or the segment)."""

    @property
    def key(self) -> str | None:
        """The key, or None for an event that is not a key (flash, tones)."""
        return KEYS[self.event] if self.event < len(KEYS) else None


def parse(payload: bytes) -> TelephoneEvent:
    """Parse a payload; more than one event in a packet (§2.5.1.5) is read to its first."""
    if len(payload) < PAYLOAD:
        raise PeerError("telephone-event payload shorter than four bytes")
    return TelephoneEvent(
        event=payload[0],
        is_end=bool(payload[1] & 0x80),
        volume=payload[1] & 0x3F,
        duration=int.from_bytes(payload[2:4], "big"),
    )


def build(event: TelephoneEvent) -> bytes:
    """Return the four bytes of an event."""
    flags = (0x80 if event.is_end else 0) | event.volume
    return bytes((event.event, flags)) + event.duration.to_bytes(2, "big")


class EventListener:
    """Turns the event packets of one leg into presses: one key a press."""

    def __init__(self) -> None:
        self._ssrc = -1
        self._timestamp = 0
        self._event = -1
        self._duration = 0
        """The longest that a packet of this press told."""

    def hear(self, payload: bytes, timestamp: int, ssrc: int) -> str | None:
        """Return the key when this packet is the first of a press. Raises PeerError."""
        event = parse(payload)
        later = (timestamp - self._timestamp) & 0xFFFFFFFF
        if ssrc == self._ssrc:
            if later >= 1 << 31:
                # A packet of an older press came late; its press was counted already.
                return None
            if event.event == self._event and later <= self._duration + LEAST_PAUSE:
                self._duration = max(self._duration - later, event.duration)
                self._timestamp = timestamp
                return None
        self._ssrc, self._timestamp = ssrc, timestamp
        self._event, self._duration = event.event, event.duration
        return event.key
