"""A backup of the box that LINGHE_DATA names: for the command line and for a stick."""

import secrets
import time
from collections.abc import Callable
from pathlib import Path

import appliance
from appliance.store.audit import AuditLine
from appliance.store.backup import Made, back_up
from appliance.store.backup_file import Manifest
from appliance.store.places import Paths
from appliance.store.secrets import Secrets
from appliance.store.settings import SettingsStore
from appliance.vocabulary.ids import Utc


def backed_up(
    paths: Paths,
    target: Path,
    *,
    by: str,
    with_recordings: bool,
    progress: Callable[[str], None],
) -> Manifest:
    """Make it, read it back, note it in the audit log. Raises EquipmentError with a sentence."""
    store = SettingsStore(paths.settings)
    try:
        site = store.current()
        manifest = back_up(
            paths,
            target,
            Made(
                at=Utc(time.time()),
                version=appliance.__version__,
                site_name=site.site.name,
                site_version=site.version,
            ),
            key=Secrets(paths.secrets, secrets.token_bytes).box_key(),
            with_recordings=with_recordings,
            progress=progress,
        )
        line = AuditLine(at=Utc(time.time()), by=by, what="backup_made", detail=target.name)
        store.audit.note(line)
    finally:
        store.close()
    return manifest
