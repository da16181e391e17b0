"""A token that is shown once is shown for the same form sent twice: a double click, a reload.

A browser shows the answer to the last click. Without this that would be "there is a token of this
name already", and the token, which was in the first answer, would be lost. Each form that is shown
has a number of its own; for a minute this process remembers which token it made, for that login.
"""

from collections.abc import Callable
from threading import Lock

SHOWN_FOR_S = 60.0
MOST = 32
"""Tokens; the oldest go first."""

Form = tuple[str, str]
"""Login and number of the form."""


class ShownTokens:
    """What was made by which form."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock`: seconds that only go forward."""
        self._clock = clock
        self._made: dict[Form, tuple[float, str]] = {}
        self._lock = Lock()

    def keep(self, form: Form, text: str) -> None:
        """Remember a token that is about to be made."""
        with self._lock:
            self._made[form] = (self._clock(), text)
            while len(self._made) > MOST:
                del self._made[next(iter(self._made))]

    def again(self, form: Form) -> str:
        """Return what this form made within the last minute, "" for nothing."""
        with self._lock:
            at, text = self._made.get(form, (0.0, ""))
            return text if form[1] and self._clock() - at < SHOWN_FOR_S else ""
