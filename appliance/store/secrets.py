"""secrets.json: what must not stand in settings.db. Mode 0600, replaced as a whole.

A write is a new file, synced, renamed over the old one, and the folder synced: after a power cut
there is the old file or the new one, never half of either.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from appliance.store.private_file import write_private
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.ids import ServiceId, TrunkId, WebhookId
from appliance.vocabulary.shape import Value

RandomBytes = Callable[[int], bytes]
"""secrets.token_bytes, or a fixed one in tests."""

KEY_BYTES = 32


class _File(Value, frozen=True, kw_only=True):
    """What stands in the file."""

    trunks: dict[TrunkId, str] = {}
    webhooks: dict[WebhookId, str] = {}
    services: dict[ServiceId, str] = {}
    mail: str = ""
    box_key: str = ""
    web_key: str = ""


class Secrets:
    """The secrets file. Read anew by each call, so that two processes agree."""

    def __init__(self, path: Path, random_bytes: RandomBytes) -> None:
        """Name the file; nothing is read or made yet."""
        self._path = path
        self._random_bytes = random_bytes

    def __repr__(self) -> str:
        return f"Secrets({str(self._path)!r}, ***)"

    def trunk_secrets(self) -> dict[TrunkId, str]:
        """Return all trunks' passwords."""
        return dict(self._read().trunks)

    def set_trunk_secrets(self, secrets: dict[TrunkId, str]) -> None:
        """Replace all trunks' passwords. Writes nothing when they are the same."""
        with self._locked():
            kept = self._read()
            if kept.trunks != secrets:
                self._write(msgspec.structs.replace(kept, trunks=dict(secrets)))

    def webhook_secrets(self) -> dict[WebhookId, str]:
        """Return what each webhook's events are signed with."""
        return dict(self._read().webhooks)

    def set_webhook_secrets(self, secrets: dict[WebhookId, str]) -> None:
        """Replace all webhooks' secrets. Writes nothing when they are the same."""
        with self._locked():
            kept = self._read()
            if kept.webhooks != secrets:
                self._write(msgspec.structs.replace(kept, webhooks=dict(secrets)))

    def service_secrets(self) -> dict[ServiceId, str]:
        """Return what each service of the site is sent in its header."""
        return dict(self._read().services)

    def set_service_secrets(self, secrets: dict[ServiceId, str]) -> None:
        """Replace all services' secrets. Writes nothing when they are the same."""
        with self._locked():
            kept = self._read()
            if kept.services != secrets:
                self._write(msgspec.structs.replace(kept, services=dict(secrets)))

    def mail_secret(self) -> str:
        """Return the mail server's password, "" where none is kept."""
        return self._read().mail

    def set_mail_secret(self, secret: str) -> None:
        """Replace the mail server's password. Writes nothing when it is the same."""
        with self._locked():
            kept = self._read()
            if kept.mail != secret:
                self._write(msgspec.structs.replace(kept, mail=secret))

    def box_key(self) -> bytes:
        """Return the box's HMAC key: 32 random bytes, made on first use."""
        return self._key("box_key")

    def web_key(self) -> bytes:
        """Return the key that signs web cookies: 32 random bytes, made on first use."""
        return self._key("web_key")

    def _key(self, name: str) -> bytes:
        found: str = getattr(self._read(), name)
        if not found:
            with self._locked():
                kept = self._read()
                found = getattr(kept, name)
                if not found:
                    found = self._random_bytes(KEY_BYTES).hex()
                    self._write(msgspec.structs.replace(kept, **{name: found}))
        return bytes.fromhex(found)

    def _read(self) -> _File:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return _File()
        except OSError as error:
            raise EquipmentError(f"cannot read {self._path}: {error}") from error
        try:
            return msgspec.json.decode(content, type=_File)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise EquipmentError(f"{self._path} is damaged: {error}") from error

    def _write(self, content: _File) -> None:
        text = msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"
        try:
            write_private(self._path, text)
        except OSError as error:
            raise EquipmentError(f"cannot write {self._path}: {error}") from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold off other processes between reading and writing (first start of the box)."""
        number = os.open(self._path.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(number, fcntl.LOCK_EX)
            yield
        finally:
            os.close(number)
