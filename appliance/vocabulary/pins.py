"""Agents' PINs at rest: scrypt (RFC 7914), small parameters because a PIN is keyed in by phone.

A PIN of four digits cannot resist a stolen disk whatever the hash; what protects it is the
limit on tries (engines/calls/desk.py). The digest keeps it out of sight of who reads the file.
"""

import hashlib
import hmac


def pin_digest(pin: str, salt: bytes) -> str:
    """Return "scrypt:<salt hex>:<hash hex>"; 16 bytes of salt are expected."""
    return f"scrypt:{salt.hex()}:{_stretched(pin, salt).hex()}"


def pin_matches(pin: str, digest: str) -> bool:
    """Say whether `pin` made `digest`; False for anything malformed."""
    parts = digest.split(":")
    if len(parts) != 3 or parts[0] != "scrypt":
        return False
    try:
        salt, expected = bytes.fromhex(parts[1]), bytes.fromhex(parts[2])
    except ValueError:
        return False
    return hmac.compare_digest(_stretched(pin, salt), expected)


def _stretched(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=4096, r=8, p=1, dklen=32)
