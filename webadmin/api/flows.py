"""Flows as documents: read, drafted, tried, published, taken back."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TypeVar, cast

from appliance.reports.days import zone_of
from appliance.reports.flow_changes import change_sentence, flow_changes
from appliance.reports.flow_way import Trial, way_of, way_sentences
from appliance.store.flow_document import Faults, faults_of, flow_of
from appliance.store.flow_steps import DRAFT, content_of, draft_of
from appliance.vocabulary.errors import RefusedError, SiteError
from appliance.vocabulary.flow_versions import FlowDraft
from appliance.vocabulary.ids import FlowId
from appliance.vocabulary.linghe_json import Published
from appliance.vocabulary.settings import Flow, Language
from webadmin import flow_desk
from webadmin.api import flow_takes as takes
from webadmin.api.door import asker
from webadmin.api.hours import FIRST_YEAR, LAST_YEAR
from webadmin.api.operation import Asked, Nothing, Shown
from webadmin.api.shapes import when
from webadmin.box import live_feed
from webadmin.problems import Problem
from webadmin.stores import settings, site

T = TypeVar("T")
NOT_HERE = {"no_draft": "draft_unknown", "no_such_version": "version_unknown"}


class FlowRow(Shown, frozen=True, kw_only=True):
    """One flow of the list."""

    flow: str
    version: int
    """The one that callers hear; 0: none, there only is a draft or a past."""
    numbers: tuple[str, ...]
    """That lead to it."""
    has_draft: bool


class FlowsShown(Shown, frozen=True, kw_only=True):
    """All flows that are, were or are to be."""

    flows: tuple[FlowRow, ...]


class FlowShown(Shown, frozen=True, kw_only=True):
    """A flow as a document."""

    flow: str
    start: str
    language: Language | None
    node: dict[str, dict[str, takes.Setting]]


class VersionShown(Shown, frozen=True, kw_only=True):
    """One version of a flow."""

    version: int
    at: str | None
    by: str
    why: str
    back_to: int
    """The older version that was put back by it; 0: none."""
    changes: tuple[str, ...]
    """Against the version before it that is kept, in English."""


class VersionsShown(Shown, frozen=True, kw_only=True):
    """A flow's versions, newest first."""

    flow: str
    published: int
    """The version that callers hear; 0: the site has no such flow now."""
    versions: tuple[VersionShown, ...]


class FaultShown(Shown, frozen=True, kw_only=True):
    """What keeps a flow from being published."""

    key: str
    """node.welcome.keys.2: where it is; of other parts of the site with their place."""
    expected: str


class FaultsShown(Shown, frozen=True, kw_only=True):
    """Everything that is wrong; empty: it can be published."""

    faults: tuple[FaultShown, ...]


class DraftShown(Shown, frozen=True, kw_only=True):
    """What somebody works on."""

    flow: str
    at: str | None
    by: str
    why: str
    based_on: int
    """The version that held when it was saved. Once another one does, it must be saved again."""
    stamp: str
    """Tells this draft from the next: to be sent as `seen` with the one that takes its place."""
    start: str
    language: Language | None
    node: dict[str, dict[str, takes.Setting]]
    faults: tuple[FaultShown, ...]


class DraftGone(Shown, frozen=True, kw_only=True):
    """A draft that is no more."""

    flow: str


class PublishedShown(Shown, frozen=True, kw_only=True):
    """A new version: new calls take it, those in the flow finish on theirs."""

    flow: str
    version: int
    site_version: int
    is_running: bool
    """False: the box takes it up when it starts."""
    all_prompts_made: bool | None


class DiffRow(Shown, frozen=True, kw_only=True):
    """One difference."""

    what: str
    """added, removed, renamed, kind, leads, text, setting; flow_new, flow_gone, start, written."""
    node: str
    key: str
    was: str | None
    now: str | None
    text: str


class DiffShown(Shown, frozen=True, kw_only=True):
    """What is different between two versions."""

    flow: str
    changes: tuple[DiffRow, ...]


class StepShown(Shown, frozen=True, kw_only=True):
    """One node that the caller came to."""

    flow: str
    node: str
    kind: str
    why: str
    says: tuple[str, ...]


class DryRunShown(Shown, frozen=True, kw_only=True):
    """The way of a caller who is none."""

    flow: str
    steps: tuple[StepShown, ...]
    ends: str
    """queue, voicemail, extension, outside, hangup; waits: for a key; missing: no such flow."""
    target: str
    keys_left: str
    text: tuple[str, ...]


# --- views --------------------------------------------------------------------------------------
def list_flows(asked: Asked[Nothing, Nothing]) -> FlowsShown:
    """List the flows, also such that only have a draft or were taken away."""
    store, here = settings(), site()
    return FlowsShown(
        flows=tuple(
            FlowRow(
                flow=flow,
                version=here.flow_versions.get(flow, 0),
                numbers=tuple(one.number for one in here.route if one.flow == flow),
                has_draft=store.flows.draft(flow) is not None,
            )
            for flow in store.flows.known()
        )
    )


def show_flow(asked: Asked[takes.FlowQuery, Nothing]) -> FlowShown:
    """One version of a flow, or its draft."""
    flow = _known(asked.path)
    content = _told(lambda: content_of(settings(), flow, asked.query.version or ""))
    return FlowShown(
        flow=flow, start=content.start, language=content.language, node=_nodes(content)
    )


def list_versions(asked: Asked[Nothing, Nothing]) -> VersionsShown:
    """List a flow's versions: who, when, why, and what is different."""
    flow = _known(asked.path)
    found = settings().flows.versions(flow)
    before = [*(one.content for one in found[1:]), None]
    return VersionsShown(
        flow=flow,
        published=site().flow_versions.get(flow, 0),
        versions=tuple(
            VersionShown(
                version=one.version,
                at=when(one.at),
                by=one.by,
                why=one.why,
                back_to=one.back_to,
                changes=tuple(
                    change_sentence(change, Language.EN)
                    for change in flow_changes(
                        before[at] if at < len(before) else None, one.content
                    )
                ),
            )
            for at, one in enumerate(found)
        ),
    )


def show_draft(asked: Asked[Nothing, Nothing]) -> DraftShown:
    """The draft, and what keeps it from being published."""
    flow = _known(asked.path)
    return _draft(_told(lambda: draft_of(settings(), flow)))


def save_draft(asked: Asked[Nothing, takes.DraftBody]) -> DraftShown:
    """Save a draft: callers do not hear it. A flow of a new name may begin so."""
    content = _content(asked.path["flow"], asked.body)
    body = asked.body
    try:
        draft = flow_desk.save_draft(
            content, by=asker(), why=body.why, based_on=body.based_on,
            seen=flow_desk.OWN if body.seen is None else body.seen,
        )  # fmt: skip
    except RefusedError as error:
        raise Problem(error.key, f"{error.sentence} {error.remedy}", field="seen") from error
    return _draft(draft)


def drop_draft(asked: Asked[Nothing, Nothing]) -> DraftGone:
    """Forget the draft."""
    flow = _known(asked.path)
    if not flow_desk.drop_draft(flow, by=asker()):
        raise Problem("draft_unknown")
    return DraftGone(flow=flow)


def publish_flow(asked: Asked[Nothing, takes.PublishBody]) -> PublishedShown:
    """Make the draft what callers hear. Calls in the flow finish on their version."""
    flow = _known(asked.path)
    return _published(lambda: flow_desk.publish(flow, by=asker(), why=asked.body.why))


def roll_back_flow(asked: Asked[Nothing, takes.RollBackBody]) -> PublishedShown:
    """Put an older version back, as a new version."""
    flow = _known(asked.path)
    wanted = asked.body
    return _published(
        lambda: flow_desk.roll_back(flow, wanted.version or 0, by=asker(), why=wanted.why)
    )


def diff_flow(asked: Asked[takes.DiffQuery, Nothing]) -> DiffShown:
    """What is different between two versions, or a version and the draft, in words."""
    flow, store, query = _known(asked.path), settings(), asked.query
    numbers = [str(one.version) for one in store.flows.versions(flow)]
    now = query.now or (numbers[0] if numbers else DRAFT)
    was = query.was or next((one for one in numbers if now == DRAFT or int(one) < int(now)), None)
    contents = [
        None if one is None else _told(partial(content_of, store, flow, one)) for one in (was, now)
    ]
    return DiffShown(
        flow=flow,
        changes=tuple(
            DiffRow(
                what=one.what,
                node=one.node,
                key=one.key,
                was=one.was,
                now=one.now,
                text=change_sentence(one, query.language),
            )
            for one in flow_changes(contents[0], contents[1])
        ),
    )


def check_flow_document(asked: Asked[Nothing, takes.FlowBody]) -> FaultsShown:
    """Say what is wrong in a flow, and keep nothing of it."""
    return FaultsShown(faults=_faults(_content(asked.path["flow"], asked.body)))


def try_flow(asked: Asked[Nothing, takes.DryRunBody]) -> DryRunShown:
    """Follow a version, or the draft, with a caller's keys, without a call."""
    flow, wanted = _known(asked.path), asked.body
    now = datetime.fromtimestamp(live_feed().box_time(), zone_of(site().site.timezone))
    at = now if wanted.at is None else wanted.at
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise Problem("moment_unknown", field="at")
    way = way_of(
        _told(lambda: flow_desk.site_with(flow, wanted.version or "")),
        flow,
        at.astimezone(now.tzinfo),
        Trial(
            keys=wanted.keys,
            caller=wanted.caller,
            called=wanted.called,
            is_answered=wanted.is_answered,
            found=wanted.found,
        ),
    )
    return DryRunShown(
        flow=flow,
        steps=tuple(
            StepShown(flow=step.flow, node=step.node, kind=step.kind, why=step.why, says=step.says)
            for step in way.steps
        ),
        ends=way.ends,
        target=way.target,
        keys_left=way.keys_left,
        text=tuple(way_sentences(way, flow, wanted.language)),
    )


# --- inside -------------------------------------------------------------------------------------
def _known(path: Mapping[str, str]) -> FlowId:
    flow = FlowId(path["flow"])
    if flow not in settings().flows.known():
        raise Problem("flow_unknown")
    return flow


def _told(found: Callable[[], T]) -> T:
    try:
        return found()
    except RefusedError as error:
        raise Problem(NOT_HERE.get(error.key, "not_allowed"), error.sentence) from error


def _published(done: Callable[[], Published]) -> PublishedShown:
    try:
        told = done()
    except SiteError as error:
        raise Problem("flow_faulty", str(error)) from error
    except RefusedError as error:
        known = {"draft_old": "draft_old", "already": "already"}
        key = NOT_HERE.get(error.key) or known.get(error.key, "not_allowed")
        raise Problem(key, error.sentence) from error
    return PublishedShown(
        flow=told.flow,
        version=told.version,
        site_version=told.site_version,
        is_running=told.running,
        all_prompts_made=told.all_prompts_made,
    )


def _content(flow: str, body: takes.FlowBody) -> Flow:
    document: dict[str, object] = {"id": flow, "start": body.start, "node": body.node}
    if body.language is not None:
        document["language"] = body.language
    try:
        return flow_of(document)
    except SiteError as error:
        fault = error.faults[0]
        raise Problem("invalid", fault.expected, field=fault.key) from error


def _draft(draft: FlowDraft) -> DraftShown:
    return DraftShown(
        flow=draft.flow,
        at=when(draft.at),
        by=draft.by,
        why=draft.why,
        based_on=draft.based_on,
        stamp=flow_desk.stamp_of(draft),
        start=draft.content.start,
        language=draft.content.language,
        node=_nodes(draft.content),
        faults=_faults(draft.content),
    )


def _nodes(flow: Flow) -> dict[str, dict[str, takes.Setting]]:
    """What a flow keeps is what TOML and JSON both know."""
    return cast(dict[str, dict[str, takes.Setting]], flow.node)


def _faults(flow: Flow) -> tuple[FaultShown, ...]:
    found: Faults = faults_of(flow, site())
    return tuple(FaultShown(key=one.key, expected=one.expected) for one in found)
