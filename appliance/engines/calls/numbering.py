"""What a dialled number is, by country profile: emergency, local, national, international, premium.

Sources: national numbering plans (ITU-T E.164 country pages): CN 00 + , 0 trunk prefix, 110 119
120 122; PL 00, no trunk prefix, 112 and 99x; GB 00, 0, 999 112; US 011, 1, 911.
"""

from appliance.vocabulary.settings import Country
from appliance.vocabulary.shape import Value

DIGITS = frozenset("0123456789")
"""No * or #: a carrier's own feature codes (call forwarding) are not for phones to change."""


class NumberPlan(Value, frozen=True, kw_only=True):
    """One country's rules; each field a tuple of prefixes or whole numbers."""

    international: tuple[str, ...]
    national: tuple[str, ...]
    """Trunk prefix: a number beginning so goes to another area."""
    emergency: tuple[str, ...]
    premium: tuple[str, ...]
    country_code: str
    abroad: tuple[str, ...] = ()
    """Areas behind the country's own code that are other countries, at other countries' prices."""

    def is_abroad(self, significant: str) -> bool:
        """Say whether a whole number, as it stands behind the country's code, is not inland."""
        return len(significant) == 10 and significant.startswith(self.abroad)


CARIBBEAN = tuple(
    "242 246 264 268 284 345 441 473 649 658 664 721 758 767 784 809 829 849 868 869 876".split()
)
"""NANP areas outside the United States and Canada (nanpa.com): dialled like any other, and where
much of the fraud with stolen telephone passwords goes."""

PLANS: dict[Country, NumberPlan] = {
    Country.CN: NumberPlan(
        international=("00",),
        national=("0", "13", "14", "15", "16", "17", "18", "19", "400", "800"),
        emergency=("110", "119", "120", "122"),
        premium=("168", "160", "9610"),
        country_code="86",
    ),
    Country.PL: NumberPlan(
        international=("00",),
        national=(),
        emergency=("112", "997", "998", "999", "986"),
        premium=("70", "300", "400"),
        country_code="48",
    ),
    Country.GB: NumberPlan(
        international=("00",),
        national=("0",),
        emergency=("999", "112"),
        premium=("09", "118"),
        country_code="44",
    ),
    Country.US: NumberPlan(
        international=("011",),
        national=("1",),
        emergency=("911",),
        premium=("900", "1900"),
        country_code="1",
        abroad=CARIBBEAN,
    ),
}


def number_class(number: str, country: Country) -> str:
    """Return emergency, premium, international, national, local or invalid.

    `number` is what is left after the outbound prefix was stripped. "+" counts as the
    international prefix unless the country's own code follows.

    >>> number_class("13800138000", Country.CN)
    'national'
    """
    plan = PLANS[country]
    if number.startswith("+" + plan.country_code):
        number = number.removeprefix("+" + plan.country_code)
        if not number or not set(number) <= DIGITS:
            return "invalid"
        if plan.is_abroad(number):
            return "international"
        written = plan.national[0] if plan.national and len(plan.national[0]) == 1 else ""
        is_premium = any(form.startswith(plan.premium) for form in (number, written + number))
        return "premium" if is_premium else "national"
    if number.startswith("+"):
        return "international" if number[1:] and set(number[1:]) <= DIGITS else "invalid"
    if not number or not set(number) <= DIGITS or len(number) > 32:
        return "invalid"
    if number in plan.emergency:
        return "emergency"
    inland = number.removeprefix(plan.country_code) if len(number) == 11 else number
    if number.startswith(plan.international) or plan.is_abroad(inland):
        return "international"
    if plan.premium and number.startswith(plan.premium):
        return "premium"
    if plan.national and number.startswith(plan.national):
        return "national"
    return "local"


def is_allowed(kind: str, *, by_route: tuple[str, ...], by_extension: tuple[str, ...]) -> bool:
    """Say whether a number of this class may go out. Emergency always; invalid never."""
    if kind == "emergency":
        return True
    return kind in by_route and kind in by_extension
