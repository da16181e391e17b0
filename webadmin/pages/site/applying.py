"""Files that are being applied: beside the page, for new texts are made speech first.

That takes minutes on a small machine; a browser does not wait so long for an answer, and a person
wants to see how far it is. So each application is a thread of its own, and the page looks again.

A form that is sent twice is carried out once, and both are answered alike: a browser shows the
answer to the last click, and passwords that the box made stand in no other answer. Each form that
is shown has a number of its own; what came of it is remembered for that login until a minute after
it was shown, or a quarter of an hour.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

from appliance.vocabulary.errors import EquipmentError, RefusedError, SiteError
from appliance.vocabulary.linghe_json import Applied
from webadmin.command import Heard

logger = logging.getLogger(__name__)

KEPT_FOR_S = 60.0
UNSEEN_FOR_S = 900.0
MOST = 16
"""Forms; the oldest go first."""

Form = tuple[str, str]
"""Login and number of the form."""
Work = Callable[[Heard], Applied]
_LEFT = re.compile(r"([0-9]+) left;")
"""How the speech worker tells each text that it has made."""


@dataclass(slots=True, eq=False)
class Applying:
    """One application, at work or over."""

    text: str
    over: Event = field(default_factory=Event)
    texts_left: int | None = None
    """New texts that are no speech yet; None: not known yet, or none."""
    done: Applied | None = None
    error: SiteError | RefusedError | EquipmentError | None = None
    ended_at: float = 0.0
    shown_at: float | None = None

    def hear(self, line: str) -> None:
        """The command line told how far it is."""
        if found := _LEFT.match(line):
            self.texts_left = int(found[1])

    def is_stale(self, now: float) -> bool:
        """Whether nobody asks for it any more."""
        if not self.over.is_set():
            return False
        unseen = now - self.ended_at >= UNSEEN_FOR_S
        return unseen or (self.shown_at is not None and now - self.shown_at >= KEPT_FOR_S)


class Applyings:
    """What came of which form, or is to come."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock`: seconds that only go forward."""
        self._clock = clock
        self._known: dict[Form, Applying] = {}
        self._lock = Lock()

    def begin(self, form: Form, text: str, work: Work) -> Applying:
        """Carry `work` out in a thread of its own, unless it was begun for that form already. What
        was refused is tried again."""
        with self._lock:
            self._forget_old()
            known = self._known.get(form)
            if known is not None and known.error is None:
                return known
            one = self._known[form] = Applying(text)
        Thread(target=self._carry_out, args=(one, work), name="applying", daemon=True).start()
        return one

    def of(self, form: Form) -> Applying | None:
        """Return what was begun for that form; None where that is forgotten."""
        with self._lock:
            self._forget_old()
            return self._known.get(form)

    def show(self, one: Applying) -> None:
        """Its outcome is being shown."""
        one.shown_at = self._clock() if one.shown_at is None else one.shown_at

    def _carry_out(self, one: Applying, work: Work) -> None:
        try:
            one.done = work(one.hear)
        except (SiteError, RefusedError, EquipmentError) as error:
            one.error = error
        except Exception as error:
            # nobody else hears of it, and the page would look again for ever
            logger.exception("a site file could not be applied")
            one.error = EquipmentError(f"linghe apply: {error}")
        finally:
            one.ended_at = self._clock()
            one.over.set()

    def _forget_old(self) -> None:
        now = self._clock()
        for form, one in list(self._known.items()):
            if one.is_stale(now):
                del self._known[form]
        while len(self._known) > MOST:
            del self._known[next(iter(self._known))]
