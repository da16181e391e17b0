"""A flow as people see it: its nodes, a dry run of it and advice on it, in words.

For `linghe flow`, `linghe apply` and the page "Flows".
"""

from datetime import datetime

from appliance.engines.ivr.advice import Advice, flow_advice
from appliance.engines.ivr.check import check_flow
from appliance.engines.ivr.dry_run import DryRun, Step, dry_run, found_meant, keys_meant
from appliance.engines.ivr.facts import CallFacts
from appliance.engines.ivr.nodes import nodes_of
from appliance.engines.ivr.nodes.lookup import LookupNode
from appliance.engines.ivr.order import callers_order
from appliance.reports.hours import end_sentence
from appliance.reports.words import words_for
from appliance.reports.words_flow import flow_word
from appliance.reports.words_phrases import HEARD_PHRASES
from appliance.vocabulary.ids import FlowId, NodeName, TableId
from appliance.vocabulary.settings import Flow, Language, Site
from appliance.vocabulary.shape import Value

_ADVICE = {
    "deep": "{node}: the {value}th menu in a row; callers lose patience after {limit}",
    "wide": "{node}: {value} choices; nobody keeps more than {limit} in mind",
    "long": (
        "{node}: about {value} s of talk until the first key that is of use; {limit} s are plenty"
    ),
    "braces": (
        "{node}: {name} in a text is spoken as it stands; only value of a say node knows variables"
    ),
}


class NodeShown(Value, frozen=True, kw_only=True):
    """One node as it stands in the site."""

    name: NodeName
    kind: str
    says: tuple[str, ...]
    """Its own texts, in every language that it has."""
    leads: tuple[tuple[str, NodeName], ...]
    """By what (a key, open, otherwise…), and where."""


def nodes_shown(flow: Flow, site: Site) -> tuple[NodeShown, ...]:
    """Return the nodes as a caller comes to them."""
    nodes = nodes_of(flow)
    language = flow.language or site.site.language
    return tuple(
        NodeShown(
            name=name,
            kind=nodes[name].kind,
            says=tuple(said.text for said in nodes[name].sayings(language)),
            leads=tuple(
                (target.key.partition(".")[2] or target.key, target.node)
                for target in nodes[name].targets()
            ),
        )
        for name in callers_order(flow.start, nodes)
    )


def tables_asked(flow: Flow) -> set[TableId]:
    """Return the tables that this flow looks things up in."""
    return {node.table for node in nodes_of(flow).values() if isinstance(node, LookupNode)}


def advice_sentences(flow: Flow, site: Site, language: Language) -> list[str]:
    """Return what callers would not like in a flow that can run; of another, nothing."""
    if check_flow(flow, site):
        return []
    return [advice_sentence(one, language) for one in flow_advice(flow, site)]


def found_told(text: str) -> dict[str, str] | None:
    """Read "name=Anna, level=gold"; None for what is not written so."""
    try:
        return found_meant(filter(str.strip, text.split(",")))
    except ValueError:
        return None


def way_told(
    site: Site,
    flow: FlowId,
    at: datetime,
    *,
    keys: str,
    caller: str,
    language: Language,
    found: str = "",
) -> list[str]:
    """Try a flow with the keys that somebody typed; ValueError for what no phone has. `found`:
    what tables and services know, as found_told reads it."""
    facts = CallFacts(caller=caller)
    known = found_told(found) or {}
    way = dry_run(site, flow, at, keys=keys_meant(keys), facts=facts, found=known)
    return way_sentences(way, flow, language)


class Trial(Value, frozen=True, kw_only=True):
    """A caller who is none."""

    keys: str = ""
    caller: str = ""
    called: str = ""
    is_answered: bool = True
    found: dict[str, str] = {}
    """What tables and services know, by variable."""


def way_of(site: Site, flow: FlowId, at: datetime, trial: Trial) -> DryRun:
    """Try a flow; ValueError for keys that no phone has."""
    return dry_run(
        site,
        flow,
        at,
        keys=keys_meant(trial.keys),
        facts=CallFacts(caller=trial.caller, called=trial.called),
        is_answered=trial.is_answered,
        found=trial.found,
    )


def way_sentences(way: DryRun, flow: str, language: Language) -> list[str]:
    """Tell the way node by node, a line each, and how it ends."""
    lines = [line for step in way.steps for line in _step(step, language)]
    end = end_sentence(way.ends, way.target, flow, language)
    lines.append(flow_word("ends: {end}", language).format(end=end))
    if way.keys_left:
        left = flow_word("keys that nobody took: {keys}", language)
        lines.append(left.format(keys=way.keys_left))
    return lines


def advice_sentence(advice: Advice, language: Language) -> str:
    """Tell what callers would not like."""
    text = flow_word(_ADVICE[advice.kind], language)
    name = f"{{{advice.name}}}"
    return text.format(node=advice.node, value=advice.value, limit=advice.limit, name=name)


def _step(step: Step, language: Language) -> list[str]:
    head = flow_word("{node} ({kind}), by: {why}", language)
    lines = [head.format(node=step.node, kind=step.kind, why=step.why)]
    lines += ["    " + _said(text, language) for text in step.says]
    for keys, node in step.keys:
        text = "keyed in {keys} → {node}" if node else "keyed in {keys}: wrong"
        lines.append("    " + flow_word(text, language).format(keys=keys, node=node))
    return lines


def _said(text: str, language: Language) -> str:
    """A text of the site, or a sentence of the box as the timeline has it ("heard good-bye")."""
    phrase, _, value = text.partition(" ")
    if phrase in HEARD_PHRASES:
        return words_for(language)(HEARD_PHRASES[phrase]).format(value=value)
    return flow_word("says: {text}", language).format(text=text)
