"""secrets.json: what must not stand in settings.db. Mode 0600, replaced as a whole."""

from collections.abc import Callable
from pathlib import Path

from appliance.vocabulary.ids import TrunkId

RandomBytes = Callable[[int], bytes]
"""secrets.token_bytes, or a fixed one in tests."""


class Secrets:
    """The secrets file. Read anew by each call, so that two processes agree."""

    def __init__(self, path: Path, random_bytes: RandomBytes) -> None:
        raise NotImplementedError

    def trunk_secret(self, trunk: TrunkId) -> str:
        """Return the trunk's password, "" where none is kept."""
        raise NotImplementedError

    def trunk_secrets(self) -> dict[TrunkId, str]:
        """Return all trunks' passwords."""
        raise NotImplementedError

    def set_trunk_secrets(self, secrets: dict[TrunkId, str]) -> None:
        """Replace all trunks' passwords. Writes nothing when they are the same."""
        raise NotImplementedError

    def box_key(self) -> bytes:
        """Return the box's HMAC key: 32 random bytes, made on first use."""
        raise NotImplementedError

    def web_key(self) -> bytes:
        """Return the key that signs web cookies: 32 random bytes, made on first use."""
        raise NotImplementedError
