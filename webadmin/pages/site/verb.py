"""`linghe apply` as the page runs it: the one way in which a site file is read and applied."""

import msgspec

from appliance.vocabulary.linghe_json import Applied, Checked
from webadmin.access import present_visitor, where
from webadmin.command import linghe_said


def check(text: str) -> Checked:
    """Say what a file would change. Raises SiteError with every fault, EquipmentError."""
    return msgspec.json.decode(
        linghe_said("apply", "--check", "-", said=text.encode()), type=Checked
    )


def apply(text: str, version: str) -> Applied:
    """Apply a file if this version of the site holds still. Raises SiteError, RefusedError
    (`site_changed`), EquipmentError."""
    words = (f"--by={present_visitor().name}", f"--where={where() or 'web'}")
    said = linghe_said("apply", *words, f"--if-version={version}", "-", said=text.encode())
    return msgspec.json.decode(said, type=Applied)
