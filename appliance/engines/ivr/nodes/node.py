"""What a node is: settings that a site writes, and what it does when things happen.

A node's settings struct *is* the node: its fields are the keys of the site's table. It decides
by calling the Turn it is given; it keeps nothing in itself (the run's state does).
"""

from typing import ClassVar, Protocol

from msgspec import Struct
from msgspec.structs import replace

from appliance.engines.ivr.commands import IvrCommand
from appliance.engines.ivr.facts import RunState
from appliance.engines.ivr.names import Named
from appliance.vocabulary.ids import ExtensionNumber, FlowId, Instant, NodeName
from appliance.vocabulary.lookups import Answer, Question
from appliance.vocabulary.settings import Language, Site
from appliance.vocabulary.speech import PhraseKey, Utterance

NOTICE_WORDS = ("录音", "錄音", "recorded", "nagrywan")
"""A text with one of these tells the caller of the recording (zh, en, pl)."""


class Turn(Protocol):
    """What a node may do in answer to one event (run.py is the one who does it)."""

    state: RunState
    now: Instant

    def say(
        self, utterances: list[Utterance], *, stop_on_digit: bool = True, is_notice: bool = False
    ) -> None:
        """Play these to the caller; play_ended follows."""

    def beep(self) -> None:
        """Play a beep; play_ended follows."""

    def hear_recorded(self, seconds: float) -> None:
        """Let the caller hear what was recorded, so long at most; play_ended follows."""

    def stop(self) -> None:
        """Stop what plays."""

    def listen(self, seconds: float) -> None:
        """Wait for a key for so long; then comes timeout."""

    def go(self, node: NodeName, why: str) -> None:
        """Go to another node."""

    def use(self, digit: str, leads_to: str) -> None:
        """Journal a key; leads_to "" is a wrong one."""

    def leave(self, command: IvrCommand) -> None:
        """The flow's work is done: this command is its last."""

    def do(self, command: IvrCommand) -> None:
        """Ask call control for something and stay in this node."""

    def ask(self, question: Question, within: float) -> None:
        """Have this found out, in so many seconds at most; looked_up follows in that time, or
        nothing."""

    def conclude(self, answer: Answer) -> None:
        """This came of the question that the node asked; it is asked no more."""

    def fall_back(self, why: str) -> None:
        """No way on: the flow's first queue, or a goodbye. Never silence."""

    def utterance(self, text: str, language: Language | None) -> Utterance:
        """The site's own text, in the node's language, else in the flow's."""

    def phrase(self, key: PhraseKey, language: Language | None) -> Utterance:
        """A sentence of the box."""

    def is_open(self, calendar: str) -> bool:
        """What the calendar says now; True for a calendar that the site does not have."""

    def is_holiday(self, calendar: str) -> bool:
        """Whether the calendar is closed for this whole day: a public holiday, or a closed date."""

    def value_of(self, name: str) -> str:
        """What is known under this name (facts of the call, or a variable); "" for nothing."""

    def keep(self, name: str, value: str, *, is_private: bool, is_keyed: bool = False) -> None:
        """Give a variable a value; a private one is in no journal, nor what is made of it.
        is_keyed: the caller keyed it in as a number of his, which the agent's phone shows."""

    def filled(self, template: str) -> str:
        """The template with the value of each {name} in its place."""

    def is_number(self, number: ExtensionNumber) -> bool:
        """Whether a phone or a ring group of this site has this number."""

    def named(self, keyed: str) -> list[Named]:
        """Whom of this site these keys may mean, by the letters on them."""

    def call_flow(self, flow: FlowId, then: NodeName) -> None:
        """Go to the start of another flow; its `return` leads to `then` of this one."""

    def come_back(self) -> None:
        """Go back to the flow that called this one."""


class Target(Struct, frozen=True, kw_only=True):
    """A node that this one may lead to, and by which key of its settings."""

    key: str
    node: NodeName
    is_quiet: bool
    """True: the caller gets there without doing anything and without a pause for his keys."""


class Wrong(Struct, frozen=True, kw_only=True):
    """A setting that cannot be, found by the node itself."""

    key: str
    expected: str


class Node(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all kinds. Common keys: `text` is said first, `language` is what it is said in,
    `texts` has it in other languages for callers who chose one (node language). `prompt` names an
    own prompt of the box that says it, `prompts` those of other languages; then the text is what
    is spoken while the box does not have it, and what stands in the ledger."""

    kind: ClassVar[str]
    must_speak: ClassVar[bool] = False
    """A node of this kind is nothing without something to say."""

    text: str = ""
    language: Language | None = None
    """Left out: the flow's, else the site's."""
    texts: dict[Language, str] = {}
    prompt: str = ""
    prompts: dict[Language, str] = {}

    @property
    def speaks(self) -> bool:
        """Whether it says something of its own, in its own language."""
        return bool(self.text.strip() or self.prompt)

    def targets(self) -> list[Target]:
        """The nodes that this one names."""
        return []

    def wrongs(self, site: Site) -> list[Wrong]:
        """What the types cannot see: names the site does not have, keys that no phone has."""
        return []

    def sayings(self, default: Language) -> list[Utterance]:
        """All that this node may say of the site's own: to be made into sound beforehand."""
        return [
            Utterance(language=language, text=text)
            for language, text in ((self.language or default, self.text), *self.texts.items())
            if text.strip()
        ]

    def own_text(self, turn: Turn) -> Utterance:
        """Its text, in the language that the caller chose where it has that."""
        chosen = turn.state.language
        if chosen in self.texts or chosen in self.prompts:
            text, prompt = self.texts.get(chosen, ""), self.prompts.get(chosen, "")
            return Utterance(language=chosen, text=text, prompt=prompt)
        spoken = turn.utterance(self.text, self.language)
        return replace(spoken, prompt=self.prompt) if self.prompt else spoken

    def enter(self, turn: Turn) -> None:
        """The caller arrives."""
        raise NotImplementedError

    def digit(self, digit: str, turn: Turn) -> None:
        """A key while the caller is here: kept for the next menu, unless said otherwise."""
        turn.state.typed_ahead = (turn.state.typed_ahead + digit)[-MOST_TYPED_AHEAD:]

    def play_ended(self, turn: Turn) -> None:
        """What `say` asked for is over."""

    def unsayable(self, turn: Turn) -> None:
        """Nothing of what `say` asked for can be played on this box."""
        self.play_ended(turn)

    def timeout(self, turn: Turn) -> None:
        """The time of `listen` is over without a key."""

    def extension_missed(self, turn: Turn) -> None:
        """A phone that this node had rung was not answered."""

    def quiet(self, turn: Turn) -> None:
        """The caller who is recorded has said nothing for a while."""

    def looked_up(self, turn: Turn) -> None:
        """What the node asked for is known: state.answer."""


MOST_TYPED_AHEAD = 20
"""Keys kept for later menus; older ones go."""


class SpokenNode(Node, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A node that says its text, if it has one, and then does its work."""

    def enter(self, turn: Turn) -> None:
        """Say the text; without one, work at once."""
        if self.speaks:
            is_notice = tells_of_recording(self.text)
            turn.say(
                [self.own_text(turn)],
                stop_on_digit=False,
                is_notice=is_notice,
            )
        else:
            self.work(turn)

    def play_ended(self, turn: Turn) -> None:
        """The text was said."""
        self.work(turn)

    def work(self, turn: Turn) -> None:
        """What the node is for."""
        raise NotImplementedError


def tells_of_recording(text: str) -> bool:
    """Whether this text is a recording notice, by its words."""
    lowered = text.lower()
    return any(word in lowered for word in NOTICE_WORDS)
