"""What may be published or put back, and what is published now: asked by the command line, and by
pages and programs before they have it done. Each refusal is a RefusedError with its key."""

from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.flow_versions import FlowDraft, FlowVersion
from appliance.vocabulary.ids import FlowId
from appliance.vocabulary.settings import Flow

DRAFT = "draft"
MOST_LISTED = 12


def draft_of(store: SettingsStore, flow: FlowId) -> FlowDraft:
    """Return the draft."""
    draft = store.flows.draft(flow)
    if draft is None:
        raise RefusedError(
            "no_draft",
            f'Flow "{flow}" has no draft.',
            f"`linghe flow {flow} --draft FILE` saves one.",
        )
    return draft


def draft_to_publish(store: SettingsStore, flow: FlowId) -> FlowDraft:
    """Return the draft, unless another version came between."""
    draft = draft_of(store, flow)
    newest = store.current().flow_versions.get(flow, 0)
    if draft.based_on != newest:
        raise RefusedError(
            "draft_old",
            f"The draft was made of version {draft.based_on}, and version {newest} holds now.",
            "Look at the difference, save the draft again, and publish it then.",
        )
    return draft


def version_to_put_back(store: SettingsStore, flow: FlowId, version: int = 0) -> FlowVersion:
    """Return an older version; 0: the one before that which holds."""
    newest = store.current().flow_versions.get(flow, 0)
    older = [one for one in store.flows.versions(flow) if one.version != newest]
    found = next((one for one in older if version in (0, one.version)), None)
    if found is None:
        what = f"no version {version}" if version else "no version before"
        raise RefusedError("no_such_version", f'Flow "{flow}" has {what}.', _others(older))
    return found


def content_of(store: SettingsStore, flow: FlowId, version: str) -> Flow:
    """Return a version, the draft, or for "" the newest version."""
    if version == DRAFT:
        return draft_of(store, flow).content
    versions = store.flows.versions(flow)
    wanted = version or str(versions[0].version if versions else 0)
    found = next((one.content for one in versions if str(one.version) == wanted), None)
    if found is None:
        what = f'Flow "{flow}" has no version {wanted}.'
        raise RefusedError("no_such_version", what, _others(versions))
    return found


def _others(versions: list[FlowVersion]) -> str:
    listed = ", ".join(str(one.version) for one in versions[:MOST_LISTED])
    return f"Versions: {listed or 'none'}."
