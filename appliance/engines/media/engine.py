"""The media engine: what the worker does on each tick, in order, on numbers only.

    batch ← the daemon's gather (each row admitted by `board.admit`)
    arrived    header check; keys noted, tones captured       → what was accepted
    tracked    rows of the recording journal                  → the daemon appends them …
    recorded   … and says whether that went well              → events
    forward    headers rewritten for the listeners            → the daemon sends them
    play       prompts, music, tones                          → the daemon sends them
    reports    packets of the steps' own                      → the daemon sends them
    listen     tones, lost far ends                           → events

Legs that need more than that are *special*: see `steps`, which are asked within arrived, forward,
play and reports.

A frame stands in the recording before it is sent, so that a kill between the two loses nothing
that anybody heard.
"""

from collections.abc import Callable

import numpy as np

from appliance.engines.media.columns import Columns
from appliance.engines.media.digits import Captured, Digits, Press, in_turns
from appliance.engines.media.hush import Hush
from appliance.engines.media.intake import Intake, intake, looks_sound
from appliance.engines.media.key_mute import KeyMute
from appliance.engines.media.key_relay import KeyRelay
from appliance.engines.media.legs import Leg
from appliance.engines.media.loss import LOOK_EVERY_TICKS, newly_lost
from appliance.engines.media.mixing import Mixing
from appliance.engines.media.players import Content8k, ToneOf
from appliance.engines.media.playout import Playout
from appliance.engines.media.quiet import Quiet
from appliance.engines.media.relay import Departures, relay
from appliance.engines.media.rtp import HEADER_BYTES, Batch, Places
from appliance.engines.media.steps import Step
from appliance.engines.media.switchboard import Ended, Random32, Switchboard
from appliance.vocabulary.audio import Codec, LegAudio
from appliance.vocabulary.events import (
    AudioLost,
    DigitForm,
    DigitHeard,
    FarEndQuiet,
    PlayEnded,
    RecordingRefused,
    RecordingStarted,
)
from appliance.vocabulary.ids import CallId, Instant, LegId, RecordingId, Seconds
from appliance.vocabulary.shape import Event

_REMEMBERED_RECORDINGS = 4096


class Tracked:
    """Rows of a batch that belong to recordings."""

    __slots__ = ("lengths", "places", "rows")

    def __init__(self, rows: Places, places: Places, lengths: Places) -> None:
        self.rows = rows
        self.places = places
        self.lengths = lengths
        """Bytes of audio; 0 for a packet without speech (telephone event, comfort noise)."""


class MediaEngine:
    """All legs of one worker, a tick at a time."""

    def __init__(
        self, columns: Columns, *, prompt: Content8k, tone: ToneOf, random32: Random32
    ) -> None:
        self.columns = columns
        self.board = Switchboard(columns, prompt=prompt, tone=tone, random32=random32)
        self.steps: list[Step] = []
        self.is_theirs: Callable[[int, bytes], bool] | None = None
        """Whether a packet for this place shows its leg's key; None: no leg has keys."""
        """What special legs need besides; empty: nothing is paid for them."""
        self.mixing = Mixing(self.board)
        self.key_relay = KeyRelay(self.board)
        self._key_mute = KeyMute(self.board, self.mixing)
        self._hush = Hush(self.board)
        self._playout = Playout(self.board)
        self._digits = Digits(columns)
        self._quiet = Quiet(columns)
        self._captured: list[Captured] = []
        self._presses: list[Press] = []
        self._events: list[Event] = []
        self._codes = False
        self._told: dict[tuple[RecordingId, bool], None] = {}
        """Recordings whose begin (True) or refusal (False) was told, oldest first."""

    def take_events(self) -> list[Event]:
        """Return what happened since the last call, oldest first."""
        events, self._events = self._events, []
        return events

    # --- the wished-for state ---------------------------------------------------------------
    def resume(self, slots: list[bytes], tick: int, now: Instant) -> None:
        """Seat the legs of the worker before us."""
        self.board.restore(slots, tick, now)
        self.mixing.resumed(tick)
        for leg in self.board.legs.values():
            self._quiet.note(leg, now)
            self._want_coder(leg)
            self._key_mute.note(leg)
            if leg.has_rows and leg.audio is not None and leg.audio.track is not None:
                self._told[(leg.audio.track.recording, True)] = None

    def set_audio(self, audio: LegAudio, tick: int, now: Instant) -> RecordingId | None:
        """Make a leg's audio so; return the recording whose track was closed by that."""
        leg = self.board.legs.get(audio.leg)
        if leg is None:
            return None
        before, recording, stream = leg.audio, _recording(leg), leg.source
        running = self.mixing.running(leg.place)
        self.board.set_audio(audio, tick, now)
        if leg.audio is not before:
            hears = before.hears if before is not None else None
            self.mixing.moved(leg, hears, running, tick)
            self._quiet.note(leg, now)
            self._want_coder(leg)
            self._key_mute.note(leg)
        if leg.source != stream:
            self._digits.forget(leg.place)
        return recording if recording != _recording(leg) else None

    def _want_coder(self, leg: Leg) -> None:
        """Have legs of other codecs than G.711 coded, from the first of them on."""
        far = leg.audio.far if leg.audio is not None else None
        if far is None or far.codec in (Codec.PCMA, Codec.PCMU) or self._codes:
            return
        # Most workers never need it, and a restarted one is in a hurry.
        from appliance.engines.media.transcoding import Transcoding

        # The last to open and the first to close: what comes is deciphered before it is decoded.
        self.steps.append(Transcoding(self.board))
        self._codes = True

    def release(self, leg_id: LegId) -> tuple[Leg, RecordingId | None] | None:
        """Forget a leg; return it and the recording whose track was closed by that."""
        leg = self.board.legs.get(leg_id)
        if leg is None:
            return None
        self.mixing.releasing(leg)
        self._quiet.forget(leg.place)
        self.board.release(leg_id)
        self._key_mute.told.discard(leg.place)
        self.mixing.look_again()
        self._digits.forget(leg.place)
        return leg, _recording(leg)

    def relay_digit(self, speaker: LegId, digit: str, tick: int) -> None:
        """Signalling told of a key: whoever hears the leg, and wants keys, gets it."""
        leg = self.board.legs.get(speaker)
        if leg is not None:
            self.key_relay.told(leg, digit, self._listeners_of(leg), tick)

    def sound_digit(self, listener: LegId, digit: str, tick: int) -> None:
        """Signalling failed to tell of a key: this leg hears its tones."""
        leg = self.board.legs.get(listener)
        if leg is not None:
            self.key_relay.unsent(leg, digit, tick)

    def _listeners_of(self, leg: Leg) -> list[int]:
        return [*self.board.listeners_of(leg.leg), *self.mixing.listeners_of(leg.place)]

    # --- the tick ---------------------------------------------------------------------------
    def admit(self, place: int, source: tuple[str, int], row: memoryview, size: int) -> bool:
        """Say whether a packet from an unexpected source may be taken."""
        is_sound = looks_sound(row, size, self.columns, place)
        if is_sound and self.is_theirs is not None and self.board.may_be_of(place, source):
            is_sound = self.is_theirs(place, bytes(row[:size]))
        return self.board.admit(place, source, is_sound=is_sound)

    def arrived(self, batch: Batch, now: Instant) -> Intake:
        """Check the batch; what is to be heard is noted before the rows are rewritten."""
        if self.steps and self.board.special:
            rows = np.flatnonzero(self.columns.is_special[batch.place])
            for step in self.steps:
                step.unwrap(batch, rows, now)
        taken = intake(batch, self.columns, now)
        self._presses = self._digits.events(batch, taken, now)
        self._captured += self._digits.capture(batch, taken)
        if self._quiet.is_waited_for:
            self._quiet.hear(batch, taken, now)
        return taken

    def overhear(self, passed_on: list[tuple[int, bytes]]) -> None:
        """Listen, in the next tick, to audio of these places that was relayed without us."""
        for places, coded in in_turns(passed_on):
            self._captured += self._digits.suspects(places, coded)

    def tracked(self, batch: Batch, taken: Intake) -> Tracked | None:
        """Return the rows that belong in the recording journal."""
        is_tracked = self.columns.is_tracked[taken.place]
        if taken.is_plain and is_tracked.all():
            return Tracked(taken.rows, taken.place, batch.size - HEADER_BYTES)
        if not is_tracked.any():
            return None
        rows, places = taken.rows[is_tracked], taken.place[is_tracked]
        lengths = np.where(taken.is_audio[is_tracked], batch.size[rows] - HEADER_BYTES, 0)
        return Tracked(rows, places, lengths)

    def recorded(self, tracked: Tracked, failure: str | None) -> None:
        """The rows stand in the journal; or `failure` says why they do not."""
        fresh = self.columns.track_is_fresh
        places = tracked.places if failure is not None else tracked.places[fresh[tracked.places]]
        for place in dict.fromkeys(places.tolist()):
            leg = self.board.by_place[place]
            recording = _recording(leg)
            if leg is None or recording is None:
                continue
            if failure is None:
                fresh[place], leg.has_rows = False, True
                self.board.touched.add(leg.leg)
            self._tell_recording(recording, leg.call, failure)

    def forward(
        self, batch: Batch, taken: Intake, tick: int
    ) -> tuple[list[Departures], list[tuple[bytes, int]]]:
        """Return what goes out at once: rewritten rows, and single packets with their legs."""
        if self._key_mute.told and self._captured:
            self._key_mute.mute(batch, taken, self._captured)
        if self._hush.noisy:
            self._hush.ended(taken)
        extra = self._to_rings(batch, taken, tick) if self.board.ringed else []
        if not taken.is_plain:
            extra += self._beside_audio(batch, taken, tick)
        if self.mixing.blends:
            self.mixing.hear(batch, taken, tick)
        for step in self.steps:
            step.hear(batch, taken, tick)
        extra = self._wrapped_singly(extra)
        self.key_relay.move_up(batch)
        relayed = relay(batch, taken, self.columns, self.board.links, tick)
        self.key_relay.close_gaps()
        return [self._wrapped(departures) for departures in relayed], extra

    def play(self, tick: int) -> Departures | None:
        """Return what the playout clock sends; a pressed key stops its play before that."""
        for place, _, _ in self._presses:
            self._stop_play(place)
        if self.mixing.blends:
            self.mixing.prepare(tick)
        departures, ended = self._playout.play(tick)
        self._tell_ended(ended)
        return None if departures is None else self._wrapped(departures)

    def reports(self, tick: int, now: Instant) -> list[tuple[bytes, int]]:
        """Return what goes out besides: packets, each with the place it goes to."""
        reports = [packet for step in self.steps for packet in step.due(tick, now)]
        if self.key_relay.is_busy:
            reports += self._wrapped_singly(self.key_relay.due(tick))
            self.key_relay.tidy(tick)
        return reports

    def listen(self, tick: int, now: Instant) -> None:
        """Tell keys, look for tones, and now and then for far ends that fell silent."""
        tones = self._digits.tones(self._captured, now) if self._captured else []
        for place, key, form in self._presses + tones:
            leg = self.board.by_place[place]
            if leg is not None:
                self._events.append(DigitHeard(leg=leg.leg, digit=key, form=form))
        for place, _, _ in tones:
            self._stop_play(place)
        self._presses, self._captured = [], []
        if tick % LOOK_EVERY_TICKS == 0:
            for place, silent_for in self._quiet.fallen(now):
                leg = self.board.by_place[place]
                if leg is not None:
                    quiet = FarEndQuiet(leg=leg.leg, silent_for=Seconds(silent_for))
                    self._events.append(quiet)
            for place, silent_for in newly_lost(self.columns, now):
                leg = self.board.by_place[place]
                if leg is not None:
                    self.board.lose(leg)
                    lost = AudioLost(leg=leg.leg, silent_for=Seconds(silent_for))
                    self._events.append(lost)

    # --- parts ------------------------------------------------------------------------------
    def _wrapped(self, departures: Departures) -> Departures:
        for step in reversed(self.steps):
            departures = step.wrap(departures)
        return departures

    def _wrapped_singly(self, packets: list[tuple[bytes, int]]) -> list[tuple[bytes, int]]:
        for step in reversed(self.steps):
            packets = [(step.wrap_one(packet, place), place) for packet, place in packets]
        return packets

    def _beside_audio(self, batch: Batch, taken: Intake, tick: int) -> list[tuple[bytes, int]]:
        """Pass on what is no audio, to those whom the plain relay does not serve."""
        is_hushed = ~(taken.is_audio | taken.is_event)
        extra: list[tuple[bytes, int]] = []
        if is_hushed.any():
            extra += self._hush.hushed(batch, taken, is_hushed, tick)
        rows, places = taken.rows[taken.is_event], taken.place[taken.is_event]
        for row, place in zip(rows.tolist(), places.tolist(), strict=True):
            listeners = self.mixing.listeners_of(place)
            extra += self._playout.pass_event(batch, row, listeners, tick)
            speaker = self.board.by_place[place]
            if speaker is not None:
                relayed = self.board.listeners_of(speaker.leg)
                are_all = not listeners and not self.columns.is_special[place]
                self.key_relay.left_out(batch, row, relayed, are_all=are_all)
        for place, key, form in self._presses:
            leg = self.board.by_place[place]
            if leg is not None and form is DigitForm.RFC4733:
                self.key_relay.passed(leg, key, self._listeners_of(leg), tick)
        return extra

    def _to_rings(self, batch: Batch, taken: Intake, tick: int) -> list[tuple[bytes, int]]:
        extra: list[tuple[bytes, int]] = []
        ringed = self.board.ringed
        for row, place, is_audio, is_event in zip(
            taken.rows.tolist(),
            taken.place.tolist(),
            taken.is_audio.tolist(),
            taken.is_event.tolist(),
            strict=True,
        ):
            listeners = ringed.get(place)
            if listeners and is_audio:
                self._playout.take_peer_audio(batch, row, listeners, tick)
            elif listeners and is_event:
                extra += self._playout.pass_event(batch, row, listeners, tick)
        return extra

    def _stop_play(self, place: int) -> None:
        player = self.board.players.get(place)
        if player is not None and player.stops_on_digit:
            ended = self.board.end_play(place, was_stopped=True)
            self._tell_ended([ended] if ended else [])

    def _tell_ended(self, ended: list[Ended]) -> None:
        self._events += [
            PlayEnded(leg=leg, play=play, was_stopped=was_stopped)
            for leg, play, was_stopped in ended
        ]

    def _tell_recording(self, recording: RecordingId, call: CallId, failure: str | None) -> None:
        key = (recording, failure is None)
        if key in self._told:
            return
        self._told[key] = None
        if len(self._told) > _REMEMBERED_RECORDINGS:
            del self._told[next(iter(self._told))]
        if failure is None:
            self._events.append(RecordingStarted(recording=recording, call=call))
        else:
            self._events.append(RecordingRefused(recording=recording, call=call, text=failure))


def _recording(leg: Leg | None) -> RecordingId | None:
    """Return the recording that a leg's track belongs to."""
    track = leg.audio.track if leg is not None and leg.audio is not None else None
    return None if track is None else track.recording
