"""What a flow is made of: one file a node kind, and NODES.

To add one: a file with a struct here, its name in NODES, and
tests/contracts/test_nodes_contract.py tells when it is right.
"""

import msgspec

from appliance.engines.ivr.nodes.branch import BranchNode
from appliance.engines.ivr.nodes.callback import CallbackNode
from appliance.engines.ivr.nodes.collect import CollectNode
from appliance.engines.ivr.nodes.consent import ConsentNode
from appliance.engines.ivr.nodes.dial import DialNode
from appliance.engines.ivr.nodes.directory import DirectoryNode
from appliance.engines.ivr.nodes.extension import ExtensionNode
from appliance.engines.ivr.nodes.hangup import HangupNode
from appliance.engines.ivr.nodes.hours import HoursNode
from appliance.engines.ivr.nodes.http import HttpNode
from appliance.engines.ivr.nodes.language import LanguageNode
from appliance.engines.ivr.nodes.lookup import LookupNode
from appliance.engines.ivr.nodes.menu import MenuNode
from appliance.engines.ivr.nodes.node import Node
from appliance.engines.ivr.nodes.outside import OutsideNode
from appliance.engines.ivr.nodes.play import PlayNode
from appliance.engines.ivr.nodes.queue import QueueNode
from appliance.engines.ivr.nodes.record import RecordNode
from appliance.engines.ivr.nodes.return_ import ReturnNode
from appliance.engines.ivr.nodes.say import SayNode
from appliance.engines.ivr.nodes.set import SetNode
from appliance.engines.ivr.nodes.subflow import SubflowNode
from appliance.engines.ivr.nodes.survey import SurveyNode
from appliance.engines.ivr.nodes.voicemail import VoicemailNode
from appliance.engines.ivr.nodes.webhook import WebhookNode
from appliance.vocabulary.ids import NodeName
from appliance.vocabulary.settings import Flow

NODES: tuple[type[Node], ...] = (
    PlayNode,
    MenuNode,
    QueueNode,
    HoursNode,
    VoicemailNode,
    CallbackNode,
    SurveyNode,
    ExtensionNode,
    HangupNode,
    ConsentNode,
    LanguageNode,
    SayNode,
    SetNode,
    BranchNode,
    CollectNode,
    DialNode,
    OutsideNode,
    SubflowNode,
    ReturnNode,
    LookupNode,
    HttpNode,
    WebhookNode,
    DirectoryNode,
    RecordNode,
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


def nodes_of(flow: Flow) -> dict[NodeName, Node]:
    """Return the flow's nodes; those that cannot be read are left out (check_flow refuses them)."""
    nodes: dict[NodeName, Node] = {}
    for name, table in flow.node.items():
        try:
            nodes[name] = node_of(table)
        except (LookupError, msgspec.ValidationError):
            continue
    return nodes
