"""A dry run of a flow, and advice on it, in words: for `linghe flow` and `linghe apply`."""

from appliance.engines.ivr.advice import Advice
from appliance.engines.ivr.dry_run import DryRun, Step
from appliance.reports.hours import end_sentence
from appliance.reports.words_flow import flow_word
from appliance.vocabulary.settings import Language

_ADVICE = {
    "deep": "{node}: the {value}th menu in a row; callers lose patience after {limit}",
    "wide": "{node}: {value} choices; nobody keeps more than {limit} in mind",
    "long": (
        "{node}: about {value} s of talk until the first key that is of use; {limit} s are plenty"
    ),
}


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
    return text.format(node=advice.node, value=advice.value, limit=advice.limit)


def _step(step: Step, language: Language) -> list[str]:
    head = flow_word("{node} ({kind}), by: {why}", language)
    lines = [head.format(node=step.node, kind=step.kind, why=step.why)]
    said = flow_word("says: {text}", language)
    lines += ["    " + said.format(text=text) for text in step.says]
    for keys, node in step.keys:
        text = "keyed in {keys} → {node}" if node else "keyed in {keys}: wrong"
        lines.append("    " + flow_word(text, language).format(keys=keys, node=node))
    return lines
