"""Names as they are keyed in: letters on a phone's keys (ITU-T E.161), Chinese by pinyin initials.

The initials of the 3,755 commonest characters follow from GB 2312-80 itself, which sorts its first
level by pinyin; a rarer character stands for any key, and so does one of several readings where the
site gives none of its own (`spell`).
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from appliance.vocabulary.ids import ExtensionNumber
from appliance.vocabulary.settings import Extension, Site
from appliance.vocabulary.shape import Value

KEYS = {
    letter: key
    for key, letters in (
        ("2", "abc"),
        ("3", "def"),
        ("4", "ghi"),
        ("5", "jkl"),
        ("6", "mno"),
        ("7", "pqrs"),
        ("8", "tuv"),
        ("9", "wxyz"),
    )
    for letter in letters
}
"""E.161, table 1."""
ANY = "?"
"""A sign that every key fits."""
_WITHOUT_MARKS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe"})
"""Letters that Unicode does not take apart."""

_FIRST_OF_LEVEL, _LAST_OF_LEVEL = 0xB0A1, 0xD7F9
_BEGINS = (
    (0xB0A1, "a"),
    (0xB0C5, "b"),
    (0xB2C1, "c"),
    (0xB4EE, "d"),
    (0xB6EA, "e"),
    (0xB7A2, "f"),
    (0xB8C1, "g"),
    (0xB9FE, "h"),
    (0xBBF7, "j"),
    (0xBFA6, "k"),
    (0xC0AC, "l"),
    (0xC2E8, "m"),
    (0xC4C3, "n"),
    (0xC5B6, "o"),
    (0xC5BE, "p"),
    (0xC6DA, "q"),
    (0xC8BB, "r"),
    (0xC8F6, "s"),
    (0xCBFA, "t"),
    (0xCDDA, "w"),
    (0xCEF4, "x"),
    (0xD1B9, "y"),
    (0xD4D1, "z"),
)
"""The first character of each initial in GB 2312's first level."""


class Named(Value, frozen=True, kw_only=True):
    """Somebody who can be dialled by name."""

    number: ExtensionNumber
    name: str


def people_of(site: Site) -> list[Extension]:
    """Return the phones that have a name which can be keyed in, by name."""
    found = [one for one in site.extension if one.listed and one.name.strip()]
    return sorted((one for one in found if any(keys_of(one))), key=lambda one: one.name)


def named(site: Site, keyed: str) -> list[Named]:
    """Return whom the keys may mean: whole names first, then beginnings."""
    whole: list[Named] = []
    begun: list[Named] = []
    for phone in people_of(site):
        ways = [way for way in keys_of(phone) if _begins(way, keyed)]
        if ways:
            here = whole if any(len(way) == len(keyed) for way in ways) else begun
            here.append(Named(number=phone.number, name=phone.name))
    return [*whole, *begun]


def keys_of(phone: Extension) -> list[str]:
    """Return the ways in which a phone's name may be keyed in.

    Worked example: Anna Łoś is 2662567 (and so 2662), 5672662 (and so 567), and 25.
    """
    return list(dict.fromkeys(way for way in _ways(phone.spell or phone.name) if way.strip(ANY)))


def _ways(name: str) -> Iterator[str]:
    words = [keys for word in _words(name) if (keys := _keys(word))]
    for place in range(len(words)):
        yield "".join([*words[place:], *words[:place]])
    if len(words) > 1:
        yield "".join(word[0] for word in words)
    han = [sign for sign in name if _is_han(sign)]
    if len(han) > 2:
        # a given name alone, behind a surname of one character
        yield _keys("".join(han[1:]))


def _words(name: str) -> Sequence[str]:
    return "".join(" " if sign in "-–·,._" else sign for sign in name).split()


def _keys(word: str) -> str:
    folded = unicodedata.normalize("NFKD", word.casefold()).translate(_WITHOUT_MARKS)
    return "".join(_key(sign) for sign in folded)


def _key(sign: str) -> str:
    if sign in KEYS:
        return KEYS[sign]
    if sign.isdecimal() and sign.isascii():
        return sign
    return _initial(sign) if _is_han(sign) else ""


def _initial(sign: str) -> str:
    """The key of a Chinese character's initial; ANY for one of GB 2312's second level."""
    try:
        first, second = sign.encode("gb2312")
    except (UnicodeEncodeError, ValueError):
        return ANY
    code = first << 8 | second
    if not _FIRST_OF_LEVEL <= code <= _LAST_OF_LEVEL:
        return ANY
    place = bisect_right(_BEGINS, code, key=lambda begin: begin[0]) - 1
    return KEYS[_BEGINS[place][1]]


def _is_han(sign: str) -> bool:
    return "\u3400" <= sign <= "\u9fff"


def _begins(way: str, keyed: str) -> bool:
    return len(keyed) <= len(way) and all(
        one in (key, ANY) for one, key in zip(way, keyed, strict=False)
    )
