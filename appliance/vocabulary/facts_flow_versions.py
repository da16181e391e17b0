"""Facts of flows as documents."""

from appliance.vocabulary.fact import Fact
from appliance.vocabulary.ids import FlowId


class FlowPublished(Fact, frozen=True, kw_only=True):
    """From here on new calls take this version; those that run go on with theirs."""

    flow: FlowId
    version: int
    by: str
    why: str = ""
    back_to: int = 0
    """The older version that was put back by it; 0: none."""
