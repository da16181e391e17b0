"""A site as TOML text, in the order and form in which people write it."""

import json
import math
from collections.abc import Iterator, Mapping

import msgspec

from appliance.vocabulary.settings import Flow, Site, SiteFacts

HEAD = """\
# A whole site. `linghe apply FILE` makes the box so; `linghe export` prints the box in this form.
# ha1_… and pin_digest are digests; put secret = "…" or pin = "…" in their place to change them.
"""

FACTS = ("name", "language", "timezone", "country")
MORE_TABLES = ("ring_group", "table", "service", "survey")
TABLES = (
    "extension",
    "agent",
    "queue",
    "trunk",
    "flow",
    "calendar",
    "route",
    "outbound",
    "webhook",
    "voicemail_box",
)
ALWAYS = {"trunk": ("kind",), "flow": ("start",)}
"""Keys that are printed though they have their default."""


def text_of(site: Site) -> str:
    """Return the whole text. What has its default is left out, but for [site]."""
    parts = [HEAD, "\n[site]\n", *_facts(site.site)]
    document = msgspec.to_builtins(site)
    for table in ("parking", "talk_codes", "emergency_mode", "mail", "prompt_recording"):
        if table in document:
            if "from_" in document[table]:
                document[table]["from"] = document[table].pop("from_")
            parts += [f"\n[{table}]\n", *rows_of(document[table])]
    for table in (*TABLES, *MORE_TABLES):
        for row, whole in zip(document.get(table, ()), getattr(site, table), strict=True):
            if table == "calendar" and "open" in row:
                row["open"] = [_hours(hours) for hours in row["open"]]
            for name in ALWAYS.get(table, ()):
                row.setdefault(name, getattr(whole, name))
            parts.append(f"\n[[{table}]]\n")
            parts += _flow(row) if table == "flow" else rows_of(row)
    return "".join(parts)


def _facts(facts: SiteFacts) -> Iterator[str]:
    for name in FACTS:
        yield f"{name} = {_value(str(getattr(facts, name)))}\n"
    if facts.area_code:
        yield f"area_code = {_value(facts.area_code)}\n"
    if facts.music != SiteFacts().music:
        yield f"music = {_value(facts.music)}\n"
    if not facts.watch_phones:
        yield "watch_phones = false\n"


def text_of_flow(flow: Flow) -> str:
    """Return one flow as it stands in the whole text."""
    row = msgspec.to_builtins(flow)
    row.setdefault("start", flow.start)
    return "".join(["[[flow]]\n", *_flow(row)])


def rows_of(row: Mapping[str, object]) -> Iterator[str]:
    """Yield a table's lines, without its head."""
    for name, value in row.items():
        if value is not None:
            yield f"{_name(name)} = {_value(value)}\n"


def _hours(hours: Mapping[str, object]) -> dict[str, object]:
    """`from` is a word of Python's, so the field is called `from_`; not in public."""
    return {"days": hours["days"], "from": hours["from_"], "to": hours["to"]}


def _flow(row: dict[str, object]) -> Iterator[str]:
    nodes = row.pop("node", {})
    yield from rows_of(row)
    if isinstance(nodes, dict):
        for name, node in nodes.items():
            yield f"\n[flow.node.{_name(name)}]\n"
            yield from rows_of(node)


def _name(name: str) -> str:
    """A bare key where TOML allows one, but for keys of a phone: "1" as "*"."""
    is_bare = name[:1].isalpha() and all(
        char.isascii() and (char.isalnum() or char in "-_") for char in name
    )
    return name if is_bare else _string(name)


def _string(text: str) -> str:
    """A basic string: JSON's escapes are TOML's, but for DEL, which TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return _string(value)
        case int():
            return str(value)
        case float():
            is_whole = math.isfinite(value) and value == int(value) and abs(value) < 1e15
            return str(int(value)) if is_whole else repr(value)
        case Mapping():
            inner = ", ".join(f"{_name(str(name))} = {_value(one)}" for name, one in value.items())
            return f"{{ {inner} }}" if inner else "{}"
        case list() | tuple():
            return f"[{', '.join(_value(one) for one in value)}]"
        case _:
            return _string(str(value))
