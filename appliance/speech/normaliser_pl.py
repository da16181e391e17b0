"""Polish: figures and signs as words, with the gender of the noun that follows."""

import re

from appliance.speech.numerals_pl import cardinal_pl, digits_pl, hour_pl, plural_pl
from appliance.speech.rules import reworded, rule

_FEMININE = (
    r"osob\w*|os[oó]b|minut\w*|godzin\w*|sekund\w*|spraw\w*|rozm[oó]w\w*|wiadomo\w*|sztuk\w*"
)
_NAMES = (
    r"numer\w*|nr\.?|konsultant\w*|telefon\w*|tel\.?|wewn\w*\.?|kod\w*|pin|zgłoszeni\w*|"
    r"zamówieni\w*"
)
_MONEY = {
    "zł": ("złoty", "złote", "złotych"),
    "pln": ("złoty", "złote", "złotych"),
    "€": ("euro", "euro", "euro"),
    "gr": ("grosz", "grosze", "groszy"),
}


def speakable_pl(text: str) -> str:
    """Return `text` in words only."""
    return reworded(text, _RULES)


def _clock(match: re.Match[str]) -> str:
    before, hour, minute = match[1] or "", int(match[2]), int(match[3])
    genitive = bool(re.search(r"\b(od|do|o|o godzinie|po)\s*$", before, re.IGNORECASE))
    words = hour_pl(hour, genitive) if hour <= 24 else digits_pl(match[2])
    if minute:
        words += f" {'zero ' if minute < 10 else ''}{cardinal_pl(minute)}"
    return before + words


def _hours_range(match: re.Match[str]) -> str:
    first, last = match[1], match[2]
    return _RANGE_CLOCK.sub(_clock, f"od {first} do {last}")


def _money(match: re.Match[str]) -> str:
    figures = match[1].replace(" ", "").replace(",", ".")
    forms = _MONEY[match[2].lower()]
    whole, _, fraction = figures.partition(".")
    form = forms[plural_pl(int(whole))]
    if fraction.strip("0"):
        cents = int(fraction.ljust(2, "0")[:2])
        rest = f" {cardinal_pl(cents)} {_MONEY['gr'][plural_pl(cents)]}"
    else:
        rest = ""
    return f"{cardinal_pl(int(whole))} {form}{rest}"


def _number(figures: str, feminine: bool = False) -> str:
    whole, _, fraction = figures.replace(" ", "").replace(",", ".").partition(".")
    if len(whole) > 9:
        return digits_pl(whole)
    words = cardinal_pl(int(whole), feminine)
    return f"{words} przecinek {digits_pl(fraction)}" if fraction else words


def _grouped(match: re.Match[str]) -> str:
    return ", ".join(digits_pl(group) for group in re.split(r"[- ]", match[0]))


_RANGE_CLOCK = re.compile(r"(\b(?:od|do)\s+)(\d{1,2}):(\d{2})", re.IGNORECASE)
_RULES = (
    rule(r"\{digits:([^}]*)\}", lambda m: digits_pl(m[1])),
    rule(r"(naciśnij|nacisnąć|wybierz|wybrać)\s+\*", lambda m: f"{m[1]} gwiazdkę"),
    rule(r"(naciśnij|nacisnąć|wybierz|wybrać)\s+#", lambda m: f"{m[1]} krzyżyk"),
    rule(r"\*", lambda m: "gwiazdka"),
    rule(r"#", lambda m: "krzyżyk"),
    rule(
        r"(naciśnij|nacisnąć|wybierz|wybrać|klawisz)\s+(\d{1,4})(?!\d)",
        lambda m: f"{m[1]} {digits_pl(m[2])}",
    ),
    rule(r"(?<!\d)(\d{1,2}:\d{2})\s*[-–—]\s*(\d{1,2}:\d{2})(?!\d)", _hours_range),
    rule(r"(\b(?:od|do|o godzinie|o|po)\s+)?(?<!\d)(\d{1,2}):(\d{2})(?!\d)", _clock),
    rule(r"\+(\d[\d -]*\d)", lambda m: f"plus {digits_pl(m[1])}"),
    rule(r"(\d[\d ]*(?:[.,]\d+)?)\s*%", lambda m: f"{_number(m[1])} procent"),
    rule(r"(\d[\d ]*(?:[.,]\d{1,2})?)\s*(zł|pln|€)(?!\w)", _money),
    rule(rf"\b((?:{_NAMES})[:\s]\s*)(\d+)(?![\d -]*\d)", lambda m: m[1] + digits_pl(m[2])),
    rule(r"(?<!\d)\d{1,3}(?: \d{3})+(?=\s+\w+(?:ów|ek|ych)\b)", lambda m: _number(m[0])),
    rule(r"(?<!\d)\d{2,5}(?:[- ]\d{2,5}){1,4}(?!\d)", _grouped),
    rule(rf"(?<![\d,.])(\d{{1,9}})(?=\s+(?:{_FEMININE})\b)", lambda m: _number(m[1], True)),
    rule(r"\d+[.,]\d+", lambda m: _number(m[0])),
    rule(r"\d{5,}|(?<!\d)0\d+", lambda m: digits_pl(m[0])),
    rule(r"\d+", lambda m: _number(m[0])),
    rule(r"\s*&\s*", lambda m: " i "),
)
