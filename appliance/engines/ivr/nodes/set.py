"""set: gives a variable a value, and leads on without a pause."""

from typing import ClassVar

from appliance.engines.ivr.nodes.node import SpokenNode, Target, Turn, Wrong
from appliance.engines.ivr.values import NAME_EXPECTED, is_variable, names_in
from appliance.vocabulary.ids import NodeName
from appliance.vocabulary.settings import Site


class SetNode(SpokenNode, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: variable, value, next, text."""

    kind: ClassVar[str] = "set"

    variable: str
    value: str
    """{caller}, {called}, {language}, {vip} and {any variable} stand for what they are then."""
    next: NodeName

    def targets(self) -> list[Target]:
        """Always on to the next."""
        return [Target(key="next", node=self.next, is_quiet=True)]

    def wrongs(self, site: Site) -> list[Wrong]:
        """A name that cannot be set."""
        if is_variable(self.variable):
            return []
        return [Wrong(key="variable", expected=NAME_EXPECTED)]

    def work(self, turn: Turn) -> None:
        """Set it."""
        is_private = any(name in turn.state.private for name in names_in(self.value))
        value = turn.filled(self.value)[:MOST_OF_A_VALUE]
        turn.keep(self.variable, value, is_private=is_private)
        turn.go(self.next, "next")


MOST_OF_A_VALUE = 256
"""Characters: a round that appends to itself cannot fill the call's slot."""
