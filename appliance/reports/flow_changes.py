"""What is different between two versions of a flow: by node and key, and in words.

Compared is what callers meet, not how it is written: a setting that is left out is its default, and
20 is 20.0. A node that has another name and is the same otherwise was renamed.
"""

from collections.abc import Iterator, Mapping

import msgspec
from msgspec import structs

from appliance.engines.ivr.nodes import NODE_KINDS, node_of, nodes_of
from appliance.engines.ivr.order import callers_order
from appliance.reports.words_flow_changes import change_word
from appliance.vocabulary.ids import NodeName
from appliance.vocabulary.settings import Flow, Language
from appliance.vocabulary.shape import Value

Table = Mapping[str, object]
LONGEST_SHOWN = 160
"""Characters of a text; more is cut."""


class FlowChange(Value, frozen=True, kw_only=True):
    """One difference."""

    what: str
    """added, removed, renamed, kind, leads, text, setting; flow_new, flow_gone, start, written."""
    node: str = ""
    kind: str = ""
    """Of the node."""
    key: str = ""
    """keys.2, next, text, texts.en, attempts…"""
    was: str | None = None
    """null: it was not there."""
    now: str | None = None


def flow_changes(before: Flow | None, after: Flow | None) -> list[FlowChange]:
    """Return every difference, those of the whole flow first, then as callers come to them."""
    if before is None or after is None:
        if before is after:
            return []
        return [FlowChange(what="flow_new" if before is None else "flow_gone")]
    if before == after:
        return []
    renamed = _renamed(before, after)
    changes = [FlowChange(what="renamed", node=now, was=was, now=now) for was, now in renamed]
    before = _with_names(before, dict(renamed))
    if before.start != after.start:
        changes.insert(0, FlowChange(what="start", was=before.start, now=after.start))
    if before.language != after.language:
        was, now = before.language, after.language
        changes.insert(0, FlowChange(what="setting", key="language", was=was, now=now))
    changes += _node_changes(before, after)
    return changes or [FlowChange(what="written")]


def change_sentences(changes: list[FlowChange], language: Language) -> list[str]:
    """Tell the differences; that there is none, where there is none."""
    if not changes:
        return [change_word("nothing is different", language)]
    return [change_sentence(one, language) for one in changes]


def change_sentence(change: FlowChange, language: Language) -> str:
    """Tell one of them."""
    return change_word(_key_of(change), language).format(
        node=change.node,
        kind=change.kind,
        key=_place(change.key, language),
        was=_short(change.was),
        now=_short(change.now),
    )


def _key_of(change: FlowChange) -> str:
    match change.what:
        case "leads" | "text" | "setting":
            group = change.what if change.node else "flow setting"
            if change.was is None:
                return SENTENCES[f"{group} new"]
            if change.now is None:
                return SENTENCES[f"{group} gone"]
            return SENTENCES[group]
        case _:
            return SENTENCES[change.what]


SENTENCES = {
    "flow_new": "the flow is new",
    "flow_gone": "the flow is gone",
    "written": "written otherwise; callers notice nothing",
    "start": "the flow begins at '{now}' now (was '{was}')",
    "flow setting": "{key} of the flow is now {now} (was {was})",
    "flow setting new": "{key} of the flow is now {now} (was not set)",
    "flow setting gone": "{key} of the flow is not set any more (was {was})",
    "added": "{kind} '{node}' added",
    "removed": "{kind} '{node}' removed",
    "renamed": "'{was}' is called '{now}' now",
    "kind": "'{node}' is a {now} now (was a {was})",
    "leads": "{kind} '{node}': {key} now leads to '{now}' (was '{was}')",
    "leads new": "{kind} '{node}': {key} is new and leads to '{now}'",
    "leads gone": "{kind} '{node}': {key} is gone (led to '{was}')",
    "text": "{kind} '{node}': {key} is now “{now}” (was “{was}”)",
    "text new": "{kind} '{node}': {key} is new: “{now}”",
    "text gone": "{kind} '{node}': {key} is gone (was “{was}”)",
    "setting": "{kind} '{node}': {key} is now {now} (was {was})",
    "setting new": "{kind} '{node}': {key} is now {now} (was not set)",
    "setting gone": "{kind} '{node}': {key} is not set any more (was {was})",
}
"""Of each kind of change, as words_flow_changes.py knows them."""
_PLACES = {"keys": "key {key}", "cases": "case “{key}”", "texts": "text ({key})"}


def _place(key: str, language: Language) -> str:
    """keys.2 → key 2, as people call it; other names are those of the document."""
    group, dot, rest = key.partition(".")
    if dot and group in _PLACES:
        return change_word(_PLACES[group], language).format(key=rest)
    return change_word("text", language) if key == "text" else key


def _short(text: str | None) -> str:
    shown = text or ""
    return shown if len(shown) <= LONGEST_SHOWN else shown[: LONGEST_SHOWN - 1] + "…"


# --- nodes --------------------------------------------------------------------------------------
def _node_changes(before: Flow, after: Flow) -> Iterator[FlowChange]:
    for name, table in before.node.items():
        if name not in after.node:
            yield FlowChange(what="removed", node=name, kind=_kind(table))
    order = callers_order(after.start, nodes_of(after))
    for name in (*order, *(name for name in after.node if name not in order)):
        table = after.node[name]
        old = before.node.get(name)
        if old is None:
            yield FlowChange(what="added", node=name, kind=_kind(table))
        elif _kind(old) != _kind(table):
            was, now = _kind(old), _kind(table)
            yield FlowChange(what="kind", node=name, kind=now, was=was, now=now)
        else:
            yield from _in_node(name, old, table)


def _in_node(name: NodeName, before: Table, after: Table) -> Iterator[FlowChange]:
    targets = _targets(before) | _targets(after)
    was, now = _settings(before, after)
    for key in dict.fromkeys((*now, *was)):
        if was.get(key) == now.get(key):
            continue
        what = "leads" if key in targets else "setting"
        if key.partition(".")[0] in TEXTS:
            what = "text"
        yield FlowChange(
            what=what,
            node=name,
            kind=_kind(after),
            key=key,
            was=_shown(was.get(key)),
            now=_shown(now.get(key)),
        )


TEXTS = ("text", "texts", "refused_text")


def _kind(table: Table) -> str:
    return str(table.get("kind", "?"))


def _settings(before: Table, after: Table) -> tuple[dict[str, object], dict[str, object]]:
    """Both with their defaults, if both can be read; keys of maps one by one, "keys.2"."""
    try:
        whole = tuple(msgspec.to_builtins(node_of(dict(one))) for one in (before, after))
    except (LookupError, msgspec.ValidationError):
        whole = tuple({key: one[key] for key in one if key != "kind"} for one in (before, after))
    was, now = (_flat(one) for one in whole)
    return was, now


def _flat(settings: Table) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in settings.items():
        if isinstance(value, Mapping):
            found |= {f"{key}.{inner}": one for inner, one in value.items()}
        elif value not in (None, "", [], ()):
            found[key] = value
    return found


def _targets(table: Table) -> set[str]:
    try:
        return {target.key for target in node_of(dict(table)).targets()}
    except (LookupError, msgspec.ValidationError):
        return set()


def _shown(value: object) -> str | None:
    match value:
        case None | str():
            return value
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case list() | tuple():
            return ", ".join(_shown(one) or "" for one in value)
        case Mapping():
            return ", ".join(f"{key} = {_shown(one)}" for key, one in value.items())
        case _:
            return str(value)


# --- renamed nodes ------------------------------------------------------------------------------
def _renamed(before: Flow, after: Flow) -> list[tuple[NodeName, NodeName]]:
    """Nodes that are gone beside new ones that are the same but for their name."""
    found: list[tuple[NodeName, NodeName]] = []
    while (pair := _renamed_one(before, after)) is not None:
        found.append(pair)
        before = _with_names(before, dict([pair]))
    return found


def _renamed_one(before: Flow, after: Flow) -> tuple[NodeName, NodeName] | None:
    new = [name for name in after.node if name not in before.node]
    for was, table in before.node.items():
        if was in after.node or _kind(table) not in NODE_KINDS:
            continue
        for now in new:
            is_kind = _kind(table) == _kind(after.node[now])
            if is_kind and _led(table, {was: now}) == after.node[now]:
                return was, now
    return None


def _with_names(flow: Flow, names: Mapping[NodeName, NodeName]) -> Flow:
    """Return the flow with nodes renamed, and with all that leads to them."""
    if not names:
        return flow
    return structs.replace(
        flow,
        start=names.get(flow.start, flow.start),
        node={names.get(name, name): _led(table, names) for name, table in flow.node.items()},
    )


def _led(table: dict[str, object], names: Mapping[NodeName, NodeName]) -> dict[str, object]:
    targets = _targets(table)
    return {
        key: {
            inner: _name(one, names) if f"{key}.{inner}" in targets else one
            for inner, one in value.items()
        }
        if isinstance(value, dict)
        else _name(value, names)
        if key in targets
        else value
        for key, value in table.items()
    }


def _name(value: object, names: Mapping[NodeName, NodeName]) -> object:
    return names.get(NodeName(value), value) if isinstance(value, str) else value
