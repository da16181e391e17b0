"""The flows at work, by call, and the versions that some of them run on though they are published
no more."""

from collections.abc import Iterable

from appliance.engines.calls.state import CallState
from appliance.engines.ivr.run import FlowRun
from appliance.engines.ivr.versions import KeptFlows
from appliance.vocabulary.ids import CallId, FlowId


class FlowRuns(dict[CallId, FlowRun]):
    """A running flow is made anew from CallState.run after a restart; `kept` has what it needs."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: KeptFlows = {}
        """Given after a restart, before calls go on."""


def versions_in_use(calls: Iterable[CallState]) -> dict[tuple[FlowId, int], int]:
    """Return how many calls still are in a flow of each version; a call in a queue is in none."""
    found: dict[tuple[FlowId, int], int] = {}
    for call in calls:
        if call.run is not None and not call.run.is_over:
            for one in call.run.versions.items():
                found[one] = found.get(one, 0) + 1
    return found
