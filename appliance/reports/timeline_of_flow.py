"""What a flow asked and told (vocabulary/facts_flows.py) as a timeline says it."""

from collections.abc import Callable

from appliance.reports.timeline_line import Said
from appliance.reports.timeline_of_call import Known
from appliance.vocabulary.facts_flows import FlowLookedUp, FlowTold
from appliance.vocabulary.journal import Entry
from appliance.vocabulary.lookups import LookupResult

LOOKUP_SENTENCES = {
    LookupResult.FOUND: "looked up in {source}: found",
    LookupResult.NOT_FOUND: "looked up in {source}: not found",
    LookupResult.FAILED: "looked up in {source}: no answer ({text})",
}


def _looked_up(fact: FlowLookedUp, entry: Entry, known: Known) -> Said:
    return Said(
        text_key=LOOKUP_SENTENCES[fact.result],
        values={"source": fact.source, "text": fact.text},
        is_main=fact.result == LookupResult.FAILED,
    )


def _told(fact: FlowTold, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="told {webhook}: {what}", values={"webhook": fact.webhook, "what": fact.what}
    )


FLOW_SAYS: dict[type, Callable[..., Said | None]] = {FlowLookedUp: _looked_up, FlowTold: _told}
