"""What asks a caller for a number: when it is whole, what is wrong with it, how often it is asked.

A number is whole at the terminator, at max_digits, or after a silence when it has min_digits. What
is wrong is said, and asked for again; after `attempts` the caller goes to `otherwise`.
"""

from typing import Annotated, ClassVar

from msgspec import Meta

from appliance.engines.ivr.nodes.menu import PHONE_KEYS
from appliance.engines.ivr.nodes.node import Node, Target, Turn, Wrong, tells_of_recording
from appliance.vocabulary.ids import NodeName
from appliance.vocabulary.settings import Site
from appliance.vocabulary.speech import PhraseKey, Utterance


class AskingNode(Node, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A node that asks for a number. What is one, and what comes of it, its kind says."""

    kind: ClassVar[str]
    must_speak: ClassVar[bool] = True

    min_digits: Annotated[int, Meta(ge=1, le=32)] = 1
    max_digits: Annotated[int, Meta(ge=1, le=32)] = 20
    terminator: str = "#"
    """The key that ends the number; "" for none."""
    timeout_seconds: Annotated[float, Meta(gt=0, le=60)] = 5
    """Silence after the prompt, or after a key."""
    attempts: Annotated[int, Meta(ge=1, le=10)] = 2
    otherwise: NodeName | None = None
    """Left out: the flow's default."""

    def targets(self) -> list[Target]:
        """Where it leads without a number."""
        if self.otherwise is None:
            return []
        return [Target(key="otherwise", node=self.otherwise, is_quiet=False)]

    def wrongs(self, site: Site) -> list[Wrong]:
        """A key that no phone has; a number that cannot be."""
        found = []
        if self.terminator and (len(self.terminator) != 1 or self.terminator not in PHONE_KEYS):
            found.append(Wrong(key="terminator", expected='one key of a phone, or "" for none'))
        if self.min_digits > self.max_digits:
            found.append(
                Wrong(key="min_digits", expected=f"at most max_digits ({self.max_digits})")
            )
        return found

    # --- what a kind says of itself ---
    def is_good(self, number: str, turn: Turn) -> bool:
        """Whether this number will do."""
        raise NotImplementedError

    def take(self, number: str, turn: Turn) -> None:
        """The caller keyed in a good one."""
        raise NotImplementedError

    def refusal(self, turn: Turn) -> Utterance:
        """What is said to a wrong one."""
        return turn.phrase(PhraseKey.WRONG_KEY, self.language)

    def shown(self, number: str) -> str:
        """What journal and timeline tell of it."""
        return number

    # --- what happens ---
    def enter(self, turn: Turn) -> None:
        """Ask; keys pressed ahead count."""
        turn.state.tries, turn.state.collected = 0, ""
        ahead, turn.state.typed_ahead = turn.state.typed_ahead, ""
        if not ahead:
            self._ask(turn, [])
            return
        turn.listen(self.timeout_seconds)
        for place, digit in enumerate(ahead):
            if self._takes(digit, turn):
                turn.state.typed_ahead = ahead[place + 1 :]
                return

    def digit(self, digit: str, turn: Turn) -> None:
        """One key of it."""
        turn.stop()
        turn.listen(self.timeout_seconds)
        self._takes(digit, turn)

    def play_ended(self, turn: Turn) -> None:
        """The silence counts from here."""
        turn.listen(self.timeout_seconds)

    def unsayable(self, turn: Turn) -> None:
        """Nobody keys in what he was not asked for: as if he had keyed in nothing, at once."""
        if self.otherwise is not None:
            turn.go(self.otherwise, "prompt_missing")
        else:
            turn.fall_back("prompt_missing")

    def timeout(self, turn: Turn) -> None:
        """No more keys: enough, or too few."""
        if len(turn.state.collected) >= self.min_digits:
            self._judge(turn)
        else:
            self.try_again(turn, "timeout", [])

    def _takes(self, digit: str, turn: Turn) -> bool:
        """Take a key; True when the number was whole by it."""
        if digit != self.terminator:
            turn.state.collected += digit
            if len(turn.state.collected) < self.max_digits:
                return False
        self._judge(turn)
        return True

    def _judge(self, turn: Turn) -> None:
        number, turn.state.collected = turn.state.collected, ""
        if len(number) >= self.min_digits and self.is_good(number, turn):
            self.take(number, turn)
            return
        turn.use(self.shown(number) or self.terminator, "")
        self.try_again(turn, "wrong_number", [self.refusal(turn)])

    def try_again(self, turn: Turn, why: str, before: list[Utterance]) -> None:
        """Ask once more, or give up."""
        turn.stop()
        turn.state.collected = ""
        turn.state.tries += 1
        if turn.state.tries < self.attempts:
            self._ask(turn, before)
        elif self.otherwise is not None:
            turn.go(self.otherwise, why)
        else:
            turn.fall_back(why)

    def _ask(self, turn: Turn, before: list[Utterance]) -> None:
        turn.say(
            [*before, self.own_text(turn)],
            stop_on_digit=True,
            is_notice=tells_of_recording(self.text),
        )
