"""Facts of flows beyond journal.py: what was looked up for a caller, and who was told of him."""

from appliance.vocabulary.fact import Fact
from appliance.vocabulary.ids import NodeName, Seconds, WebhookId
from appliance.vocabulary.lookups import LookupResult


class FlowLookedUp(Fact, frozen=True, kw_only=True):
    """A table or a service was asked for this call. No value stands here: they may be private."""

    node: NodeName
    source: str
    """The table's or the service's id in the site."""
    is_table: bool = False
    result: LookupResult
    text: str = ""
    """failed: why."""
    seconds: Seconds = Seconds(0.0)
    """How long the caller's flow waited for it."""


class FlowTold(Fact, frozen=True, kw_only=True):
    """A flow tells other people's programs of this call; webhooks deliver it."""

    node: NodeName
    webhook: WebhookId
    what: str
    """The site's own word for it."""
    values: dict[str, str] = {}


FlowFact = FlowLookedUp | FlowTold
