"""return: the end of a sub-flow: the flow that called it goes on."""

from typing import ClassVar

from appliance.engines.ivr.nodes.node import SpokenNode, Turn


class ReturnNode(SpokenNode, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: text."""

    kind: ClassVar[str] = "return"

    def work(self, turn: Turn) -> None:
        """Back; where nobody called, the flow's default."""
        turn.come_back()
