"""The tick: what a media worker does a hundred times a second, and how it does what control says.

Theory of operation. Ticks stand on a fixed grid of the monotonic clock, the same for every run of
the worker. Each tick: gather what came, check it, append what is recorded, send what is relayed,
send what is played; then keys, commands and news. A late tick does the work of the ones it missed
once, so that nothing leaves in bursts. Without legs the worker sleeps until control speaks.
"""

import logging
from time import monotonic, process_time, sleep
from typing import assert_never

from appliance.daemons import notify
from appliance.daemons.media.conversation import Conversation
from appliance.daemons.media.first_aid import FirstAid
from appliance.daemons.media.memory import SlotJournal
from appliance.daemons.media.packets import Packets
from appliance.daemons.media.ports import Ports
from appliance.daemons.media.recorder import Recorder
from appliance.daemons.media.reports import Reports
from appliance.engines.media.engine import MediaEngine
from appliance.engines.media.rtp import Batch
from appliance.engines.media.switchboard import Full
from appliance.engines.media.wishes import TICKS_A_SECOND
from appliance.vocabulary.audio import LegAudio, Playlist, Tone
from appliance.vocabulary.commands import (
    ClaimAudio,
    RelayDigit,
    ReleaseAudio,
    SetAudio,
    SoundDigit,
)
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.events import AudioClaimed, AudioRefused, LegMeasured, PlayEnded
from appliance.vocabulary.ids import Instant, LegId, RecordingId
from appliance.wire.media import FiguresAsked, ForWorker, Sync, TrackClosed, WorkerFigures

IDLE_SECONDS = 0.5
COMMAND_SECONDS = 0.002
"""Most time in a tick for commands: after a restart of control hundreds come at once."""

GOODBYE_SECONDS = 4.0
"""Told to stop while somebody talks: call control was told too, and ends its calls first. A machine
that stops tells everybody at the same moment."""

logger = logging.getLogger(__name__)


class Worker:
    """One media worker: the engine, and all that it has of the outer world."""

    def __init__(
        self,
        number: int,
        *,
        engine: MediaEngine,
        ports: Ports,
        packets: Packets,
        recorder: Recorder,
        slots: SlotJournal,
        reports: Reports,
    ) -> None:
        self._number = number
        self._engine, self._board = engine, engine.board
        self._ports, self._packets, self._recorder = ports, packets, recorder
        self._slots, self._reports = slots, reports
        self._conversation: Conversation | None = None
        self._batch = Batch(min(8192, max(512, 2 * engine.columns.capacity)))
        self._tick = 0
        self._ticks = self._ticks_late = 0
        self._worst_tick = 0.0
        self._stop_by: float | None = None
        self._is_secure = False

    # --- begin and end ----------------------------------------------------------------------
    def resume(self) -> None:
        """Take up the legs of the worker before us: from here on packets flow again."""
        now = Instant(monotonic())
        self._tick = int(now * TICKS_A_SECOND)
        self._engine.resume(list(self._slots.slots.values()), self._tick, now)
        for leg in list(self._board.legs.values()):
            if leg.audio is not None and leg.audio.far is not None and leg.audio.far.keys:
                self._make_secure()
            opened = self._ports.restored(leg.port)
            if opened is None:
                logger.warning("leg=%s port %d is gone, dropped", leg.leg, leg.port)
                self._engine.release(leg.leg)
            else:
                self._packets.add(leg.place, opened)
        self._reports.resume([leg.place for leg in self._board.legs.values()], self._tick)
        self._make_so()

    def take_over(self, first_aid: FirstAid) -> None:
        """Go on with what was done, and left to us, before the engine was there."""
        self._packets.take_over(first_aid.waiting, first_aid.passed_on)
        self._engine.overhear(first_aid.overheard)
        if first_aid.journal is not None:
            self._recorder.take_over(first_aid.journal, first_aid.recorded)

    def talk(self, conversation: Conversation) -> None:
        """Control may speak from now on."""
        self._ports.adopt_strays({leg.port for leg in self._board.legs.values()})
        self._conversation = conversation

    def stop(self) -> None:
        """End after the present tick; while somebody talks, when call control has ended that."""
        if self._stop_by is None:
            self._stop_by = monotonic() + GOODBYE_SECONDS

    def run(self) -> None:
        """Tick until stopped."""
        interval = notify.watchdog_interval() or 1.0
        alive_at = 0.0
        while not self._is_over():
            if not self._board.legs and self._conversation is not None:
                self._conversation.wait(IDLE_SECONDS)
            now = self._next_tick()
            self.tick(now)
            if now >= alive_at:
                notify.watchdog()
                alive_at = now + interval
        self._recorder.close()

    def _is_over(self) -> bool:
        if self._stop_by is None:
            return False
        has_control = self._conversation is not None and self._conversation.is_connected
        is_needed = has_control and bool(self._board.legs)
        return not is_needed or monotonic() >= self._stop_by

    def _next_tick(self) -> Instant:
        """Sleep until the next tick of the grid; after a late one, go on with the present."""
        delay = (self._tick + 1) / TICKS_A_SECOND - monotonic()
        if delay > 0:
            sleep(delay)
        now = monotonic()
        present = int(now * TICKS_A_SECOND)
        if self._board.legs and present > self._tick + 2:
            self._ticks_late += 1
        self._tick = max(present, self._tick + 1)
        return Instant(now)

    # --- one tick ---------------------------------------------------------------------------
    def tick(self, now: Instant) -> None:
        """Do everything once."""
        engine, packets, batch = self._engine, self._packets, self._batch
        if self._board.legs:
            packets.gather(batch)
            if batch.count:
                self._pass_on(now)
            played = engine.play(self._tick)
            if played is not None:
                packets.scatter(played)
            for packet, place in engine.reports(self._tick, now):
                packets.send_one(packet, place)
            engine.listen(self._tick, now)
            self._ticks += 1
            self._worst_tick = max(self._worst_tick, monotonic() - now)
        if self._conversation is not None:
            self._converse(self._conversation, now)
        self._make_so()

    def _pass_on(self, now: Instant) -> None:
        engine, packets, batch = self._engine, self._packets, self._batch
        taken = engine.arrived(batch, now)
        if self._board.retargeted:
            self._aim()
        tracked = engine.tracked(batch, taken)
        if tracked is not None:
            engine.recorded(tracked, self._recorder.write(batch, tracked, now))
        departures, extra = engine.forward(batch, taken, self._tick)
        for departing in departures:
            packets.scatter(departing)
        for packet, place in extra:
            packets.send_one(packet, place)

    def _make_so(self) -> None:
        """Write down what changed, then let it show."""
        board = self._board
        if board.retracked:
            for place in board.retracked:
                self._recorder.track(place, board.by_place[place])
            board.retracked.clear()
        if board.retargeted:
            self._aim()
        if board.touched:
            changes = {str(leg): board.slot(leg) for leg in board.touched}
            board.touched.clear()
            try:
                self._slots.put(changes)
            except OSError as error:
                # The calls go on; only a kill before the next change would miss this one.
                logger.warning("the state journal cannot be written: %s", error.strerror)
        if self._conversation is not None:
            for event in self._engine.take_events():
                self._conversation.tell(event)
            self._conversation.send()

    def _aim(self) -> None:
        board = self._board
        for place in board.retargeted:
            self._packets.aim(
                place, board.target(place), is_only_source=board.is_only_source(place)
            )
        board.retargeted.clear()

    # --- commands ---------------------------------------------------------------------------
    def _converse(self, conversation: Conversation, now: Instant) -> None:
        until = monotonic() + COMMAND_SECONDS
        for command in conversation.commands():
            self._carry_out(command, conversation, now)
            if monotonic() > until:
                break
        self._ports.look_after()

    def _carry_out(self, command: ForWorker, conversation: Conversation, now: Instant) -> None:
        match command:
            case ClaimAudio():
                self._claim(command, conversation, now)
            case SetAudio(audio=audio):
                self._set_audio(audio, conversation, now)
            case ReleaseAudio(leg=leg):
                self._release(leg, conversation)
            case RelayDigit(leg=leg, digit=digit):
                self._engine.relay_digit(leg, digit, self._tick)
            case SoundDigit(leg=leg, digit=digit):
                self._engine.sound_digit(leg, digit, self._tick)
            case Sync(legs=legs):
                for gone in set(self._board.legs) - set(legs):
                    logger.warning("leg=%s mended: audio that no call had; it was ended", gone)
                    self._release(gone, conversation)
            case FiguresAsked():
                conversation.tell(self._figures())
            case _:
                assert_never(command)

    def _claim(self, claim: ClaimAudio, conversation: Conversation, now: Instant) -> None:
        leg = self._board.legs.get(claim.leg)
        if leg is None:
            try:
                port, opened = self._ports.claim()
            except EquipmentError as error:
                conversation.tell(AudioRefused(leg=claim.leg, text=str(error)))
                return
            try:
                leg = self._board.claim(claim, port, self._tick, now)
            except Full:
                self._ports.release(port, opened)
                conversation.tell(AudioRefused(leg=claim.leg, text="the media worker is full"))
                return
            self._packets.add(leg.place, opened)
            self._reports.begin(leg.place, self._tick)
        # The slot must stand before the port is told: the far end sends to it from then on.
        self._make_so()
        conversation.tell(AudioClaimed(leg=leg.leg, port=leg.port))

    def _make_secure(self) -> None:
        """Some leg has keys: from now on packets are looked at for that (14 ms, once)."""
        if self._is_secure:
            return
        self._is_secure = True
        from appliance.daemons.media.secure_legs import SecureLegs

        secure = SecureLegs(self._engine)
        self._engine.steps.insert(0, secure)
        self._engine.is_theirs = secure.is_theirs
        self._reports.sealed, self._reports.opened = secure.sealed, secure.opened

    def _set_audio(self, audio: LegAudio, conversation: Conversation, now: Instant) -> None:
        if audio.far is not None and audio.far.keys is not None:
            self._make_secure()
        closed = self._engine.set_audio(audio, self._tick, now)
        self._tell_closed(audio.leg, closed, conversation)
        leg = self._board.legs.get(audio.leg)
        hears = audio.hears
        if leg is None or not isinstance(hears, Playlist | Tone) or leg.ended != hears.play:
            return
        if (leg.leg, hears.play) not in conversation.plays_told:
            # Told to a control that was killed meanwhile, perhaps before it could act on it.
            ended = PlayEnded(leg=leg.leg, play=hears.play, was_stopped=leg.was_stopped)
            conversation.tell(ended)

    def _release(self, leg_id: LegId, conversation: Conversation) -> None:
        released = self._board.legs.get(leg_id)
        quality = self._reports.quality(released) if released is not None else None
        gone = self._engine.release(leg_id)
        if gone is None:
            return
        leg, closed = gone
        self._reports.forget(leg.place)
        if quality is not None:
            conversation.tell(LegMeasured(leg=leg_id, call=leg.call, quality=quality))
        opened = self._packets.remove(leg.place)
        if opened is not None:
            self._ports.release(leg.port, opened)
        self._tell_closed(leg_id, closed, conversation)

    def _tell_closed(
        self, leg: LegId, recording: RecordingId | None, conversation: Conversation
    ) -> None:
        if recording is not None:
            conversation.tell(TrackClosed(leg=leg, recording=recording))

    def _figures(self) -> WorkerFigures:
        return WorkerFigures(
            worker=self._number,
            legs=len(self._board.legs),
            packets_in=self._packets.received,
            packets_out=self._packets.sent,
            packets_refused=self._packets.refused,
            ticks=self._ticks,
            ticks_late=self._ticks_late,
            worst_tick_ms=round(self._worst_tick * 1000, 3),
            recorded_frames=self._recorder.rows,
            cpu_seconds=process_time(),
        )
