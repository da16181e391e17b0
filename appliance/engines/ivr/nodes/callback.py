"""callback: asks the caller where he is to be called back, by a queue, when it is its turn.

Out of hours it is registered for the next time that the queue's callback calendar is open.
"""

from typing import ClassVar

from appliance.engines.ivr.commands import AskCallback
from appliance.engines.ivr.nodes.node import SpokenNode, Target, Turn, Wrong
from appliance.vocabulary.ids import NodeName, QueueId
from appliance.vocabulary.settings import Site


class CallbackNode(SpokenNode, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: queue, text, otherwise."""

    kind: ClassVar[str] = "callback"

    queue: QueueId
    otherwise: NodeName | None = None
    """Who does not want it, or whose number cannot be called; left out: the flow's default."""

    def targets(self) -> list[Target]:
        """Only for who is not to be called back; he was asked for keys before."""
        if self.otherwise is None:
            return []
        return [Target(key="otherwise", node=self.otherwise, is_quiet=False)]

    def wrongs(self, site: Site) -> list[Wrong]:
        """The queue must be there, and must call back."""
        names = [queue.id for queue in site.queue if queue.callback is not None]
        if self.queue in names:
            return []
        listed = ", ".join(names) or "none"
        return [Wrong(key="queue", expected=f"a queue of this site with callback = …: {listed}")]

    def work(self, turn: Turn) -> None:
        """Ask; the flow waits for who comes back from it."""
        turn.do(AskCallback(queue=self.queue))

    def extension_missed(self, turn: Turn) -> None:
        """He is not to be called back."""
        if self.otherwise is not None:
            turn.go(self.otherwise, "no_callback")
        else:
            turn.fall_back("no_callback")
