"""The playout clock: prompts, music, tones and re-cut peers, one packet a leg each packet time.

A leg's packets stand on a grid of ticks that begins with its play; content and timestamp are
functions of the tick, so a late or lost tick makes a gap and never a burst, and a worker that was
killed goes on where the listener is. Only the sequence number counts packets.
"""

import numpy as np

from appliance.engines.media.columns import MU_LAW, NO_TYPE, Column64, Columns, Octets
from appliance.engines.media.joining import NEVER, SAMPLES_A_TICK, align, next_timestamp
from appliance.engines.media.players import Player, Ring
from appliance.engines.media.relay import Departures
from appliance.engines.media.rtp import HEADER_BYTES, MARKER, Batch, Places
from appliance.engines.media.switchboard import Ended, Switchboard
from appliance.signals.g711 import ALAW_TO_ULAW, ULAW_TO_ALAW


class Playout:
    """Fills one batch a tick with what is due."""

    def __init__(self, board: Switchboard) -> None:
        self._board = board
        self._batch = Batch(board.columns.capacity)

    def play(self, tick: int) -> tuple[Departures | None, list[Ended]]:
        """Return what is to be sent at `tick`, and which plays are over."""
        board = self._board
        if board.released:
            self._begin_withheld(tick)
        if not board.players:
            return None, []
        waiting = np.fromiter(board.players, np.intp, len(board.players))
        due = waiting[board.columns.send_tick[waiting] <= tick]
        if not len(due):
            return None, []
        places: list[int] = []
        laws: list[int] = []
        ended: list[Ended] = []
        for place in due.tolist():
            player = board.players[place]
            offset = _offset(board.columns, place, tick)
            if player.total is not None and offset >= player.total:
                told = board.end_play(place, was_stopped=False)
                ended += [told] if told else []
            elif self._fills(player, place, len(places), offset):
                places.append(place)
                laws.append(player.law)
        _book_next(board.columns, due, tick)
        if not places:
            return None, ended
        return self._addressed(np.array(places, np.intp), np.array(laws, np.uint8), tick), ended

    def _begin_withheld(self, tick: int) -> None:
        """What waited begins now: its first word is for the far end, too."""
        columns = self._board.columns
        for place in self._board.released:
            if place in self._board.players and columns.send_tick[place] == NEVER:
                align(columns, place, tick, tick)
        self._board.released.clear()

    def _fills(self, player: Player, place: int, row: int, offset: int) -> bool:
        columns = self._board.columns
        if not columns.may_send[place]:
            return False
        end = HEADER_BYTES + int(columns.frame[place])
        return player.fill(offset, self._batch.views[row][HEADER_BYTES:end])

    def _addressed(self, places: Places, laws: Octets, tick: int) -> Departures:
        """Write the headers of rows 0.. for these legs."""
        batch, columns = self._batch, self._board.columns
        count = len(places)
        rows = np.arange(count)
        frame = columns.frame[places].astype(np.int64)
        batch.count, batch.place, batch.size = count, places, frame + HEADER_BYTES
        offset = _offsets(columns, places, tick)
        begins = np.flatnonzero(~columns.is_joined[places])
        for row in begins.tolist():
            start = next_timestamp(columns, int(places[row]), tick) - int(offset[row])
            columns.play_timestamp[places[row]] = start & 0xFFFFFFFF
        columns.is_joined[places] = True
        columns.from_ssrc[places] = 0
        self._translate(rows, laws, places)
        timestamp = columns.play_timestamp[places] + offset.astype(np.uint32)
        batch.first[:count] = 0x80
        batch.second[:count] = columns.out_type[places]
        batch.second[begins] |= MARKER
        batch.sequence[:count] = columns.out_sequence[places]
        batch.timestamp[:count] = timestamp
        batch.ssrc[:count] = columns.out_ssrc[places]
        columns.out_sequence[places] += np.uint16(1)
        columns.out_timestamp[places] = timestamp
        columns.out_tick[places] = tick
        return Departures(batch, rows, batch.size, places)

    def _translate(self, rows: Places, laws: Octets, places: Places) -> None:
        law = self._board.columns.law[places]
        if (law == laws).all():
            return
        for is_concerned, table in (
            ((law == MU_LAW) & (laws != MU_LAW), ALAW_TO_ULAW),
            ((law != MU_LAW) & (laws == MU_LAW), ULAW_TO_ALAW),
        ):
            these = rows[is_concerned]
            if len(these):
                coded = self._batch.payload[these]
                self._batch.payload[these] = np.take(table, coded, mode="clip")

    def take_peer_audio(self, batch: Batch, row: int, listeners: list[int], tick: int) -> None:
        """Put a speaker's packet into the rings of listeners with another packet time."""
        payload = bytes(batch.views[row][HEADER_BYTES : batch.size[row]])
        for listener in listeners:
            ring = self._board.players.get(listener)
            if isinstance(ring, Ring):
                offset = _offset(self._board.columns, listener, tick)
                ring.write(int(batch.timestamp[row]), payload, offset)

    def pass_event(
        self, batch: Batch, row: int, listeners: list[int], tick: int
    ) -> list[tuple[bytes, int]]:
        """Return a speaker's telephone event as packets for such listeners, and the listeners."""
        columns = self._board.columns
        packets = []
        for place in listeners:
            if columns.out_event_type[place] == NO_TYPE or not columns.may_send[place]:
                continue
            begins = columns.event_from[place] != batch.timestamp[row]
            if begins:
                # All packets of one press carry one timestamp (RFC 4733 §2.3).
                columns.event_from[place] = batch.timestamp[row]
                columns.event_out_timestamp[place] = next_timestamp(columns, place, tick)
            second = int(columns.out_event_type[place]) | (batch.second[row] & MARKER)
            header = bytes((0x80, second)) + b"".join(
                int(number).to_bytes(width, "big")
                for number, width in (
                    (columns.out_sequence[place], 2),
                    (columns.event_out_timestamp[place], 4),
                    (columns.out_ssrc[place], 4),
                )
            )
            columns.out_sequence[place] += np.uint16(1)
            packets.append(
                (header + bytes(batch.views[row][HEADER_BYTES : batch.size[row]]), place)
            )
        return packets


def _ticks_a_packet(columns: Columns, places: Places) -> Column64:
    return columns.frame[places].astype(np.int64) // SAMPLES_A_TICK


def _offsets(columns: Columns, places: Places, tick: int) -> Column64:
    each = _ticks_a_packet(columns, places)
    return (tick - columns.play_tick[places]) // each * each * SAMPLES_A_TICK


def _offset(columns: Columns, place: int, tick: int) -> int:
    each = int(columns.frame[place]) // SAMPLES_A_TICK
    return (tick - int(columns.play_tick[place])) // each * each * SAMPLES_A_TICK


def _book_next(columns: Columns, due: Places, tick: int) -> None:
    """The next packet is due on the grid, however late this one was."""
    each = _ticks_a_packet(columns, due)
    start = columns.play_tick[due]
    columns.send_tick[due] = start + ((tick - start) // each + 1) * each
