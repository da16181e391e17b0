"""English: figures and signs as words."""

import re

from appliance.speech.numerals_en import cardinal_en, digits_en
from appliance.speech.rules import reworded, rule

_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_MONEY = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yuan"}
_NAMES = (
    r"(?:agent|extension|phone|telephone|number|dial|call|code|pin|order|ticket|id|no\.)"
    r"(?:\s+number)?"
)


def speakable_en(text: str) -> str:
    """Return `text` in words only."""
    return reworded(text, _RULES)


def _clock(match: re.Match[str]) -> str:
    hour, minute, half = int(match[1]), int(match[2]), (match[3] or "").replace(".", "").lower()
    words = cardinal_en(hour)
    if minute:
        words += f" {'oh ' if minute < 10 else ''}{cardinal_en(minute)}"
    elif not half:
        words += " o'clock" if hour <= 12 else " hundred hours"
    return words + (f" {half[0].upper()}.M." if half else "")


def _ordinal(number: int) -> str:
    words = cardinal_en(number)
    head, separator, last = words.rpartition("-" if "-" in words.split(" ")[-1] else " ")
    if last in _ORDINALS:
        last = _ORDINALS[last]
    elif last.endswith("y"):
        last = last[:-1] + "ieth"
    else:
        last += "th"
    return head + separator + last


def _money(match: re.Match[str]) -> str:
    sign, figures = match[1], match[2].replace(",", "")
    name = _MONEY[sign]
    plural = "" if figures == "1" or sign == "¥" else "s"
    return f"{_number(figures)} {name}{plural}"


def _number(figures: str) -> str:
    figures = figures.replace(",", "")
    whole, _, fraction = figures.partition(".")
    if len(whole) > 12:
        return digits_en(whole)
    words = cardinal_en(int(whole))
    return f"{words} point {digits_en(fraction)}" if fraction else words


_RULES = (
    rule(r"\{digits:([^}]*)\}", lambda m: digits_en(m[1])),
    rule(r"(?:the\s+)?\*(?:\s*key)?", lambda m: "the star key"),
    rule(r"(?:the\s+)?#(?:\s*key)?", lambda m: "the hash key"),
    rule(r"(press|key|option)\s+(\d{1,4})(?!\d)", lambda m: f"{m[1]} {digits_en(m[2])}"),
    rule(r"(?<!\d)(\d{1,2}):(\d{2})\s*([ap]\.?m\.?)?(?!\w)", _clock),
    rule(
        r"(?<!\d)(\d{1,2})\s*([ap])\.?m\.?(?!\w)",
        lambda m: f"{cardinal_en(int(m[1]))} {m[2].upper()}.M.",
    ),
    rule(
        r"(?<=[\w.])\s*[–—~]\s*(?=\w)|(?<=\d)\s*-\s*(?=\d{1,3}\s*(?:%|minutes|hours|days))",
        lambda m: " to ",
    ),
    rule(r"\+(\d[\d -]*\d)", lambda m: f"plus {digits_en(m[1])}"),
    rule(
        r"(?<!\d)\d{2,5}(?:[- ]\d{2,5}){1,4}(?!\d)",
        lambda m: ", ".join(digits_en(group) for group in re.split(r"[- ]", m[0])),
    ),
    rule(rf"\b({_NAMES}[:\s]\s*)(\d+)", lambda m: f"{m[1]}{digits_en(m[2])}"),
    rule(r"(\d[\d,]*(?:\.\d+)?)\s*%", lambda m: f"{_number(m[1])} per cent"),
    rule(r"([$€£¥])\s*(\d[\d,]*(?:\.\d+)?)", _money),
    rule(r"(?<!\d)(\d{1,4})(?:st|nd|rd|th)\b", lambda m: _ordinal(int(m[1]))),
    rule(r"\b(\d+)/7\b", lambda m: f"{cardinal_en(int(m[1]))} seven"),
    rule(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+", lambda m: _number(m[0])),
    rule(r"\d{5,}|(?<!\d)0\d+", lambda m: digits_en(m[0])),
    rule(r"\d+", lambda m: _number(m[0])),
    rule(r"\s*&\s*", lambda m: " and "),
)
