"""Voicemail boxes: which messages wait in each of them, heard and unheard.

Theory of operation. A message is coming while it is recorded and its file is made, new as soon as
the file stands in the store, and old when somebody has heard it. Each box is a slot of its own
("box:<name>") that outlives a power cut, as the files do. A box is made by being named.
"""

import msgspec

from appliance.vocabulary.events import RecordingSealed
from appliance.vocabulary.ids import BoxName, CallId, ExtensionNumber, RecordingId
from appliance.vocabulary.shape import State

MOST_KEPT = 500
"""Messages that a box counts. The oldest heard ones are forgotten first; files are not touched."""
LEAST_SECONDS = 1.0
"""Whatever is shorter is of somebody who hung up at the beep: no lamp is lit for it."""


class VoicemailBox(State, kw_only=True):
    """One box; in each list the oldest message stands first."""

    name: BoxName
    coming: dict[RecordingId, CallId] = {}
    """Being recorded, or its file being made."""
    new: list[RecordingId] = []
    old: list[RecordingId] = []


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

    def expect(self, name: BoxName, recording: RecordingId, call: CallId) -> VoicemailBox:
        """A message begins to be recorded; return its box."""
        box = self.boxes.setdefault(name, VoicemailBox(name=name))
        box.coming[recording] = call
        if len(box.coming) > MOST_KEPT:
            del box.coming[next(iter(box.coming))]
        return box

    def sealed(self, event: RecordingSealed) -> VoicemailBox | None:
        """A message's file is made, or there was nothing to make one of; return its box."""
        box = next((one for one in self.boxes.values() if event.recording in one.coming), None)
        if box is None:
            return None
        del box.coming[event.recording]
        if event.file and event.seconds >= LEAST_SECONDS:
            box.new.append(event.recording)
        while len(box.new) + len(box.old) > MOST_KEPT:
            (box.old or box.new).pop(0)
        return box

    def holding(self, recording: RecordingId) -> VoicemailBox | None:
        """Return the box with this message, new or old."""
        boxes = self.boxes.values()
        return next((one for one in boxes if recording in one.new or recording in one.old), None)

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
