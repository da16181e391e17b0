"""One form for each number, by country profile, and back to what each trunk wants.

The stored form is what people of the country dial: 02188886666, 13900001111, and a foreign number
as +44…. Carriers deliver the same caller as +8613900001111, 8613900001111, 008613900001111 or
013900001111; stored, it is one number: one customer, one list of lost calls, one redial.

Sources: E.164 and the national plans: CN 11-digit mobiles 1…, areas 0xx and 0xxx; PL 9 digits
without trunk prefix; GB 0 and 9 or 10 digits; US 10 digits (NANP), stored without the 1.
"""

import re

from appliance.engines.calls.numbering import PLANS, number_class
from appliance.vocabulary.settings import Country
from appliance.vocabulary.shape import Value

FORMS = ("dialled", "national", "e164", "plus")
SHORTEST_WHOLE = 7
"""Shorter ones are extensions, short codes, services: left as they are."""

_DEARNESS = ("local", "national", "international", "premium")


class _Shape(Value, frozen=True, kw_only=True):
    """A country's numbers without country code and trunk prefix."""

    trunk_prefix: str
    """Put before them where they are dialled inside the country."""
    significant: str
    """Regular expression of the national (significant) number."""
    bare: str = "(?!)"
    """Of those that are dialled without the trunk prefix though there is one."""
    local: str = "(?!)"
    """Of numbers without area: they need the site's area code."""


SHAPES: dict[Country, _Shape] = {
    Country.CN: _Shape(
        trunk_prefix="0",
        significant=r"1[3-9]\d{9}|10\d{8}|2\d{9}|[3-9]\d{9,10}",
        bare=r"1[3-9]\d{9}|[48]00\d{7}",
        local=r"[2-9]\d{6,7}",
    ),
    Country.PL: _Shape(trunk_prefix="", significant=r"[1-9]\d{8}"),
    Country.GB: _Shape(trunk_prefix="0", significant=r"[1-9]\d{8,9}", local=r"[2-9]\d{5,7}"),
    Country.US: _Shape(trunk_prefix="", significant=r"[2-9]\d{2}[2-9]\d{6}", local=r"[2-9]\d{6}"),
}


def stored(number: str, country: Country, area_code: str = "") -> str:
    """Return the one form of a number that a carrier delivered; what is no number stays.

    >>> stored("+8613900001111", Country.CN)
    '13900001111'
    >>> stored("862188886666", Country.CN)
    '02188886666'
    >>> stored("00442071234567", Country.CN)
    '+442071234567'
    """
    plain = re.sub(r"[ ().-]", "", number)
    digits = plain.removeprefix("+")
    if not digits.isascii() or not digits.isdigit() or len(digits) < SHORTEST_WHOLE:
        return number
    plan, shape = PLANS[country], SHAPES[country]
    code = plan.country_code
    for prefix in plan.international:
        if digits.startswith(prefix) and not plain.startswith("+"):
            plain = "+" + digits.removeprefix(prefix)
    if plain.startswith("+"):
        rest = plain.removeprefix("+" + code)
        return plain if rest == plain else _national(rest, shape) or plain
    return _dialled(digits, shape) or _guessed(digits, code, shape, area_code) or number


def dearest_class(number: str, country: Country) -> str:
    """Return the class of a number in whichever of its forms costs most; rights go by this.

    A trunk is called in a form of its own, and carriers know numbers without their + as well: who
    may dial local numbers only must not reach a premium one by the country's code before it.

    >>> dearest_class("48701234567", Country.PL)
    'premium'
    """
    kind = number_class(number, country)
    if kind not in _DEARNESS:
        return kind
    other = number_class(stored(number, country), country)
    return max(kind, other, key=_DEARNESS.index) if other in _DEARNESS else kind


def _national(rest: str, shape: _Shape) -> str:
    """Return a number behind the country's code as it is dialled inside; "" for none of it."""
    significant = rest.removeprefix("0")
    if re.fullmatch(shape.bare, significant):
        return significant
    if re.fullmatch(shape.significant, significant):
        return shape.trunk_prefix + significant
    return ""


def _dialled(digits: str, shape: _Shape) -> str:
    """Return what is dialled inside the country in its one form; "" for what is not dialled so."""
    if digits.startswith("0"):
        return _national(digits, shape)
    is_whole = re.fullmatch(shape.bare, digits) or (
        not shape.trunk_prefix and re.fullmatch(shape.significant, digits)
    )
    return digits if is_whole else ""


def _guessed(digits: str, code: str, shape: _Shape, area_code: str) -> str:
    """The country's code in front without a sign of it, the trunk prefix or the area left out."""
    rest = digits.removeprefix(code)
    if rest != digits and re.fullmatch(shape.significant, rest):
        return _national(rest, shape)
    if re.fullmatch(shape.significant, digits):
        return _national(digits, shape)
    if area_code and re.fullmatch(shape.local, digits):
        return area_code + digits
    return ""


def for_trunk(number: str, form: str, country: Country, area_code: str = "") -> str:
    """Return a number as a trunk wants it called; `form` is one of FORMS.

    Numbers that have no international form (emergency, short codes, services) stay as they are.

    >>> for_trunk("02188886666", "e164", Country.CN)
    '862188886666'
    """
    if form == "dialled":
        return number
    plan, shape = PLANS[country], SHAPES[country]
    whole = stored(number, country, area_code)
    if whole in plan.emergency or not whole.removeprefix("+").isdigit():
        return number
    if not whole.startswith("+"):
        international = _international(whole, plan.country_code, shape)
        if not international:
            return number
        return whole if form == "national" else _written(international, form)
    if form == "national":
        return plan.international[0] + whole[1:]
    return _written(whole, form)


def _international(whole: str, code: str, shape: _Shape) -> str:
    significant = whole.removeprefix(shape.trunk_prefix) if shape.trunk_prefix else whole
    if re.fullmatch(shape.significant, significant):
        return f"+{code}{significant}"
    return ""


def _written(international: str, form: str) -> str:
    return international if form == "plus" else international[1:]
