"""What is wrong in a flow or a calendar, said before it is applied."""

from appliance.vocabulary.ids import NodeName
from appliance.vocabulary.settings import Calendar, Flow, Site
from appliance.vocabulary.shape import Value


class FlowFault(Value, frozen=True, kw_only=True):
    """One fault: at which node and key, and what is expected there."""

    node: NodeName
    """"" for the flow itself."""
    key: str
    expected: str


def check_flow(flow: Flow, site: Site) -> list[FlowFault]:
    """Return every fault of a flow; empty when it can run."""
    raise NotImplementedError


def check_calendar(calendar: Calendar) -> list[FlowFault]:
    """Return every fault of a calendar (node is "")."""
    raise NotImplementedError
