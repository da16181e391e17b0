"""Which versions of its flows a call runs on, from its first node to its last.

A call notes them when its flow begins: of that flow, and of all that it may call. Whatever is
published meanwhile, and whichever process goes on with the call, it finishes on these.
"""

from collections.abc import Mapping

from msgspec import structs

from appliance.engines.ivr.nodes.subflow import SubflowNode
from appliance.vocabulary.ids import FlowId
from appliance.vocabulary.settings import Flow, Site

KeptFlows = Mapping[tuple[FlowId, int], Flow]
"""Flows that are published no more, by name and version."""


def versions_from(flow: FlowId, site: Site) -> dict[FlowId, int]:
    """Return the versions of a flow and of those that it may call; of a site that has numbers."""
    flows = {one.id: one for one in site.flow}
    found: dict[FlowId, int] = {}
    ahead = [flow]
    while ahead:
        name = ahead.pop()
        if name in found or name not in flows or name not in site.flow_versions:
            continue
        found[name] = site.flow_versions[name]
        nodes = flows[name].node.values()
        ahead += [FlowId(str(one["flow"])) for one in nodes if one.get("kind") == SubflowNode.kind]
    return found


def site_of(versions: Mapping[FlowId, int], site: Site, kept: KeptFlows) -> Site:
    """Return the site as a call sees it that runs on these versions.

    One that is not kept (it always is while a call runs on it) is as the site has it now.
    """
    former = {
        name: kept[name, version]
        for name, version in versions.items()
        if site.flow_versions.get(name) != version and (name, version) in kept
    }
    if not former:
        return site
    others = [one for one in site.flow if one.id not in former]
    return structs.replace(site, flow=(*others, *former.values()))
