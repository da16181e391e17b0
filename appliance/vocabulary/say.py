"""Values that are read out to callers: which kinds there are, and what each looks like as text.

Flows check their values by this before they say them; speech.say has the words.
"""

import re
from datetime import date
from enum import StrEnum


class SayKind(StrEnum):
    """How a value is read out."""

    NUMBER = "number"
    """"-12.5": 9 digits before the point and 6 behind at most."""
    DIGITS = "digits"
    """"138 0013 8000": one by one; blanks, - and a + before them are not said."""
    AMOUNT = "amount"
    """"12.05": money, never below 0."""
    DATE = "date"
    """"2026-10-08"."""
    TIME = "time"
    """"09:05"."""


CURRENCIES = ("CNY", "PLN", "USD", "EUR", "GBP")
"""ISO 4217."""

SHAPES: dict[SayKind, re.Pattern[str]] = {
    SayKind.NUMBER: re.compile(r"(-?)([0-9]{1,9})(?:\.([0-9]{1,6}))?", re.ASCII),
    SayKind.DIGITS: re.compile(r"\+?[0-9][0-9 -]{0,31}", re.ASCII),
    SayKind.AMOUNT: re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?", re.ASCII),
    SayKind.DATE: re.compile(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}", re.ASCII),
    SayKind.TIME: re.compile(r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9]", re.ASCII),
}


def can_be_said(kind: SayKind, value: str) -> bool:
    """Say whether this is a value of that kind: no 30th of February, no 24:00."""
    if SHAPES[kind].fullmatch(value) is None:
        return False
    if kind is SayKind.DATE:
        try:
            date.fromisoformat(value)
        except ValueError:
            return False
    return True
