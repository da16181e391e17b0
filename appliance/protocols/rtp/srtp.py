"""SRTP and SRTCP: packets sealed and opened (RFC 3711; AES-GCM: RFC 7714). No keys are made here.

One `Cipher` is one direction of one leg, from the key and salt that SDES agreed on (RFC 4568).
The packet index (rollover count and sequence number) is the caller's: it must outlive a killed
process, which a cipher need not. No master key identifiers; key derivation rate 0.
"""

import hashlib
import hmac
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import CipherContext
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.srtp_suites import KEY, Suite

BLOCK: Final = 16
HEADER: Final = 12
RTCP_HEADER: Final = 8
RTCP_INDEX: Final = 4
"""Bytes of the E flag and the index behind an SRTCP packet."""
ENCRYPTED: Final = 1 << 31
REPLAY_WINDOW: Final = 64
"""Packets (RFC 3711 section 3.3.2)."""

_RTP_KEY, _RTP_AUTH, _RTP_SALT, _RTCP_KEY, _RTCP_AUTH, _RTCP_SALT = range(6)
"""Labels of key derivation (section 4.3.2)."""


def index_of(sequence: int, last_index: int | None) -> int:
    """Return the index that a sequence number most likely stands for (section 3.3.1)."""
    if last_index is None:
        return sequence
    index = (last_index & ~0xFFFF) | sequence
    if index - last_index > 0x8000:
        return max(index - 0x10000, sequence)
    return index + 0x10000 if last_index - index > 0x8000 else index


class Replays:
    """Which of the last 64 indices came already."""

    def __init__(self, highest: int = -1) -> None:
        """`highest`: an index that was opened before anybody counted; all up to it came."""
        self._highest = highest
        self._seen = (1 << REPLAY_WINDOW) - 1 if highest >= 0 else 0

    def is_fresh(self, index: int) -> bool:
        """Say whether this index may be taken; to be asked before the tag is checked."""
        behind = self._highest - index
        return behind < 0 or (behind < REPLAY_WINDOW and not self._seen >> behind & 1)

    def note(self, index: int) -> None:
        """An authentic packet of this index came."""
        ahead = index - self._highest
        if ahead > 0:
            kept = self._seen << ahead if ahead < REPLAY_WINDOW else 0
            self._seen = (kept | 1) & ((1 << REPLAY_WINDOW) - 1)
            self._highest = index
        else:
            self._seen |= 1 << -ahead


class Cipher:
    """One direction of a leg. Raises PeerError where the key does not fit the suite."""

    def __init__(self, suite: Suite, master: bytes) -> None:
        if len(master) != KEY + suite.salt:
            raise PeerError(f"key and salt of {suite.name} have {KEY + suite.salt} bytes")
        self._suite = suite
        self._rtp = _sub_cipher(suite, master, _RTP_KEY, _RTP_AUTH, _RTP_SALT)
        self._rtcp = _sub_cipher(suite, master, _RTCP_KEY, _RTCP_AUTH, _RTCP_SALT)

    def seal(self, packet: bytes, index: int) -> bytes:
        """Return an RTP packet with a plain 12-byte header, encrypted and with its tag."""
        ssrc = int.from_bytes(packet[8:12], "big")
        head, speech = packet[:HEADER], packet[HEADER:]
        return self._rtp.seal(head, speech, ssrc, index, index >> 16)

    def open(self, packet: bytes, index: int) -> bytes | None:
        """Return the RTP packet, or None where its tag says that it is not theirs."""
        if len(packet) < HEADER + self._suite.tag:
            return None
        head = HEADER + 4 * (packet[0] & 0x0F)
        if packet[0] & 0x10:  # the extension is not encrypted (section 3.1)
            words = int.from_bytes(packet[head + 2 : head + 4], "big")
            head += 4 + 4 * words
        if len(packet) < head + self._suite.tag:
            return None
        ssrc = int.from_bytes(packet[8:12], "big")
        return self._rtp.open(packet, head, ssrc, index, index >> 16)

    def seal_rtcp(self, packet: bytes, index: int) -> bytes:
        """Return a compound RTCP packet, encrypted; `index` counts up from 0, 31 bits."""
        ssrc = int.from_bytes(packet[4:8], "big")
        trailer = ENCRYPTED | index
        head, rest = packet[:RTCP_HEADER], packet[RTCP_HEADER:]
        return self._rtcp.seal_rtcp(head, rest, ssrc, index, trailer.to_bytes(RTCP_INDEX, "big"))

    def open_rtcp(self, packet: bytes) -> bytes | None:
        """Return the compound packet, or None where it is not theirs."""
        if len(packet) < RTCP_HEADER + RTCP_INDEX + self._suite.rtcp_tag:
            return None
        return self._rtcp.open_rtcp(packet, int.from_bytes(packet[4:8], "big"))


class _Counter:
    """AES in counter mode with HMAC-SHA1 (sections 4.1.1 and 4.2.1)."""

    def __init__(self, key: bytes, auth: bytes, salt: bytes, tag: int, rtcp_tag: int) -> None:
        self._block = _block_function(key)
        self._salt = int.from_bytes(salt, "big") << 16
        self._mac = hmac.new(auth, digestmod=hashlib.sha1)
        self._tag, self._rtcp_tag = tag, rtcp_tag

    def seal(self, head: bytes, speech: bytes, ssrc: int, index: int, rollover: int) -> bytes:
        sealed = head + self._xor(speech, ssrc, index)
        return sealed + self._digest(sealed, rollover.to_bytes(4, "big"))[: self._tag]

    def open(self, packet: bytes, head: int, ssrc: int, index: int, rollover: int) -> bytes | None:
        sealed, tag = packet[: -self._tag], packet[-self._tag :]
        wanted = self._digest(sealed, rollover.to_bytes(4, "big"))[: self._tag]
        if not hmac.compare_digest(wanted, tag):
            return None
        return sealed[:head] + self._xor(sealed[head:], ssrc, index)

    def seal_rtcp(self, head: bytes, rest: bytes, ssrc: int, index: int, trailer: bytes) -> bytes:
        sealed = head + self._xor(rest, ssrc, index) + trailer
        return sealed + self._digest(sealed, b"")[: self._rtcp_tag]

    def open_rtcp(self, packet: bytes, ssrc: int) -> bytes | None:
        sealed, tag = packet[: -self._rtcp_tag], packet[-self._rtcp_tag :]
        if not hmac.compare_digest(self._digest(sealed, b"")[: self._rtcp_tag], tag):
            return None
        trailer = int.from_bytes(sealed[-RTCP_INDEX:], "big")
        head, rest = sealed[:RTCP_HEADER], sealed[RTCP_HEADER:-RTCP_INDEX]
        if not trailer & ENCRYPTED:
            return head + rest
        return head + self._xor(rest, ssrc, trailer & ~ENCRYPTED)

    def _digest(self, sealed: bytes, rollover: bytes) -> bytes:
        mac = self._mac.copy()
        mac.update(sealed)
        mac.update(rollover)
        return mac.digest()

    def _xor(self, text: bytes, ssrc: int, index: int) -> bytes:
        size = len(text)
        if not size:
            return b""
        first = self._salt ^ (ssrc << 64) ^ (index << 16)
        stream = _key_stream(self._block, first, size)
        mixed = int.from_bytes(text, "big") ^ int.from_bytes(stream, "big")
        return mixed.to_bytes(size, "big")


class _Gcm:
    """AES-GCM (RFC 7714 sections 8 and 9): the tag is GCM's own."""

    def __init__(self, key: bytes, salt: bytes) -> None:
        self._gcm = AESGCM(key)
        self._salt = int.from_bytes(salt, "big")

    def seal(self, head: bytes, speech: bytes, ssrc: int, index: int, rollover: int) -> bytes:
        return head + self._gcm.encrypt(self._nonce(ssrc, index), speech, head)

    def open(self, packet: bytes, head: int, ssrc: int, index: int, rollover: int) -> bytes | None:
        plain, sealed = packet[:head], packet[head:]
        try:
            return plain + self._gcm.decrypt(self._nonce(ssrc, index), sealed, plain)
        except InvalidTag:
            return None

    def seal_rtcp(self, head: bytes, rest: bytes, ssrc: int, index: int, trailer: bytes) -> bytes:
        return head + self._gcm.encrypt(self._nonce(ssrc, index), rest, head + trailer) + trailer

    def open_rtcp(self, packet: bytes, ssrc: int) -> bytes | None:
        head, trailer = packet[:RTCP_HEADER], packet[-RTCP_INDEX:]
        sealed = packet[RTCP_HEADER:-RTCP_INDEX]
        index = int.from_bytes(trailer, "big")
        nonce = self._nonce(ssrc, index & ~ENCRYPTED)
        try:
            if index & ENCRYPTED:
                return head + self._gcm.decrypt(nonce, sealed, head + trailer)
            self._gcm.decrypt(nonce, sealed[-BLOCK:], head + sealed[:-BLOCK] + trailer)
            return head + sealed[:-BLOCK]
        except InvalidTag:
            return None

    def _nonce(self, ssrc: int, index: int) -> bytes:
        return (self._salt ^ (ssrc << 48) ^ index).to_bytes(12, "big")


def _sub_cipher(suite: Suite, master: bytes, key: int, auth: int, salt: int) -> _Counter | _Gcm:
    session_key = derived(master, key, KEY)
    session_salt = derived(master, salt, suite.salt)
    if suite.is_aead:
        return _Gcm(session_key, session_salt)
    return _Counter(session_key, derived(master, auth, 20), session_salt, suite.tag, suite.rtcp_tag)


def derived(master: bytes, label: int, size: int) -> bytes:
    """Return a session key: AES in counter mode over the label (section 4.3.3).

    A salt of 12 bytes is taken as 14 with two zeros behind (RFC 7714 section 11).
    """
    salt = int.from_bytes(master[KEY:].ljust(14, b"\0"), "big")
    first = (salt ^ (label << 48)) << 16
    return _key_stream(_block_function(master[:KEY]), first, size)


def _block_function(key: bytes) -> CipherContext:
    """AES of one block after another. As a mode of its own ECB hides nothing; counters do."""
    return BlockCipher(AES(key), ECB()).encryptor()


def _key_stream(block: CipherContext, first: int, size: int) -> bytes:
    """AES in counter mode, by hand: a new mode object for each packet takes 4.0 µs, this 2.8."""
    counters = [(first + n).to_bytes(BLOCK, "big") for n in range(-(-size // BLOCK))]
    return block.update(b"".join(counters))[:size]
