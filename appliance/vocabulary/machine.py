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


class Slotted(Protocol):
    """A machine whose memory is kept in named slots, so that a killed process resumes.

    The daemon appends every touched slot to the state journal before any answer leaves.
    """

    def take_touched(self) -> set[str]:
        """Return the names of the slots changed since the last call, and forget them."""
        ...

    def slot(self, name: str) -> bytes | None:
        """Return the slot's content (msgpack), or None when it no longer exists."""
        ...

    def restore(self, name: str, content: bytes, now: Instant) -> None:
        """Put a slot back after a restart. Raises nothing for content that `slot` made."""
        ...
