"""Who hears several: conference, listen, whisper, barge. Seats blends and feeds their voices.

The switchboard knows links, rings and players; here is what a `Mix` adds. A leg that comes from
the relay of one of the voices keeps that link until its blend can cross over unheard, and one that
goes back to the relay keeps its blend until a pause (see `blends`). Where nobody hears a mix
nothing is done and nothing kept.
"""

from typing import NamedTuple

import numpy as np

from appliance.engines.media.blends import Blend, blended
from appliance.engines.media.columns import MU_LAW
from appliance.engines.media.intake import Intake
from appliance.engines.media.legs import Leg
from appliance.engines.media.players import Player, Ring
from appliance.engines.media.rtp import HEADER_BYTES, Batch
from appliance.engines.media.switchboard import Switchboard
from appliance.engines.media.voices import Voices
from appliance.signals.g711 import ALAW_TO_LINEAR, ULAW_TO_LINEAR
from appliance.vocabulary.audio import Hears, Mix, PeerAudio
from appliance.vocabulary.ids import LegId


class Running(NamedTuple):
    """A leg's outgoing stream, as it was."""

    is_joined: bool
    is_relayed: bool
    play_tick: int
    send_tick: int
    player: Player | None


class Mixing:
    """All blends of one worker."""

    def __init__(self, board: Switchboard) -> None:
        self._board, self._columns = board, board.columns
        self._voices = Voices()
        self.blends: dict[int, Blend] = {}
        """By the place of the listener."""
        self._is_voice = np.zeros(board.columns.capacity, np.bool_)

    # --- the wished-for state ---------------------------------------------------------------
    def running(self, place: int) -> Running:
        """Return how a leg's stream runs; to be asked before the switchboard changes it."""
        c = self._columns
        return Running(
            is_joined=bool(c.is_joined[place]),
            is_relayed=bool(c.from_ssrc[place]),
            play_tick=int(c.play_tick[place]),
            send_tick=int(c.send_tick[place]),
            player=self._board.players.get(place),
        )

    def moved(self, leg: Leg, before: Hears | None, running: Running, tick: int) -> None:
        """The switchboard made `leg` hear something else; see to it that no seam is heard."""
        hears = leg.audio.hears if leg.audio is not None else None
        blend = self.blends.get(leg.place)
        if blend is not None:
            self._unlink(leg.place, blend, but=hears)
        if isinstance(hears, Mix):
            if blend is None:
                blend = self.blends[leg.place] = Blend(hears.legs)
                self._begin(leg, blend, before, running, tick)
            else:
                blend.legs, blend.is_leaving = hears.legs, False
                self._reseat(leg.place, blend, running)
        elif isinstance(hears, PeerAudio) and blend is not None:
            self._leave(leg, hears.leg, blend, running)
        else:
            self.blends.pop(leg.place, None)
        self.look_again()

    def _begin(
        self, leg: Leg, blend: Blend, before: Hears | None, running: Running, tick: int
    ) -> None:
        place = leg.place
        speaker = self._board.legs.get(before.leg) if isinstance(before, PeerAudio) else None
        ring = running.player if isinstance(running.player, Ring) else None
        is_heard = running.is_joined and (running.is_relayed or ring is not None)
        if speaker is not None and speaker.leg in blend.legs and is_heard:
            blend.wait(speaker.place, ring, tick)
            self._reseat(place, blend, running)
        else:
            self._seat(place, blend, tick + 1)

    def _unlink(self, place: int, blend: Blend, *, but: Hears | None) -> None:
        """End the relay that a waiting blend kept, which the switchboard knows nothing of."""
        leg = None if blend.relayed is None else self._board.by_place[blend.relayed]
        if leg is not None and but != PeerAudio(leg=leg.leg):
            self._board.unlink(place, leg.leg)

    def _seat(self, place: int, blend: Blend, tick: int) -> None:
        self._board.players[place] = blend
        self._columns.play_tick[place] = self._columns.send_tick[place] = tick

    def _reseat(self, place: int, blend: Blend, running: Running) -> None:
        """It goes on as it was: seated, or waiting while its leg has the relay."""
        c, leg = self._columns, None
        if blend.relayed is not None:
            leg = self._board.by_place[blend.relayed]
        if leg is not None:
            self._board.link(place, leg.leg)
        player = blend if blend.relayed is None else blend.ring
        if player is not None:
            self._board.players[place] = player
        c.is_joined[place] = running.is_joined
        c.play_tick[place], c.send_tick[place] = running.play_tick, running.send_tick

    def _leave(self, leg: Leg, speaker: LegId, blend: Blend, running: Running) -> None:
        """The relay has the leg again; unless its blend has still something to say."""
        place = leg.place
        if blend.relayed is not None or speaker not in blend.legs:
            del self.blends[place]
            return
        self._board.unlink(place, speaker)
        blend.legs, blend.is_leaving = (speaker,), True
        self._reseat(place, blend, running)

    def resumed(self, tick: int) -> None:
        """Seat the blends of the worker before us; its streams go on where the listeners are."""
        for leg in self._board.legs.values():
            if leg.audio is not None and isinstance(leg.audio.hears, Mix):
                blend = self.blends[leg.place] = Blend(leg.audio.hears.legs)
                self._board.players[leg.place] = blend
                if self._columns.from_ssrc[leg.place] or not self._columns.is_inherited:
                    # It was on the relay, or nothing is known of it.
                    self._columns.is_joined[leg.place] = False
                    self._seat(leg.place, blend, tick + 1)
        self.look_again()

    def releasing(self, leg: Leg) -> None:
        """A leg goes: as a listener, now."""
        blend = self.blends.pop(leg.place, None)
        if blend is not None:
            self._unlink(leg.place, blend, but=None)
            self.look_again()

    def look_again(self) -> None:
        """Legs came or went: find the voices that are wanted. To be asked after each claim and
        release, too, while there are blends."""
        wanted: set[int] = set()
        legs = self._board.legs
        for blend in self.blends.values():
            voices = tuple(legs[leg].place for leg in blend.legs if leg in legs)
            blend.hears(voices)
            wanted.update(voices)
        self._voices.want(wanted)
        self._is_voice[:] = False
        self._is_voice[list(wanted)] = True

    # --- the tick ---------------------------------------------------------------------------
    def hear(self, batch: Batch, taken: Intake, tick: int) -> None:
        """Take the voices that are mixed; before the relay rewrites their rows."""
        self._voices.go_on(tick)
        is_wanted = self._is_voice[taken.place] & taken.is_audio
        rows, places = taken.rows[is_wanted].tolist(), taken.place[is_wanted].tolist()
        self._hand_back(set(places))
        for row, place in zip(rows, places, strict=True):
            if place in self._voices:
                table = ULAW_TO_LINEAR if self._columns.law[place] == MU_LAW else ALAW_TO_LINEAR
                coded = batch.payload[row, : batch.size[row] - HEADER_BYTES]
                self._voices.hear(
                    place,
                    int(batch.ssrc[row]),
                    int(batch.timestamp[row]),
                    np.take(table, coded, mode="clip"),
                    tick,
                )
        self._cross_over(tick)

    def _hand_back(self, heard: set[int]) -> None:
        """Those that leave and have nothing left to say: the relay takes this very packet."""
        done = [
            place
            for place, blend in self.blends.items()
            if blend.is_leaving and heard.intersection(blend.voices) and blend.has_paused()
        ]
        for place in done:
            blend = self.blends[place]
            if blend.unsaid(self._voices):
                continue
            del self.blends[place]
            self._board.players.pop(place, None)
            self._board.link(place, blend.legs[0])
        if done:
            self.look_again()

    def _cross_over(self, tick: int) -> None:
        c = self._columns
        for place, blend in self.blends.items():
            if blend.relayed is None or not blend.crosses(self._voices, c, place, tick):
                continue
            leg = self._board.by_place[blend.relayed]
            if leg is not None:
                self._board.unlink(place, leg.leg)
            blend.relayed = None
            self._seat(place, blend, tick)
            # As if the relay had gone on: the far end must not take this for a pause.
            c.play_timestamp[place] = c.out_timestamp[place] + np.uint32(c.frame[place])
            c.is_joined[place] = blend.has_seam

    def prepare(self, tick: int) -> None:
        """Make the packets of all blends that are due."""
        self._voices.go_on(tick)
        due = [
            (place, blend)
            for place, blend in self.blends.items()
            if blend.relayed is None and self._columns.send_tick[place] <= tick
        ]
        if due:
            blended(due, self._voices, self._columns, tick)

    def listeners_of(self, place: int) -> list[int]:
        """Return the places of those who hear this voice in a mix, and not by relay."""
        return [
            listener
            for listener, blend in self.blends.items()
            if place in blend.voices and blend.relayed is None
        ]
