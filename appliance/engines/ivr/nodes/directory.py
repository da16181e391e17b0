"""directory: rings the phone whose name the caller keys in, by the letters on his keys.

One who is meant is rung at once. Several are read out, each behind a number, with their names and
extensions; that key rings one of them.
"""

from typing import Annotated, ClassVar

from msgspec import Meta

from appliance.engines.ivr.commands import RingExtension
from appliance.engines.ivr.names import Named, people_of
from appliance.engines.ivr.nodes.asking import AskingNode
from appliance.engines.ivr.nodes.node import Turn, Wrong
from appliance.vocabulary.ids import ExtensionNumber, Seconds
from appliance.vocabulary.say import SayKind
from appliance.vocabulary.settings import Site
from appliance.vocabulary.speech import PhraseKey, Utterance

MOST_CHOICES = 9
"""One key each."""


class DirectoryNode(AskingNode, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: text, min_digits, max_digits, terminator, timeout_seconds, attempts, ring_seconds,
    otherwise."""

    kind: ClassVar[str] = "directory"

    min_digits: Annotated[int, Meta(ge=1, le=32)] = 2
    timeout_seconds: Annotated[float, Meta(gt=0, le=60)] = 4
    ring_seconds: Annotated[float, Meta(gt=0, le=300)] = 25

    def wrongs(self, site: Site) -> list[Wrong]:
        """There must be a name to key in."""
        found = super().wrongs(site)
        if not people_of(site):
            expected = "a site with extensions whose names can be keyed in (name or spell)"
            found.append(Wrong(key="kind", expected=expected))
        return found

    def enter(self, turn: Turn) -> None:
        """Ask."""
        turn.state.choices = []
        super().enter(turn)

    def is_good(self, number: str, turn: Turn) -> bool:
        """It may be somebody."""
        return bool(turn.named(number))

    def take(self, number: str, turn: Turn) -> None:
        """Ring whom it means, or ask which one."""
        found = turn.named(number)[:MOST_CHOICES]
        turn.stop()
        if len(found) == 1:
            self._ring(number, found[0].number, turn)
            return
        turn.use(number, " ".join(one.number for one in found))
        turn.state.choices = [one.number for one in found]
        turn.say([said for place, one in enumerate(found, 1) for said in _told(place, one, turn)])

    def digit(self, digit: str, turn: Turn) -> None:
        """A letter of the name; or which of those that were read out."""
        choices = turn.state.choices
        if not choices:
            super().digit(digit, turn)
            return
        turn.stop()
        place = "123456789".find(digit)
        if 0 <= place < len(choices):
            self._ring(digit, ExtensionNumber(choices[place]), turn)
        else:
            turn.use(digit, "")
            self.try_again(turn, "wrong_key", [self.refusal(turn)])

    def timeout(self, turn: Turn) -> None:
        """None of them, or no more letters."""
        if turn.state.choices:
            self.try_again(turn, "timeout", [])
        else:
            super().timeout(turn)

    def extension_missed(self, turn: Turn) -> None:
        """Nobody answered: somebody else may be asked for."""
        self.try_again(turn, "no_answer", [turn.phrase(PhraseKey.NOT_REACHABLE, self.language)])

    def try_again(self, turn: Turn, why: str, before: list[Utterance]) -> None:
        """From the first letter."""
        turn.state.choices = []
        super().try_again(turn, why, before)

    def _ring(self, keyed: str, number: ExtensionNumber, turn: Turn) -> None:
        turn.state.choices = []
        turn.use(keyed, number)
        turn.do(RingExtension(extension=number, ring_for=Seconds(self.ring_seconds)))


def _told(place: int, one: Named, turn: Turn) -> list[Utterance]:
    """ "2: Anna, 8 0 0 1". The number is heard even where the name has no sound yet."""
    language = turn.state.language
    return [
        Utterance(language=language, text=str(place), said=SayKind.NUMBER),
        turn.utterance(one.name, None),
        Utterance(language=language, text=one.number, said=SayKind.DIGITS),
    ]
