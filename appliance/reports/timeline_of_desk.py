"""What the facts of desk phones (vocabulary/facts_desk.py) say in a timeline."""

from collections.abc import Callable

from appliance.reports.timeline_line import Said
from appliance.reports.timeline_of_call import Known
from appliance.vocabulary.facts_desk import EmergencyCalled
from appliance.vocabulary.journal import Entry


def _emergency(fact: EmergencyCalled, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="emergency number {number} dialled at {phone}",
        values={"number": fact.number, "phone": fact.extension or ""},
        is_main=True,
    )


DESK_SAYS: dict[type, Callable[..., Said | None]] = {EmergencyCalled: _emergency}
