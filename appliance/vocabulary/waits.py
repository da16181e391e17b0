"""Waits as they are said: in few steps, for a sentence of each is made beforehand."""

MINUTES = (1, 2, 3, 4, 5, 7, 10, 15, 20, 30)
"""The waits that have a sentence of their own."""
SHORT = "0"
"""The value of {n} for less than a minute."""
FAR = "far"
"""The value of {n} for what is clearly more than the last of MINUTES."""


def minutes_said(seconds: float) -> str:
    """Return {n} of what is said for a wait: the step that is nearest to it in proportion.

    Worked example: 40 s "0", 80 s "1", 100 s "2", 5 min "5", 50 min "far".
    """
    minutes = max(0.0, seconds) / 60
    if minutes < 0.75:
        return SHORT
    if minutes > MINUTES[-1] * 1.25:
        return FAR
    return str(min(MINUTES, key=lambda one: max(one / minutes, minutes / one)))
