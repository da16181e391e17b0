"""A whole site in one TOML file: read it, write it. The form that people keep in their own hands.

Reading is all or nothing: every fault is found and told with its line. Reading the same file again
gives the same site, though salts and left-out secrets are random: what the box has already is
kept as long as it fits the file. Written are digests, never secrets.
"""

import datetime
import hashlib
import re
import tomllib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

import msgspec

from appliance.store.site_check import check_site
from appliance.store.site_keys import SITE
from appliance.store.site_kinds import Wrong, wrongs_in
from appliance.store.site_lines import Path, line_of, lines_of
from appliance.store.site_text import text_of
from appliance.vocabulary.errors import SiteError, SiteFault
from appliance.vocabulary.ids import ExtensionNumber, ServiceId, TrunkId, WebhookId
from appliance.vocabulary.pins import pin_digest, pin_matches
from appliance.vocabulary.settings import Agent, Extension, Site
from appliance.vocabulary.settings_messages import VoicemailBoxFacts

REALM = "linghe"
"""Digest realm of the box (RFC 3261 §22.4); the HA1 digests are bound to it."""

Rows = list[dict[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretsGiven:
    """What the file held, or left out, and must not stand in the site itself."""

    trunk: dict[TrunkId, str] = field(default_factory=dict)
    """Trunks' passwords that stand in the file. One left out is kept as it is."""
    webhook: dict[WebhookId, str] = field(default_factory=dict)
    """Webhooks' secrets that stand in the file. One left out is kept, or made."""
    service: dict[ServiceId, str] = field(default_factory=dict)
    """Services' secrets that stand in the file. One left out is kept as it is."""
    mail: list[str] = field(default_factory=list)
    """The mail server's password, where it stands in the file."""
    made: dict[ExtensionNumber, str] = field(default_factory=dict)
    """Phones' secrets that the box made: to be shown once, then gone."""


def read_site(
    text: str,
    file: str,
    *,
    before: Site,
    random_bytes: Callable[[int], bytes],
    music: Collection[str] | None = None,
) -> tuple[Site, SecretsGiven]:
    """Read a site file. Raises SiteError with every fault in it.

    `before`: the site that holds now, whose digests are kept where they still fit.
    `music`: the names of what the box has; None: not known, and not checked.
    """
    document = parsed(text, file)
    wrongs = list(wrongs_in(document, SITE)) + _given_twice(document)
    if not wrongs:
        secrets = SecretsGiven()
        _digest_phones(_rows(document, "extension"), before, random_bytes, secrets)
        _digest_pins(_rows(document, "agent"), _pins_of(before.agent), random_bytes)
        boxes = _rows(document, "voicemail_box")
        _digest_pins(boxes, _pins_of(before.voicemail_box), random_bytes)
        _take_mail_secret(document, secrets)
        _digest_pin_of(document, "emergency_mode", before.emergency_mode.pin_digest, random_bytes)
        _digest_pin_of(
            document, "prompt_recording", before.prompt_recording.pin_digest, random_bytes
        )
        _take_trunk_secrets(_rows(document, "trunk"), secrets)
        _take_webhook_secrets(_rows(document, "webhook"), secrets)
        _take_service_secrets(_rows(document, "service"), secrets)
        _rename_hours(_rows(document, "calendar"))
        numbers = {"version": before.version, "flow_versions": before.flow_versions}
        site = msgspec.convert({**document, **numbers}, Site)
        wrongs = check_site(site, music)
    if wrongs:
        lines = lines_of(text)
        raise SiteError([fault_of(wrong, file, lines, document) for wrong in wrongs])
    # The very same value where nothing changed: 20 and 20.0 would be written as two versions.
    return (before if site == before else site), secrets


def write_site(site: Site) -> str:
    """Print a site in the form that `read_site` reads; reading it gives the same site."""
    return text_of(site)


def ha1(user: str, secret: str) -> tuple[str, str]:
    """Return MD5 and SHA-256 of user:realm:secret (RFC 7616 §3.4.2), in hexadecimal digits."""
    joined = f"{user}:{REALM}:{secret}".encode()
    md5 = hashlib.md5(joined, usedforsecurity=False).hexdigest()
    return md5, hashlib.sha256(joined).hexdigest()


def parsed(text: str, file: str) -> dict[str, object]:
    """Read TOML; SiteError with the line where it is none."""
    try:
        document: dict[str, object] = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Not only TOMLDecodeError: a number of 4,300 digits, and brackets within brackets
        place = re.search(r"at line (\d+)", str(error))
        line = int(place[1]) if place else None
        expected = f"this is not TOML: {error}"
        raise SiteError([SiteFault(file=file, line=line, key="toml", expected=expected)]) from error
    return document


def _rows(document: dict[str, object], table: str) -> Rows:
    """The rows of a table that was found right before."""
    rows = document.get(table, [])
    if not isinstance(rows, list):
        return []
    return [row for row in rows if isinstance(row, dict)]


def _given_twice(document: dict[str, object]) -> list[Wrong]:
    """A secret and its digest: which of them holds?"""
    found: list[Wrong] = []
    for table, plain, digests in (
        ("extension", "secret", ("ha1_md5", "ha1_sha256")),
        ("agent", "pin", ("pin_digest",)),
        ("voicemail_box", "pin", ("pin_digest",)),
    ):
        for place, row in enumerate(_rows(document, table)):
            for digest in digests:
                if plain in row and digest in row:
                    found.append(
                        Wrong((table, place, digest), f"expected either {plain} or {digest}")
                    )
    for name in ("emergency_mode", "prompt_recording"):
        keys = document.get(name)
        if isinstance(keys, dict) and {"pin", "pin_digest"} <= keys.keys():
            found.append(Wrong((name, "pin_digest"), "expected either pin or pin_digest"))
    return found


def _digest_phones(
    rows: Rows, before: Site, random_bytes: Callable[[int], bytes], secrets: SecretsGiven
) -> None:
    known: dict[str, Extension] = {one.number: one for one in before.extension}
    for row in rows:
        number = str(row["number"])
        secret = row.pop("secret", None)
        if secret is None and ("ha1_md5" in row or "ha1_sha256" in row):
            continue
        old = known.get(number)
        if secret is None and old is not None and (old.ha1_md5 or old.ha1_sha256):
            row["ha1_md5"], row["ha1_sha256"] = old.ha1_md5, old.ha1_sha256
            continue
        if secret is None:
            secret = secrets.made[ExtensionNumber(number)] = random_bytes(16).hex()
        row["ha1_md5"], row["ha1_sha256"] = ha1(number, str(secret))


def _pins_of(before: Iterable[Agent | VoicemailBoxFacts]) -> dict[str, str]:
    return {one.id: one.pin_digest for one in before}


def _digest_pins(rows: Rows, known: dict[str, str], random_bytes: Callable[[int], bytes]) -> None:
    for row in rows:
        pin = row.pop("pin", None)
        if pin is None:
            continue
        old = known.get(str(row["id"]), "")
        if pin_matches(str(pin), old):
            row["pin_digest"] = old
        else:
            row["pin_digest"] = pin_digest(str(pin), random_bytes(16))


def _digest_pin_of(
    document: dict[str, object], name: str, old: str, random_bytes: Callable[[int], bytes]
) -> None:
    table = document.get(name)
    pin = table.pop("pin", None) if isinstance(table, dict) else None
    if not isinstance(table, dict) or pin is None:
        return
    is_same = pin_matches(str(pin), old)
    table["pin_digest"] = old if is_same else pin_digest(str(pin), random_bytes(16))


def _take_trunk_secrets(rows: Rows, secrets: SecretsGiven) -> None:
    for row in rows:
        if "secret" in row:
            secrets.trunk[TrunkId(str(row["id"]))] = str(row.pop("secret"))


def _take_mail_secret(document: dict[str, object], secrets: SecretsGiven) -> None:
    mail = document.get("mail")
    if isinstance(mail, dict):
        if "secret" in mail:
            secrets.mail.append(str(mail.pop("secret")))
        mail["from_"] = mail.pop("from")


def _take_webhook_secrets(rows: Rows, secrets: SecretsGiven) -> None:
    for row in rows:
        if "secret" in row:
            secrets.webhook[WebhookId(str(row["id"]))] = str(row.pop("secret"))


def _take_service_secrets(rows: Rows, secrets: SecretsGiven) -> None:
    for row in rows:
        if "secret" in row:
            secrets.service[ServiceId(str(row["id"]))] = str(row.pop("secret"))


def _rename_hours(rows: Rows) -> None:
    """`from` is a word of Python's; TOML's dates without quotes are welcome."""
    for row in rows:
        for hours in _rows(row, "open"):
            hours["from_"] = hours.pop("from")
        for key in ("closed_dates", "open_dates"):
            dates = row.get(key, [])
            if isinstance(dates, list):
                row[key] = [
                    one.isoformat() if isinstance(one, datetime.date) else one for one in dates
                ]


def fault_of(
    wrong: Wrong, file: str, lines: dict[Path, int], document: dict[str, object]
) -> SiteFault:
    """Tell a fault with its line and its key as people write it."""
    return SiteFault(
        file=file,
        line=line_of(wrong.path, lines),
        key=_key(wrong.path, document),
        expected=wrong.expected,
    )


def _key(path: Path, document: object) -> str:
    """A path for people: queue[sales].overflow.to; rows without a name are counted from 1."""
    shown = ""
    here = document
    for step in path:
        if isinstance(step, int):
            here = here[step] if isinstance(here, list) and step < len(here) else None
            row: dict[str, object] = here if isinstance(here, dict) else {}
            shown += f"[{row.get('id') or row.get('number') or step + 1}]"
        else:
            here = here.get(step) if isinstance(here, dict) else None
            shown += f".{step}" if shown else step
    return shown
