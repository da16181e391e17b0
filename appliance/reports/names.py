"""What ids are called by people: queues, agents, extensions, flow nodes."""

from appliance.vocabulary.ids import AgentId, ExtensionNumber, QueueId
from appliance.vocabulary.settings import Site
from appliance.vocabulary.shape import Value


class Names(Value, frozen=True, kw_only=True):
    """Lookup tables; an id that is not in them is shown as it is."""

    queues: dict[QueueId, str] = {}
    agents: dict[AgentId, str] = {}
    extensions: dict[ExtensionNumber, str] = {}
    nodes: dict[str, str] = {}
    """Node name to what it leads to in people's words: a queue node has its queue's name."""


def names_of(site: Site) -> Names:
    """Return the site's names."""
    queues = {queue.id: queue.name or queue.id for queue in site.queue}
    nodes: dict[str, str] = {}
    for flow in site.flow:
        for name, node in flow.node.items():
            target = node.get("queue")
            if node.get("kind") == "queue" and isinstance(target, str):
                nodes[name] = queues.get(QueueId(target), target)
    return Names(
        queues=queues,
        agents={agent.id: agent.name for agent in site.agent if agent.name},
        extensions={one.number: one.name for one in site.extension if one.name},
        nodes=nodes,
    )
