"""Dividing where there may be nothing to divide by."""

from collections.abc import Iterable


def per_cent(part: float, whole: float) -> float | None:
    """Return part of whole in per cent; None for an empty whole, which is neither 0 nor 100 %."""
    return None if whole <= 0 else 100.0 * part / whole


def mean(total: float, count: int) -> float | None:
    """Return total a piece; None where there is none."""
    return None if count <= 0 else total / count


def total_of(values: Iterable[float | None]) -> float:
    """Return the sum of what is known, in whole milliseconds."""
    return round(sum(value for value in values if value is not None), 3)
