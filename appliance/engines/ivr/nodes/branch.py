"""branch: leads on by what is known of the call: who calls, what was dialled or keyed in."""

from typing import ClassVar

from appliance.engines.ivr.nodes.node import SpokenNode, Target, Turn, Wrong
from appliance.engines.ivr.values import FACTS, NAME, matching
from appliance.vocabulary.ids import NodeName
from appliance.vocabulary.settings import Site


class BranchNode(SpokenNode, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: on, cases, otherwise, text."""

    kind: ClassVar[str] = "branch"

    on: str
    """caller, called, language, vip or holiday ("yes" or "no"), or a variable."""
    cases: dict[str, NodeName]
    """Value, or its beginning and * ("139*"), and the node it leads to; the exact one wins, then
    the longest. "" is a caller who hides his number, or a variable that nobody has set."""
    otherwise: NodeName

    def targets(self) -> list[Target]:
        """Any of them, by what is known."""
        found = [
            Target(key=f"cases.{case}", node=node, is_quiet=True)
            for case, node in self.cases.items()
        ]
        return [*found, Target(key="otherwise", node=self.otherwise, is_quiet=True)]

    def wrongs(self, site: Site) -> list[Wrong]:
        """A name that nothing can have; no case at all; a vip that is neither."""
        found = []
        if NAME.fullmatch(self.on) is None:
            expected = f"one of: {', '.join(FACTS)}; or the name of a variable"
            found.append(Wrong(key="on", expected=expected))
        if not self.cases:
            found.append(Wrong(key="cases", expected="at least one value and its node"))
        if self.on == "holiday" and not site.calendar:
            expected = "a site with a [[calendar]], which knows holidays"
            found.append(Wrong(key="on", expected=expected))
        if self.on in ("vip", "holiday"):
            found += [
                Wrong(key=f"cases.{case}", expected='"yes" or "no"')
                for case in self.cases
                if case not in ("yes", "no")
            ]
        return found

    def work(self, turn: Turn) -> None:
        """Choose."""
        value = turn.value_of(self.on)
        found = matching(self.cases, value)
        is_private = self.on in turn.state.private
        why = self.on if is_private else f"{self.on}={value}"[:MOST_OF_A_WHY]
        turn.go(self.otherwise if found is None else NodeName(found), why)


MOST_OF_A_WHY = 64
"""Characters that the timeline tells of a value."""
