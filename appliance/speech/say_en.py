"""Numbers, amounts, dates and times in English, as the pieces that are spoken one after the other.

British manner: "one hundred and five", "the eighth of October"; years by pairs ("twenty
twenty-six", "nineteen oh five") but for the first decade of a millennium ("two thousand and
five"); the clock by twelve hours with A.M. and P.M., and noon and midnight by name.
"""

from datetime import date, time

from appliance.speech.numerals_en import DIGITS, cardinal_en, digits_en
from appliance.speech.say_pieces import Amount, Pieces

_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_CURRENCIES = {
    "CNY": (("yuan", "yuan"), ("fen", "fen")),
    "PLN": (("zloty", "zlotys"), ("grosz", "groszy")),
    "USD": (("dollar", "dollars"), ("cent", "cents")),
    "EUR": (("euro", "euros"), ("cent", "cents")),
    "GBP": (("pound", "pounds"), ("penny", "pence")),
}
"""One and many of the whole and of its hundredth."""
_SCALES = ((10**6, "million"), (1000, "thousand"))


def number_en(whole: int, fraction: str) -> Pieces:
    """Return the pieces of a number: 105 is "one hundred", "and", "five"."""
    found = _cardinal(whole)
    return (*found, "point", *digits_en(fraction).split()) if fraction else found


def digits_pieces_en(pair: str) -> str:
    """Return one or two digits."""
    return digits_en(pair)


def amount_en(amount: Amount) -> Pieces:
    """Return the pieces of an amount: "twelve", "dollars", "and", "five", "cents"."""
    whole_names, cent_names = _CURRENCIES[amount.currency]
    found: Pieces = ()
    if amount.whole or not amount.cents:
        found = (*_cardinal(amount.whole), whole_names[amount.whole != 1])
    if amount.cents:
        between = ("and",) if found else ()
        found += (*between, *_cardinal(amount.cents), cent_names[amount.cents != 1])
    return found


def date_en(day: date) -> Pieces:
    """Return the pieces of a date: "the eighth", "of October", "twenty twenty-six"."""
    return (f"the {ordinal_en(day.day)}", f"of {_MONTHS[day.month - 1]}", year_en(day.year))


def time_en(clock: time) -> Pieces:
    """Return the pieces of a time of day: "nine", "oh five", "A.M."; "noon"."""
    if clock.minute == 0 and clock.hour % 12 == 0:
        return ("midnight" if clock.hour == 0 else "noon",)
    hour = cardinal_en((clock.hour - 1) % 12 + 1)
    half = "A.M." if clock.hour < 12 else "P.M."
    return (hour, half) if clock.minute == 0 else (hour, _minute(clock.minute), half)


def ordinal_en(number: int) -> str:
    """Return the ordinal of 1 to 99: "twenty-first"."""
    words = cardinal_en(number)
    head, dash, last = words.rpartition("-")
    if last in _ORDINALS:
        return head + dash + _ORDINALS[last]
    return head + dash + (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")


def year_en(year: int) -> str:
    """Return a year of four digits as people read it."""
    century, rest = divmod(year, 100)
    if rest == 0:
        return cardinal_en(year) if century % 10 == 0 else f"{cardinal_en(century)} hundred"
    if century % 10 == 0 and rest < 10:
        return cardinal_en(year)
    return f"{cardinal_en(century)} {_minute(rest)}"


def vocabulary_en(years: range) -> Pieces:
    """Return every piece that the functions of this file can name, years as given."""
    numbers = [
        *(cardinal_en(number) for number in range(100)),
        *(f"{digit} hundred" for digit in DIGITS[1:]),
        *("and", "point", *(name for _, name in _SCALES)),
    ]
    money = [name for names in _CURRENCIES.values() for forms in names for name in forms]
    days = [
        *(year_en(year) for year in years),
        *(f"of {month}" for month in _MONTHS),
        *(f"the {ordinal_en(day)}" for day in range(1, 32)),
        *(_minute(minute) for minute in range(1, 10)),
        *("A.M.", "P.M.", "noon", "midnight"),
    ]
    return tuple(dict.fromkeys([*numbers, *money, *days]))


def _cardinal(number: int) -> Pieces:
    found: Pieces = ()
    rest = number
    for size, name in _SCALES:
        count, rest = divmod(rest, size)
        if count:
            found += (*_below_thousand(count), name)
    if rest or not found:
        between = ("and",) if found and rest < 100 else ()
        found += (*between, *_below_thousand(rest))
    return found


def _below_thousand(number: int) -> Pieces:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return (cardinal_en(rest),)
    hundred = f"{DIGITS[hundreds]} hundred"
    return (hundred, "and", cardinal_en(rest)) if rest else (hundred,)


def _minute(number: int) -> str:
    return f"oh {cardinal_en(number)}" if number < 10 else cardinal_en(number)
