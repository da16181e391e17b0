"""The one-time code that claims an unowned box: how it looks and what is kept of it.

Ten letters and digits without those that look alike (50 bits): made by the box's console program,
shown there and nowhere else, typed once into the first page. Only its digest is stored; 50 random
bits with five tries a minute need no slow hash.
"""

import hashlib
import hmac

LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ0123456789"
"""32 of them: I, L, O and U are left out (Crockford's base 32)."""


def claim_code(random_bytes: bytes) -> str:
    """Return the code that ten random bytes make, in two groups: "7Q2MK-X9R4T"."""
    code = "".join(LETTERS[byte % 32] for byte in random_bytes[:10])
    return f"{code[:5]}-{code[5:]}"


def claim_digest(code: str) -> str:
    """Return what is stored of a code. Case, spaces, hyphens do not count; O is 0, I and L are 1.

    Shape: SHA-256, 64 hexadecimal digits.
    """
    plain = "".join(char for char in code.upper() if char.isalnum())
    plain = plain.translate(str.maketrans("OIL", "011"))
    return hashlib.sha256(b"linghe claim " + plain.encode()).hexdigest()


def claim_matches(code: str, digest: str) -> bool:
    """Say whether `code` is the one whose digest is kept."""
    return hmac.compare_digest(claim_digest(code), digest)
