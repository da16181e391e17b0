"""How a language's normalising rules are written and run: patterns with their wording."""

import re
from collections.abc import Callable, Sequence

Wording = Callable[[re.Match[str]], str]
Rule = tuple[re.Pattern[str], Wording]

_BLANKS = re.compile(r"\s+")


def rule(pattern: str, wording: Wording) -> Rule:
    """Return one rule; patterns ignore case."""
    return re.compile(pattern, re.IGNORECASE), wording


def reworded(text: str, rules: Sequence[Rule]) -> str:
    """Return `text` after all rules, with single blanks."""
    for pattern, wording in rules:
        text = pattern.sub(wording, text)
    return _BLANKS.sub(" ", text).strip()
