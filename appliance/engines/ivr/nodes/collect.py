"""collect: has the caller key in a number, checks it, and keeps it in a variable."""

from typing import ClassVar

from appliance.engines.ivr.nodes.asking import AskingNode
from appliance.engines.ivr.nodes.node import Target, Turn, Wrong
from appliance.engines.ivr.values import NAME_EXPECTED, is_variable, matching
from appliance.vocabulary.ids import NodeName
from appliance.vocabulary.settings import Language, Site
from appliance.vocabulary.speech import Utterance


class CollectNode(AskingNode, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: text, next, variable, min_digits, max_digits, terminator, timeout_seconds, attempts,
    allowed, refused_text, is_private, otherwise."""

    kind: ClassVar[str] = "collect"

    next: NodeName
    variable: str = "digits"
    allowed: tuple[str, ...] = ()
    """Good numbers, or beginnings of them ("86*"); left out: any."""
    refused_text: str = ""
    """Said to a wrong number; left out: the box's sentence for a wrong key."""
    is_private: bool = False
    """Journal and timeline show how many digits there were, and no digit."""

    def targets(self) -> list[Target]:
        """On with the number."""
        return [Target(key="next", node=self.next, is_quiet=False), *super().targets()]

    def wrongs(self, site: Site) -> list[Wrong]:
        """A name that cannot be set, besides."""
        found = super().wrongs(site)
        if not is_variable(self.variable):
            found.append(Wrong(key="variable", expected=NAME_EXPECTED))
        return found

    def sayings(self, default: Language) -> list[Utterance]:
        """Its refusal too."""
        found = super().sayings(default)
        if self.refused_text.strip():
            found.append(Utterance(language=self.language or default, text=self.refused_text))
        return found

    def is_good(self, number: str, turn: Turn) -> bool:
        """Allowed, or anything."""
        return not self.allowed or matching(dict.fromkeys(self.allowed, "yes"), number) is not None

    def take(self, number: str, turn: Turn) -> None:
        """Keep it, and go on."""
        turn.use(self.shown(number), self.next)
        turn.keep(self.variable, number, is_private=self.is_private, is_keyed=True)
        turn.go(self.next, "digits")

    def refusal(self, turn: Turn) -> Utterance:
        """The site's own sentence, if there is one."""
        if self.refused_text:
            return turn.utterance(self.refused_text, self.language)
        return super().refusal(turn)

    def shown(self, number: str) -> str:
        """Stars in the place of what is private."""
        return "•" * len(number) if self.is_private else number
