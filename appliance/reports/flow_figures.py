"""Each node of each flow on a day: who came, who hung up there, wrong keys, how far to a person.

A hang-up counts at the node where the caller was when he did; what he does while he waits in a
queue, leaves a message or talks is no longer the flow's. Seconds to a person run from the node to
the first talk of the call, and their median is shown: one who waited an hour does not move it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import median

from appliance.reports.days import Day
from appliance.reports.tables import Table
from appliance.reports.words import Gettext
from appliance.vocabulary.ids import CallId, FlowId, Instant, NodeName, Utc
from appliance.vocabulary.journal import (
    Bridged,
    CallEnded,
    DigitPressed,
    Entry,
    NodeEntered,
    Side,
)
from appliance.vocabulary.settings import Site
from appliance.vocabulary.shape import State, Value

HANDED_ON = ("queue", "voicemail", "hangup")
"""Kinds of node after which the caller is no longer in the flow."""

Key = tuple[FlowId, NodeName]


class NodeFigures(Value, frozen=True, kw_only=True):
    """One node's day."""

    flow: FlowId
    node: NodeName
    kind: str
    entries: int
    hang_ups: int
    """Callers who hung up here."""
    wrong_keys: int
    to_person_s: float | None
    """Median seconds from here to a talk; None where nobody came to one."""


class FlowFigures(Value, frozen=True, kw_only=True):
    """All nodes that callers came to on a day, the most visited first."""

    day: Day
    nodes: tuple[NodeFigures, ...]

    def of(self, flow: FlowId, node: NodeName) -> NodeFigures | None:
        """Return one node's figures; None where nobody came."""
        return next((one for one in self.nodes if (one.flow, one.node) == (flow, node)), None)


class _Node(State, kw_only=True):
    kind: str
    entries: int = 0
    hang_ups: int = 0
    wrong_keys: int = 0
    seconds: list[float] = []


def flow_figures(entries: Sequence[Entry], site: Site, day: Day, now: Utc) -> FlowFigures:
    """Return the figures of the calls that entered on the day."""
    calls: dict[CallId, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.call is not None:
            calls[entry.call].append(entry)
    nodes: dict[Key, _Node] = {}
    for facts in calls.values():
        if day.start <= facts[0].at < day.end:
            _count(facts, nodes)
    counted = sorted(nodes.items(), key=lambda one: (-one[1].entries, one[0]))
    return FlowFigures(
        day=day,
        nodes=tuple(
            NodeFigures(
                flow=flow,
                node=name,
                kind=node.kind,
                entries=node.entries,
                hang_ups=node.hang_ups,
                wrong_keys=node.wrong_keys,
                to_person_s=median(node.seconds) if node.seconds else None,
            )
            for (flow, name), node in counted
        ),
    )


def _count(facts: Iterable[Entry], nodes: dict[Key, _Node]) -> None:
    """Take one call."""
    here: Key | None = None
    visits: list[tuple[Key, Instant]] = []
    for entry in facts:
        match entry.fact:
            case NodeEntered(flow=flow, node=name, node_kind=kind):
                here = (flow, name)
                nodes.setdefault(here, _Node(kind=kind)).entries += 1
                visits.append((here, entry.mono))
            case DigitPressed(leads_to="", node=name) if here is not None and name == here[1]:
                nodes[here].wrong_keys += 1
            case Bridged():
                for key, at in visits:
                    nodes[key].seconds.append(entry.mono - at)
                here, visits = None, []
            case CallEnded(by=Side.CALLER) if here is not None:
                nodes[here].hang_ups += nodes[here].kind not in HANDED_ON


def flow_tables(figures: FlowFigures, gettext: Gettext) -> tuple[Table, ...]:
    """Return them as one table."""
    headings = ("flow", "node", "kind", "callers", "hung up here", "wrong keys", "s to a person")
    return (
        Table(
            title=f"{gettext('Flows')} {figures.day.date}",
            headings=tuple(gettext(heading) for heading in headings),
            rows=tuple(
                (
                    one.flow,
                    one.node,
                    one.kind,
                    one.entries,
                    one.hang_ups,
                    one.wrong_keys,
                    one.to_person_s,
                )
                for one in figures.nodes
            ),
        ),
    )
