"""Comfort noise on its way: "nobody speaks here, and that sounds so" (RFC 3389).

A far end that stops sending while nobody speaks tells so by one packet. A listener who has agreed
to such packets gets it passed on, counted like audio of the same speaker; any other would hear a
dead line, so he hears noise of that level and colour from us until the speaker goes on.
"""

from typing import NamedTuple

import numpy as np

from appliance.engines.media.columns import Columns
from appliance.engines.media.intake import Intake
from appliance.engines.media.players import Content, Ring
from appliance.engines.media.rtp import HEADER_BYTES, Batch, Flags
from appliance.engines.media.switchboard import Switchboard
from appliance.signals.g711 import encode_alaw

MOST_BYTES = 21
"""Of a description: its level and twenty coefficients."""


class _Noise(NamedTuple):
    """What one listener hears for now, and what he heard before that: nothing, or a ring."""

    content: Content
    under: Ring | None


class Hush:
    """Speakers of a worker who suppress their silence."""

    def __init__(self, board: Switchboard) -> None:
        self._board, self._columns = board, board.columns
        self.noisy: dict[int, dict[int, _Noise]] = {}
        """Speaker's place to listeners' places, and the noise that each hears."""

    def ended(self, taken: Intake) -> None:
        """Who is heard again makes no more noise; before the relay takes these rows."""
        for place in self.noisy.keys() & set(taken.place[taken.is_audio].tolist()):
            for listener, noise in self.noisy.pop(place).items():
                if self._board.players.get(listener) is noise.content:
                    del self._board.players[listener]
                    if noise.under is not None:
                        self._board.players[listener] = noise.under

    def hushed(
        self, batch: Batch, taken: Intake, is_hushed: Flags, tick: int
    ) -> list[tuple[bytes, int]]:
        """Take the descriptions in a batch; return those that go on as such, with listeners."""
        packets = []
        for row, place in zip(
            taken.rows[is_hushed].tolist(), taken.place[is_hushed].tolist(), strict=True
        ):
            speaker = self._board.by_place[place]
            payload = bytes(batch.views[row][HEADER_BYTES : batch.size[row]])[:MOST_BYTES]
            for listener in self._board.listeners_of(speaker.leg) if speaker else ():
                kind = self._agreed(listener)
                if kind is None:
                    self._make_noise(place, listener, payload, tick)
                elif _is_relayed(batch, row, self._columns, listener):
                    packets.append((_passed(batch, row, self._columns, listener, kind), listener))
        return packets

    def _agreed(self, listener: int) -> int | None:
        leg = self._board.by_place[listener]
        far = leg.audio.far if leg is not None and leg.audio is not None else None
        return None if far is None else far.comfort_noise_payload_type

    def _make_noise(self, speaker: int, listener: int, payload: bytes, tick: int) -> None:
        from appliance.signals.comfort_noise import noise  # rarely needed, see key_relay

        listeners = self.noisy.setdefault(speaker, {})
        present, known = self._board.players.get(listener), listeners.get(listener)
        is_ours = known is not None and present is known.content
        under = known.under if known is not None and is_ours else present
        if under is not None and not isinstance(under, Ring):
            # Something else sounds there.
            return
        content = Content(encode_alaw(noise(payload)).tobytes(), play=None, total=None)
        self._board.players[listener] = content
        listeners[listener] = _Noise(content, under)
        if present is None:
            c = self._columns
            c.is_joined[listener] = False
            c.play_tick[listener] = c.send_tick[listener] = tick


def _is_relayed(batch: Batch, row: int, columns: Columns, listener: int) -> bool:
    is_joined = columns.is_joined[listener] and columns.may_send[listener]
    return bool(is_joined and columns.from_ssrc[listener] == batch.ssrc[row])


def _passed(batch: Batch, row: int, columns: Columns, listener: int, kind: int) -> bytes:
    sequence = int(batch.sequence[row]) + int(columns.sequence_delta[listener]) & 0xFFFF
    timestamp = int(batch.timestamp[row]) + int(columns.timestamp_delta[listener]) & 0xFFFFFFFF
    following = np.uint16(sequence + 1 & 0xFFFF)
    if (following - columns.out_sequence[listener : listener + 1]).view(np.int16)[0] > 0:
        columns.out_sequence[listener] = following
    return b"".join(
        (
            bytes((0x80, kind)),
            sequence.to_bytes(2, "big"),
            timestamp.to_bytes(4, "big"),
            int(columns.out_ssrc[listener]).to_bytes(4, "big"),
            bytes(batch.views[row][HEADER_BYTES : batch.size[row]]),
        )
    )
