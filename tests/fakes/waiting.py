"""Waiting for what another program or thread does: for an event with a bound, not for a time."""

import time
from collections.abc import Callable


def wait_until(
    is_so: Callable[[], object], what: str = "it", within: float = 20.0, every: float = 0.02
) -> None:
    """Return as soon as it is so; fail after so many seconds, and say what was waited for."""
    until = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < until, f"not within {within:.0f} s: {what}"
        time.sleep(every)
