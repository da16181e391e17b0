"""Operations on voicemail messages: listed by box, marked, deleted. The sound is a recording's."""

import secrets

from appliance.vocabulary.ids import RecordingId
from appliance.vocabulary.messages import BoxTold, MessageNote
from appliance.vocabulary.verbs import AskId, DeleteMessage, ListMessages, MarkMessage
from webadmin.access import note
from webadmin.api.control import done
from webadmin.api.door import asker
from webadmin.api.operation import Asked, Nothing, Shown, Taken
from webadmin.api.shapes import when
from webadmin.heard import forgotten


class MessageShown(Shown, frozen=True, kw_only=True):
    """One message; its sound is at `audio`."""

    recording: str
    call: str | None
    caller: str
    """Number; empty where it was withheld."""
    caller_name: str
    left: str | None
    seconds: float
    is_new: bool
    heard_by: str
    """Who listened first; empty: nobody."""
    heard: str | None
    audio: str | None
    """Path of the WAV file. Fetching it counts as hearing the message."""


class BoxShown(Shown, frozen=True, kw_only=True):
    """One box; the newest message comes first, unheard ones before heard ones."""

    box: str
    name: str
    new: int
    old: int
    messages: tuple[MessageShown, ...]


class BoxesShown(Shown, frozen=True, kw_only=True):
    """All boxes."""

    boxes: tuple[BoxShown, ...]


class MessageDone(Shown, frozen=True, kw_only=True):
    """It was done."""

    recording: str


class MarkBody(Taken, frozen=True, kw_only=True):
    """What the message shall count as."""

    is_new: bool


def list_messages(asked: Asked[Nothing, Nothing]) -> BoxesShown:
    """All voicemail boxes and their messages."""
    answer = done(ListMessages(ask=_ask(), by=asker()))
    return BoxesShown(boxes=tuple(map(_box, answer.boxes)))


def mark_message(asked: Asked[Nothing, MarkBody]) -> MessageDone:
    """Let a message count as new again, or as heard; the phones' message lamps follow."""
    recording = RecordingId(asked.path["recording"])
    forgotten(recording)
    verb = MarkMessage(ask=_ask(), by=asker(), recording=recording, is_new=asked.body.is_new)
    done(verb)
    note("message_marked", recording, by=asker())
    return MessageDone(recording=recording)


def delete_message(asked: Asked[Nothing, Nothing]) -> MessageDone:
    """Take a message out of its box; its sound is removed for good."""
    recording = RecordingId(asked.path["recording"])
    note("message_deleted", recording, by=asker())
    done(DeleteMessage(ask=_ask(), by=asker(), recording=recording))
    return MessageDone(recording=recording)


def _ask() -> AskId:
    return AskId(secrets.token_hex(8))


def _box(told: BoxTold) -> BoxShown:
    kept = [_message(one, is_new=True) for one in reversed(told.new)]
    kept += [_message(one, is_new=False) for one in reversed(told.old)]
    return BoxShown(
        box=told.box,
        name=told.name,
        new=len(told.new),
        old=len(told.old),
        messages=tuple(kept),
    )


def _message(kept: MessageNote, *, is_new: bool) -> MessageShown:
    return MessageShown(
        recording=kept.recording,
        call=kept.call,
        caller=kept.caller,
        caller_name=kept.caller_name,
        left=when(kept.left or None),
        seconds=kept.seconds,
        is_new=is_new,
        heard_by=kept.heard_by,
        heard=when(kept.heard_at),
        audio=f"/api/v1/recordings/{kept.recording}/audio" if kept.file else None,
    )
