"""say: reads a value out by rule: a number, digits, an amount of money, a date, a time of day.

What is written in the flow is made into sound beforehand, as a whole; what the call brings is said
by the box's own pieces (speech.say). A value that cannot be said so leads on, never to silence.
"""

from typing import ClassVar, Literal

from appliance.engines.ivr.nodes.node import Node, Target, Turn, Wrong
from appliance.engines.ivr.values import names_in
from appliance.vocabulary.ids import NodeName
from appliance.vocabulary.say import SayKind, can_be_said
from appliance.vocabulary.settings import Language, Site
from appliance.vocabulary.speech import Utterance


class SayNode(Node, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: value, read_as, currency, next, otherwise, text (said before it)."""

    kind: ClassVar[str] = "say"

    value: str
    """"12.05", or {balance} for what a node set or the caller keyed in."""
    read_as: SayKind
    """number, digits, amount, date, time."""
    currency: Literal["CNY", "PLN", "USD", "EUR", "GBP"] = "CNY"
    """Of an amount."""
    next: NodeName
    otherwise: NodeName | None = None
    """Where a value leads that cannot be said so; left out: next."""

    def targets(self) -> list[Target]:
        """On to the next, or past it."""
        found = [Target(key="next", node=self.next, is_quiet=True)]
        if self.otherwise is not None:
            found.append(Target(key="otherwise", node=self.otherwise, is_quiet=True))
        return found

    def wrongs(self, site: Site) -> list[Wrong]:
        """A value that stands in the flow and is none of its kind."""
        if names_in(self.value) or can_be_said(self.read_as, self.value):
            return []
        return [Wrong(key="value", expected=EXPECTED[self.read_as])]

    def sayings(self, default: Language) -> list[Utterance]:
        """Its text, and the value where it is known already, in all its languages."""
        found = super().sayings(default)
        if not names_in(self.value):
            languages = dict.fromkeys([self.language or default, *self.texts])
            found += [self._utterance(self.value, one) for one in languages]
        return found

    def enter(self, turn: Turn) -> None:
        """Say it, behind its text; keys waiting already skip it."""
        value = turn.filled(self.value).strip()
        if not can_be_said(self.read_as, value):
            turn.go(self.otherwise or self.next, "not_sayable")
        elif turn.state.typed_ahead:
            turn.go(self.next, "next")
        else:
            before = [self.own_text(turn)] if self.speaks or self.texts else []
            language = before[0].language if before else self.language or turn.state.language
            is_private = any(name in turn.state.private for name in names_in(self.value))
            spoken = self._utterance(value, language, is_private=is_private)
            turn.say([*before, spoken], stop_on_digit=True)

    def digit(self, digit: str, turn: Turn) -> None:
        """Whoever knows it need not hear it out."""
        turn.state.typed_ahead += digit
        turn.stop()
        turn.go(self.next, "next")

    def play_ended(self, turn: Turn) -> None:
        """Go on."""
        turn.go(self.next, "next")

    def _utterance(self, value: str, language: Language, is_private: bool = False) -> Utterance:
        money: dict[str, str] = (
            {"currency": self.currency} if self.read_as is SayKind.AMOUNT else {}
        )
        return Utterance(
            language=language, text=value, values=money, said=self.read_as, is_private=is_private
        )


EXPECTED = {
    SayKind.NUMBER: 'a number as "-12.5": 9 digits before the point and 6 behind it at most',
    SayKind.DIGITS: "digits, with blanks, - and a + before them at will (32 at most)",
    SayKind.AMOUNT: 'an amount as "12.05"',
    SayKind.DATE: 'a date as "2026-10-08"',
    SayKind.TIME: 'a time of day as "09:05"',
}
