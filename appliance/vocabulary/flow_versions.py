"""A flow as a document that grows: its published versions, and the draft beside them."""

from appliance.vocabulary.ids import FlowId, Utc
from appliance.vocabulary.settings import Flow
from appliance.vocabulary.shape import Value

KEPT_VERSIONS = 100
"""Of each flow; older ones go, unless a call still runs on them."""


class FlowVersion(Value, frozen=True, kw_only=True):
    """One published version."""

    flow: FlowId
    version: int
    """From 1 on, never given twice."""
    at: Utc
    by: str
    why: str = ""
    back_to: int = 0
    """The older version that was put back by it; 0: none."""
    content: Flow


class FlowDraft(Value, frozen=True, kw_only=True):
    """What somebody works on: saved, and heard by nobody. One a flow."""

    flow: FlowId
    at: Utc
    by: str
    why: str = ""
    based_on: int = 0
    """The version that was published when it was saved; 0: the site had no such flow."""
    content: Flow
