"""Flows as control takes them up: what is new for the journal, and the former versions that calls
still run on when the process before was killed."""

from collections.abc import Collection, Iterator, Mapping

from appliance.store.settings import SettingsStore
from appliance.vocabulary.facts_flow_versions import FlowPublished
from appliance.vocabulary.ids import FlowId
from appliance.vocabulary.settings import Flow, Site
from appliance.wire.control import FlowInUse, FlowsInUse


def published(store: SettingsStore, before: Site, after: Site) -> Iterator[FlowPublished]:
    """Yield a fact for each version that new calls take from now on."""
    for flow, version in after.flow_versions.items():
        if before.flow_versions.get(flow) == version:
            continue
        found = store.flows.version(flow, version)
        if found is not None:
            yield FlowPublished(
                flow=flow,
                version=version,
                by=found.by,
                why=found.why,
                back_to=found.back_to,
            )


def kept_flows(
    store: SettingsStore, site: Site, in_use: Collection[tuple[FlowId, int]]
) -> dict[tuple[FlowId, int], Flow]:
    """Return the flows of these versions that are not those of the site."""
    found: dict[tuple[FlowId, int], Flow] = {}
    for flow, version in in_use:
        kept = None
        if site.flow_versions.get(flow) != version:
            kept = store.flows.version(flow, version)
        if kept is not None:
            found[flow, version] = kept.content
    return found


def in_use_told(calls: Mapping[tuple[FlowId, int], int]) -> FlowsInUse:
    """Return how many calls run on each version, as it is told."""
    return FlowsInUse(
        flows=tuple(
            FlowInUse(flow=flow, version=version, calls=count)
            for (flow, version), count in calls.items()
        )
    )
