"""What must hold of [emergency_mode], so that it works on the day when it is needed. Pure."""

from collections.abc import Iterator

from appliance.store.site_kinds import Wrong
from appliance.vocabulary.settings import EmergencyMode, Site


def wrong_emergency_mode(site: Site) -> Iterator[Wrong]:
    """Return a flow that is not there, and a mode that no PIN opens."""
    mode = site.emergency_mode
    if mode == EmergencyMode():
        return
    flows = [one.id for one in site.flow]
    if mode.flow not in flows:
        listed = ", ".join(flows[:12]) or "none"
        yield Wrong(
            ("emergency_mode", "flow"),
            f'expected a flow of this site ({listed}), found "{mode.flow}"',
        )
    if not mode.pin_digest:
        yield Wrong(("emergency_mode", "pin"), "expected the PIN that follows *09, 3 to 8 digits")
