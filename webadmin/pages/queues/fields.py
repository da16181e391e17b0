"""The fields of the forms: one line a key of the site file, in the order in which people read.

A form sends text; here it becomes the row that a site file would have, and a row becomes text.
What has no field of its own stands in the last one as in the site file, so that nothing is lost
and the page can say whatever the site file can.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from appliance.store.site_kinds import Wrong
from appliance.store.site_rows import STRATEGIES, keys_of, text_of_row
from webadmin.languages import mark

REST = "rest"
"""The last field's name: all keys that have none of their own."""
OVERFLOWS = ("", "hangup", "voicemail", "queue", "flow", "extension", "number")
TARGETS = {"voicemail": "box"}
"""Where the target of an overflow stands, if not under the overflow's own word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One key."""

    key: str
    """agents; service_level.seconds"""
    label: str
    form: str = "text"
    """text, number, truth, choice, list (a line each), map (lines name = value), where (an
    overflow), pin."""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Fields under one heading."""

    title: str
    fields: tuple[Field, ...]


def _of(form: str, **labels: str) -> tuple[Field, ...]:
    return tuple(Field(key=key, label=label, form=form) for key, label in labels.items())


QUEUE_GROUPS = (
    Group(
        title=mark("The queue"),
        fields=(
            *_of("text", name=mark("Name"), number=mark("Number to transfer to")),
            *_of("list", agents=mark("Agents, a number a line")),
            Field(key="strategy", label=mark("Strategy"), form="choice", choices=STRATEGIES),
            *_of(
                "number",
                ring_seconds=mark("A phone rings for (s)"),
                wrap_up_seconds=mark("Wrap-up (s)"),
                miss_limit=mark("Missed calls until not ready (0: never)"),
                reject_pause_seconds=mark("Pause after a rejected call (s)"),
            ),
        ),
    ),
    Group(
        title=mark("Whom it rings first"),
        fields=(
            *_of(
                "map",
                penalties=mark("Penalties: agent = penalty"),
                agent_weights=mark("Shares (strategy weighted): agent = weight"),
                skills=mark("Skills that are asked for: skill = level"),
            ),
            *_of(
                "number",
                relax_after_seconds=mark("Levels fall after each (s; 0: never)"),
                relax_by=mark("Levels fall by"),
                last_agent_days=mark("The last agent is remembered for (days)"),
            ),
            *_of(
                "list",
                vip_numbers=mark("VIP callers, a number a line"),
                vip_agents=mark("Agents for VIP callers"),
            ),
            *_of("number", vip_credit_seconds=mark("VIP callers count as waiting longer by (s)")),
        ),
    ),
    Group(
        title=mark("Waiting"),
        fields=(
            *_of(
                "number",
                max_waiting=mark("Callers at most"),
                max_wait_seconds=mark("Longest wait (s)"),
                weight=mark("Weight against other queues"),
                priority_seconds=mark("Its callers count as waiting longer by (s)"),
                announce_position_seconds=mark("Position is told every (s; 0: never)"),
            ),
            *_of("truth", announce_wait=mark("The expected wait is told too")),
            *_of("list", comfort=mark("Comfort messages, a sentence a line")),
            *_of("number", comfort_seconds=mark("A comfort message every (s)")),
            *_of("text", music=mark("Music (empty: the site’s)")),
        ),
    ),
    Group(
        title=mark("Where callers go whom nobody answers"),
        fields=(
            *_of(
                "where",
                overflow=mark("After the longest wait"),
                overflow_full=mark("When too many wait"),
                overflow_no_agent=mark("When no agent is signed in"),
            ),
            *_of("truth", overflow_when_unstaffed=mark("Nobody waits while no agent is signed in")),
        ),
    ),
    Group(
        title=mark("The talk"),
        fields=(
            *_of(
                "truth",
                record=mark("Talks are recorded"),
                announce_agent=mark("The agent’s number is told"),
            ),
            *_of("text", whisper=mark("Told to the agent before the talk")),
            *_of(
                "number",
                **{
                    "service_level.seconds": mark("Service level: answered within (s)"),
                    "service_level.target": mark("Service level: target (%%)"),
                    "service_level.variant": mark("Service level: formula (1 to 6)"),
                    "service_level.short_abandon_seconds": mark("Short abandons count up to (s)"),
                },
            ),
        ),
    ),
)
AGENT_GROUPS = (
    Group(
        title=mark("The agent"),
        fields=(
            *_of("text", name=mark("Name"), extension=mark("Phone")),
            *_of("pin", pin=mark("New PIN (empty: as it is)")),
            *_of("truth", signed_in=mark("Starts signed in")),
            Field(key="role", label=mark("Role"), form="choice", choices=("agent", "supervisor")),
            *_of(
                "map",
                skills=mark("Skills: skill = level"),
                break_minutes=mark("Breaks: reason = minutes a shift"),
            ),
        ),
    ),
)
GROUPS = {"queue": QUEUE_GROUPS, "agent": AGENT_GROUPS}
KEPT = {"queue": ("id",), "agent": ("id", "pin_digest")}
"""Keys that no field changes."""


def fields_of(table: str) -> list[Field]:
    """Return all fields of a form."""
    return [field for group in GROUPS[table] for field in group.fields]


def shown_in(table: str, row: Mapping[str, object], plain: Mapping[str, object]) -> dict[str, str]:
    """Return the text of each field, of a row with its defaults, and of the one without them."""
    own = {field.key.partition(".")[0] for field in fields_of(table)} | set(KEPT[table])
    found = {}
    for field in fields_of(table):
        value = _at(row, field.key)
        if field.form == "where":
            found[field.key], found[f"{field.key}.where"] = _where(value)
        else:
            found[field.key] = "" if field.form == "pin" else _text(value)
    found[REST] = text_of_row({key: plain[key] for key in plain if key not in own})
    return found


def row_in(
    table: str, sent: Mapping[str, str], former: Mapping[str, object]
) -> tuple[dict[str, object], list[Wrong]]:
    """Return the row that was sent, and what cannot be read in it."""
    row: dict[str, object] = {key: former[key] for key in KEPT[table] if former.get(key)}
    wrongs: list[Wrong] = []
    for field in fields_of(table):
        text = sent.get(field.key, "").replace("\r\n", "\n").strip()
        try:
            value = _value(field, text, sent.get(f"{field.key}.where", "").strip())
        except ValueError as error:
            wrongs.append(Wrong((field.key,), str(error)))
            continue
        if value is not None:
            _put(row, field.key, value)
    try:
        rest = tomllib.loads(sent.get(REST, "").replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:
        return row, [*wrongs, Wrong((REST,), f"this is not TOML: {error}")]
    own = [key for key in rest if key in row or key not in keys_of(table)]
    wrongs += [Wrong((REST,), f"{key} does not belong here") for key in own]
    return {**rest, **row}, wrongs


def field_named(table: str, path: Sequence[str | int]) -> str:
    """Return the name of the field that a fault is about; the last field's for all others."""
    dotted = ".".join(str(step) for step in path[:2])
    keys = [field.key for field in fields_of(table)]
    if dotted in keys:
        return dotted
    return str(path[0]) if path and path[0] in keys else REST


# --- values ---------------------------------------------------------------------------------------
def _at(row: Mapping[str, object], key: str) -> object:
    group, dot, rest = key.partition(".")
    value = row.get(group)
    return value.get(rest) if dot and isinstance(value, Mapping) else value


def _put(row: dict[str, object], key: str, value: object) -> None:
    group, dot, rest = key.partition(".")
    if not dot:
        row[key] = value
        return
    inner = row.setdefault(group, {})
    if isinstance(inner, dict):
        inner[rest] = value


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else ""
        case float():
            return f"{value:g}"
        case list() | tuple():
            return "\n".join(str(one) for one in value)
        case Mapping():
            return "\n".join(f"{key} = {_text(one)}" for key, one in value.items())
        case _:
            return str(value)


def _where(value: object) -> tuple[str, str]:
    """An overflow's kind, and its target."""
    if not isinstance(value, Mapping):
        return "", ""
    to = str(value.get("to", "hangup"))
    return to, str(value.get(TARGETS.get(to, to)) or "")


def _value(field: Field, text: str, where: str) -> object:
    """None: left out. ValueError for what cannot be read."""
    match field.form:
        case "truth":
            return text == "yes"
        case "number":
            return _number(text) if text else None
        case "list":
            return [line.strip() for line in text.split("\n") if line.strip()] or None
        case "map":
            return _map(text)
        case "where":
            if not text:
                return None
            target = {TARGETS.get(text, text): where} if where and text != "hangup" else {}
            return {"to": text, **target}
        case _:
            return text or None


def _number(text: str) -> object:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text  # the site's own check says what is expected


def _map(text: str) -> dict[str, object] | None:
    found: dict[str, object] = {}
    for line in filter(None, (one.strip() for one in text.split("\n"))):
        name, sign, value = line.partition("=")
        if not sign or not name.strip() or name.strip() in found:
            raise ValueError(f'expected lines as "name = 3", each name once, found "{line[:60]}"')
        found[name.strip()] = _number(value.strip())
    return found or None
