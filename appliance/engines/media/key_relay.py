"""Keys on their way to a leg, in the form that its far end speaks.

A telephone event is passed on as such by the relay, where the listener has agreed to those (RFC
4733). Here is the rest: a key for a far end that has not becomes its two tones (ITU-T Q.23) in
the audio, in place of what the leg hears just then; and a key that call control was told of by
signalling (SIP INFO) becomes an event, or tones. Tones that are heard in the audio need nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from appliance.engines.media.columns import NO_TYPE, Columns
from appliance.engines.media.digits import KEYS
from appliance.engines.media.joining import next_timestamp
from appliance.engines.media.legs import Leg
from appliance.engines.media.players import Content, Player
from appliance.engines.media.rtp import MARKER, Batch
from appliance.engines.media.switchboard import Switchboard
from appliance.engines.media.wishes import speaker_of
from appliance.signals.g711 import ALAW_SILENCE
from appliance.vocabulary.audio import Hears
from appliance.vocabulary.ids import LegId

TONE: Final = 800
PAUSE: Final = 480
"""Samples: 100 ms of tones, 60 ms before the next (Q.24 asks receivers for 40 and 40)."""
MOST_WAITING: Final = 32
"""Keys: more than that in one go is no person."""
EVENT_TICKS: Final = (0, 2, 4, 6, 8, 10, 10, 10)
"""When the packets of an event leave: five while the key is down, its end three times (RFC 4733
§2.5.1.4)."""
EVENT_APART: Final = 16
"""Ticks from the beginning of one to that of the next."""
_DOWN: Final = 5
_VOLUME: Final = 10
"""-dBm0."""


@cache
def _tones(key: str) -> bytes:
    """Return the A-law bytes of one press and the pause behind it."""
    # Tones are imported at the first: a relay that was just restarted needs none.
    from appliance.signals.tones import key_tones

    return key_tones(key, TONE) + bytes((ALAW_SILENCE,)) * PAUSE


@dataclass(slots=True)
class _Sounding:
    """Tones that a leg hears for now, and what it goes back to."""

    content: Content
    keys: str
    under: Player | None
    relayed: LegId | None
    hears: Hears


@dataclass(slots=True)
class _Event:
    """A telephone event that is being sent."""

    place: int
    leg: LegId
    key: str
    began: int
    timestamp: int
    sent: int = 0


class KeyRelay:
    """Keys towards all legs of a worker."""

    def __init__(self, board: Switchboard) -> None:
        self._board, self._columns = board, board.columns
        self._sounding: dict[int, _Sounding] = {}
        self._events: list[_Event] = []
        self._left_out: list[tuple[int, list[int], bool]] = []
        """Rows of events of this tick, the listeners who do not get them, and whether none does."""
        self._passed_over: list[int] = []
        """Likewise listeners, an entry a packet: what came behind it has its number."""
        self._unsent: list[tuple[int, int, int]] = []
        """Listeners, the packet's stream and number: what came behind it may be sent already."""
        self.is_busy = False
        """Something is to be done on ticks."""

    def passed(self, speaker: Leg, key: str, listeners: list[int], tick: int) -> None:
        """The speaker sent an event: those of the listeners get tones whom no event reaches."""
        for leg in self._wanting(speaker, listeners):
            if self._columns.event_type[leg.place] == NO_TYPE:
                self.sound(leg, key, tick)

    def told(self, speaker: Leg, key: str, listeners: list[int], tick: int) -> None:
        """Signalling told of a key of the speaker: the listeners get an event, or tones."""
        for leg in self._wanting(speaker, listeners) if key in tuple(KEYS) else ():
            if self._columns.event_type[leg.place] == NO_TYPE:
                self.sound(leg, key, tick)
            elif len(self._events) < MOST_WAITING:
                mine = [one.began + EVENT_APART for one in self._events if one.leg == leg.leg]
                began = max([tick, *mine])
                self._events.append(_Event(leg.place, leg.leg, key, began, -1))
                self.is_busy = True

    def unsent(self, leg: Leg, key: str, tick: int) -> None:
        """A key could not be told to this leg by signalling: it gets the tones."""
        if key in tuple(KEYS) and self._columns.may_send[leg.place]:
            self.sound(leg, key, tick)

    def left_out(self, batch: Batch, row: int, listeners: set[int], *, are_all: bool) -> None:
        """A packet of an event: note those of the speaker's listeners whom the relay leaves out.

        `are_all`: nobody else hears the speaker, in a mix or in another codec.
        """
        away = [place for place in listeners if self._columns.out_event_type[place] == NO_TYPE]
        if away:
            self._left_out.append((row, away, are_all and len(away) == len(listeners)))

    def move_up(self, batch: Batch) -> None:
        """Before the relay, and after all have counted what came: what came behind an event in the
        same tick takes its number, where nobody is sent the event."""
        for row, away, are_all in self._left_out:
            stream, sequence = int(batch.ssrc[row]), int(batch.sequence[row])
            if are_all and self._is_next(away, stream, sequence):
                is_same = batch.ssrc[: batch.count] == stream
                same = np.flatnonzero(is_same & (batch.place == batch.place[row]))
                ahead = batch.sequence[same].astype(np.uint16) - np.uint16(sequence)
                batch.sequence[same[ahead.view(np.int16) > 0]] -= 1
                self._passed_over += away
            else:
                self._unsent += [(place, stream, sequence) for place in away]
        self._left_out.clear()

    def _is_next(self, places: list[int], stream: int, sequence: int) -> bool:
        """Say whether all of them are sent this stream, and nothing yet from behind this."""
        c = self._columns
        return bool(places) and all(
            c.is_joined[place]
            and c.from_ssrc[place] == stream
            and sequence + int(c.sequence_delta[place]) - int(c.out_sequence[place]) & 0xFFFF
            < 0x8000
            for place in places
        )

    def close_gaps(self) -> None:
        """After the relay: what they were not sent must not look to them as if it had been lost."""
        c = self._columns
        for place in self._passed_over:
            c.sequence_delta[place] -= np.uint16(1)
        self._passed_over.clear()
        for place, stream, sequence in self._unsent:
            if c.is_joined[place] and c.from_ssrc[place] == stream:
                number = sequence + int(c.sequence_delta[place])
                if number - int(c.out_sequence[place]) & 0xFFFF < 0x8000:
                    c.sequence_delta[place] -= np.uint16(1)
        self._unsent.clear()

    def _wanting(self, speaker: Leg, listeners: list[int]) -> Iterator[Leg]:
        # Who hears tones just now is off the relay.
        away = [place for place, one in self._sounding.items() if one.relayed == speaker.leg]
        for place in dict.fromkeys([*listeners, *away]):
            leg = self._board.by_place[place]
            if leg is not None and leg is not speaker and leg.audio is not None:
                if leg.audio.wants_relayed_digits and self._columns.may_send[place]:
                    if leg.audio.far is None or not leg.audio.far.takes_keys_by_signalling:
                        yield leg

    # --- tones --------------------------------------------------------------------------------
    def sound(self, leg: Leg, key: str, tick: int) -> None:
        """Let the leg hear the tones of a key; those that are sounding are first finished."""
        place, audio = leg.place, leg.audio
        sounding = self._sounding.get(place)
        present = self._board.players.get(place)
        if sounding is not None and present is sounding.content:
            if len(sounding.keys) < MOST_WAITING:
                sounding.keys += key
                self._seat(place, sounding)
            return
        if audio is None or (present is not None and present.play is not None):
            # A prompt: whoever hears that is no party to a talk.
            return
        content = Content(_tones(key), play=None, total=len(_tones(key)))
        speaker = speaker_of(leg.leg, audio.hears)
        relayed = speaker if speaker and place in self._board.listeners_of(speaker) else None
        if relayed is not None:
            self._board.unlink(place, relayed)
        under = None if relayed is not None else present
        self._sounding[place] = _Sounding(content, key, under, relayed, audio.hears)
        self._board.players[place] = content
        self._begin(place, tick)
        self.is_busy = True

    def _seat(self, place: int, sounding: _Sounding) -> None:
        whole = b"".join(map(_tones, sounding.keys))
        sounding.content = Content(whole, play=None, total=len(whole))
        self._board.players[place] = sounding.content

    def _begin(self, place: int, tick: int) -> None:
        self._columns.is_joined[place] = False
        self._columns.play_tick[place] = self._columns.send_tick[place] = tick

    def tidy(self, tick: int) -> None:
        """Where tones are over the leg hears again what it heard before them."""
        for place, sounding in list(self._sounding.items()):
            present = self._board.players.get(place)
            if present is sounding.content:
                continue
            del self._sounding[place]
            leg = self._board.by_place[place]
            if leg is None or leg.audio is None or leg.audio.hears != sounding.hears:
                continue
            if sounding.relayed is not None:
                self._board.link(place, sounding.relayed)
            elif sounding.under is not None and present is None:
                self._board.players[place] = sounding.under
                self._begin(place, tick + 1)
        self.is_busy = bool(self._sounding or self._events)

    # --- events -------------------------------------------------------------------------------
    def due(self, tick: int) -> list[tuple[bytes, int]]:
        """Return the packets of events that leave now, each with the leg's place."""
        packets = []
        for event in self._events:
            leg = self._board.by_place[event.place]
            if leg is None or leg.leg != event.leg:
                event.sent = len(EVENT_TICKS)
                continue
            while event.sent < len(EVENT_TICKS) and tick >= event.began + EVENT_TICKS[event.sent]:
                packets.append((self._packet(event, tick), event.place))
                event.sent += 1
        self._events = [event for event in self._events if event.sent < len(EVENT_TICKS)]
        return packets

    def _packet(self, event: _Event, tick: int) -> bytes:
        c, place = self._columns, event.place
        if event.timestamp < 0:
            event.timestamp = next_timestamp(c, place, tick)
        is_end = event.sent >= _DOWN
        duration = (_DOWN if is_end else event.sent + 1) * TONE // _DOWN
        flags = (0x80 if is_end else 0) | _VOLUME
        payload = bytes((KEYS.index(event.key), flags)) + duration.to_bytes(2, "big")
        return own_packet(
            c, place, int(c.event_type[place]), event.timestamp, payload, is_marked=not event.sent
        )


def own_packet(
    columns: Columns, place: int, kind: int, timestamp: int, payload: bytes, *, is_marked: bool
) -> bytes:
    """Return a packet of ours in a leg's stream, whoever's packets make up the rest of it.

    What is relayed after it counts on from it: its sequence numbers move up by one.
    """
    sequence = int(columns.out_sequence[place])
    columns.out_sequence[place] += np.uint16(1)
    if columns.is_joined[place] and columns.from_ssrc[place]:
        columns.sequence_delta[place] += np.uint16(1)
    return b"".join(
        (
            bytes((0x80, kind | (MARKER if is_marked else 0))),
            sequence.to_bytes(2, "big"),
            (timestamp & 0xFFFFFFFF).to_bytes(4, "big"),
            int(columns.out_ssrc[place]).to_bytes(4, "big"),
            payload,
        )
    )
