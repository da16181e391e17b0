"""outside: rings a number outside, through the trunks of its [[outbound]] rule.

The number is the site's own, never one that a caller keyed in: nobody calls abroad at the shop's
cost by way of its menu.
"""

from typing import Annotated, ClassVar

from msgspec import Meta

from appliance.engines.ivr.commands import RingOutside
from appliance.engines.ivr.nodes.node import Wrong
from appliance.engines.ivr.nodes.ringing import RingingNode
from appliance.vocabulary.ids import Seconds
from appliance.vocabulary.settings import Site


class OutsideNode(RingingNode, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: number, text, ring_seconds, otherwise."""

    kind: ClassVar[str] = "outside"

    number: Annotated[str, Meta(pattern=r"^\+?[0-9]{2,32}$")]
    """As a phone of the site would dial it."""

    def wrongs(self, site: Site) -> list[Wrong]:
        """A rule must send it out (whether it lets this class of numbers go: site_check)."""
        if any(self.number.startswith(rule.prefix) for rule in site.outbound):
            return []
        return [Wrong(key="number", expected="a number that an [[outbound]] prefix begins")]

    def ringing(self) -> RingOutside:
        """This number."""
        return RingOutside(number=self.number, ring_for=Seconds(self.ring_seconds))
