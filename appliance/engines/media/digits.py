"""Keys: telephone events (RFC 4733) and tones (ITU-T Q.24) become one DigitHeard a press.

All packets of one press carry one timestamp; the first that comes counts, so a lost beginning
does no harm. A tone on the same leg within 100 ms of an event for the same key (or the other way
round) is the same press, sent twice by a cautious gateway. A leg that was once heard sending
events is not listened to for tones any more.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from appliance.engines.media.columns import MU_LAW, Columns, Octets
from appliance.engines.media.intake import Intake
from appliance.engines.media.rtp import HEADER_BYTES, Batch, Places
from appliance.signals.dtmf import HOP, TAIL, THIN, USUAL, DtmfBank
from appliance.signals.g711 import ALAW_SILENCE, ALAW_TO_LINEAR, ULAW_TO_LINEAR
from appliance.vocabulary.events import DigitForm
from appliance.vocabulary.ids import Instant

KEYS: Final = "0123456789*#ABCD"
"""Events 0 to 15 (RFC 4733 §3.2)."""
EVENT_BYTES: Final = 4
FILLER: Final = bytes(EVENT_BYTES)
"""No key at no level for no time: sipp sends it before and between its presses."""
LONGEST_SEGMENT: Final = 0xFFFF
"""A press longer than 8.19 s goes on as a new event that begins where the former ended
(RFC 4733 §2.5.1.3): the same press."""
SAME_PRESS: Final = 0.1
"""Seconds between two forms of one press."""
_FROM_ALAW: Final = ALAW_TO_LINEAR.astype(np.float32)
_FROM_ULAW: Final = ULAW_TO_LINEAR.astype(np.float32)
_EVENT: Final = 1
_TONE: Final = 2
_FORMS: Final = {_EVENT: DigitForm.RFC4733, _TONE: DigitForm.INBAND}

Press = tuple[int, str, DigitForm]
"""Place, key, form."""
Captured = tuple[Places, Octets]
"""Places and their G.711 bytes as they came, behind the TAIL bytes that came before."""


class Digits:
    """Collects the keys of all legs."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._bank: DtmfBank | None = None
        self._tails: Octets = np.empty((0, TAIL), np.uint8)

    def forget(self, place: int) -> None:
        """The place has a new leg, or the leg a new stream."""
        if self._bank is not None:
            self._bank.reset(place)
            self._tails[place] = ALAW_SILENCE

    # --- telephone events -------------------------------------------------------------------
    def events(self, batch: Batch, taken: Intake, now: Instant) -> list[Press]:
        """Return the presses that begin in this batch."""
        if taken.is_plain or not taken.is_event.any():
            return []
        presses = []
        rows, places = taken.rows[taken.is_event], taken.place[taken.is_event]
        for row, place in zip(rows.tolist(), places.tolist(), strict=True):
            if batch.size[row] >= HEADER_BYTES + EVENT_BYTES:
                event = batch.views[row][HEADER_BYTES : HEADER_BYTES + EVENT_BYTES]
                if event == FILLER:
                    continue
                if self._begins(place, event, int(batch.timestamp[row]), int(batch.ssrc[row])):
                    presses += self._press(place, KEYS[event[0]], _EVENT, now)
        return presses

    def _begins(self, place: int, event: memoryview, timestamp: int, ssrc: int) -> bool:
        c = self._columns
        code, is_end, duration = event[0], bool(event[1] & 0x80), event[2] << 8 | event[3]
        later = (timestamp - int(c.event_timestamp[place])) & 0xFFFFFFFF
        # Another stream's clock begins anywhere: its presses are neither old nor the same.
        known = bool(c.has_event[place]) and ssrc == c.event_ssrc[place]
        if known and later >= 1 << 31:
            # A straggler of an older press.
            return False
        told = int(c.event_duration[place]) if known else 0
        is_same = known and code == c.event_code[place] and _goes_on(later, told, duration)
        goes_on = (
            known
            and later == LONGEST_SEGMENT
            and code == c.event_code[place]
            and bool(c.event_is_open[place])
        )
        c.has_event[place], c.event_ssrc[place] = True, ssrc
        c.event_timestamp[place], c.event_code[place] = timestamp, code
        c.event_duration[place] = max(told - later, duration) if is_same else duration
        c.event_is_open[place] = not is_end and (not is_same or bool(c.event_is_open[place]))
        return not is_same and not goes_on and code < len(KEYS)

    # --- tones ------------------------------------------------------------------------------
    def capture(self, batch: Batch, taken: Intake) -> list[Captured]:
        """Copy what is to be listened to closely, before it is rewritten in place.

        One entry for each packet length, and for each further packet of the same leg.
        """
        c = self._columns
        wanted = c.wants_inband[taken.place] > c.has_event[taken.place]
        if not taken.is_plain:
            wanted &= taken.is_audio
        if not wanted.any():
            return []
        rows, places = taken.rows[wanted], taken.place[wanted]
        lengths = batch.size[rows] - HEADER_BYTES
        if batch.is_distinct and (lengths == USUAL).all():
            return self.suspects(places, batch.payload[rows, :USUAL])
        captured = []
        for length in np.unique(lengths).tolist():
            usable = length // HOP * HOP
            these = np.flatnonzero(lengths == length)
            while usable and len(these):
                _, first = np.unique(places[these], return_index=True)
                now = these[first]
                captured += self.suspects(places[now], batch.payload[rows[now], :usable])
                these = np.delete(these, first)
        return captured

    def suspects(self, places: Places, coded: Octets) -> list[Captured]:
        """Return those of these packets, one a leg, that may be a key's; note how they end."""
        bank = self._bank
        if bank is None:
            bank = self._bank = DtmfBank(self._columns.capacity)
            self._tails = np.full((self._columns.capacity, TAIL), ALAW_SILENCE, np.uint8)
        near = np.arange(len(places))
        if coded.shape[1] == USUAL:
            near = bank.near(places, self._linear(places, coded[:, THIN]))
        found = []
        if len(near):
            these = places[near]
            found = [(these, np.hstack([self._tails[these], coded[near]]))]
        self._tails[places] = coded[:, -TAIL:]
        return found

    def tones(self, captured: list[Captured], now: Instant) -> list[Press]:
        """Listen to what was captured; return the presses that begin in it."""
        presses: list[Press] = []
        bank = self._bank
        if bank is None:
            return presses
        for places, coded in captured:
            for key in bank.listen(places, self._linear(places, coded)):
                if key.began:
                    presses += self._press(key.row, key.digit, _TONE, now)
        return presses

    def _linear(self, places: Places, coded: Octets) -> npt.NDArray[np.float32]:
        is_mu = self._columns.law[places] == MU_LAW
        linear = np.take(_FROM_ALAW, coded, mode="clip")
        if is_mu.any():
            linear[is_mu] = np.take(_FROM_ULAW, coded[is_mu], mode="clip")
        return linear

    def _press(self, place: int, key: str, form: int, now: Instant) -> list[Press]:
        c = self._columns
        is_same = (
            c.digit[place] == ord(key)
            and c.digit_form[place] != form
            and now - c.digit_at[place] <= SAME_PRESS
        )
        if is_same:
            return []
        c.digit[place], c.digit_form[place], c.digit_at[place] = ord(key), form, now
        return [(place, key, _FORMS[form])]


def _goes_on(later: int, told: int, duration: int) -> bool:
    """Say whether a packet of the same key belongs to the press before it.

    later: its timestamp after that press's; told: how long that was. A phone that wrongly moves
    the timestamp within a press tells of more time than has passed since the packet before.
    """
    return later == 0 or later <= told and later < duration


def in_turns(heard: list[tuple[int, bytes]]) -> list[tuple[Places, Octets]]:
    """Return G.711 packets, oldest first, as `suspects` takes them: the first of each place at
    once, then the second of each, and so on."""
    turns: dict[tuple[int, int], list[tuple[int, bytes]]] = {}
    count: dict[int, int] = {}
    for place, coded in heard:
        turn = count[place] = count.get(place, 0) + 1
        usable = len(coded) // HOP * HOP
        turns.setdefault((turn, usable), []).append((place, coded[:usable]))
    return [
        (
            np.array([place for place, _ in group], np.intp),
            np.frombuffer(b"".join(coded for _, coded in group), np.uint8).reshape(-1, usable),
        )
        for (_, usable), group in sorted(turns.items(), key=lambda turn: turn[0])
        if usable
    ]
