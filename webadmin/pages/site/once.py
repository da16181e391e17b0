"""A form that is sent twice is carried out once, and both are answered alike.

A browser shows the answer to the last click. Passwords that the box made are in the first one only:
so the second click waits for the first, and is shown the same. Each form that is shown has a number
of its own; for a minute this process remembers what came of it, for that login.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

KEPT_FOR_S = 60.0
MOST = 16
"""Forms; the oldest go first."""

Form = tuple[str, str]
"""Login and number of the form."""


@dataclass(slots=True)
class _Sent:
    """One form."""

    at: float
    lock: Lock = field(default_factory=Lock)
    answer: str | None = None


class SentOnce:
    """What came of which form."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock`: seconds that only go forward."""
        self._clock = clock
        self._sent: dict[Form, _Sent] = {}
        self._lock = Lock()

    def answer(self, form: Form, make: Callable[[], tuple[str, bool]]) -> str:
        """Return what `make` said the first time; it says as well whether that is to be kept.
        A form without a number is carried out each time."""
        if not form[1]:
            return make()[0]
        sent = self._of(form)
        with sent.lock:
            if sent.answer is not None:
                return sent.answer
            answer, is_kept = make()
            sent.at = self._clock()
            sent.answer = answer if is_kept else None
            return answer

    def _of(self, form: Form) -> _Sent:
        with self._lock:
            now = self._clock()
            for one, sent in list(self._sent.items()):
                if sent.answer is not None and now - sent.at >= KEPT_FOR_S:
                    del self._sent[one]
            while len(self._sent) >= MOST:
                del self._sent[next(iter(self._sent))]
            return self._sent.setdefault(form, _Sent(now))
