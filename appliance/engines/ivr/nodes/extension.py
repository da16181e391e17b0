"""extension: rings one phone, or a ring group by its number; when nobody answers, the flow goes on
at `otherwise`."""

from typing import Annotated, ClassVar

from msgspec import Meta

from appliance.engines.ivr.commands import RingExtension
from appliance.engines.ivr.nodes.node import SpokenNode, Target, Turn, Wrong
from appliance.vocabulary.ids import ExtensionNumber, NodeName, Seconds
from appliance.vocabulary.settings import Site
from appliance.vocabulary.speech import PhraseKey


class ExtensionNode(SpokenNode, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: extension, text, ring_seconds, otherwise."""

    kind: ClassVar[str] = "extension"

    extension: ExtensionNumber
    ring_seconds: Annotated[float, Meta(gt=0, le=300)] = 25
    otherwise: NodeName | None = None
    """Left out: the caller is told that nobody can be reached, and then the flow's default."""

    def targets(self) -> list[Target]:
        """Only for a phone that is not answered; that took its ring time."""
        if self.otherwise is None:
            return []
        return [Target(key="otherwise", node=self.otherwise, is_quiet=True)]

    def wrongs(self, site: Site) -> list[Wrong]:
        """The extension, or the ring group, must be there."""
        numbers = [extension.number for extension in site.extension]
        numbers += [group.number for group in site.ring_group]
        if self.extension in numbers:
            return []
        expected = f"an extension or a ring group of this site: {', '.join(numbers) or 'none'}"
        return [Wrong(key="extension", expected=expected)]

    def work(self, turn: Turn) -> None:
        """Ring it, once."""
        if turn.state.tries:
            turn.fall_back("not_reachable")
            return
        turn.state.tries = 1
        turn.do(RingExtension(extension=self.extension, ring_for=Seconds(self.ring_seconds)))

    def extension_missed(self, turn: Turn) -> None:
        """Nobody answered."""
        if self.otherwise is not None:
            turn.go(self.otherwise, "no_answer")
        else:
            # play_ended of this leads to work again, which falls back then
            turn.say([turn.phrase(PhraseKey.NOT_REACHABLE, self.language)])
