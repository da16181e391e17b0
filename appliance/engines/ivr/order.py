"""A flow's nodes in the order in which a caller comes to them: nearest first.

Neither a file's order nor the alphabet's decides what is a flow's first queue: the one does not
outlive the settings' store, and the other means nothing to the people who wrote the flow.
"""

from collections.abc import Mapping

from appliance.engines.ivr.nodes.node import Node
from appliance.vocabulary.ids import NodeName


def reached(start: NodeName, nodes: Mapping[NodeName, Node]) -> list[NodeName]:
    """Return the nodes that a caller can come to, breadth first."""
    found = dict.fromkeys([start] if start in nodes else [])
    ahead = list(found)
    while ahead:
        for target in nodes[ahead.pop(0)].targets():
            if target.node in nodes and target.node not in found:
                found[target.node] = None
                ahead.append(target.node)
    return list(found)


def callers_order(start: NodeName, nodes: Mapping[NodeName, Node]) -> list[NodeName]:
    """Return all nodes: those first that a caller can come to."""
    first = reached(start, nodes)
    return [*first, *(name for name in nodes if name not in first)]
