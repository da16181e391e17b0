"""Randomness in one draw for many names: a call wants seven, and each draw asks the kernel."""

import os

POOL_BYTES = 2048


class RandomPool:
    """The kernel's random bytes, each given out once."""

    def __init__(self) -> None:
        self._bytes = b""
        self._at = 0

    def hex(self, count: int) -> str:
        """Return so many random bytes (at most POOL_BYTES) as hex digits."""
        if self._at + count > len(self._bytes):
            self._bytes, self._at = os.urandom(POOL_BYTES), 0
        self._at += count
        return self._bytes[self._at - count : self._at].hex()
