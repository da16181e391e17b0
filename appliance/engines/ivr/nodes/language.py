"""language: from here on the box speaks this language to the caller, in queues too."""

from typing import ClassVar

from appliance.engines.ivr.nodes.node import SpokenNode, Target, Turn
from appliance.vocabulary.ids import NodeName
from appliance.vocabulary.settings import Language


class LanguageNode(SpokenNode, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: language, next, text (in that language already)."""

    kind: ClassVar[str] = "language"

    language: Language
    next: NodeName

    def targets(self) -> list[Target]:
        """Always on to the next."""
        return [Target(key="next", node=self.next, is_quiet=True)]

    def work(self, turn: Turn) -> None:
        """Change it."""
        turn.state.language = self.language
        turn.go(self.next, self.language)
