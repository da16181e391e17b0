"""Where a playout leg's samples come from: prompts, music and tones, or a peer of other ptime.

All are asked for the bytes at an offset, counted in samples since the play began on the playout
clock; so a play goes on at the right place after a pause, a lost tick or a restarted worker.
"""

from collections.abc import Callable
from typing import Final, Protocol

from appliance.engines.media.columns import A_LAW
from appliance.engines.media.rtp import SAMPLES_A_MS
from appliance.signals.g711 import ALAW_SILENCE, ULAW_SILENCE
from appliance.vocabulary.audio import Playlist, Tone
from appliance.vocabulary.ids import PlayId, PromptHash

Content8k = Callable[[PromptHash], memoryview | bytes | None]
"""The A-law samples of a prompt; None where it is not there."""
ToneOf = Callable[[str, str], bytes]
"""A tone's name and a country to its A-law samples."""

RING: Final = 8192
"""Bytes (1.02 s); divides 2**32, so that a timestamp's place survives its wrap-around."""
MOST_AHEAD: Final = 1600
"""200 ms: a peer whose clock ran so far ahead of ours is set back at once."""
LATE_PACKETS: Final = 3
"""So many in a row behind the reader: the peer's clock moved, the ring follows."""
SLACK: Final = 160
"""20 ms over one frame: what arrival on ticks and ordinary jitter need."""


class Player(Protocol):
    """What the playout clock needs to know."""

    law: int
    """Coding of what `fill` writes."""
    total: int | None
    """Samples after which it is over; None: never."""
    play: PlayId | None
    """Named in PlayEnded; None: nothing is told."""
    stops_on_digit: bool

    def fill(self, offset: int, frame: memoryview) -> bool:
        """Write the samples from `offset` on; False when there is nothing to be sent."""
        ...


class Content:
    """A-law bytes, once or for ever."""

    law = A_LAW

    def __init__(
        self,
        content: bytes | memoryview,
        *,
        play: PlayId | None,
        total: int | None,
        stops_on_digit: bool = False,
    ) -> None:
        self._content = content
        self._repeats = total is None or total > len(content)
        self.play = play
        self.total = total if len(content) else 0
        self.stops_on_digit = stops_on_digit

    def fill(self, offset: int, frame: memoryview) -> bool:
        """Write the samples from `offset` on; behind the end there is silence."""
        length = len(self._content)
        at = offset % length if self._repeats else offset
        done = 0
        while done < len(frame):
            piece = self._content[at : at + len(frame) - done]
            if not piece:
                frame[done:] = bytes((ALAW_SILENCE,)) * (len(frame) - done)
                break
            frame[done : done + len(piece)] = piece
            done += len(piece)
            at = 0 if self._repeats else at + len(piece)
        return True


def player_of(hears: Playlist | Tone, *, prompt: Content8k, tone: ToneOf) -> Content:
    """Return what plays these prompts, one after the other, or this tone."""
    if isinstance(hears, Tone):
        total = None if hears.duration_ms is None else hears.duration_ms * SAMPLES_A_MS
        return Content(tone(hears.name, hears.country), play=hears.play, total=total)
    found = [content for content in map(prompt, hears.prompts) if content is not None]
    whole = found[0] if len(found) == 1 else b"".join(found)
    return Content(
        whole,
        play=hears.play,
        total=None if hears.loop else len(whole),
        stops_on_digit=hears.stop_on_digit,
    )


class Ring:
    """A peer's packets, cut anew: a dense jitter buffer, written and read by RTP timestamp."""

    total: int | None = None
    play: PlayId | None = None
    stops_on_digit = False

    def __init__(self, *, law: int, frame: int) -> None:
        self.law = law
        self._silence = ALAW_SILENCE if law == A_LAW else ULAW_SILENCE
        self._samples = bytearray((self._silence,)) * RING
        self._delay = frame + SLACK
        self._anchor: int | None = None
        """Timestamp that stands at offset 0 of the play."""
        self._end = 0
        """Timestamp behind the newest sample."""
        self._late = 0

    def write(self, timestamp: int, payload: bytes, offset: int) -> None:
        """Put one packet in; `offset` is where the reader stands."""
        if self._anchor is None or not self._fits(timestamp, len(payload), offset):
            self._late += 1
            if self._anchor is not None and self._late < LATE_PACKETS:
                return
            self._anchor = timestamp - self._delay - offset
            self._end = timestamp
            self._samples[:] = bytes((self._silence,)) * RING
        self._late = 0
        start = timestamp % RING
        first = payload[: RING - start]
        self._samples[start : start + len(first)] = first
        self._samples[: len(payload) - len(first)] = payload[len(first) :]
        if _signed(timestamp + len(payload) - self._end) > 0:
            self._end = timestamp + len(payload)

    def timestamp_at(self, offset: int) -> int | None:
        """Return the peer's timestamp that is read at an offset; None before its first packet."""
        return None if self._anchor is None else (self._anchor + offset) & 0xFFFFFFFF

    def _fits(self, timestamp: int, length: int, offset: int) -> bool:
        ahead = _signed(timestamp - (self._anchor or 0) - offset)
        return -length < ahead <= MOST_AHEAD

    def fill(self, offset: int, frame: memoryview) -> bool:
        """Read, and leave silence behind; False when the peer has sent nothing for this time."""
        if self._anchor is None:
            return False
        at = self._anchor + offset
        if _signed(self._end - at) <= 0:
            return False
        start = at % RING
        first = min(len(frame), RING - start)
        rest = len(frame) - first
        frame[:first] = self._samples[start : start + first]
        frame[first:] = self._samples[:rest]
        self._samples[start : start + first] = bytes((self._silence,)) * first
        self._samples[:rest] = bytes((self._silence,)) * rest
        return True


def _signed(difference: int) -> int:
    """Return a difference of 32-bit timestamps as the shorter way round."""
    return (difference + 0x80000000) % 0x100000000 - 0x80000000
