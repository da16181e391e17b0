"""dial: rings the phone, or the ring group, whose number the caller keys in."""

from typing import Annotated, ClassVar

from msgspec import Meta

from appliance.engines.ivr.commands import RingExtension
from appliance.engines.ivr.nodes.asking import AskingNode
from appliance.engines.ivr.nodes.node import Turn, Wrong
from appliance.vocabulary.ids import ExtensionNumber, Seconds
from appliance.vocabulary.settings import Site
from appliance.vocabulary.speech import PhraseKey


class DialNode(AskingNode, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: text, min_digits, max_digits, terminator, timeout_seconds, attempts, ring_seconds,
    otherwise."""

    kind: ClassVar[str] = "dial"

    max_digits: Annotated[int, Meta(ge=1, le=32)] = 8
    ring_seconds: Annotated[float, Meta(gt=0, le=300)] = 25

    def wrongs(self, site: Site) -> list[Wrong]:
        """There must be a phone to ring."""
        found = super().wrongs(site)
        if not (site.extension or site.ring_group):
            found.append(Wrong(key="kind", expected="a site with extensions to dial"))
        return found

    def is_good(self, number: str, turn: Turn) -> bool:
        """A number of this box."""
        return turn.is_number(ExtensionNumber(number))

    def take(self, number: str, turn: Turn) -> None:
        """Ring it."""
        turn.stop()
        turn.use(number, number)
        turn.do(
            RingExtension(extension=ExtensionNumber(number), ring_for=Seconds(self.ring_seconds))
        )

    def extension_missed(self, turn: Turn) -> None:
        """Nobody answered: somebody else may be asked for."""
        self.try_again(turn, "no_answer", [turn.phrase(PhraseKey.NOT_REACHABLE, self.language)])
