"""What the languages' files of `say` share: pieces, and an amount of money."""

from appliance.vocabulary.shape import Value

Pieces = tuple[str, ...]
"""Words that are spoken as one, in order; each can be a clip of its own."""


class Amount(Value, frozen=True, kw_only=True):
    """So much money, never below zero."""

    whole: int
    cents: int
    """Hundredths: 分, grosze, cents; 0 to 99."""
    currency: str
    """ISO 4217: CNY, PLN, USD, EUR, GBP."""
