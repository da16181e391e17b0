"""Values as people say them: numbers, digits, amounts of money, dates and times, by rule.

A value is cut into pieces, and the same pieces make its words and its sound: there is a shipped
clip of each (speech.composed), so that a value that nobody knew beforehand can be said on a box
without a model. What is known beforehand is rendered as a whole, which sounds better.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time

from appliance.speech.say_en import (
    amount_en,
    date_en,
    digits_pieces_en,
    number_en,
    time_en,
    vocabulary_en,
)
from appliance.speech.say_pieces import Amount, Pieces
from appliance.speech.say_pl import (
    amount_pl,
    date_pl,
    digits_pieces_pl,
    number_pl,
    time_pl,
    vocabulary_pl,
)
from appliance.speech.say_zh import (
    amount_zh,
    date_zh,
    digits_pieces_zh,
    number_zh,
    time_zh,
    vocabulary_zh,
)
from appliance.vocabulary.say import CURRENCIES, SHAPES, SayKind, can_be_said
from appliance.vocabulary.settings import Language

YEARS = range(2024, 2036)
"""Years with a clip; others can be said only where they are rendered beforehand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """One language."""

    minus: str
    apart: str
    """What stands between words."""
    number: Callable[[int, str], Pieces]
    digits: Callable[[str], str]
    amount: Callable[[Amount], Pieces]
    date: Callable[[date], Pieces]
    time: Callable[[time], Pieces]
    vocabulary: Callable[[range], Pieces]


_RULES = {
    Language.ZH: _Rules(
        minus="负",
        apart="",
        number=number_zh,
        digits=digits_pieces_zh,
        amount=amount_zh,
        date=date_zh,
        time=time_zh,
        vocabulary=vocabulary_zh,
    ),
    Language.EN: _Rules(
        minus="minus",
        apart=" ",
        number=number_en,
        digits=digits_pieces_en,
        amount=amount_en,
        date=date_en,
        time=time_en,
        vocabulary=vocabulary_en,
    ),
    Language.PL: _Rules(
        minus="minus",
        apart=" ",
        number=number_pl,
        digits=digits_pieces_pl,
        amount=amount_pl,
        date=date_pl,
        time=time_pl,
        vocabulary=vocabulary_pl,
    ),
}


def said(kind: SayKind, value: str, language: Language, currency: str = "CNY") -> str:
    """Return a value in words: "12.05" as an amount in zh is "十二元零五分".

    Raises ValueError for what is no value of this kind (vocabulary.say.can_be_said).
    """
    return _RULES[language].apart.join(pieces(kind, value, language, currency))


def pieces(kind: SayKind, value: str, language: Language, currency: str = "CNY") -> Pieces:
    """Return the pieces of a value in order. Raises ValueError, as `said` does."""
    rules = _RULES[language]
    match kind:
        case SayKind.NUMBER:
            sign, whole, fraction = _matched(kind, value)
            found = rules.number(int(whole), fraction or "")
            return (rules.minus, *found) if sign else found
        case SayKind.DIGITS:
            return tuple(map(rules.digits, digit_pairs(value)))
        case SayKind.AMOUNT:
            if currency not in CURRENCIES:
                raise ValueError(f"{currency} is no currency of: {', '.join(CURRENCIES)}")
            whole, cents = _matched(kind, value)
            hundredths = int((cents or "0").ljust(2, "0"))
            return rules.amount(Amount(whole=int(whole), cents=hundredths, currency=currency))
        case SayKind.DATE:
            _matched(kind, value)
            return rules.date(date.fromisoformat(value))
        case SayKind.TIME:
            _matched(kind, value)
            hour, _, minute = value.partition(":")
            return rules.time(time(int(hour), int(minute)))


def vocabulary(language: Language) -> Pieces:
    """Return every piece that a value can be cut into, years of YEARS: a clip each.

    But for two digits read out as such, of which there are clips for agents' numbers already.
    """
    rules = _RULES[language]
    single = [rules.digits(str(digit)) for digit in range(10)]
    return tuple(dict.fromkeys([rules.minus, *rules.vocabulary(YEARS), *single]))


def _matched(kind: SayKind, value: str) -> tuple[str, ...]:
    found = SHAPES[kind].fullmatch(value)
    if found is None or not can_be_said(kind, value):
        raise ValueError(f"{value!r} cannot be said so")
    return found.groups()


def digit_pairs(value: str) -> list[str]:
    """Return digits two by two; one alone, which is understood badly, comes first if at all."""
    _matched(SayKind.DIGITS, value)
    plain = "".join(char for char in value if char.isdigit())
    odd = len(plain) % 2
    pairs = [plain[place : place + 2] for place in range(odd, len(plain), 2)]
    return [plain[0], *pairs] if odd else pairs
