"""The things of a site as the page names them, above what would change of them."""

from webadmin.languages import mark, say

KINDS = {
    "phone": mark("Phones"),
    "agent": mark("Agents"),
    "queue": mark("Queues"),
    "trunk": mark("Trunks"),
    "flow": mark("Flows"),
    "calendar": mark("Calendars"),
    "route": mark("Numbers and where they lead"),
    "outbound rule": mark("Rules for outgoing calls"),
    "ring group": mark("Ring groups"),
    "webhook": mark("Webhooks"),
    "box": mark("Voicemail boxes"),
    "survey": mark("Surveys"),
    "table": mark("Tables"),
    "service": mark("Services that flows ask"),
}
"""By the words of store/site_changes.py; what there is one of is named as in the file."""


def kind(name: str) -> str:
    """Return the heading of one kind."""
    return say(KINDS[name]) if name in KINDS else f"[{name}]"
