"""The exchange: what all parts of call control work on, and the few verbs that they share.

It holds the calls, the site, the floor (agents and queues) and the prompts, and collects the
commands of one turn. It decides nothing by itself: inbound, queueing, talk, dialling, desk and
voicemail do, each in a file of its own.
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterable

from appliance.engines.acd.commands import AcdCommand
from appliance.engines.acd.floor import Floor
from appliance.engines.calls.connections import news_of
from appliance.engines.calls.customer_books import CustomerBooks
from appliance.engines.calls.desk_memory import DeskMemory
from appliance.engines.calls.flow_runs import FlowRuns
from appliance.engines.calls.left_beside import LeftBeside
from appliance.engines.calls.message_boxes import MessageBoxes
from appliance.engines.calls.state import (
    CallState,
    Known,
    LegPhase,
    LegRole,
    LegState,
    Place,
    Played,
    Purpose,
)
from appliance.vocabulary.audio import FarEnd, Hears, LegAudio, Playlist, Silence, Tone, Track
from appliance.vocabulary.commands import (
    Answer,
    CallCommand,
    ClaimAudio,
    HangUp,
    Reject,
    ReleaseAudio,
    SetAudio,
    Write,
)
from appliance.vocabulary.ids import (
    CallId,
    ExtensionNumber,
    Instant,
    LegId,
    PlayId,
    PromptHash,
    QueueId,
    RecordingId,
    Seconds,
    TrunkId,
    Utc,
)
from appliance.vocabulary.journal import AnyFact, Direction, Entry, PromptMissing, PromptPlayed
from appliance.vocabulary.lines import Cause, Line, Party, PhoneLine
from appliance.vocabulary.settings import Extension, Flow, Language, Queue, Site, Trunk
from appliance.vocabulary.speech import PhraseKey, PromptCatalogue, Utterance


class Exchange:
    """Shared state and verbs of call control. `now` is set by the doors before each turn."""

    def __init__(
        self, *, site: Site, prompts: PromptCatalogue, new_id: Callable[[], str], floor: Floor
    ) -> None:
        self.site = site
        self.prompts = prompts
        self.floor = floor
        self.calls: dict[CallId, CallState] = {}
        self.call_of_leg: dict[LegId, CallId] = {}
        self.runs = FlowRuns()
        """Flows at work; made anew from CallState.run after a restart."""
        self.sealings: dict[RecordingId, CallId] = {}
        self.known = Known()
        self.desk = DeskMemory()
        self.messages = MessageBoxes()
        self.customers = CustomerBooks()
        self.left_beside = LeftBeside()
        self.touched: set[str] = set()
        self.utc_offset: Seconds = Seconds(0.0)
        self.now = Instant(0.0)
        self.from_floor: deque[AcdCommand] = deque()
        """What the floor has said and is not carried out yet (queueing.carry_out)."""
        self.is_at_floor = False
        self._new_id = new_id
        self._commands: list[CallCommand] = []
        self._due: list[tuple[Instant, CallId]] = []
        self._index_site()

    # --- the turn ---------------------------------------------------------------------------------
    def do(self, command: CallCommand) -> None:
        """Add a command to this turn."""
        self._commands.append(command)

    def take_commands(self) -> list[CallCommand]:
        """Return the turn's commands in order, and begin a new turn."""
        commands, self._commands = self._commands, []
        return commands

    def touch(self, call: CallState) -> None:
        """Its slot is to be written before any answer leaves."""
        self.desk.changed.add(call.call)
        self.touched.add(f"call:{call.call}")

    def schedule(self, call: CallState) -> None:
        """Have the call woken when its next own timer, or its flow's, is due."""
        instants = list(call.due.values())
        run = self.runs.get(call.call)
        wanted = run.wake_at() if run is not None else None
        if wanted is not None:
            instants.append(wanted)
        if instants:
            heapq.heappush(self._due, (min(instants), call.call))

    def next_due(self) -> Instant | None:
        """Return when a call wants to be woken; may be too early, never too late."""
        while self._due and self._due[0][1] not in self.calls:
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def take_due(self) -> list[CallState]:
        """Return the calls whose time has come, each once."""
        found: dict[CallId, CallState] = {}
        while self._due and self._due[0][0] <= self.now:
            call = self.calls.get(heapq.heappop(self._due)[1])
            if call is not None:
                found[call.call] = call
        return list(found.values())

    def set_timer(self, call: CallState, name: str, seconds: float) -> None:
        """Set one of the call's own timers."""
        call.due[name] = Instant(self.now + seconds)
        self.touch(call)
        self.schedule(call)

    def new_name(self, prefix: str) -> str:
        """Return a fresh name; at most 32 ASCII characters."""
        return prefix + self._new_id()

    # --- the site ---------------------------------------------------------------------------------
    def configure(self, site: Site) -> None:
        """Take up a new version of the site. Calls go on."""
        self.site = site
        self._index_site()

    def _index_site(self) -> None:
        self.extensions: dict[ExtensionNumber, Extension] = {
            one.number: one for one in self.site.extension
        }
        self.queues: dict[QueueId, Queue] = {one.id: one for one in self.site.queue}
        self.trunks: dict[TrunkId, Trunk] = {one.id: one for one in self.site.trunk}
        self.flows: dict[str, Flow] = {one.id: one for one in self.site.flow}
        self.desk.configure(self.site)

    @property
    def language(self) -> Language:
        """The site's language."""
        return self.site.site.language

    @property
    def country(self) -> str:
        """The site's country profile, for tones."""
        return str(self.site.site.country)

    # --- the journal ------------------------------------------------------------------------------
    def utc(self, instant: Instant | None = None) -> Utc:
        """Return the wall time of an instant (default: now)."""
        return Utc((self.now if instant is None else instant) + self.utc_offset)

    def write(self, call: CallState, fact: AnyFact, leg: LegId | None = None) -> None:
        """Put a fact of this call in the journal."""
        entry = Entry(
            at=self.utc(),
            mono=self.now,
            call=call.call,
            leg=leg,
            fact=fact,
            key=f"{call.call}:{call.entries}",
        )
        call.entries += 1
        self.touch(call)
        self.do(Write(entry=entry))

    def write_free(
        self, fact: AnyFact, key: str, call: CallId | None = None, leg: LegId | None = None
    ) -> None:
        """Put a fact in the journal that belongs to no living call."""
        entry = Entry(at=self.utc(), mono=self.now, call=call, leg=leg, fact=fact, key=key)
        self.do(Write(entry=entry))

    # --- calls and legs ---------------------------------------------------------------------------
    def open_call(
        self, *, leg: LegId, line: Line, direction: Direction, caller: Party, called: str
    ) -> CallState:
        """Begin a call with its first leg."""
        call = CallState(
            call=CallId(self.new_name("c")),
            direction=direction,
            line=line,
            caller=caller,
            called=called,
            language=self.language,
            entered=self.now,
        )
        first = LegState(leg=leg, role=LegRole.CALLER, line=line, phase=LegPhase.OFFERED)
        if isinstance(line, PhoneLine):
            first.extension = line.extension
            first.agent = self.floor.agent_at(line.extension)
            call.room = self._room_beside(line.extension)
        call.legs.append(first)
        self.calls[call.call] = call
        self.call_of_leg[leg] = call.call
        self.touch(call)
        return call

    def _room_beside(self, extension: ExtensionNumber) -> CallId | None:
        """A phone's second call is beside its first one: they may become one (transfer)."""
        for other in self.calls.values():
            if any(one.extension == extension for one in other.legs):
                return other.room or other.call
        return None

    def add_leg(self, call: CallState, leg: LegState) -> None:
        """Add the other side, and claim its audio; it is dialled when the port is known."""
        call.legs.append(leg)
        self.call_of_leg[leg.leg] = call.call
        self.touch(call)
        self.claim(call, leg)

    def claim(self, call: CallState, leg: LegState) -> None:
        """Ask for an audio port."""
        self.do(ClaimAudio(leg=leg.leg, call=call.room or call.call))

    def drop_leg(self, call: CallState, leg: LegState, cause: Cause, *, tell: bool = True) -> None:
        """Take a leg out of the call; `tell` the far end unless it was the one to go."""
        if tell:
            if leg.phase is LegPhase.OFFERED:
                self.do(Reject(leg=leg.leg, cause=cause))
            elif leg.phase is not LegPhase.CLAIMING:
                self.do(HangUp(leg=leg.leg, cause=cause))
        self.do(ReleaseAudio(leg=leg.leg))
        call.legs.remove(leg)
        self.call_of_leg.pop(leg.leg, None)
        if call.room is not None:
            self.left_beside.note(leg.leg, call.call)
        self.touch(call)

    def answer(self, call: CallState) -> None:
        """Answer the caller's leg (once)."""
        leg = call.caller_leg
        if leg is None or leg.phase is not LegPhase.OFFERED or leg.port is None:
            return
        leg.phase = LegPhase.ANSWERED
        self.touch(call)
        self.do(Answer(leg=leg.leg, port=leg.port))
        self.set_audio(call, leg)

    # --- audio ------------------------------------------------------------------------------------
    def audio_of(self, call: CallState, leg: LegState) -> LegAudio:
        """Return the wished-for state of a leg's audio. What is said aside, unheard by the
        customer, is not what he was told is recorded: the file has silence for it."""
        return LegAudio(
            leg=leg.leg,
            call=call.room or call.call,
            version=leg.version,
            far=leg.far,
            hears=leg.hears,
            track=leg.track,
            wants_relayed_digits=not leg.hears_supervisor,
            quiet_after=leg.quiet_after,
            is_masked=leg.place is Place.ASIDE
            or (call.recording_wishes is not None and call.recording_wishes.masked is not None),
        )

    def set_audio(
        self,
        call: CallState,
        leg: LegState,
        *,
        hears: Hears | None = None,
        track: Track | None = None,
        far: FarEnd | None = None,
    ) -> None:
        """Change what is given; tell media the whole wished-for state."""
        leg.hears = leg.hears if hears is None else hears
        leg.track = leg.track if track is None else track
        leg.far = leg.far if far is None else far
        leg.version += 1
        self.touch(call)
        self.do(SetAudio(audio=self.audio_of(call, leg)))
        connected = news_of(leg)
        if connected is not None:
            self.write(call, connected, leg.leg)

    def stop_track(self, call: CallState, leg: LegState) -> None:
        """Close the leg's recording track."""
        if leg.track is not None:
            leg.track = None
            self.set_audio(call, leg)

    def play_phrase(self, call: CallState, purpose: Purpose, key: PhraseKey, **values: str) -> bool:
        """Play one of the box's own sentences to the caller; False when it cannot be played."""
        spoken = Utterance(language=call.language, phrase=key, values=values)
        return self.play(call, purpose, (spoken,))

    def play(
        self,
        call: CallState,
        purpose: Purpose,
        utterances: Iterable[Utterance],
        *,
        stop_on_digit: bool = False,
        is_notice: bool = False,
    ) -> bool:
        """Play prompts to the caller, journalled. False: nothing of it can be played."""
        leg = call.caller_leg
        found: list[PromptHash] = []
        for utterance in utterances:
            parts = self.prompts.parts(utterance)
            if not parts:
                self.write(
                    call, PromptMissing(text=utterance.shown, language=str(utterance.language))
                )
                continue
            found += parts
            if purpose not in (Purpose.POSITION, Purpose.AGENT_NUMBER):  # have facts of their own
                self.write(
                    call,
                    PromptPlayed(
                        prompt=PromptHash("") if utterance.is_private else parts[0],
                        text=utterance.shown,
                        language=str(utterance.language),
                        is_notice=is_notice,
                    ),
                )
            if is_notice:
                call.notice, call.notice_at = parts[0], self.utc()
        if leg is None or not found:
            return False
        play = self.next_play(call, purpose)
        self.set_audio(
            call,
            leg,
            hears=Playlist(
                play=play, prompts=tuple(found), since=self.now, stop_on_digit=stop_on_digit
            ),
        )
        return True

    def play_music(self, call: CallState) -> None:
        """Music on hold for the caller; silence on a box that has none."""
        leg = call.caller_leg
        music = self.music_for(call)
        if leg is None:
            return
        play = self.next_play(call, Purpose.MUSIC)
        playlist = Playlist(play=play, prompts=music, since=self.now, loop=True)
        self.set_audio(call, leg, hears=playlist if music else Silence())

    def music_for(self, call: CallState) -> tuple[PromptHash, ...]:
        """Return the music on hold of the call's queue, else of the site, else of the box."""
        queue = self.queues.get(call.queue) if call.queue is not None else None
        for name in (queue.music if queue is not None else "", self.site.site.music):
            if name and (found := self.prompts.music(name)):
                return found
        return self.prompts.music()

    def play_tone(
        self, call: CallState, purpose: Purpose, name: str, duration_ms: int | None = None
    ) -> None:
        """A call-progress tone of the site's country, to the caller."""
        leg = call.caller_leg
        if leg is None:
            return
        play = self.next_play(call, purpose)
        self.set_audio(
            call,
            leg,
            hears=Tone(
                play=play,
                name=name,
                country=self.country,
                since=self.now,
                duration_ms=duration_ms,
            ),
        )

    def stop_playing(self, call: CallState) -> None:
        """Silence for the caller; a late PlayEnded will be ignored."""
        leg = call.caller_leg
        call.playing = None
        if leg is not None:
            self.set_audio(call, leg, hears=Silence())

    def next_play(self, call: CallState, purpose: Purpose) -> PlayId:
        """Note what the caller hears from now on."""
        play = PlayId(f"{call.call}.{call.plays}")
        call.plays += 1
        call.playing = Played(play=play, purpose=purpose)
        return play
