"""SIP (RFC 3261 and its family) as sans-IO machines: bytes to events and back."""
