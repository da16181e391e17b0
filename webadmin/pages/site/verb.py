"""`linghe apply` as the page runs it: the one way in which a site file is read and applied."""

import msgspec

from appliance.store.site_difference import Difference
from appliance.vocabulary.shape import Value
from webadmin.access import present_visitor, where
from webadmin.command import linghe_said


class Checked(Value, frozen=True, kw_only=True):
    """A file that could be applied, as `linghe apply --check --json` tells it."""

    site_version: int
    would_change: bool
    differences: tuple[Difference, ...]
    passwords: tuple[str, ...]
    phones: tuple[str, ...]
    advice: tuple[str, ...]


class Trouble(Value, frozen=True, kw_only=True):
    """The site is saved, and control did not take it up at once."""

    sentence: str


class Applied(Value, frozen=True, kw_only=True):
    """A file that was applied."""

    site_version: int
    changed: bool
    running: bool
    all_prompts_made: bool | None
    made_secrets: dict[str, str]
    """Of phones."""
    made_webhook_secrets: dict[str, str]
    error: Trouble | None = None


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
