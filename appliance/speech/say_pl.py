"""Numbers, amounts, dates and times in Polish, as the pieces that are spoken one after the other.

Nouns by their number: 1 złoty, 2 złote, 5 złotych, 12 złotych, 22 złote. A date is said in the
genitive, as the answer to "when?": ósmego października dwa tysiące dwudziestego szóstego roku;
of a year only the tens and ones are ordinal, else its last word that counts (dwutysięcznego,
tysiąc dziewięćsetnego). Hours are feminine ordinals (dziewiąta, after o and do dziewiątej).
"""

from datetime import date, time

from appliance.speech.numerals_pl import cardinal_pl, digits_pl, hour_pl, plural_pl
from appliance.speech.say_pieces import Amount, Pieces

_MONTHS = (
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada "
    "grudnia"
).split()
_ONES = (
    "pierwszego drugiego trzeciego czwartego piątego szóstego siódmego ósmego dziewiątego "
    "dziesiątego jedenastego dwunastego trzynastego czternastego piętnastego szesnastego "
    "siedemnastego osiemnastego dziewiętnastego"
).split()
_TENS = (
    "dwudziestego trzydziestego czterdziestego pięćdziesiątego sześćdziesiątego "
    "siedemdziesiątego osiemdziesiątego dziewięćdziesiątego"
).split()
_HUNDREDS = (
    "setnego dwusetnego trzechsetnego czterechsetnego pięćsetnego sześćsetnego siedemsetnego "
    "osiemsetnego dziewięćsetnego"
).split()
_THOUSANDS = {1: "tysięcznego", 2: "dwutysięcznego"}
_CURRENCIES = {
    "PLN": (("złoty", "złote", "złotych"), ("grosz", "grosze", "groszy")),
    "CNY": (("juan", "juany", "juanów"), ("fen", "feny", "fenów")),
    "USD": (("dolar", "dolary", "dolarów"), ("cent", "centy", "centów")),
    "EUR": (("euro", "euro", "euro"), ("cent", "centy", "centów")),
    "GBP": (("funt", "funty", "funtów"), ("pens", "pensy", "pensów")),
}
"""One, two to four, and more of the whole and of its hundredth."""
_SCALES = (
    (10**6, ("milion", "miliony", "milionów")),
    (1000, ("tysiąc", "tysiące", "tysięcy")),
)


def number_pl(whole: int, fraction: str) -> Pieces:
    """Return the pieces of a number: 2222 is "dwa", "tysiące", "dwieście", "dwadzieścia dwa"."""
    found = _cardinal(whole)
    return (*found, "przecinek", *digits_pl(fraction).split()) if fraction else found


def digits_pieces_pl(pair: str) -> str:
    """Return one or two digits."""
    return digits_pl(pair)


def amount_pl(amount: Amount) -> Pieces:
    """Return the pieces of an amount: "dwadzieścia dwa", "złote", "pięć", "groszy"."""
    names, cents = _CURRENCIES[amount.currency]
    found: Pieces = ()
    if amount.whole or not amount.cents:
        # euro is neuter: jedno euro
        is_one_euro = amount.currency == "EUR" and amount.whole == 1
        count = ("jedno",) if is_one_euro else _cardinal(amount.whole)
        found = (*count, names[plural_pl(amount.whole)])
    if amount.cents:
        found += (*_cardinal(amount.cents), cents[plural_pl(amount.cents)])
    return found


def date_pl(day: date) -> Pieces:
    """Return the pieces of a date in the genitive: "ósmego", "października", "… roku"."""
    return (_ordinal(day.day), _MONTHS[day.month - 1], f"{year_pl(day.year)} roku")


def time_pl(clock: time) -> Pieces:
    """Return the pieces of a time of day: "dziewiąta", "zero pięć"."""
    hour = hour_pl(clock.hour)
    return (hour,) if clock.minute == 0 else (hour, _minute(clock.minute))


def year_pl(year: int) -> str:
    """Return a year of four digits as the ordinal's genitive."""
    thousands, below = divmod(year, 1000)
    hundreds, rest = divmod(below, 100)
    if not below:
        return _THOUSANDS.get(thousands, f"{cardinal_pl(thousands)} tysięcznego")
    head = [cardinal_pl(thousands * 1000)] if thousands else []
    if not rest:
        return " ".join([*head, _HUNDREDS[hundreds - 1]])
    if hundreds:
        head.append(cardinal_pl(hundreds * 100))
    return " ".join([*head, _ordinal(rest)])


def vocabulary_pl(years: range) -> Pieces:
    """Return every piece that the functions of this file can name, years as given."""
    numbers = [
        *(cardinal_pl(number) for number in range(100)),
        *(cardinal_pl(hundreds * 100) for hundreds in range(1, 10)),
        *(form for _, forms in _SCALES for form in forms),
        *("przecinek", "jedno"),
    ]
    money = [form for names in _CURRENCIES.values() for forms in names for form in forms]
    days = [
        *(f"{year_pl(year)} roku" for year in years),
        *_MONTHS,
        *(_ordinal(day) for day in range(1, 32)),
        *(hour_pl(hour) for hour in range(24)),
        *(_minute(minute) for minute in range(1, 10)),
    ]
    return tuple(dict.fromkeys([*numbers, *money, *days]))


def _cardinal(number: int) -> Pieces:
    found: Pieces = ()
    rest = number
    for size, forms in _SCALES:
        count, rest = divmod(rest, size)
        if count:
            counted = () if count == 1 else _below_thousand(count)
            found += (*counted, forms[plural_pl(count)])
    return (*found, *_below_thousand(rest)) if rest or not found else found


def _below_thousand(number: int) -> Pieces:
    hundreds, rest = divmod(number, 100)
    head = (cardinal_pl(hundreds * 100),) if hundreds else ()
    return (*head, cardinal_pl(rest)) if rest or not head else head


def _ordinal(number: int) -> str:
    """Return the genitive of the ordinal of 1 to 99: "dwudziestego szóstego"."""
    if number < 20:
        return _ONES[number - 1]
    tens, ones = divmod(number, 10)
    return _TENS[tens - 2] + (f" {_ONES[ones - 1]}" if ones else "")


def _minute(minute: int) -> str:
    return f"{'zero ' if minute < 10 else ''}{cardinal_pl(minute)}"
