"""What the facts of voicemail messages (vocabulary/facts_messages.py) say in a timeline."""

from collections.abc import Callable

from appliance.reports.timeline_line import Said, duration
from appliance.reports.timeline_of_call import Known
from appliance.vocabulary.facts_messages import (
    BoxPinUsed,
    MessageArrived,
    MessageDeleted,
    MessageHeardBy,
    MessageMarked,
    PinChange,
)
from appliance.vocabulary.journal import Entry

_PIN_SAYS = {
    PinChange.CHANGED: "{phone} changed the PIN of the box {box}",
    PinChange.WRONG: "{phone} keyed in a wrong PIN for the box {box}",
    PinChange.LOCKED: "{phone} keyed in too many wrong PINs and is locked",
}


def _arrived(fact: MessageArrived, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="the message waits in the box {box}, {duration}",
        values={"box": fact.box, "duration": duration(fact.seconds)},
    )


def _heard(fact: MessageHeardBy, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="{who} heard the message, after {duration}",
        values={"who": fact.by, "duration": duration(fact.waited)},
        is_main=True,
    )


def _marked(fact: MessageMarked, entry: Entry, known: Known) -> Said:
    key = "{who} marked the message as new" if fact.is_new else "{who} marked the message as heard"
    return Said(text_key=key, values={"who": fact.by})


def _deleted(fact: MessageDeleted, entry: Entry, known: Known) -> Said:
    return Said(text_key="{who} deleted the message", values={"who": fact.by}, is_main=True)


def _pin(fact: BoxPinUsed, entry: Entry, known: Known) -> Said:
    return Said(
        text_key=_PIN_SAYS[fact.change],
        values={"phone": fact.extension, "box": fact.box},
        is_main=True,
    )


MESSAGE_SAYS: dict[type, Callable[..., Said | None]] = {
    MessageArrived: _arrived,
    MessageHeardBy: _heard,
    MessageMarked: _marked,
    MessageDeleted: _deleted,
    BoxPinUsed: _pin,
}
