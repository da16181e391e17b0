"""The four shapes that travel: Value, Event, Command and State.

They are msgspec Structs, not dataclasses: the same reading (frozen, keyword-only, typed), but
encoded and *validated* in C. A live call's state is therefore snapshotted in microseconds before
every answer (reliability), and a malformed line on a socket is one typed error at the door.
"""

from msgspec import Struct


class Value(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that travels inside events and commands. Immutable."""


class Event(Struct, frozen=True, kw_only=True, tag=True, tag_field="event"):
    """Something that happened. Named in the past tense."""


class Command(Struct, frozen=True, kw_only=True, tag=True, tag_field="command"):
    """Something to be done. Named in the imperative."""


class State(Struct, kw_only=True, omit_defaults=True):
    """What a machine remembers: plain data only, so that it can be snapshotted and resumed."""
