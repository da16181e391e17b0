"""The small grammar that all of SIP's values share: tokens, quoted strings, lists, parameters.

RFC 3261 §25.1. Every function is linear in its input: plain scans and single character classes,
because a nested quantifier on a network byte is a way to stop the box. All raise PeerError only.

Text is the message's head decoded as UTF-8 with surrogateescape, so a display name in GBK, which
gateways in China send, comes back out as the very bytes that came in.
"""

import ipaddress
import re
from functools import lru_cache

from appliance.protocols.sip.limits import (
    MAX_ADDRESSES_REMEMBERED,
    MAX_INTEGER_DIGITS,
    MAX_PARAMETERS,
)
from appliance.vocabulary.errors import PeerError

Parameters = tuple[tuple[str, str | None], ...]
"""Names as they were spelt, values as they were spelt (quotes included); None means no `=`."""

TOKEN_CHARACTERS = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~"
)
_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
_NOT_IN_PARAMETERS = re.compile(r'[<>",\r\n]')
_STOPS = {",": re.compile(r'[",<]'), ";": re.compile(r'[";<]')}
_LINE_ENDS = str.maketrans({"\r": " ", "\n": " ", "\0": " "})
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def is_token(text: str) -> bool:
    """Say whether `text` is a non-empty token (methods, header names, parameter names)."""
    return bool(text) and TOKEN_CHARACTERS.issuperset(text)


def integer(text: str, maximum: int) -> int:
    """Return 1 to 10 decimal digits as a number of at most `maximum`."""
    if len(text) > MAX_INTEGER_DIGITS or not (text.isascii() and text.isdigit()):
        raise PeerError(f"not a number of 1 to {MAX_INTEGER_DIGITS} digits: {text[:20]!a}")
    value = int(text)
    if value > maximum:
        raise PeerError(f"number over {maximum}: {text}")
    return value


def is_ip_literal(text: str) -> bool:
    """Say whether a datagram may be sent to `text` without asking a name server."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=MAX_ADDRESSES_REMEMBERED)
def is_one_receiver(text: str) -> bool:
    """Say whether `text` is an IP literal that stands for one machine: no group, no broadcast."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not address.is_multicast and text != "255.255.255.255"


def host_and_port(text: str) -> tuple[str, int | None]:
    """Split `host[:port]`; IPv6 literals keep their brackets. The port is 1..65535."""
    if text.startswith("["):
        host, bracket, after = text.partition("]")
        host += bracket
        colon, port = after[:1], after[1:]
        if not bracket or colon not in ("", ":") or not is_ip_literal(host[1:-1]):
            raise PeerError(f"malformed IPv6 address: {text[:60]!a}")
    else:
        host, colon, port = text.partition(":")
    if _HOST.fullmatch(host) is None:
        raise PeerError(f"malformed host: {host[:60]!a}")
    if not colon:
        return host, None
    number = integer(port, 65535)
    if number == 0:
        raise PeerError("port 0")
    return host, number


def end_of_quoted(text: str, opening: int) -> int:
    """Return the index of the quote that closes the one at `opening`.

    In GBK the second byte of a character may be a backslash. After an undecodable byte the next
    character is therefore its second half, never the start of a quoted pair.
    """
    at, length = opening + 1, len(text)
    while at < length:
        character = text[at]
        if character == '"':
            return at
        if character == "\\":
            at += 2
        elif "\udc81" <= character <= "\udcfe" and text[at + 1 : at + 2] != '"':
            at += 2
        else:
            at += 1
    raise PeerError("a quoted string does not end")


def unquoted(text: str) -> str:
    """Return what stands between quotes with its quoted pairs resolved; other text as it is."""
    if not text.startswith('"'):
        return text
    inner = text[1 : end_of_quoted(text, 0)]
    if "\\" not in inner:
        return inner
    plain: list[str] = []
    at, length = 0, len(inner)
    while at < length:
        character = inner[at]
        if character == "\\":
            plain.append(inner[at + 1 : at + 2])
            at += 2
        elif "\udc81" <= character <= "\udcfe":
            plain.append(inner[at : at + 2])
            at += 2
        else:
            plain.append(character)
            at += 1
    return "".join(plain)


def quoted(text: str) -> str:
    """Return `text` as a quoted string. Line ends become spaces: they can never be quoted."""
    text = text.translate(_LINE_ENDS)
    if "\\" not in text and '"' not in text:
        return f'"{text}"'
    made: list[str] = []
    is_second_half = False
    for character in text:
        if character == '"' or (character == "\\" and not is_second_half):
            made.append("\\")
        made.append(character)
        is_second_half = not is_second_half and "\udc81" <= character <= "\udcfe"
    return f'"{"".join(made)}"'


def split_outside(text: str, separator: str) -> list[str]:
    """Split at "," or ";" where it stands outside quotes and <>; pieces come stripped."""
    pieces: list[str] = []
    start = at = 0
    stop = _STOPS[separator]
    while found := stop.search(text, at):
        character, at = found.group(), found.end()
        if character == '"':
            at = end_of_quoted(text, at - 1) + 1
        elif character == "<":
            at = text.find(">", at) + 1
            if at == 0:
                raise PeerError("< without >")
        else:
            pieces.append(text[start : at - 1].strip(" \t"))
            start = at
    pieces.append(text[start:].strip(" \t"))
    return pieces


def parameters(text: str) -> Parameters:
    """Parse `a=b;c;d="e"` (no leading semicolon). Empty pieces are an error."""
    if '"' in text:
        pieces = split_outside(text, ";")
    elif _NOT_IN_PARAMETERS.search(text):
        raise PeerError(f"malformed parameters: {text[:60]!a}")
    else:
        pieces = text.split(";")
    if len(pieces) > MAX_PARAMETERS:
        raise PeerError("too many parameters")
    pairs: list[tuple[str, str | None]] = []
    for piece in pieces:
        name, equals, value = piece.partition("=")
        name = name.strip(" \t")
        value = value.strip(" \t")
        if not name or " " in name or '"' in name:
            raise PeerError(f"malformed parameter: {piece[:60]!a}")
        if value.startswith('"'):
            if end_of_quoted(value, 0) != len(value) - 1:
                raise PeerError(f"text after a quoted string: {piece[:60]!a}")
        elif " " in value or "\t" in value or '"' in value:
            raise PeerError(f"malformed parameter: {piece[:60]!a}")
        pairs.append((name, value if equals else None))
    return tuple(pairs)


def parameter(pairs: Parameters, name: str) -> str | None:
    """Return the first value called `name` (any case), unquoted; "" when it has no value."""
    for key, value in pairs:
        if key == name or key.lower() == name:
            return "" if value is None else unquoted(value)
    return None


def with_parameter(pairs: Parameters, name: str, value: str | None) -> Parameters:
    """Return `pairs` with `name` set to `value` in its place, or appended."""
    if all(key.lower() != name for key, _ in pairs):
        return (*pairs, (name, value))
    return tuple((key, value) if key.lower() == name else (key, old) for key, old in pairs)


def without_parameter(pairs: Parameters, name: str) -> Parameters:
    """Return `pairs` without `name`."""
    return tuple(pair for pair in pairs if pair[0].lower() != name)


def parameters_text(pairs: Parameters) -> str:
    """Return `;a=b;c`, or nothing."""
    if not pairs:
        return ""
    return "".join([f";{key}" if value is None else f";{key}={value}" for key, value in pairs])


def display_text(value: str) -> str:
    """Return header text as people may read it: clean Unicode, no control characters.

    What was not UTF-8 is read as GB18030 (of which GBK and GB2312 are parts), else replaced.
    """
    if value.isascii() and value.isprintable():
        return value
    raw = value.encode("utf-8", "surrogateescape")
    for coding in ("utf-8", "gb18030"):
        try:
            text = raw.decode(coding)
        except UnicodeDecodeError:
            continue
        return _CONTROLS.sub("", text)
    return _CONTROLS.sub("", raw.decode("utf-8", "replace"))
