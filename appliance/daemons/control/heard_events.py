"""Which of a worker's counted events control has acted on (wire/media.py says how they count).

The last number stands in a slot that is written in one go with what came of the events, before
anything of it leaves. So a control that is killed at any moment is followed by one that acts on
each event once: what was not written down is told again, and what is told again is passed over.
"""

from collections.abc import Iterator

import msgspec

from appliance.vocabulary.shape import State
from appliance.wire.media import COUNTED, FromMedia, Heard, NumberingBegan


class HeardUpTo(State, kw_only=True):
    """The slot."""

    epoch: str = ""
    number: int = 0


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(HeardUpTo)


class HeardEvents:
    """Of one worker."""

    def __init__(self) -> None:
        self._last = HeardUpTo()
        self._next: int | None = None
        """The next counted event's number on this connection."""
        self._is_changed = self._is_unacknowledged = False

    def restore(self, content: bytes) -> None:
        """Put the slot back."""
        self._last = _decoder.decode(content)

    def connected(self) -> None:
        """A connection begins; the worker will say how it counts."""
        self._next = None

    def new(self, events: list[FromMedia]) -> Iterator[FromMedia]:
        """Give out what is to be acted on in this turn."""
        for event in events:
            if isinstance(event, NumberingBegan):
                self._begin(event)
            elif self._next is None or not isinstance(event, COUNTED):
                yield event
            else:
                number, self._next = self._next, self._next + 1
                self._is_unacknowledged = True
                if number > self._last.number:
                    self._last.number = number
                    self._is_changed = True
                    yield event

    def _begin(self, began: NumberingBegan) -> None:
        self._next = began.number
        self._is_unacknowledged = True
        if began.epoch != self._last.epoch:
            self._last = HeardUpTo(epoch=began.epoch, number=began.number - 1)
            self._is_changed = True

    def take_slot(self) -> bytes | None:
        """Return what is to be written down in this turn; None where nothing has changed."""
        if not self._is_changed:
            return None
        self._is_changed = False
        return _encoder.encode(self._last)

    def take_acknowledgement(self) -> Heard | None:
        """Return what to say to the worker once the turn is written down."""
        if not self._is_unacknowledged or self._is_changed:
            return None
        self._is_unacknowledged = False
        return Heard(epoch=self._last.epoch, number=self._last.number)
