"""What `linghe apply` leaves in the audit log: which user of the machine, and what is different."""

import os
import pwd
import secrets
import time

from appliance.daemons.command_line.verb import paths
from appliance.store.audit import AuditLine
from appliance.store.secrets import Secrets
from appliance.store.settings import SettingsStore
from appliance.store.site_changes import changes_said
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.settings import Site

SUDO = "SUDO_USER"
"""Who became root for it, where sudo says so."""


def kept_secrets() -> dict[tuple[str, str], str]:
    """Return the passwords that no site has, by kind and name."""
    kept = Secrets(paths().secrets, secrets.token_bytes)
    found = {("trunk", str(name)): text for name, text in kept.trunk_secrets().items()}
    found |= {("service", str(name)): text for name, text in kept.service_secrets().items()}
    found |= {("mail", ""): kept.mail_secret()}
    return found | {("webhook", str(name)): text for name, text in kept.webhook_secrets().items()}


def note_applied(
    store: SettingsStore,
    before: Site,
    saved: Site,
    secrets_before: dict[tuple[str, str], str],
    *,
    by: str,
    where: str = "",
) -> None:
    """Write the line, unless all is as it was; without any secret in it."""
    after = kept_secrets()
    names = secrets_before.keys() | after.keys()
    count = sum(secrets_before.get(name) != after.get(name) for name in names)
    said = [changes_said(before, saved)] if saved.version != before.version else []
    if count:
        words = "password" if count == 1 else "passwords"
        said.append(f"{count} {words} of trunks, webhooks, services or mail changed")
    if said:
        detail = f"version {saved.version}: {'; '.join(said)}"
        who = by if where else f"{by} ({local_user()})"
        store.audit.note(
            AuditLine(
                at=Utc(time.time()), by=who, what="site_applied", detail=detail[:500], where=where
            )
        )


def local_user() -> str:
    """Return who it is on this machine, and who he was before sudo."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        user = f"uid {os.getuid()}"
    return f"{os.environ[SUDO]} as {user}" if os.environ.get(SUDO) else user
