"""Facts of what desk phones do beyond facts_handling.py. One call id goes through all of them."""

from appliance.vocabulary.fact import Fact
from appliance.vocabulary.ids import AgentId, ExtensionNumber, FlowId, RecordingId


class EmergencyCalled(Fact, frozen=True, kw_only=True):
    """An emergency number of the country was dialled: no right is asked, every trunk is tried."""

    number: str
    extension: ExtensionNumber | None = None


class EmergencyModeStarted(Fact, frozen=True, kw_only=True):
    """From here every number of the site leads to the emergency flow; by code and PIN, or by the
    owner on the page."""

    extension: ExtensionNumber
    """At which phone it was keyed in; empty: on the page."""
    by: str = ""
    """Who did it on the page."""
    agent: AgentId | None = None
    """Who was signed in at it."""
    flow: FlowId


class EmergencyModeEnded(Fact, frozen=True, kw_only=True):
    """Numbers lead where they always do again."""

    extension: ExtensionNumber
    by: str = ""
    agent: AgentId | None = None
    seconds: float
    """How long it was on."""


class PromptRecorded(Fact, frozen=True, kw_only=True):
    """Somebody spoke a prompt at a phone and kept it; callers hear it from now on."""

    name: str
    extension: ExtensionNumber
    recording: RecordingId


DeskFact = EmergencyCalled | EmergencyModeStarted | EmergencyModeEnded | PromptRecorded
