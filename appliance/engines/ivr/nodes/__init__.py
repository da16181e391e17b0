"""What a flow is made of: one file a node kind, and NODES.

To add one: a file with a struct here, its name in NODES, and
tests/contracts/test_nodes_contract.py tells when it is right.
"""

import msgspec

from appliance.engines.ivr.nodes.consent import ConsentNode
from appliance.engines.ivr.nodes.extension import ExtensionNode
from appliance.engines.ivr.nodes.hangup import HangupNode
from appliance.engines.ivr.nodes.hours import HoursNode
from appliance.engines.ivr.nodes.menu import MenuNode
from appliance.engines.ivr.nodes.node import Node
from appliance.engines.ivr.nodes.play import PlayNode
from appliance.engines.ivr.nodes.queue import QueueNode
from appliance.engines.ivr.nodes.voicemail import VoicemailNode

NODES: tuple[type[Node], ...] = (
    PlayNode,
    MenuNode,
    QueueNode,
    HoursNode,
    VoicemailNode,
    ExtensionNode,
    HangupNode,
    ConsentNode,
)

NODE_KINDS: tuple[str, ...] = tuple(node.kind for node in NODES)

_BY_KIND = {node.kind: node for node in NODES}


def node_of(table: dict[str, object]) -> Node:
    """Make a node of the site's table for it (`kind` and that kind's keys).

    Raises msgspec.ValidationError for a wrong or missing key, LookupError for an unknown kind.
    """
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in _BY_KIND:
        raise LookupError(kind)
    settings = {key: value for key, value in table.items() if key != "kind"}
    return msgspec.convert(settings, _BY_KIND[kind])
