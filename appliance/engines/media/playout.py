"""The playout clock: prompts, music, tones and re-cut peers, one packet a leg each packet time.

A leg's packets stand on a grid of ticks that begins with its play; content and timestamp are
functions of the tick, so a late or lost tick makes a gap and never a burst, and a worker that was
killed goes on where the listener is. Only the sequence number counts packets.
"""

from struct import Struct
from typing import Final

import numpy as np

from appliance.engines.media.columns import MU_LAW, NO_TYPE, Columns, Octets
from appliance.engines.media.joining import NEVER, SAMPLES_A_TICK, align, next_timestamp
from appliance.engines.media.players import Player, Ring
from appliance.engines.media.relay import Departures
from appliance.engines.media.rtp import HEADER_BYTES, MARKER, Batch, Places
from appliance.engines.media.switchboard import Ended, Switchboard
from appliance.signals.g711 import ALAW_TO_ULAW, ULAW_TO_ALAW

FEW: Final = 8
"""So many packets or fewer are written one by one. Where the worker has slept, each function of
numpy is slow until the caches know it again, and columns take some sixty of them: 270 µs for three
packets on a box that sets up calls, in place of 18 where nothing else runs."""
FIXED_HEADER: Final = Struct(">BBHII")
TO_ULAW: Final = ALAW_TO_ULAW.tobytes()
TO_ALAW: Final = ULAW_TO_ALAW.tobytes()

Due = tuple[int, int, int]
"""The leg's place, the offset in its play in samples, and the law of what was filled in."""


class Playout:
    """Fills one batch a tick with what is due."""

    def __init__(self, board: Switchboard) -> None:
        self._board = board
        self._batch = Batch(board.columns.capacity)

    def play(self, tick: int) -> tuple[Departures | None, list[Ended]]:
        """Return what is to be sent at `tick`, and which plays are over."""
        board, columns = self._board, self._board.columns
        if board.released:
            self._begin_withheld(tick)
        rows: list[Due] = []
        ended: list[Ended] = []
        for place in self._due(tick):
            player = board.players[place]
            frame, start = columns.frame.item(place), columns.play_tick.item(place)
            each = frame // SAMPLES_A_TICK
            passed = (tick - start) // each * each
            offset = passed * SAMPLES_A_TICK
            # The next packet is due on the grid, however late this one was.
            columns.send_tick[place] = start + passed + each
            if player.total is not None and offset >= player.total:
                told = board.end_play(place, was_stopped=False)
                ended += [told] if told else []
            elif self._fills(player, place, len(rows), offset):
                rows.append((place, offset, player.law))
        if not rows:
            return None, ended
        return self._departures(rows, tick), ended

    def _due(self, tick: int) -> list[int]:
        """Return the places whose next packet is due."""
        send_tick, players = self._board.columns.send_tick, self._board.players
        if len(players) <= FEW:
            return [place for place in players if send_tick.item(place) <= tick]
        waiting = np.fromiter(players, np.intp, len(players))
        due: list[int] = waiting[send_tick[waiting] <= tick].tolist()
        return due

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

    def _departures(self, rows: list[Due], tick: int) -> Departures:
        """Write the headers of rows 0.. for these legs."""
        batch, columns = self._batch, self._board.columns
        places = np.array([place for place, _, _ in rows], np.intp)
        begins = []
        for row, (place, offset, _) in enumerate(rows):
            if not columns.is_joined[place]:
                start = next_timestamp(columns, place, tick) - offset
                columns.play_timestamp[place] = start & 0xFFFFFFFF
                columns.is_joined[place] = True
                begins.append(row)
        batch.count, batch.place = len(rows), places
        batch.size = columns.frame[places].astype(np.intp) + HEADER_BYTES
        if len(rows) <= FEW:
            for row, due in enumerate(rows):
                self._address_one(row, due, tick)
        else:
            self._address_all(rows, places, tick)
        for row in begins:
            batch.views[row][1] |= MARKER
        return Departures(batch, batch.every[: len(rows)], batch.size, places)

    def _address_one(self, row: int, due: Due, tick: int) -> None:
        place, offset, law = due
        columns, view = self._board.columns, self._batch.views[row]
        timestamp = (columns.play_timestamp.item(place) + offset) & 0xFFFFFFFF
        sequence = columns.out_sequence.item(place)
        kind, ssrc = columns.out_type.item(place) & 0xFF, columns.out_ssrc.item(place)
        FIXED_HEADER.pack_into(view, 0, 0x80, kind, sequence, timestamp, ssrc)
        is_mu = columns.law.item(place) == MU_LAW
        if is_mu != (law == MU_LAW):
            audio = view[HEADER_BYTES : HEADER_BYTES + columns.frame.item(place)]
            audio[:] = audio.tobytes().translate(TO_ULAW if is_mu else TO_ALAW)
        columns.from_ssrc[place] = 0
        columns.out_sequence[place] = (sequence + 1) & 0xFFFF
        columns.out_timestamp[place] = timestamp
        columns.out_tick[place] = tick

    def _address_all(self, rows: list[Due], places: Places, tick: int) -> None:
        batch, columns, count = self._batch, self._board.columns, len(rows)
        offset = np.array([offset for _, offset, _ in rows], np.int64)
        self._translate(np.array([law for _, _, law in rows], np.uint8), places)
        timestamp = columns.play_timestamp[places] + offset.astype(np.uint32)
        batch.first[:count] = 0x80
        batch.second[:count] = columns.out_type[places]
        batch.sequence[:count] = columns.out_sequence[places]
        batch.timestamp[:count] = timestamp
        batch.ssrc[:count] = columns.out_ssrc[places]
        columns.from_ssrc[places] = 0
        columns.out_sequence[places] += np.uint16(1)
        columns.out_timestamp[places] = timestamp
        columns.out_tick[places] = tick

    def _translate(self, laws: Octets, places: Places) -> None:
        law = self._board.columns.law[places]
        if (law == laws).all():
            return
        for is_concerned, table in (
            ((law == MU_LAW) & (laws != MU_LAW), ALAW_TO_ULAW),
            ((law != MU_LAW) & (laws == MU_LAW), ULAW_TO_ALAW),
        ):
            these = np.flatnonzero(is_concerned)
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


def _offset(columns: Columns, place: int, tick: int) -> int:
    each = columns.frame.item(place) // SAMPLES_A_TICK
    return (tick - columns.play_tick.item(place)) // each * each * SAMPLES_A_TICK
