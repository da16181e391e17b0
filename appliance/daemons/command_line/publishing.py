"""Bringing one flow to a new version: checked, spoken, saved, taken up; all or nothing.

As `linghe apply` does it with a whole site, and never beside one: who publishes waits for it.
"""

import time

from msgspec import structs

from appliance.daemons.command_line.applied import local_user
from appliance.daemons.command_line.control_line import asked
from appliance.daemons.command_line.speaking import rendered
from appliance.daemons.command_line.tables_found import forget_tables
from appliance.daemons.command_line.taking_up import taken_up
from appliance.daemons.command_line.verb import opened_settings, paths
from appliance.daemons.music import music_names
from appliance.store.audit import AuditLine
from appliance.store.flow_document import faults_of, text_of, with_flow
from appliance.store.flow_steps import draft_to_publish, version_to_put_back
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import EquipmentError, RefusedError, SiteError
from appliance.vocabulary.ids import FlowId, Utc
from appliance.vocabulary.linghe_json import Published, Trouble
from appliance.vocabulary.settings import Flow
from appliance.vocabulary.shape import Value
from appliance.wire.control import FlowsInUse, FlowsInUseAsked


class Asker(Value, frozen=True, kw_only=True):
    """Who wants it, and how."""

    by: str
    where: str = ""
    """Address of the page's or the program's user."""
    why: str = ""
    has_prompts: bool = True
    """Make speech of new texts before."""
    is_quiet: bool = False


def publish(store: SettingsStore, asker: Asker, flow: FlowId) -> tuple[Published, Trouble | None]:
    """Publish the draft. RefusedError where there is none, or another version came between."""
    draft = draft_to_publish(store, flow)
    asker = structs.replace(asker, why=asker.why or draft.why)
    return _brought(store, asker, draft.content, back_to=0)


def roll_back(
    store: SettingsStore, asker: Asker, flow: FlowId, version: int = 0
) -> tuple[Published, Trouble | None]:
    """Put an older version back, as a new one; 0: the one before."""
    found = version_to_put_back(store, flow, version)
    return _brought(store, asker, found.content, back_to=found.version)


def forget_old(store: SettingsStore, asker: Asker) -> list[str]:
    """Throw away versions beyond the last hundred, and tables that no flow asks any more; return
    these, as they stand in the audit log. None unless call control says what is in use.

    Asked after it has taken the site up: no call can begin on an older version any more.
    """
    try:
        told = asked(paths().control_socket, FlowsInUseAsked())
    except EquipmentError:
        return []
    if not isinstance(told, FlowsInUse):
        return []
    in_use = {(one.flow, one.version) for one in told.flows}
    store.flows.forget_old(in_use)
    kept = (store.flows.version(*one) for one in in_use)
    running = [one.content for one in kept if one is not None]
    gone = forget_tables(paths(), store.current(), running)
    for table in gone:
        note(store, asker, "table_removed", table)
    return gone


def forget_old_flows(asker: Asker) -> list[str]:
    """Do so where no store is open."""
    store = opened_settings()
    try:
        return forget_old(store, asker)
    finally:
        store.close()


def _brought(
    store: SettingsStore, asker: Asker, flow: Flow, *, back_to: int
) -> tuple[Published, Trouble | None]:
    site = store.current()
    wanted = with_flow(site, flow)
    if wanted == site:
        raise RefusedError("already", f'Flow "{flow.id}" is so already.')
    faults = faults_of(flow, site, text_of(flow), str(flow.id), music_names(paths()))
    if faults:
        raise SiteError(faults)
    made = rendered(wanted, quiet=asker.is_quiet) if asker.has_prompts else None
    with store.together():
        saved = store.save(wanted, by=asker.by, at=Utc(time.time()), why=asker.why, back_to=back_to)
        if not back_to:
            store.flows.drop_draft(flow.id)
        version = saved.flow_versions[flow.id]
        said = f"{flow.id}: version {version}"
        said += f" = version {back_to}" if back_to else ""
        note(
            store,
            asker,
            "flow_rolled_back" if back_to else "flow_published",
            f"{said}; {asker.why}" if asker.why else said,
        )
    is_running, trouble = taken_up(paths().control_socket)
    forget_old(store, asker)
    shown = Published(
        flow=flow.id,
        version=version,
        site_version=saved.version,
        running=is_running,
        all_prompts_made=made,
    )
    return shown, trouble


def note(store: SettingsStore, asker: Asker, what: str, detail: str) -> None:
    """Write a line of the audit log: from the machine itself with its user's name."""
    by = asker.by if asker.where else f"{asker.by} ({local_user()})"
    line = AuditLine(at=Utc(time.time()), by=by, what=what, detail=detail[:500], where=asker.where)
    store.audit.note(line)
