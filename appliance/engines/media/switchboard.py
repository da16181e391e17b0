"""Who hears what: the wished-for audio of each leg, made into columns, links and players.

Theory of operation. Call control says what a leg's audio shall be (`LegAudio`, whole, with a
version). The switchboard writes what the tick needs into the columns and keeps three kinds of
connection: *links* (a packet of the speaker goes out to the listener in the same tick, only its
header rewritten), *rings* (the two sides carry packets of different length; the listener's are
cut anew on the playout clock) and *players* (prompts, music, tones). Whatever a leg hears, its
outgoing stream is one: sequence numbers go on, timestamps advance by the time that passed, and
the first packet of something new carries the marker bit (RFC 3550 §5.1, RFC 3551 §4.1).

It asks nobody: prompts, tones and randomness are functions given to it.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

import numpy as np
from msgspec import msgpack

from appliance.engines.media import sources
from appliance.engines.media.columns import A_LAW, MU_LAW, NO_TYPE, NOBODY, Columns, Layer
from appliance.engines.media.joining import NEVER, align
from appliance.engines.media.legs import Leg, Source
from appliance.engines.media.players import Content8k, Player, Ring, ToneOf, player_of
from appliance.engines.media.wishes import (
    TICKS_A_SECOND,
    USUAL_FRAME,
    frame_of,
    needs_more,
    speaker_of,
)
from appliance.vocabulary.audio import (
    Codec,
    FarEnd,
    Hears,
    LegAudio,
    Playlist,
    Tone,
)
from appliance.vocabulary.commands import ClaimAudio
from appliance.vocabulary.ids import Instant, LegId, PlayId

LATE_START_TICKS: Final = 20
"""A play that is told of within 200 ms of its beginning begins now: its first syllable was on the
way, not spoken. Later (a restart) it goes on where it would be."""

Random32 = Callable[[], int]
Ended = tuple[LegId, PlayId, bool]
"""leg, play, whether a key stopped it."""


class Full(Exception):
    """No place is left for another leg."""


class Switchboard:
    """All legs of one worker."""

    def __init__(
        self, columns: Columns, *, prompt: Content8k, tone: ToneOf, random32: Random32
    ) -> None:
        self.columns = columns
        self.legs: dict[LegId, Leg] = {}
        self.by_place: list[Leg | None] = [None] * columns.capacity
        self.expected: list[object] = [None] * columns.capacity
        """What the system calls the source of each locked leg; else None: ask `admit`."""
        self.links: list[Layer] = []
        """links[k][speaker]: the place of its k-th listener, or NOBODY."""
        self.ringed: dict[int, list[int]] = {}
        """Speaker to listeners with packets of another length."""
        self.players: dict[int, Player] = {}
        self.special: set[int] = set()
        """Places of legs that need more than the plain relay: see `steps`."""
        self.touched: set[LegId] = set()
        """Legs whose slot changed since the daemon last wrote."""
        self.retracked: set[int] = set()
        """Places whose track changed since the daemon last looked."""
        self.retargeted: set[int] = set()
        """Places whose packets go elsewhere from now on."""
        self.released: set[int] = set()
        """Places whose play waited until something might be sent to them."""
        self._prompt, self._tone, self._random32 = prompt, tone, random32
        self._free = deque(range(columns.capacity))
        self._listeners: dict[LegId, set[int]] = {}
        self._since_lock: dict[int, int] = {}

    # --- legs come and go -------------------------------------------------------------------
    def claim(self, claim: ClaimAudio, port: int, tick: int, now: Instant) -> Leg:
        """Give a leg its place. Raises Full."""
        if not self._free:
            raise Full
        place = self._free.popleft()
        leg = Leg(leg=claim.leg, call=claim.call, place=place, port=port)
        c = self.columns
        c.clear(place)
        c.out_ssrc[place] = self._random32()
        c.out_sequence[place] = self._random32() & 0x7FFF
        c.out_timestamp[place] = self._random32()
        c.out_tick[place], c.heard_at[place], c.frame[place] = tick, now, USUAL_FRAME
        self._seat(leg)
        return leg

    def _seat(self, leg: Leg) -> None:
        self.legs[leg.leg] = leg
        self.by_place[leg.place] = leg
        self.columns.port[leg.place] = leg.port
        self.expected[leg.place] = None
        self._since_lock[leg.place] = 0
        self.touched.add(leg.leg)

    def release(self, leg_id: LegId) -> Leg | None:
        """Forget a leg; its listeners hear nothing from now on."""
        leg = self.legs.pop(leg_id, None)
        if leg is None:
            return None
        place = leg.place
        self._unlisten_of(leg, leg.audio)
        self._connect_listeners_of(leg_id, NOBODY, place)
        self.players.pop(place, None)
        self.special.discard(place)
        self.by_place[place] = self.expected[place] = None
        self.columns.clear(place)
        self._free.append(place)
        self.touched.add(leg_id)
        self.retracked.add(place)
        return leg

    # --- surviving a kill -------------------------------------------------------------------
    def slot(self, leg_id: LegId) -> bytes | None:
        """Return the leg's slot, or None when it is gone."""
        leg = self.legs.get(leg_id)
        return None if leg is None else msgpack.encode(leg)

    def restore(self, slots: list[bytes], tick: int, now: Instant) -> None:
        """Seat all legs again, from what `slot` returned. To be called once, at the start.

        Without the old columns (another capacity or form) the streams begin anew.
        """
        decoder = msgpack.Decoder(Leg)
        legs = [leg for leg in map(decoder.decode, slots) if leg.place < self.columns.capacity]
        taken = {leg.place for leg in legs}
        self._free = deque(place for place in range(self.columns.capacity) if place not in taken)
        c = self.columns
        for leg in legs:
            place = leg.place
            if not c.is_inherited:
                c.clear(place)
                c.out_ssrc[place], c.out_timestamp[place] = self._random32(), self._random32()
                c.out_sequence[place] = self._random32() & 0x7FFF
                c.out_tick[place], c.heard_at[place] = tick, now
            self._seat(leg)
            self.retracked.add(place)
        self.touched.clear()
        for leg in legs:
            if leg.audio is not None:
                self._write_far(leg, leg.audio)
        for leg in legs:
            if leg.audio is not None:
                self._listen(leg, leg.audio.hears)
                self._start_player(leg, leg.audio, tick, is_resumed=c.is_inherited)

    # --- the wished-for state ---------------------------------------------------------------
    def set_audio(self, audio: LegAudio, tick: int, now: Instant) -> None:
        """Make a leg's audio so. An older version, or an unknown leg, changes nothing."""
        leg = self.legs.get(audio.leg)
        if leg is None:
            return
        before = leg.audio
        if before is not None and (audio.version < before.version or audio == before):
            return
        place = leg.place
        leg.audio = audio
        self.touched.add(leg.leg)
        has_moved = sources.has_moved(before, audio)
        if has_moved:
            self._move_far(leg, now)
        was_special = place in self.special
        self._write_far(leg, audio)
        if was_special != (place in self.special):
            self._connect_listeners_of(leg.leg, place, place)
        if before is None or audio.track != before.track:
            leg.has_rows = False
            self.columns.track[place] = 0
            self.retracked.add(place)
        is_other = before is None or audio.hears != before.hears
        if is_other or has_moved:
            self.columns.is_joined[place] = False
            self._unlisten_of(leg, before)
            self._listen(leg, audio.hears)
            self._connect_listeners_of(leg.leg, place, place)
            if is_other:
                self._start_player(leg, audio, tick, is_resumed=False)

    def _move_far(self, leg: Leg, now: Instant) -> None:
        """The far end was set anew: whoever was locked in must show himself again."""
        sources.unlock(leg)
        c, place = self.columns, leg.place
        self.expected[place] = None
        self._since_lock[place] = 0
        c.has_ssrc[place], c.losses_told[place] = False, 0
        c.heard_at[place] = now
        self.retargeted.add(place)
        self.retracked.add(place)

    def _write_far(self, leg: Leg, audio: LegAudio) -> None:
        c, place, far = self.columns, leg.place, audio.far
        c.is_watched[place] = audio.watch_for_loss and far is not None and far.sends
        c.wants_inband[place] = audio.hears_inband_digits
        c.is_tracked[place], c.is_masked[place] = audio.track is not None, audio.is_masked
        c.is_special[place] = is_special = needs_more(audio)
        (self.special.add if is_special else self.special.discard)(place)
        c.track_is_fresh[place] = not leg.has_rows
        if far is None:
            c.in_type[place] = c.out_type[place] = NO_TYPE
            c.event_type[place] = c.out_event_type[place] = NO_TYPE
            c.may_send[place], c.frame[place] = False, USUAL_FRAME
            return
        c.in_type[place] = c.out_type[place] = far.payload_type
        event = far.dtmf_payload_type
        c.event_type[place] = NO_TYPE if event is None else event
        c.out_event_type[place] = c.event_type[place] if audio.wants_relayed_digits else NO_TYPE
        c.law[place] = MU_LAW if far.codec is Codec.PCMU else A_LAW
        c.frame[place] = frame_of(far)
        self._let_out(leg, far)
        if leg.source is not None:
            self._expect(leg)
        self.retargeted.add(place)

    def _let_out(self, leg: Leg, far: FarEnd) -> None:
        """Send to it from now on, if that may be."""
        is_withheld, place = sources.is_withheld(leg, far), leg.place
        self.columns.may_send[place] = far.receives and not is_withheld
        if not is_withheld and self.columns.send_tick[place] == NEVER:
            self.released.add(place)

    # --- connections ------------------------------------------------------------------------
    def _listen(self, leg: Leg, hears: Hears) -> None:
        speaker = speaker_of(leg.leg, hears)
        if speaker is not None:
            self.link(leg.place, speaker)

    def _unlisten_of(self, leg: Leg, audio: LegAudio | None) -> None:
        speaker = speaker_of(leg.leg, audio.hears) if audio is not None else None
        if speaker is not None:
            self.unlink(leg.place, speaker)

    def link(self, place: int, speaker: LegId) -> None:
        """The leg at this place gets the speaker's packets, relayed or cut anew."""
        self._listeners.setdefault(speaker, set()).add(place)
        self._connect(speaker)

    def unlink(self, place: int, speaker: LegId) -> None:
        """It gets them no more."""
        listeners = self._listeners.get(speaker, set())
        listeners.discard(place)
        if not listeners:
            self._listeners.pop(speaker, None)
        if isinstance(self.players.get(place), Ring):
            del self.players[place]
        self._connect(speaker)

    def listeners_of(self, speaker: LegId) -> set[int]:
        """Return the places that get this speaker's packets, relayed or cut anew."""
        return self._listeners.get(speaker, set())

    def _connect(self, speaker: LegId) -> None:
        leg = self.legs.get(speaker)
        if leg is not None:
            self._connect_listeners_of(speaker, leg.place, leg.place)

    def _connect_listeners_of(self, speaker: LegId, place: int, column: int) -> None:
        """Write the links of one speaker; place NOBODY: it is gone."""
        links: list[int] = []
        ringed: list[int] = []
        for listener in sorted(self._listeners.get(speaker, ())) if place != NOBODY else ():
            is_same = self.columns.frame[listener] == self.columns.frame[place]
            (links if is_same else ringed).append(listener)
            self._ring(listener, self.columns.law[place], is_needed=not is_same)
        while len(self.links) < len(links):
            self.links.append(np.full(self.columns.capacity, NOBODY, np.int32))
        for depth, layer in enumerate(self.links):
            layer[column] = links[depth] if depth < len(links) else NOBODY
        is_simple = len(links) == 1 and not ringed and self.special.isdisjoint((place, *links))
        self.columns.sole_listener[column] = links[0] + 1 if is_simple else 0
        self.ringed.pop(column, None)
        if ringed:
            self.ringed[column] = ringed

    def _ring(self, listener: int, law: int, *, is_needed: bool) -> None:
        present = self.players.get(listener)
        if not is_needed:
            if isinstance(present, Ring):
                del self.players[listener]
            return
        if isinstance(present, Ring) and present.law == law:
            return
        self.players[listener] = Ring(law=int(law), frame=int(self.columns.frame[listener]))
        self.columns.is_joined[listener] = False
        began = int(self.columns.out_tick[listener])
        align(self.columns, listener, began, began)

    # --- players ----------------------------------------------------------------------------
    def _start_player(self, leg: Leg, audio: LegAudio, tick: int, *, is_resumed: bool) -> None:
        hears, place = audio.hears, leg.place
        if not isinstance(hears, Playlist | Tone):
            if not isinstance(self.players.get(place), Ring):
                self.players.pop(place, None)
            return
        if leg.ended == hears.play:
            self.players.pop(place, None)
            return
        self.players[place] = player_of(hears, prompt=self._prompt, tone=self._tone)
        if sources.is_withheld(leg, audio.far):
            self.columns.send_tick[place] = NEVER
            return
        if is_resumed:
            return
        since = int(np.ceil(hears.since * TICKS_A_SECOND - 1e-6))
        following = tick + 1
        is_new = 0 <= tick - since <= LATE_START_TICKS
        align(self.columns, place, following if is_new else since, following)

    def end_play(self, place: int, *, was_stopped: bool) -> Ended | None:
        """A play came to its end, or a key stopped it; None when nothing is to be told."""
        player = self.players.pop(place, None)
        leg = self.by_place[place]
        if player is None or leg is None or player.play is None:
            return None
        leg.ended, leg.was_stopped = player.play, was_stopped
        self.touched.add(leg.leg)
        return leg.leg, player.play, was_stopped

    # --- sources ----------------------------------------------------------------------------
    def admit(self, place: int, source: tuple[str, int], *, is_sound: bool) -> bool:
        """Say whether a packet that is not from the expected source may be taken.

        `is_sound`: it looks like this leg's RTP; only such a packet may lock the leg.
        """
        leg = self.by_place[place]
        if leg is None:
            return False
        plain = sources.plain_source(source)
        count = self._since_lock[place]
        if leg.source == plain:
            self._since_lock[place] = count + 1
            if leg.is_lost and is_sound:
                leg.is_lost = False
                self.touched.add(leg.leg)
            is_settled = not leg.is_learnt or count + 1 >= sources.LEARNING_PACKETS
            if is_settled and not leg.is_lost:
                self.expected[place] = source
                self.retargeted.add(place)
            return True
        if not is_sound or not sources.may_lock(leg, plain, count):
            return False
        if leg.source is not None:
            self.columns.has_ssrc[place] = False
            self._since_lock[place] = 0
        sources.lock(leg, plain)
        if leg.audio is not None and leg.audio.far is not None:
            self._let_out(leg, leg.audio.far)
        self.touched.add(leg.leg)
        self.retargeted.add(place)
        if not leg.is_learnt:
            self.expected[place] = source
        return True

    def may_be_of(self, place: int, source: tuple[str, int]) -> bool:
        """Say whether a leg's packets may come from this address at all."""
        leg = self.by_place[place]
        far = leg.audio.far if leg is not None and leg.audio is not None else None
        address = sources.plain_source(source)[0]
        return far is not None and address in (far.address, far.signalling_address)

    def lose(self, leg: Leg) -> None:
        """Nothing came for long: it may come from another port of the same far end now."""
        leg.is_lost = leg.source is not None
        self.expected[leg.place] = None
        self.touched.add(leg.leg)
        self.retargeted.add(leg.place)

    def _expect(self, leg: Leg) -> None:
        """A restored lock: the learning time is over."""
        if self._since_lock[leg.place] == 0:
            self._since_lock[leg.place] = sources.LEARNING_PACKETS

    def is_only_source(self, place: int) -> bool:
        """Say whether the leg's packets come from its target, and the time to learn is over."""
        leg = self.by_place[place]
        if leg is None or leg.source is None or leg.is_lost or leg.source != self.target(place):
            return False
        return not leg.is_learnt or self._since_lock[place] >= sources.LEARNING_PACKETS

    def target(self, place: int) -> Source | None:
        """Return where packets towards this leg go; None while that is unknown."""
        leg = self.by_place[place]
        far: FarEnd | None = leg.audio.far if leg is not None and leg.audio is not None else None
        return None if leg is None or far is None else sources.target(leg, far)
