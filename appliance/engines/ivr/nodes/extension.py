"""extension: rings one phone, or a ring group by its number; when nobody answers, the flow goes on
at `otherwise`."""

from typing import ClassVar

from appliance.engines.ivr.commands import RingExtension
from appliance.engines.ivr.nodes.node import Wrong
from appliance.engines.ivr.nodes.ringing import RingingNode
from appliance.vocabulary.ids import ExtensionNumber, Seconds
from appliance.vocabulary.settings import Site


class ExtensionNode(RingingNode, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: extension, text, ring_seconds, otherwise."""

    kind: ClassVar[str] = "extension"

    extension: ExtensionNumber

    def wrongs(self, site: Site) -> list[Wrong]:
        """The extension, or the ring group, must be there."""
        numbers = [extension.number for extension in site.extension]
        numbers += [group.number for group in site.ring_group]
        if self.extension in numbers:
            return []
        expected = f"an extension or a ring group of this site: {', '.join(numbers) or 'none'}"
        return [Wrong(key="extension", expected=expected)]

    def ringing(self) -> RingExtension:
        """This phone."""
        return RingExtension(extension=self.extension, ring_for=Seconds(self.ring_seconds))
