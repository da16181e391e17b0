"""What desk phones have asked for besides calls, and where their legs are just now.

A phone's wishes (keyed in at it) are lasting: they stand in a slot of their own ("own:<extension>")
and outlive a power cut. The rest is found again from the calls.
"""

import msgspec

from appliance.engines.calls.state import CallState, LegPhase
from appliance.vocabulary.commands import LampState
from appliance.vocabulary.ids import CallId, ExtensionNumber, Utc
from appliance.vocabulary.settings import RingGroup, Site
from appliance.vocabulary.shape import State

Seen = tuple[tuple[ExtensionNumber, LegPhase, bool], ...]
"""A call's phones: number, how far its leg is, whether it holds."""


class PhoneWishes(State, kw_only=True):
    """What a phone's user keyed in; wins over the site."""

    extension: ExtensionNumber
    forward: dict[str, str] = {}
    """always, busy, no_answer, unreachable: where to; empty: nowhere, whatever the site says."""
    do_not_disturb: bool | None = None
    call_waiting: bool | None = None
    busy_target: ExtensionNumber | None = None
    """The phone that was busy when it was dialled from here last (*66 asks for it)."""
    redial: ExtensionNumber | None = None
    """To be rung from here as soon as it is free."""
    redial_until: Utc = Utc(0.0)


_decoder = msgspec.msgpack.Decoder(PhoneWishes)
_encoder = msgspec.msgpack.Encoder()


class DeskMemory:
    """Wishes, ring groups and park places by number, phones in use, lamps as last shown."""

    def __init__(self) -> None:
        self.wishes: dict[ExtensionNumber, PhoneWishes] = {}
        self.groups: dict[ExtensionNumber, RingGroup] = {}
        self.places: tuple[ExtensionNumber, ...] = ()
        self.emergency_since: Utc | None = None
        """Emergency mode was begun then and has not been ended (emergency_mode.py)."""
        self.emergency_by = ""
        """By whom: a phone's number, or a person's name."""
        self.parked: dict[ExtensionNumber, CallId] = {}
        """Which call waits at which park place."""
        self.changed: set[CallId] = set()
        """Calls whose legs may be elsewhere than `calls_at` says."""
        self.calls_at: dict[ExtensionNumber, set[CallId]] = {}
        self.shown: dict[str, tuple[LampState, str]] = {}
        self.stale: set[str] = set()
        """Names whose lamp may be another than the one shown."""
        self._seen: dict[CallId, Seen] = {}

    def configure(self, site: Site) -> None:
        """Take up a site's ring groups and park places."""
        self.groups = {one.number: one for one in site.ring_group}
        taken = {one.number for one in site.extension} | set(self.groups)
        self.places = tuple(one for one in _places(site.parking.slots) if one not in taken)

    # --- where the legs are ---
    def refresh(self, calls: dict[CallId, CallState]) -> None:
        """Find the phones of the changed calls again."""
        while self.changed:
            name = self.changed.pop()
            call = calls.get(name)
            before = self._seen.get(name, ())
            now = seen_in(call) if call is not None else ()
            if now != before:
                self._note(name, before, now)
            self._note_place(name, call)

    def _note(self, name: CallId, before: Seen, now: Seen) -> None:
        """The phones of a call, or what they do in it, are other than they were."""
        gone, here = {one[0] for one in before}, {one[0] for one in now}
        for phone in gone - here:
            self.calls_at.get(phone, set()).discard(name)
        for phone in here - gone:
            self.calls_at.setdefault(phone, set()).add(name)
        self.stale |= gone | here
        if now:
            self._seen[name] = now
        else:
            self._seen.pop(name, None)

    def _note_place(self, name: CallId, call: CallState | None) -> None:
        park = call.park if call is not None else None
        place = park.slot if park is not None and not park.is_returning else None
        for left in [one for one, parked in self.parked.items() if parked == name]:
            if left != place:
                del self.parked[left]
                self.stale.add(left)
        if place is not None and self.parked.get(place) != name:
            self.parked[place] = name
            self.stale.add(place)

    # --- slots ---
    def wishes_of(self, extension: ExtensionNumber) -> PhoneWishes:
        """Return a phone's wishes, made when it never had any."""
        return self.wishes.setdefault(extension, PhoneWishes(extension=extension))

    def slot(self, extension: ExtensionNumber) -> bytes | None:
        """Return the slot's content."""
        found = self.wishes.get(extension)
        return None if found is None else _encoder.encode(found)

    def restore(self, content: bytes) -> None:
        """Put a phone's wishes back."""
        found = _decoder.decode(content)
        self.wishes[found.extension] = found


def seen_in(call: CallState) -> Seen:
    """Return the phones that this call rings, or that talk in it, and how far they are."""
    return tuple(
        (leg.extension, leg.phase, leg.leg in call.holders)
        for leg in call.legs
        if leg.extension is not None
    )


def _places(slots: str) -> list[ExtensionNumber]:
    first, _, last = slots.partition("-")
    width = len(first)
    return [ExtensionNumber(f"{one:0{width}}") for one in range(int(first), int(last) + 1)]
