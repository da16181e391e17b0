"""A day of call control in virtual time: the very engines of the box, with lines and media that
answer at once, and people who do what simulated_people.py has drawn for them.

Theory of operation
-------------------
One heap of what is going to happen (calls, keys, answers, hang-ups, ends of prompts) and the
switchboard's own wake time; the earlier one is next. Commands are carried out in the turn in
which they are given. What the journal says of a caller (queued, bridged, message) makes him do
the next thing: give up, hang up. The journal is all that comes out of it.
"""

import heapq
import itertools
from collections.abc import Callable
from functools import partial

from appliance.engines.calls.switchboard import Switchboard
from appliance.engines.ivr.advice import spoken_seconds
from appliance.reports.days import Day
from appliance.reports.simulated_changes import DIRECT, direct_number
from appliance.reports.simulated_people import Caller, SimulatedDay, seconds_of
from appliance.vocabulary.audio import Codec, FarEnd, LegAudio, Playlist, Tone
from appliance.vocabulary.commands import (
    CallCommand,
    ClaimAudio,
    DialPhone,
    DialTrunk,
    HangUp,
    Reject,
    ReleaseAudio,
    SealRecording,
    SetAudio,
    Write,
)
from appliance.vocabulary.events import (
    AudioClaimed,
    CallEvent,
    ClockSet,
    DigitForm,
    DigitHeard,
    LegAnswered,
    LegEnded,
    LegOffered,
    LegRinging,
    PhoneRegistered,
    PlayEnded,
    RecordingSealed,
)
from appliance.vocabulary.ids import (
    AgentId,
    Instant,
    LegId,
    PlayId,
    PromptHash,
    Seconds,
    TrunkId,
)
from appliance.vocabulary.journal import (
    Bridged,
    CallEntered,
    CallQueued,
    Entry,
    RecordingOpened,
)
from appliance.vocabulary.lines import Cause, Party, TrunkLine
from appliance.vocabulary.settings import Site
from appliance.vocabulary.speech import Utterance
from appliance.vocabulary.verbs import AgentWish, AskId, SetAgent

FAR = FarEnd(address="127.0.0.1", port=4000, codec=Codec.PCMA, payload_type=8)
PHRASE_SECONDS = 2.5
"""A sentence of the box's own, about."""
KEY_AFTER_SECONDS = 2.0
"""A caller who knows what he wants presses his key so long after a menu began."""
AFTERWARDS_SECONDS = 7200.0
"""After midnight: calls of the day end, wrap-ups too."""

Happening = Callable[[], None]
OnHour = Callable[[int], None]
"""Told when an hour of the day is over: 1 after the first."""


class SpokenTexts:
    """Everything can be said, and takes as long as its text is (a PromptCatalogue)."""

    def __init__(self) -> None:
        self._seconds: dict[PromptHash, float] = {}

    def find(self, utterance: Utterance) -> PromptHash:
        """Return a name for it; nothing is rendered."""
        prompt = PromptHash(utterance.index_key)
        is_text = utterance.phrase is None
        length = spoken_seconds(utterance.text, utterance.language) if is_text else PHRASE_SECONDS
        self._seconds[prompt] = max(1.0, length)
        return prompt

    def parts(self, utterance: Utterance) -> tuple[PromptHash, ...]:
        """Return it as one."""
        return (self.find(utterance),)

    def seconds(self, prompt: PromptHash) -> float:
        """How long it lasts."""
        return self._seconds.get(prompt, 0.0)

    def music(self, name: str = "default") -> tuple[PromptHash, ...]:
        """Return some music."""
        return (PromptHash(name),)


class SimulatedShop:
    """One day. `run` it once; `entries` is the day's journal."""

    def __init__(
        self, site: Site, day: SimulatedDay, when: Day, on_hour: OnHour | None = None
    ) -> None:
        self._on_hour = on_hour
        self._hours = 0
        self.entries: list[Entry] = []
        self.now = Instant(0.0)
        """Seconds since the day's midnight."""
        self._day = day
        self._site = site
        self._trunk = TrunkId(day.trunk or (site.trunk[0].id if site.trunk else ""))
        self._numbers = itertools.count(1)
        self._speech = SpokenTexts()
        self._board = Switchboard(
            site=site, prompts=self._speech, new_id=lambda: f"{next(self._numbers):07d}"
        )
        self._alive: dict[LegId, Caller | None] = {}
        self._audio: dict[LegId, LegAudio] = {}
        self._plays: dict[LegId, PlayId] = {}
        self._keys_left: dict[LegId, str] = {}
        self._leg_of_call: dict[str, LegId] = {}
        self._answered: set[LegId] = set()
        self._heap: list[tuple[float, int, Happening]] = []
        self._board.living_legs = lambda: self._alive.keys()
        self._tell(ClockSet(utc_offset=Seconds(when.start)))
        self._carry_out(self._board.configure(site, self.now))
        for phone in site.extension:
            self._tell(PhoneRegistered(extension=phone.number, where="simulated"))

    def run(self, callers: list[Caller], until: float) -> list[Entry]:
        """Let the day pass; `until` is its length in seconds. Return its journal."""
        for shift in self._day.shift:
            for agent in shift.agents:
                self._at(seconds_of(shift.from_), partial(self._sign, agent, AgentWish.SIGNED_IN))
                self._at(seconds_of(shift.to), partial(self._sign, agent, AgentWish.SIGNED_OUT))
        for caller in callers:
            self._at(caller.at, partial(self._call_in, caller))
        self._pass(until + AFTERWARDS_SECONDS)
        return self.entries

    # --- time ---
    def _at(self, instant: float, what: Happening) -> None:
        heapq.heappush(self._heap, (instant, next(self._numbers), what))

    def _pass(self, end: float) -> None:
        is_over = False
        while True:
            if not is_over and not self._heap and not self._alive:
                # nobody is left, but the agents of the last calls are in their wrap-up still
                is_over = True
                wrap_ups = [queue.wrap_up_seconds for queue in self._site.queue]
                end = min(end, self.now + max(wrap_ups, default=0.0) + 1.0)
            wake = self._board.wake_at()
            due = self._heap[0][0] if self._heap else end
            moment = due if wake is None else min(wake, due)
            if moment >= end:
                return
            self.now = Instant(max(self.now, moment))
            if self._on_hour is not None and self.now >= (self._hours + 1) * 3600:
                self._hours = int(self.now // 3600)
                self._on_hour(self._hours)
            if due <= self.now:
                heapq.heappop(self._heap)[2]()
            else:
                self._carry_out(self._board.wake(self.now))

    # --- people ---
    def _sign(self, agent: AgentId, wish: AgentWish) -> None:
        ask = AskId(str(next(self._numbers)))
        self._tell(SetAgent(ask=ask, by="simulate", agent=agent, wish=wish))

    def _call_in(self, caller: Caller) -> None:
        leg = LegId(f"in{next(self._numbers)}")
        self._alive[leg] = caller
        is_direct = caller.queue is not None
        self._keys_left[leg] = "" if is_direct else self._day.keys
        self._tell(
            LegOffered(
                leg=leg,
                line=TrunkLine(trunk=DIRECT if is_direct else self._trunk),
                caller=Party(number=caller.number),
                called=self._day.number if caller.queue is None else direct_number(caller.queue),
                audio=FAR,
            )
        )

    def _pick_up(self, leg: LegId) -> None:
        if leg in self._alive and leg not in self._answered:
            self._answered.add(leg)
            self._tell(LegAnswered(leg=leg, audio=FAR))

    def _press(self, leg: LegId, play: PlayId) -> None:
        if self._plays.get(leg) != play or not self._keys_left.get(leg):
            return
        key, self._keys_left[leg] = self._keys_left[leg][0], self._keys_left[leg][1:]
        del self._plays[leg]
        self._tell(PlayEnded(leg=leg, play=play, was_stopped=True))
        self._tell(DigitHeard(leg=leg, digit=key, form=DigitForm.RFC4733))

    def _give_up(self, leg: LegId) -> None:
        if leg not in self._answered:
            self._hang_up(leg)

    def _hang_up(self, leg: LegId) -> None:
        if leg in self._alive:
            self._gone(leg)
            self._tell(LegEnded(leg=leg, cause=Cause.NORMAL))

    def _noted(self, entry: Entry) -> None:
        """What the journal says makes people do the next thing."""
        fact = entry.fact
        if isinstance(fact, CallEntered) and entry.leg is not None and entry.call is not None:
            self._leg_of_call[entry.call] = entry.leg
        leg = self._leg_of_call.get(entry.call or "")
        caller = self._alive.get(leg) if leg is not None else None
        if leg is None or caller is None:
            return
        match fact:
            case CallQueued():
                if caller.patience != float("inf"):
                    self._at(self.now + caller.patience, partial(self._give_up, leg))
            case Bridged():
                self._answered.add(leg)
                self._at(self.now + caller.talk, partial(self._hang_up, leg))
            case RecordingOpened(is_message=True):
                self._at(self.now + self._day.message_seconds, partial(self._hang_up, leg))
            case _:
                pass

    # --- lines and media ---
    def _tell(self, event: CallEvent) -> None:
        self._carry_out(self._board.handle(event, self.now))

    def _carry_out(self, commands: list[CallCommand]) -> None:
        self._board.take_touched()
        for command in commands:
            self._do(command)

    def _do(self, command: CallCommand) -> None:
        match command:
            case Write():
                self.entries.append(command.entry)
                self._noted(command.entry)
            case ClaimAudio():
                self._tell(AudioClaimed(leg=command.leg, port=20000))
            case SetAudio():
                self._heard(command.audio)
            case ReleaseAudio():
                self._audio.pop(command.leg, None)
                self._plays.pop(command.leg, None)
            case DialPhone() | DialTrunk():
                self._alive[command.leg] = None
                self._tell(LegRinging(leg=command.leg))
                self._at(self.now + self._day.answer_seconds, partial(self._pick_up, command.leg))
            case Reject() | HangUp():
                self._gone(command.leg)
            case SealRecording():
                self._tell(
                    RecordingSealed(
                        recording=command.recording,
                        call=command.call,
                        file="",
                        sha256="",
                        seconds=Seconds(0.0),
                    )
                )
            case _:
                pass

    def _gone(self, leg: LegId) -> None:
        self._alive.pop(leg, None)
        self._keys_left.pop(leg, None)
        self._answered.discard(leg)

    def _heard(self, audio: LegAudio) -> None:
        before = self._audio.get(audio.leg)
        self._audio[audio.leg] = audio
        hears = audio.hears
        if before is not None and before.hears == hears:
            return
        self._plays.pop(audio.leg, None)
        seconds: float | None = None
        if isinstance(hears, Playlist) and not hears.loop:
            seconds = sum(self._speech.seconds(one) for one in hears.prompts)
        elif isinstance(hears, Tone) and hears.duration_ms is not None:
            seconds = hears.duration_ms / 1000
        if seconds is None or not isinstance(hears, Playlist | Tone):
            return
        self._plays[audio.leg] = hears.play
        self._at(self.now + seconds, partial(self._play_over, audio.leg, hears.play))
        is_menu = isinstance(hears, Playlist) and hears.stop_on_digit
        if is_menu and self._keys_left.get(audio.leg):
            key_at = self.now + min(KEY_AFTER_SECONDS, seconds / 2)
            self._at(key_at, partial(self._press, audio.leg, hears.play))

    def _play_over(self, leg: LegId, play: PlayId) -> None:
        if self._plays.get(leg) == play:
            del self._plays[leg]
            self._tell(PlayEnded(leg=leg, play=play))
