"""Crypto suites of SRTP that the box knows: what signalling agrees on and media encrypts with."""

from typing import Final, NamedTuple

KEY: Final = 16
"""Bytes of a master key: all three suites are AES-128."""


class Suite(NamedTuple):
    """A crypto suite of SDES (RFC 4568 section 6.2, RFC 7714 section 14.2)."""

    name: str
    salt: int
    """Bytes of the master salt."""
    tag: int
    """Bytes of SRTP's tag."""
    rtcp_tag: int
    is_aead: bool


SUITES: Final = {
    suite.name: suite
    for suite in (
        Suite("AEAD_AES_128_GCM", salt=12, tag=16, rtcp_tag=16, is_aead=True),
        Suite("AES_CM_128_HMAC_SHA1_80", salt=14, tag=10, rtcp_tag=10, is_aead=False),
        Suite("AES_CM_128_HMAC_SHA1_32", salt=14, tag=4, rtcp_tag=10, is_aead=False),
    )
}
"""In the order in which they are preferred. _32 still has 80 bits for SRTCP (RFC 3711 §5.2)."""
