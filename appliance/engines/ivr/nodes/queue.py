"""queue: hands the caller to a queue, after a text if there is one."""

from typing import ClassVar

from appliance.engines.ivr.commands import EnterQueue
from appliance.engines.ivr.nodes.node import SpokenNode, Turn, Wrong
from appliance.vocabulary.ids import QueueId
from appliance.vocabulary.settings import Site


class QueueNode(SpokenNode, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: queue, text."""

    kind: ClassVar[str] = "queue"

    queue: QueueId

    def wrongs(self, site: Site) -> list[Wrong]:
        """The queue must be there."""
        names = [queue.id for queue in site.queue]
        if self.queue in names:
            return []
        return [Wrong(key="queue", expected=f"a queue of this site: {', '.join(names) or 'none'}")]

    def work(self, turn: Turn) -> None:
        """The flow is over."""
        turn.leave(EnterQueue(queue=self.queue))
