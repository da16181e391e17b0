"""What the facts of single legs (vocabulary/facts_legs.py) say in a timeline."""

from collections.abc import Callable

from appliance.reports.timeline_legs import CALLER
from appliance.reports.timeline_line import Said
from appliance.reports.timeline_of_call import Known
from appliance.vocabulary.facts_legs import LegConnected
from appliance.vocabulary.journal import Entry


def _connected(fact: LegConnected, entry: Entry, known: Known) -> Said:
    """A leg that we dialled is named by the fact: what tells of its talk comes later."""
    known_as = known.legs.labels.get(entry.leg) if entry.leg is not None else None
    phone = fact.extension or fact.number or known_as or CALLER
    key = "{phone} is connected by {transport}, its sound is not encrypted"
    if fact.is_encrypted:
        key = "{phone} is connected by {transport}, its sound is encrypted"
    return Said(
        text_key=key,
        values={"phone": phone, "transport": fact.transport.upper()},
        words=("phone",) if phone == CALLER else (),
    )


LEG_SAYS: dict[type, Callable[..., Said | None]] = {LegConnected: _connected}
