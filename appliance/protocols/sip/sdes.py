"""SRTP keys in session descriptions: the a=crypto lines of SDES (RFC 4568).

Whoever reads the description reads the key, so this is worth as much as the signalling's own
protection (TLS). No session parameters are offered; of those that come, the ones that would have
us leave out encryption or authentication make a line unusable.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import NamedTuple

from appliance.protocols.sip.sdp import MediaDescription
from appliance.vocabulary.srtp_suites import KEY, SUITES

SECURE = ("RTP/SAVP", "RTP/SAVPF")
"""Protocols of an m= line whose stream is SRTP (RFC 3711, RFC 5124)."""
_UNWANTED = ("UNENCRYPTED_SRTP", "UNENCRYPTED_SRTCP", "UNAUTHENTICATED_SRTP", "KDR", "FEC_ORDER")
_MOST_LINES = 16


class Crypto(NamedTuple):
    """One a=crypto line that we can use."""

    tag: str
    suite: str
    key: str
    """base64 of master key and salt."""


def parse(value: str) -> Crypto | None:
    """Parse `1 AES_CM_128_HMAC_SHA1_80 inline:…|2^20|1:4`; None for what we cannot use."""
    words = value.split()
    if len(words) < 3 or not (words[0].isascii() and words[0].isdigit()) or len(words[0]) > 9:
        return None
    suite = SUITES.get(words[1].upper())
    method, _, inline = words[2].partition(":")
    if suite is None or method.lower() != "inline" or ";" in inline:
        return None
    if any(word.upper().partition("=")[0] in _UNWANTED for word in words[3:]):
        return None
    key, *rest = inline.split("|")
    if any(":" in one for one in rest):  # a master key identifier would stand in each packet
        return None
    try:
        raw = base64.b64decode(key + "=" * (-len(key) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != KEY + suite.salt:
        return None
    return Crypto(words[0], suite.name, base64.b64encode(raw).decode())


def chosen(media: MediaDescription) -> Crypto | None:
    """Return the line that is taken of a stream's: the offerer's first that we can use (§5.1.2)."""
    lines = [value for name, value in media.attributes if name == "crypto" and value]
    return next((found for line in lines[:_MOST_LINES] if (found := parse(line))), None)


def attributes(keys: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """Return the lines of an offer: suite to key, tags counted from 1."""
    return [attribute(str(tag), suite, key) for tag, (suite, key) in enumerate(keys.items(), 1)]


def attribute(tag: str, suite: str, key: str) -> tuple[str, str | None]:
    """Return one line."""
    return "crypto", f"{tag} {suite} inline:{key}"


def fresh_keys(random_bytes: Callable[[int], bytes]) -> dict[str, str]:
    """Return a key and salt for each suite, for one leg: two suites never share a key."""
    return {
        suite.name: base64.b64encode(random_bytes(KEY + suite.salt)).decode()
        for suite in SUITES.values()
    }
