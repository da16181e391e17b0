"""Whoever plays or fetches a voicemail message has heard it: call control puts the lamps out.

Never in the way of the sound: a control that is away is not waited for long, and the verb may be
lost with it; then the next time that somebody listens tells it.
"""

import logging
import secrets
from collections import deque

from flask import current_app, request

from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import RecordingId
from appliance.vocabulary.records import RecordingNote
from appliance.vocabulary.verbs import AskId, MessageHeard
from webadmin.box import ask

logger = logging.getLogger(__name__)

EXTENSION = "linghe.messages_heard"
ANSWER_S = 1.0
"""While control restarts, its socket keeps what was said: it will be read all the same."""
MOST_REMEMBERED = 1000

Told = deque[RecordingId]


def nothing_heard() -> Told:
    """Return the empty memory of the messages that control knows to be heard.

    A player asks for the same file many times; control need be told once.
    """
    return deque(maxlen=MOST_REMEMBERED)


def message_heard(kept: RecordingNote, by: str) -> None:
    """`by` gets the sound of this recording with the present answer; tell control of a message."""
    if kept.is_message:
        message_heard_by(kept.recording, by)


def message_heard_by(recording: RecordingId, by: str) -> None:
    """`by` gets the sound of this message with the present answer; tell control."""
    told: Told = current_app.extensions[EXTENSION]
    if request.method != "GET" or recording in told:
        return
    verb = MessageHeard(ask=AskId(secrets.token_hex(8)), by=by, recording=recording)
    try:
        answer = ask(verb, ANSWER_S)
    except (OSError, PeerError) as error:
        logger.warning("control was not told that %s is heard: %s", recording, error)
        return
    if answer is not None:
        told.append(recording)


def forgotten(recording: RecordingId) -> None:
    """The message is to count as new again: whoever listens next has heard it."""
    told: Told = current_app.extensions[EXTENSION]
    while recording in told:
        told.remove(recording)
