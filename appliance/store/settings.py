"""settings.db: the site in versions, users, the claim code, the audit log."""

from pathlib import Path

from appliance.store.audit import Audit
from appliance.store.people import Claim, People
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.settings import Site
from appliance.vocabulary.shape import Value


class SiteVersion(Value, frozen=True, kw_only=True):
    """One saved version of the site."""

    version: int
    at: Utc
    by: str


class SettingsStore:
    """The settings file. Used by the thread that made it; several processes may open it."""

    people: People
    claim: Claim
    audit: Audit

    def __init__(self, path: Path) -> None:
        """Open or make settings.db. RefusedError when the file is newer than this code."""
        raise NotImplementedError

    def current(self) -> Site:
        """Return the site that holds now; version 0 and empty when there is none."""
        raise NotImplementedError

    def save(self, site: Site, *, by: str, at: Utc) -> Site:
        """Save a site as the next version and return it with its number, all or nothing.

        The same document as the current one is not written; its version is returned.
        """
        raise NotImplementedError

    def versions(self) -> list[SiteVersion]:
        """Return all versions, newest first."""
        raise NotImplementedError

    def site_at(self, version: int) -> Site | None:
        """Return the site of this version, None for one that never was."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the file."""
        raise NotImplementedError
