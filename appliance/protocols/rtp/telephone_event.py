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
LONGEST: Final = 0xFFFF
"""Longest duration of one segment, in timestamp units; a longer press goes on in a new segment
whose timestamp is that much later (§2.5.1.3)."""


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
        self._press: tuple[int, int, int] | None = None
        """SSRC, timestamp and event of the newest press or segment."""
        self._longest = 0

    def hear(self, payload: bytes, timestamp: int, ssrc: int) -> str | None:
        """Return the key when this packet is the first of a press. Raises PeerError."""
        event = parse(payload)
        known, press = self._press, (ssrc, timestamp, event.event)
        if press == known:
            self._longest = max(self._longest, event.duration)
            return None
        if known is not None and known[0] == ssrc:
            later = (timestamp - known[1]) & 0xFFFFFFFF
            if later >= 1 << 31:
                # A packet of an older press came late; its press was counted, or is lost.
                return None
            if later == LONGEST and event.event == known[2] and self._longest >= LONGEST - 240:
                self._press, self._longest = press, event.duration
                return None
        self._press, self._longest = press, event.duration
        return event.key
