"""What rings somebody for the caller: for how long, and what comes when nobody answers."""

from typing import Annotated, ClassVar

from msgspec import Meta

from appliance.engines.ivr.commands import RingExtension, RingOutside
from appliance.engines.ivr.nodes.node import SpokenNode, Target, Turn
from appliance.vocabulary.ids import NodeName
from appliance.vocabulary.speech import PhraseKey


class RingingNode(SpokenNode, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A node that rings one phone or number, once."""

    kind: ClassVar[str]

    ring_seconds: Annotated[float, Meta(gt=0, le=300)] = 25
    otherwise: NodeName | None = None
    """Left out: the caller is told that nobody can be reached, and then the flow's default."""

    def targets(self) -> list[Target]:
        """Only where nobody answers; that took its ring time."""
        if self.otherwise is None:
            return []
        return [Target(key="otherwise", node=self.otherwise, is_quiet=True)]

    def ringing(self) -> RingExtension | RingOutside:
        """Whom it rings."""
        raise NotImplementedError

    def work(self, turn: Turn) -> None:
        """Ring it, once."""
        if turn.state.tries:
            turn.fall_back("not_reachable")
            return
        turn.state.tries = 1
        turn.do(self.ringing())

    def extension_missed(self, turn: Turn) -> None:
        """Nobody answered."""
        if self.otherwise is not None:
            turn.go(self.otherwise, "no_answer")
        else:
            # play_ended of this leads to work again, which falls back then
            turn.say([turn.phrase(PhraseKey.NOT_REACHABLE, self.language)])
