"""subflow: runs another flow of the site; its node `return` leads back here, to `next`."""

from typing import ClassVar

from appliance.engines.ivr.nodes.node import SpokenNode, Target, Turn, Wrong
from appliance.vocabulary.ids import FlowId, NodeName
from appliance.vocabulary.settings import Site


class SubflowNode(SpokenNode, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: flow, next, text."""

    kind: ClassVar[str] = "subflow"

    flow: FlowId
    next: NodeName

    def targets(self) -> list[Target]:
        """Where it goes on after the other flow, which may be quiet."""
        return [Target(key="next", node=self.next, is_quiet=True)]

    def wrongs(self, site: Site) -> list[Wrong]:
        """The flow must be there."""
        names = [flow.id for flow in site.flow]
        if self.flow in names:
            return []
        return [Wrong(key="flow", expected=f"a flow of this site: {', '.join(names)}")]

    def work(self, turn: Turn) -> None:
        """Go there."""
        turn.call_flow(self.flow, self.next)
