"""RTP and telephone-event bytes (RFC 3550, RFC 4733)."""
