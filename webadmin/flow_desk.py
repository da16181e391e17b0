"""What pages and programs do with flows: drafts, publishing, the way back, trying.

Drafts are the store's business alone. Publishing goes through the command line, as a whole site
does: new texts are spoken first, and call control takes it up.
"""

import time

import msgspec

from appliance.store.audit import AuditLine
from appliance.store.flow_document import with_flow
from appliance.store.flow_steps import content_of, draft_to_publish, version_to_put_back
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.flow_versions import FlowDraft
from appliance.vocabulary.ids import FlowId, Utc
from appliance.vocabulary.linghe_json import Published
from appliance.vocabulary.settings import Flow, Site
from webadmin.access import where
from webadmin.command import linghe_said
from webadmin.stores import settings, site

LONGEST_WHY = 200
OWN = "own"
"""In the place of a stamp: whatever draft there is, if it is of the same author."""


def stamp_of(draft: FlowDraft | None) -> str:
    """Return what tells one draft from the next; empty: there is none."""
    return "" if draft is None else f"{draft.at:.6f}"


def save_draft(
    content: Flow, *, by: str, why: str, based_on: int | None = None, seen: str | None = None
) -> FlowDraft:
    """Keep a draft, with its line in the audit log.

    `seen`: the stamp of the draft that its author had before him, OWN: none but his own may be
    replaced, None: he does not care. Where another one is kept by then, RefusedError "draft_other":
    nobody's work is lost in silence.

    `based_on`: the version that its author began from, None: that of now. Where another one holds
    by then, the draft is kept but not published: what was changed meanwhile would be lost.
    """
    now = site().flow_versions.get(content.id, 0)
    draft = FlowDraft(
        flow=content.id,
        at=Utc(time.time()),
        by=by,
        why=why[:LONGEST_WHY],
        based_on=now if based_on is None else min(based_on, now),
        content=content,
    )
    store = settings()
    with store.together():
        there = store.flows.draft(content.id)
        if there is not None and there.content != content and not _is_seen(there, seen, by):
            raise RefusedError(
                "draft_other",
                f"{there.by} has saved another draft meanwhile.",
                "Look at it, and send its stamp as `seen` to replace it.",
            )
        store.flows.keep_draft(draft)
        _note(by, "flow_draft_saved", content.id)
    return draft


def drop_draft(flow: FlowId, *, by: str) -> bool:
    """Forget a draft; False: there was none."""
    store = settings()
    with store.together():
        is_gone = store.flows.drop_draft(flow)
        if is_gone:
            _note(by, "flow_draft_dropped", flow)
    return is_gone


def publish(flow: FlowId, *, by: str, why: str) -> Published:
    """Publish the draft. RefusedError, SiteError with what is wrong in it, EquipmentError."""
    draft_to_publish(settings(), flow)
    return _done(flow, "--publish", by=by, why=why)


def roll_back(flow: FlowId, version: int, *, by: str, why: str) -> Published:
    """Put an older version back, 0: the one before. Errors as with `publish`."""
    found = version_to_put_back(settings(), flow, version)
    return _done(flow, f"--rollback={found.version}", by=by, why=why)


def site_with(flow: FlowId, version: str) -> Site:
    """Return the site as it would be with that version, or the draft. RefusedError."""
    return with_flow(site(), content_of(settings(), flow, version)) if version else site()


def _is_seen(there: FlowDraft, seen: str | None, by: str) -> bool:
    """Say whether who saves knows of the draft that would be lost."""
    if seen == OWN:
        return there.by == by
    return seen is None or seen == stamp_of(there)


def _done(flow: FlowId, act: str, *, by: str, why: str) -> Published:
    words = (f"--by={by}", f"--where={where() or 'web'}", f"--why={why[:LONGEST_WHY]}")
    return msgspec.json.decode(linghe_said("flow", flow, act, *words), type=Published)


def _note(by: str, what: str, detail: str) -> None:
    line = AuditLine(at=Utc(time.time()), by=by, what=what, detail=detail, where=where())
    settings().audit.note(line)
