"""What `linghe apply --check` says of a file that nothing is wrong in: what it would change."""

import secrets
from collections.abc import Mapping
from typing import TypeVar

from appliance.daemons.command_line.verb import paths
from appliance.store.secrets import Secrets
from appliance.store.site_changes import changes_said
from appliance.store.site_difference import differences
from appliance.store.site_file import SecretsGiven
from appliance.vocabulary.linghe_json import Checked
from appliance.vocabulary.settings import Site

Name = TypeVar("Name", bound=str)


def checked(before: Site, after: Site, given: SecretsGiven, advice: list[str]) -> Checked:
    """Compare."""
    passwords = _passwords(given)
    return Checked(
        site_version=before.version,
        would_change=bool(changes_said(before, after) or passwords),
        differences=tuple(differences(before, after)),
        passwords=tuple(passwords),
        phones=tuple(given.made),
        advice=tuple(advice),
    )


def _passwords(given: SecretsGiven) -> list[str]:
    kept = Secrets(paths().secrets, secrets.token_bytes)
    found = [
        *_others("trunk", given.trunk, kept.trunk_secrets()),
        *_others("webhook", given.webhook, kept.webhook_secrets()),
        *_others("service", given.service, kept.service_secrets()),
    ]
    return found + (["mail"] if given.mail and kept.mail_secret() != "".join(given.mail) else [])


def _others(kind: str, new: Mapping[Name, str], old: Mapping[Name, str]) -> list[str]:
    return [f"{kind} {name}" for name, secret in new.items() if old.get(name) != secret]
