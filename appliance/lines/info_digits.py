"""Keys in SIP INFO bodies: application/dtmf-relay (Signal=5) and application/dtmf (5)."""

KEYS = frozenset("0123456789*#ABCD")
NUMBERED = {"10": "*", "11": "#", "12": "A", "13": "B", "14": "C", "15": "D"}
"""Some gateways send RFC 4733 event numbers instead of the key."""


def digit_in(content_type: str, body: bytes) -> str | None:
    """Return the key, or None when the body tells of none."""
    if content_type not in ("application/dtmf-relay", "application/dtmf"):
        return None
    text = body.decode("ascii", "replace")
    for line in text.splitlines() or [text]:
        name, sign, value = line.partition("=")
        if sign and name.strip().lower() != "signal":
            continue
        key = (value if sign else name).strip().upper()
        key = NUMBERED.get(key, key)
        if key in KEYS:
            return key
    return None
