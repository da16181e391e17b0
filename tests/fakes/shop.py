"""A whole shop in virtual time: call control with lines and media that do what they are told.

Every verb is something that a person does; `advance` lets time pass. Nothing sleeps.
"""

import hashlib
import heapq
import itertools

from appliance.engines.calls.switchboard import Switchboard
from appliance.vocabulary.audio import Codec, FarEnd, LegAudio, Mix, PeerAudio, Playlist, Tone
from appliance.vocabulary.commands import (
    Answer,
    CallCommand,
    CheckLeg,
    ClaimAudio,
    DialPhone,
    DialTrunk,
    HangUp,
    MoveAudio,
    Reject,
    RelayDigit,
    ReleaseAudio,
    Ring,
    SealRecording,
    SendDigit,
    SetAudio,
    SoundDigit,
    TellTransfer,
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
    LegRefused,
    LegRinging,
    PhoneGone,
    PhoneRegistered,
    PlayEnded,
    RecordingSealed,
    TransferAsked,
    TrunkChanged,
)
from appliance.vocabulary.journal import Entry, Fact
from appliance.vocabulary.lines import Cause, GuestLine, Party, PhoneLine, TrunkLine
from appliance.vocabulary.lookups import Answer as FoundAnswer
from appliance.vocabulary.lookups import LookedUp, LookUp
from appliance.vocabulary.prompt_takes import KeepPrompt
from appliance.vocabulary.settings import Site
from appliance.vocabulary.speech import Utterance
from appliance.vocabulary.verbs import VerbAnswered

FAR = FarEnd(address="127.0.0.1", port=40000, codec=Codec.PCMA, payload_type=8)
MONDAY_10 = 1795399200.0
"""2026-11-23 10:00 in Shanghai, as Utc."""
MOST_TURNS = 5000
"""At one instant; a box of a thousand calls needs fewer."""


class TalkingCatalogue:
    """Every utterance can be said and takes two seconds; unless it is in `missing`."""

    def __init__(self):
        self.missing = set()
        self.own = {}
        """Recordings of the owner's: hashes by their names."""
        self.said = {}

    def find(self, utterance: Utterance):
        if utterance.prompt in self.own:
            return self.own[utterance.prompt]
        if utterance.shown in self.missing:
            return None
        prompt = hashlib.sha256(utterance.index_key.encode()).hexdigest()
        self.said[prompt] = utterance.shown
        return prompt

    def parts(self, utterance: Utterance):
        prompt = self.find(utterance)
        return () if prompt is None else (prompt,)

    def seconds(self, prompt):
        return 2.0

    def music(self, name="default"):
        return ("music",)


class Shop:
    """Call control, its lines and its media, and the people at the phones."""

    def __init__(self, site: Site, *, phones=("8001", "8002"), at=MONDAY_10):
        self.now = 1000.0
        self.site = site
        self.catalogue = TalkingCatalogue()
        self.numbers = itertools.count(1)
        self.board = Switchboard(site=site, prompts=self.catalogue, new_id=self._new_id)
        self.board.living_legs = self.living_legs
        self.entries: list[Entry] = []
        self.legs: dict[str, str] = {}
        """Each leg's state as its line sees it."""
        self.audio: dict[str, LegAudio] = {}
        self.ended: dict[str, Cause] = {}
        self.dialled: dict[str, DialPhone | DialTrunk] = {}
        self.sealings: list[SealRecording] = []
        self.relayed: list[RelayDigit] = []
        self.checked: list[str] = []
        self.wanted: list[LookUp] = []
        self.prompts: list[KeepPrompt] = []
        """Recordings that are to become prompts."""
        """What flows have asked for, in order."""
        self.early: dict[str, int] = {}
        """Port of our audio that a leg was told of before its answer."""
        self.moved: dict[str, int] = {}
        self.keys_told: list[tuple[type[SendDigit | SoundDigit], str, str]] = []
        """Keys that went to far ends by signalling, or as tones because that had failed."""
        self.told: list[TellTransfer] = []
        """What phones that asked for a transfer were told."""
        self.answers: list[VerbAnswered] = []
        self.slots: dict[str, bytes] = {}
        self.kept = {}
        """Flows that are published no more, as the store has them."""
        self.registered: dict[str, str] = {}
        """Extensions whose phones are there, and where."""
        self._plays: list[tuple[float, int, str, str]] = []
        self._order = itertools.count()
        self.offset = at - self.now
        self.tell(ClockSet(utc_offset=self.offset))
        self._do(self.board.configure(site, self.now))
        for phone in phones:
            self.tell(PhoneRegistered(extension=phone, where="udp:127.0.0.1:6000"))
        for trunk in site.trunk:
            self.tell(TrunkChanged(trunk=trunk.id, is_up=True))

    def _new_id(self):
        return f"{next(self.numbers):06d}"

    # --- people ---
    def call_in(self, caller="13900001111", called="02188886666", trunk="carrier", audio=FAR):
        leg = f"in{next(self.numbers)}"
        self.legs[leg] = "offered"
        line = TrunkLine(trunk=trunk) if trunk else GuestLine(address="127.0.0.1")
        self.tell(
            LegOffered(leg=leg, line=line, caller=Party(number=caller), called=called, audio=audio)
        )
        return leg

    def dial(self, extension, called, *, replaces=None):
        leg = f"ph{next(self.numbers)}"
        self.legs[leg] = "offered"
        self.tell(
            LegOffered(
                leg=leg,
                line=PhoneLine(extension=extension),
                caller=Party(number=extension),
                called=called,
                audio=FAR,
                replaces=replaces,
            )
        )
        return leg

    def refer(self, leg, to, *, replaces=None):
        """The phone's own transfer key; returns what it was told at once."""
        before = len(self.told)
        self.tell(TransferAsked(leg=leg, to=to, replaces=replaces))
        return [one.stage for one in self.told[before:]]

    def keys(self, leg, digits):
        for digit in digits:
            self.press(leg, digit)
            self.advance(0.2)

    def verb(self, verb):
        self.tell(verb)
        return self.answers[-1]

    def press(self, leg, digit, form=DigitForm.RFC4733):
        """A key; what it interrupts, the media worker stops itself (engines/media/engine.py).

        The worker tells the end of the play before an RFC 4733 key and after a tone that it
        recognised; of an INFO, which only the line sees, it knows nothing.
        """
        stopped = None if form is DigitForm.INFO else self._stopped_by_key(leg)
        if stopped is not None and form is DigitForm.RFC4733:
            self.tell(PlayEnded(leg=leg, play=stopped, was_stopped=True))
        self.tell(DigitHeard(leg=leg, digit=digit, form=form))
        if stopped is not None and form is DigitForm.INBAND:
            self.tell(PlayEnded(leg=leg, play=stopped, was_stopped=True))

    def _stopped_by_key(self, leg):
        audio = self.audio.get(leg)
        if audio is None or not isinstance(audio.hears, Playlist) or not audio.hears.stop_on_digit:
            return None
        play = audio.hears.play
        is_playing = any(one[3] == play for one in self._plays)
        self._drop_plays(lambda one: one[3] == play)
        return play if is_playing else None

    def _drop_plays(self, is_over):
        self._plays = [one for one in self._plays if not is_over(one)]
        heapq.heapify(self._plays)

    def ringing_leg(self, extension):
        for leg, command in self.dialled.items():
            if getattr(command, "extension", None) == extension and self.legs[leg] in (
                "dialled",
                "ringing",
            ):
                return leg
        return None

    def pick_up(self, extension):
        leg = self.ringing_leg(extension)
        assert leg, f"{extension} does not ring"
        self.legs[leg] = "answered"
        self.tell(LegAnswered(leg=leg, audio=FAR))
        return leg

    def outside_answers(self):
        leg = next(
            one
            for one, command in self.dialled.items()
            if isinstance(command, DialTrunk) and self.legs[one] in ("dialled", "ringing")
        )
        self.legs[leg] = "answered"
        self.tell(LegAnswered(leg=leg, audio=FAR))
        return leg

    def refuse(self, extension, cause=Cause.REJECTED):
        leg = self.ringing_leg(extension)
        assert leg, f"{extension} does not ring"
        self.legs[leg] = "over"
        self.tell(LegRefused(leg=leg, cause=cause))

    def hang_up(self, leg, cause=Cause.NORMAL):
        self.legs[leg] = "over"
        self.tell(LegEnded(leg=leg, cause=cause))

    def tell_registered(self, extension):
        self.tell(PhoneRegistered(extension=extension, where="udp:127.0.0.1:6001"))

    def phone_lost(self, extension):
        self.tell(PhoneGone(extension=extension))

    # --- time ---
    def advance(self, seconds):
        until = self.now + seconds
        turns = 0
        while True:
            wake = self.board.wake_at()
            play = self._plays[0][0] if self._plays else None
            due = [one for one in (wake, play) if one is not None and one <= until]
            if not due:
                break
            turns = 0 if min(due) > self.now else turns + 1
            assert turns < MOST_TURNS, f"at {self.now} the box wants to be woken for ever"
            self.now = max(self.now, min(due))
            if play is not None and play <= self.now:
                _, _, leg, name = heapq.heappop(self._plays)
                self.tell(PlayEnded(leg=leg, play=name))
            else:
                self.wake()
        self.now = until

    def wake(self):
        self._do(self.board.wake(self.now))

    def plays_lost(self):
        """A media worker died with what it played: nobody tells the ends of these."""
        self._plays.clear()

    # --- the machine ---
    def tell(self, event: CallEvent):
        match event:
            case PhoneRegistered():
                self.registered[event.extension] = event.where
            case PhoneGone():
                self.registered.pop(event.extension, None)
        self._do(self.board.handle(event, self.now))

    def _do(self, commands: list[CallCommand]):
        for name in self.board.take_touched():
            content = self.board.slot(name)
            if content is None:
                self.slots.pop(name, None)
            else:
                self.slots[name] = content
        for command in commands:
            self._carry_out(command)

    def _carry_out(self, command):
        match command:
            case Write():
                self.entries.append(command.entry)
            case ClaimAudio():
                self.tell(AudioClaimed(leg=command.leg, port=20000 + next(self.numbers) * 2))
            case SetAudio():
                self._set_audio(command.audio)
            case ReleaseAudio():
                self.audio.pop(command.leg, None)
                self._drop_plays(lambda one: one[2] == command.leg)
            case DialPhone() | DialTrunk():
                self.dialled[command.leg] = command
                self.legs[command.leg] = "dialled"
                self.tell(LegRinging(leg=command.leg))
                if self.legs[command.leg] == "dialled":
                    self.legs[command.leg] = "ringing"
            case Answer():
                self.legs[command.leg] = "answered"
            case Ring():
                self.legs[command.leg] = "ringing"
                if command.port is not None:
                    self.early[command.leg] = command.port
            case Reject() | HangUp():
                self.legs[command.leg] = "over"
                self.ended[command.leg] = command.cause
            case SealRecording():
                self.sealings.append(command)
            case LookUp():
                self.wanted.append(command)
            case KeepPrompt():
                self.prompts.append(command)
            case CheckLeg():
                self.checked.append(command.leg)
            case MoveAudio():
                self.moved[command.leg] = command.port
            case TellTransfer():
                self.told.append(command)
            case RelayDigit():
                self.relayed.append(command)
            case SendDigit() | SoundDigit():
                self.keys_told.append((type(command), command.leg, command.digit))
            case VerbAnswered():
                self.answers.append(command)

    def _set_audio(self, audio):
        before = self.audio.get(audio.leg)
        assert before is None or before.version < audio.version
        self.audio[audio.leg] = audio
        if before is not None and before.hears == audio.hears:
            return
        self._drop_plays(lambda one: one[2] == audio.leg)
        hears = audio.hears
        ends = None
        if isinstance(hears, Playlist) and not hears.loop:
            ends = hears.since + 2.0 * len(hears.prompts)
        elif isinstance(hears, Tone) and hears.duration_ms is not None:
            ends = hears.since + hears.duration_ms / 1000
        if ends is not None:
            heapq.heappush(self._plays, (ends, next(self._order), audio.leg, hears.play))

    def apply(self, site: Site):
        """The owner changes the site while calls are on."""
        self.site = site
        self._do(self.board.configure(site, self.now))

    def killed(self):
        """kill -9 of control: a new one takes up the slots, as daemons/control/core.py does."""
        self.board = Switchboard(site=self.site, prompts=self.catalogue, new_id=self._new_id)
        self.board.living_legs = self.living_legs
        self._do(self.board.handle(ClockSet(utc_offset=self.offset), self.now))
        for name, content in self.slots.items():
            self.board.restore(name, content, self.now)
        self.board.keep_flows(self.kept)
        self._do(self.board.configure(self.site, self.now))
        for extension, where in self.registered.items():
            self.tell(PhoneRegistered(extension=extension, where=where))
        self._do(self.board.resume(self.living_legs(), self.now))

    def living_legs(self):
        """The legs that have a far end, as their lines know."""
        return {leg for leg, state in self.legs.items() if state != "over"}

    def finds(self, result, **values):
        """Jobs answers the last question."""
        wanted = self.wanted[-1]
        answer = FoundAnswer(result=result, values=values)
        self.tell(LookedUp(call=wanted.call, number=wanted.number, answer=answer))

    # --- what people notice ---
    def facts(self, kind: type[Fact]) -> list:
        return [entry.fact for entry in self.entries if isinstance(entry.fact, kind)]

    def hears(self, leg):
        """What a leg hears, in words."""
        audio = self.audio.get(leg)
        if audio is None:
            return None
        match audio.hears:
            case Playlist():
                return "+".join(self.catalogue.said.get(one, one) for one in audio.hears.prompts)
            case Mix():
                return f"mix {' '.join(sorted(audio.hears.legs))}"
            case PeerAudio():
                return f"peer {audio.hears.leg}"
            case Tone():
                return audio.hears.name
            case other:
                return type(other).__name__

    def seal_all(self, seconds=5.0):
        for one in self.sealings:
            self.tell(
                RecordingSealed(
                    recording=one.recording,
                    call=one.call,
                    file=f"{one.recording}.wav",
                    sha256="0" * 64,
                    seconds=seconds,
                )
            )
        self.sealings.clear()
