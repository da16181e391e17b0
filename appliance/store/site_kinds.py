"""Kinds of values in a site file: what is expected, in words, and the test for it.

The table of all names is in site_keys; here is how a document is held against it.
"""

import datetime
import difflib
import ipaddress
import re
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from appliance.store.site_lines import Path

LONGEST_SHOWN_BITS = 200
"""Of a whole number in a fault; Python itself refuses to write out one of 4,300 digits."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A single value: the words for what is expected, and the test."""

    expected: str
    is_right: Callable[[object], bool]
    is_secret: bool = False
    """Never shown in a fault."""


@dataclass(frozen=True, slots=True)
class ListOf:
    """An array, or repeated [[tables]]."""

    each: "Kind"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with these keys only."""

    keys: "dict[str, Kind]"
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MapOf:
    """A table whose keys the site chooses."""

    name: Plain
    each: "Kind"


Kind = Plain | ListOf | Table | MapOf


@dataclass(frozen=True, slots=True)
class Wrong:
    """One fault: where, and a sentence on what is expected there."""

    path: Path
    expected: str


def wrongs_in(value: object, kind: Kind, path: Path = ()) -> Iterator[Wrong]:
    """Compare a value with what may stand there; yield every fault."""
    match kind:
        case Plain():
            if not kind.is_right(value):
                found = "something else" if kind.is_secret else shown(value)
                yield Wrong(path, f"expected {kind.expected}, found {found}")
        case ListOf():
            if not isinstance(value, list):
                yield Wrong(path, f"expected a list, found {shown(value)}")
                return
            for place, item in enumerate(value):
                yield from wrongs_in(item, kind.each, (*path, place))
        case Table():
            yield from _wrongs_in_table(value, kind, path)
        case MapOf():
            yield from _wrongs_in_map(value, kind, path)


def _wrongs_in_table(value: object, kind: Table, path: Path) -> Iterator[Wrong]:
    if not isinstance(value, dict):
        yield Wrong(path, f"expected a table, found {shown(value)}")
        return
    for name, item in value.items():
        if name in kind.keys:
            yield from wrongs_in(item, kind.keys[name], (*path, name))
        else:
            near = difflib.get_close_matches(name, list(kind.keys), n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(kind.keys)}"
            yield Wrong((*path, name), f"unknown name; {hint}")
    for name in kind.required:
        if name not in value:
            yield Wrong(path, f"{name} is missing")


def _wrongs_in_map(value: object, kind: MapOf, path: Path) -> Iterator[Wrong]:
    if not isinstance(value, dict):
        yield Wrong(path, f"expected a table, found {shown(value)}")
        return
    for name, item in value.items():
        if not kind.name.is_right(name):
            yield Wrong((*path, name), f"expected {kind.name.expected} as a name")
        yield from wrongs_in(item, kind.each, (*path, name))


def shown(value: object) -> str:
    """A value as people wrote it, shortened."""
    match value:
        case bool():
            text = str(value).lower()
        case str():
            text = f'"{value}"'
        case int() if value.bit_length() > LONGEST_SHOWN_BITS:
            text = "a number of very many digits"
        case dict():
            text = "a table"
        case list():
            text = "a list"
        case _:
            text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"


# --- kinds of values ------------------------------------------------------------------------------
def text(most: int = 200) -> Plain:
    """Free text for people."""
    return Plain(
        f"text of at most {most} characters, without control characters",
        lambda value: isinstance(value, str) and len(value) <= most and value.isprintable(),
    )


def pattern(expression: str, expected: str, *, is_secret: bool = False) -> Plain:
    """Text of a form."""
    compiled = re.compile(expression)
    return Plain(
        expected,
        lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None,
        is_secret,
    )


def web_address(expression: str, expected: str) -> Plain:
    """A URL of a form, whose host and port can be as well."""
    form = pattern(expression, expected)

    def is_right(value: object) -> bool:
        if not isinstance(value, str) or not form.is_right(value):
            return False
        try:
            return urlsplit(value).port != 0
        except ValueError:
            return False

    return Plain(expected, is_right)


def number(least: float, most: float, unit: str = "") -> Plain:
    """A number with or without fraction."""
    return Plain(
        f"a number from {least:g} to {most:g}{unit and ' ' + unit}",
        lambda value: (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and least <= value <= most
        ),
    )


def whole(least: int, most: int) -> Plain:
    """A whole number."""
    return Plain(
        f"a whole number from {least} to {most}",
        lambda value: (
            isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        ),
    )


def one_of(*choices: str) -> Plain:
    """One of a few words."""
    return Plain(f"one of {', '.join(choices)}", lambda value: value in choices)


def _is_address(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(ipaddress.ip_network(value, strict=False))
    except ValueError:
        return False


def _is_certificate(value: object) -> bool:
    """One or several; read as TLS will read them."""
    if not isinstance(value, str) or not value.isascii() or len(value) > 20000:
        return False
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=value)
    except (ssl.SSLError, ValueError):
        return False
    return True


def _is_date(value: object) -> bool:
    """A date, or one of every year; 2024 has all of those."""
    text = str(value)
    try:
        datetime.date.fromisoformat(f"2024-{text}" if len(text) == 5 else text)
    except ValueError:
        return False
    return not isinstance(value, datetime.datetime)


TRUTH = Plain("true or false", lambda value: isinstance(value, bool))
ADDRESS = Plain("an IP address or network", _is_address)
DATE = Plain("a date as 2026-10-01, or 10-01 for every year", _is_date)
CERTIFICATE = Plain('a certificate in PEM form ("-----BEGIN CERTIFICATE-----…")', _is_certificate)
ANYTHING = Plain("a value", lambda _: True)
