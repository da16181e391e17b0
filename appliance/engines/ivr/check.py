"""What is wrong in a flow or a calendar, said before it is applied.

A flow that passes cannot strand a caller: every node can be read, leads only to nodes that are
there, can be reached, and no round lacks a place where the caller's keys are waited for.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from appliance.engines.ivr.calendar import minute_of, weekdays_of, wrong_dates
from appliance.engines.ivr.holidays import HOLIDAY_KEYS
from appliance.engines.ivr.nodes import NODE_KINDS, node_of
from appliance.engines.ivr.nodes.node import Node
from appliance.engines.ivr.nodes.queue import QueueNode
from appliance.engines.ivr.nodes.subflow import SubflowNode
from appliance.engines.ivr.order import callers_order, reached
from appliance.vocabulary.ids import NodeName
from appliance.vocabulary.settings import Calendar, Flow, Site
from appliance.vocabulary.shape import Value

WORDLESS = "what is to be said, or prompt = … with the name of a recording"


class FlowFault(Value, frozen=True, kw_only=True):
    """One fault: at which node and key, and what is expected there: words for after "expected"."""

    node: NodeName
    """"" for the flow itself."""
    key: str
    expected: str


def check_flow(flow: Flow, site: Site) -> list[FlowFault]:
    """Return every fault of a flow; empty when it can run."""
    faults: list[FlowFault] = []
    nodes: dict[NodeName, Node] = {}
    for name, table in flow.node.items():
        made = _made(name, table)
        if isinstance(made, FlowFault):
            faults.append(made)
        else:
            nodes[name] = made
    faults += _wrong_settings(nodes, site)
    faults += _dangling(flow, nodes)
    if faults:
        # reachability and rounds of a flow that cannot be read would be guesses
        return faults
    return [*_unreachable(flow, nodes), *_rounds(nodes), *_recursions(flow, nodes, site)]


def check_calendar(calendar: Calendar) -> list[FlowFault]:
    """Return every fault of a calendar (node is "")."""
    return [
        FlowFault(node=NodeName(""), key=key, expected=expected)
        for key, expected in _calendar_faults(calendar)
    ]


# --- flows --------------------------------------------------------------------------------------
def _made(name: NodeName, table: dict[str, object]) -> Node | FlowFault:
    try:
        return node_of(table)
    except LookupError:
        expected = f"one of: {', '.join(NODE_KINDS)}"
        found = table.get("kind")
        expected += f', found "{found}"' if isinstance(found, str) else ""
        return FlowFault(node=name, key="kind", expected=expected)
    except msgspec.ValidationError as error:
        key, expected = _said_of(str(error))
        return FlowFault(node=name, key=key, expected=expected)


_UNKNOWN_KEY = re.compile(r"unknown field `(?P<key>[^`]*)`")
_MISSING_KEY = re.compile(r"missing required field `(?P<key>[^`]*)`")
_PATH = re.compile(r" - at `(?:key in )?\$?\.?(?P<key>[^`]*)`")


def _said_of(error: str) -> tuple[str, str]:
    """Key and expectation from a sentence of msgspec."""
    if (match := _UNKNOWN_KEY.search(error)) is not None:
        return match["key"], "a key that nodes of this kind have"
    if (match := _MISSING_KEY.search(error)) is not None:
        return match["key"], "this key, which a node of this kind must have"
    match = _PATH.search(error)
    key = "" if match is None else match["key"]
    sentence = error if match is None else error[: match.start()]
    said = sentence.replace("`", '"').replace(", got ", ", found ")
    return key, said.removeprefix("Expected ")


def _wrong_settings(nodes: dict[NodeName, Node], site: Site) -> Iterator[FlowFault]:
    for name, node in nodes.items():
        for wrong in node.wrongs(site):
            yield FlowFault(node=name, key=wrong.key, expected=wrong.expected)
        if node.must_speak and not (node.speaks or node.texts):
            yield FlowFault(node=name, key="text", expected=WORDLESS)


def _dangling(flow: Flow, nodes: dict[NodeName, Node]) -> Iterator[FlowFault]:
    """Names of nodes that are not there (a node that cannot be read is there)."""
    expected = f"a node of this flow: {', '.join(flow.node) or 'none'}"
    if flow.start not in flow.node:
        found = f'{expected}, found "{flow.start}"'
        yield FlowFault(node=NodeName(""), key="start", expected=found)
    for name, node in nodes.items():
        for target in node.targets():
            if target.node not in flow.node:
                found = f'{expected}, found "{target.node}"'
                yield FlowFault(node=name, key=target.key, expected=found)


def _unreachable(flow: Flow, nodes: dict[NodeName, Node]) -> Iterator[FlowFault]:
    """Nodes that no caller can come to. The first queue is where callers fall back to."""
    order = callers_order(flow.start, nodes)
    found = set(reached(flow.start, nodes))
    first_queue = next((name for name in order if isinstance(nodes[name], QueueNode)), None)
    if first_queue is not None:
        found.update(reached(first_queue, nodes))
    for name in nodes:
        if name not in found:
            yield FlowFault(
                node=name, key="", expected="a way that leads here from the start, or no such node"
            )


def _rounds(nodes: dict[NodeName, Node]) -> Iterator[FlowFault]:
    """Rounds in which nobody waits for the caller's keys."""
    quiet: dict[str, list[str]] = {
        name: [target.node for target in node.targets() if target.is_quiet]
        for name, node in nodes.items()
    }
    for name, node in nodes.items():
        for target in node.targets():
            if target.is_quiet and _leads_to(quiet, target.node, name):
                yield FlowFault(
                    node=name,
                    key=target.key,
                    expected="a way out: from here the flow goes round for ever without a menu",
                )


def _recursions(flow: Flow, nodes: dict[NodeName, Node], site: Site) -> Iterator[FlowFault]:
    """Sub-flows by which this flow would call itself."""
    calls = {
        str(one.id): [
            str(node["flow"]) for node in one.node.values() if node.get("kind") == SubflowNode.kind
        ]
        for one in site.flow
    }
    for name, node in nodes.items():
        if isinstance(node, SubflowNode) and _leads_to(calls, node.flow, flow.id):
            yield FlowFault(
                node=name, key="flow", expected="a flow that does not come round to this one"
            )


def _leads_to(graph: Mapping[str, Sequence[str]], start: str, goal: str) -> bool:
    seen: set[str] = set()
    open_ends = [start]
    while open_ends:
        name = open_ends.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            open_ends += graph.get(name, ())
    return False


# --- calendars ----------------------------------------------------------------------------------
def _calendar_faults(calendar: Calendar) -> Iterator[tuple[str, str]]:
    for number, hours in enumerate(calendar.open):
        key = f"open[{number}]"
        if not _is_readable(weekdays_of, hours.days):
            yield f"{key}.days", 'days such as "mon-fri", "sat" or "mon,wed"'
        if not _is_readable(minute_of, hours.from_):
            yield f"{key}.from", 'a time "HH:MM"'
        if not _is_readable(minute_of, hours.to):
            yield f"{key}.to", 'a time "HH:MM"'
    if calendar.holidays and calendar.holidays not in HOLIDAY_KEYS:
        yield "holidays", f"one of: {', '.join(HOLIDAY_KEYS)}; or nothing"
    for key, names in (
        ("closed_dates", calendar.closed_dates),
        ("open_dates", calendar.open_dates),
    ):
        for name in wrong_dates(names):
            yield key, f'dates "YYYY-MM-DD", or "MM-DD" for every year, not "{name}"'


def _is_readable(reader: Callable[[str], object], text: str) -> bool:
    try:
        reader(text)
    except ValueError:
        return False
    return True
