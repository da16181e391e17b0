"""The shape of every core machine: three doors, plus slots for surviving kill -9."""

from typing import Protocol, TypeVar

from appliance.vocabulary.ids import Instant

E_contra = TypeVar("E_contra", contravariant=True)
C = TypeVar("C")


class Machine(Protocol[E_contra, C]):
    """Events and time in, commands out. Never reads a clock, never does I/O."""

    def handle(self, event: E_contra, now: Instant) -> list[C]:
        """Take one event at `now`; return what is to be done, in order."""
        ...

    def wake_at(self) -> Instant | None:
        """When `wake` wants to be called next; None when nothing is due."""
        ...

    def wake(self, now: Instant) -> list[C]:
        """Do everything that is due at or before `now`."""
        ...
