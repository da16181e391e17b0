"""Facts of what desk phones do beyond facts_handling.py. One call id goes through all of them."""

from appliance.vocabulary.fact import Fact
from appliance.vocabulary.ids import ExtensionNumber


class EmergencyCalled(Fact, frozen=True, kw_only=True):
    """An emergency number of the country was dialled: no right is asked, every trunk is tried."""

    number: str
    extension: ExtensionNumber | None = None


DeskFact = EmergencyCalled
