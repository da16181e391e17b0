"""Voicemail boxes: which messages wait in each of them, heard and unheard.

Theory of operation. A message is coming while it is recorded and its file is made, new as soon as
the file stands in the store, and old when somebody has heard it. Each box is a slot of its own
("box:<name>") that outlives a power cut, as the files do. A box is made by being named.
"""

import msgspec

from appliance.vocabulary.events import RecordingSealed
from appliance.vocabulary.ids import BoxName, CallId, ExtensionNumber, RecordingId, Utc
from appliance.vocabulary.messages import MessageNote
from appliance.vocabulary.settings import Site
from appliance.vocabulary.settings_messages import VoicemailBoxFacts
from appliance.vocabulary.shape import State

MOST_KEPT = 500
"""Messages that a box counts. The oldest heard ones are forgotten first; files are not touched."""


class VoicemailBox(State, kw_only=True):
    """One box; in each list the oldest message stands first."""

    name: BoxName
    coming: dict[RecordingId, CallId] = {}
    """Being recorded, or its file being made."""
    new: list[RecordingId] = []
    old: list[RecordingId] = []
    notes: dict[RecordingId, MessageNote] = {}
    """What is known of each message; of those of earlier versions nothing is."""
    pin_digest: str = ""
    """Chosen at a phone; holds as long as the site's is the one that it took the place of."""
    pin_instead_of: str = ""


_decoder = msgspec.msgpack.Decoder(VoicemailBox)
_encoder = msgspec.msgpack.Encoder()


class MessageBoxes:
    """All boxes, and what their phones were told."""

    def __init__(self) -> None:
        self.boxes: dict[BoxName, VoicemailBox] = {}
        self.shown: dict[ExtensionNumber, tuple[int, int]] = {}
        """New and old messages as each phone was told last."""
        self.stale: set[ExtensionNumber] = set()
        """Phones that may have to be told something else."""
        self.facts: dict[BoxName, VoicemailBoxFacts] = {}

    def configure(self, site: Site) -> None:
        """Take up what a site says of its boxes."""
        self.facts = {one.id: one for one in site.voicemail_box}

    def facts_of(self, name: BoxName) -> VoicemailBoxFacts:
        """Return what the site says of a box; of one that it does not know, what holds for all."""
        return self.facts.get(name) or VoicemailBoxFacts(id=name)

    def box(self, name: BoxName) -> VoicemailBox:
        """Return a box, made by being named."""
        return self.boxes.setdefault(name, VoicemailBox(name=name))

    def pin_digest(self, name: BoxName) -> str:
        """Return the digest of the PIN that opens a box; "" where none does."""
        site, box = self.facts_of(name).pin_digest, self.boxes.get(name)
        if box is not None and box.pin_digest and site and box.pin_instead_of == site:
            return box.pin_digest
        return site

    def set_pin(self, name: BoxName, digest: str) -> None:
        """From now on this PIN opens the box, until the site names another."""
        box = self.box(name)
        box.pin_digest, box.pin_instead_of = digest, self.facts_of(name).pin_digest

    def expect(self, name: BoxName, note: MessageNote, call: CallId) -> VoicemailBox:
        """A message begins to be recorded; return its box."""
        box = self.box(name)
        box.coming[note.recording] = call
        box.notes[note.recording] = note
        if len(box.coming) > MOST_KEPT:
            lost = next(iter(box.coming))
            del box.coming[lost]
            box.notes.pop(lost, None)
        return box

    def sealed(self, event: RecordingSealed) -> tuple[VoicemailBox | None, MessageNote | None]:
        """A message's file is made, or there was nothing to make one of; return its box, and the
        message where it is one."""
        box = next((one for one in self.boxes.values() if event.recording in one.coming), None)
        if box is None:
            return None, None
        del box.coming[event.recording]
        note = box.notes.pop(event.recording, None) or MessageNote(recording=event.recording)
        if not event.file or event.seconds < self.facts_of(box.name).shortest_seconds:
            return box, None
        note = msgspec.structs.replace(note, file=event.file, seconds=event.seconds)
        box.notes[event.recording] = note
        box.new.append(event.recording)
        while len(box.new) + len(box.old) > MOST_KEPT:
            box.notes.pop((box.old or box.new).pop(0), None)
        return box, note

    def holding(self, recording: RecordingId) -> VoicemailBox | None:
        """Return the box with this message, new or old."""
        boxes = self.boxes.values()
        return next((one for one in boxes if recording in one.new or recording in one.old), None)

    def mark(
        self, box: VoicemailBox, recording: RecordingId, *, is_new: bool, by: str, at: Utc
    ) -> None:
        """Let a message of this box be new, or heard by somebody at a time."""
        there, here = (box.old, box.new) if is_new else (box.new, box.old)
        there.remove(recording)
        here.append(recording)
        known = box.notes.get(recording)
        if known is not None:
            box.notes[recording] = msgspec.structs.replace(
                known, heard_by="" if is_new else by, heard_at=None if is_new else at
            )
            here.sort(key=lambda one: box.notes[one].left if one in box.notes else 0.0)

    def note(self, box: VoicemailBox, recording: RecordingId) -> MessageNote:
        """Return what is known of a message."""
        return box.notes.get(recording) or MessageNote(recording=recording)

    def remove(self, box: VoicemailBox, recording: RecordingId) -> MessageNote:
        """Take a message out of its box; return what was known of it."""
        for kept in (box.new, box.old):
            if recording in kept:
                kept.remove(recording)
        return box.notes.pop(recording, None) or MessageNote(recording=recording)

    def counts(self, name: BoxName | None) -> tuple[int, int]:
        """Return how many messages of a box are new, and how many old."""
        box = self.boxes.get(name) if name is not None else None
        return (0, 0) if box is None else (len(box.new), len(box.old))

    # --- slots ---
    def slot(self, name: BoxName) -> bytes | None:
        """Return the slot's content."""
        box = self.boxes.get(name)
        return None if box is None else _encoder.encode(box)

    def restore(self, content: bytes) -> None:
        """Put a box back."""
        box = _decoder.decode(content)
        self.boxes[box.name] = box
