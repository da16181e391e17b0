"""hours: asks a calendar whether the shop is open, and leads on without a pause."""

from typing import ClassVar

from appliance.engines.ivr.nodes.node import SpokenNode, Target, Turn, Wrong
from appliance.vocabulary.ids import CalendarId, NodeName
from appliance.vocabulary.settings import Site


class HoursNode(SpokenNode, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: calendar, open, closed, holiday."""

    kind: ClassVar[str] = "hours"

    calendar: CalendarId
    open: NodeName
    closed: NodeName
    holiday: NodeName | None = None
    """Where public holidays and closed dates lead; left out: closed."""

    def targets(self) -> list[Target]:
        """Either, by the clock."""
        found = [
            Target(key="open", node=self.open, is_quiet=True),
            Target(key="closed", node=self.closed, is_quiet=True),
        ]
        if self.holiday is not None:
            found.append(Target(key="holiday", node=self.holiday, is_quiet=True))
        return found

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
        elif self.holiday is not None and turn.is_holiday(self.calendar):
            turn.go(self.holiday, "holiday")
        else:
            turn.go(self.closed, "closed")
