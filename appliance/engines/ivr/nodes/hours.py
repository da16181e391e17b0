"""hours: asks a calendar whether the shop is open, and leads on without a pause."""

from typing import ClassVar

from appliance.engines.ivr.nodes.node import SpokenNode, Target, Turn, Wrong
from appliance.vocabulary.ids import CalendarId, NodeName
from appliance.vocabulary.settings import Site


class HoursNode(SpokenNode, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: calendar, open, closed."""

    kind: ClassVar[str] = "hours"

    calendar: CalendarId
    open: NodeName
    closed: NodeName

    def targets(self) -> list[Target]:
        """Either, by the clock."""
        return [
            Target(key="open", node=self.open, is_quiet=True),
            Target(key="closed", node=self.closed, is_quiet=True),
        ]

    def wrongs(self, site: Site) -> list[Wrong]:
        """The calendar must be there."""
        names = [calendar.id for calendar in site.calendar]
        if self.calendar in names:
            return []
        expected = f"a calendar of this site: {', '.join(names) or 'none'}"
        return [Wrong(key="calendar", expected=expected)]

    def work(self, turn: Turn) -> None:
        """Look at the clock."""
        turn.state.is_closed = not turn.is_open(self.calendar)
        if not turn.state.is_closed:
            turn.go(self.open, "open")
        else:
            turn.go(self.closed, "closed")
