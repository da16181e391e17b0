"""Messages come into voicemail boxes and are heard; the phones' message lamps follow (RFC 3842).

The phones whose `voicemail_box` it is are told of every change of a box, and of the whole again
after a restart, a change of the site, and when they register. What is kept: message_boxes.py.
"""

from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.message_boxes import VoicemailBox
from appliance.engines.calls.state import CallState
from appliance.vocabulary.commands import ShowMessages
from appliance.vocabulary.events import RecordingSealed
from appliance.vocabulary.facts_messages import (
    MessageArrived,
    MessageDeleted,
    MessageFact,
    MessageHeardBy,
    MessageMarked,
)
from appliance.vocabulary.ids import BoxName, ExtensionNumber, RecordingId, Seconds
from appliance.vocabulary.messages import BoxTold, MessageNote


def begin(exchange: Exchange, call: CallState, recording: RecordingId) -> None:
    """The caller speaks a message for the call's box."""
    note = MessageNote(
        recording=recording,
        call=call.call,
        caller=call.caller.number,
        caller_name=call.caller.name,
        left=exchange.utc(),
    )
    changed(exchange, exchange.messages.expect(BoxName(call.box), note, call.call))


def sealed(exchange: Exchange, event: RecordingSealed) -> None:
    """A recording's file is made: if it is a message, it waits to be heard from now on."""
    box, note = exchange.messages.sealed(event)
    if box is None:
        return
    changed(exchange, box)
    if note is not None:
        arrived = MessageArrived(
            recording=note.recording,
            box=box.name,
            caller=note.caller,
            seconds=note.seconds,
            file=note.file,
        )
        exchange.write_free(arrived, key=f"message:{note.recording}", call=event.call)


def heard(exchange: Exchange, recording: RecordingId, by: str) -> str:
    """Somebody has listened to a message. Returns one of the verbs' problems, or ""."""
    box = exchange.messages.holding(recording)
    if box is None:
        return "recording_unknown"
    if recording in box.old:
        return "already"
    note = exchange.messages.note(box, recording)
    exchange.messages.mark(box, recording, is_new=False, by=by, at=exchange.utc())
    waited = Seconds(max(0.0, exchange.utc() - note.left)) if note.left else Seconds(0.0)
    fact = MessageHeardBy(recording=recording, box=box.name, by=by, waited=waited)
    _write(exchange, note, fact, "heard")
    changed(exchange, box)
    return ""


def marked(exchange: Exchange, recording: RecordingId, by: str, *, is_new: bool) -> str:
    """Somebody wants a message to count as new again, or as heard. Returns a problem or ""."""
    box = exchange.messages.holding(recording)
    if box is None:
        return "recording_unknown"
    if is_new is (recording in box.new):
        return "already"
    exchange.messages.mark(box, recording, is_new=is_new, by=by, at=exchange.utc())
    fact = MessageMarked(recording=recording, box=box.name, by=by, is_new=is_new)
    _write(exchange, exchange.messages.note(box, recording), fact, "marked")
    changed(exchange, box)
    return ""


def deleted(exchange: Exchange, recording: RecordingId, by: str) -> str:
    """Somebody wants a message gone; jobs reads that in the journal. Returns a problem or ""."""
    box = exchange.messages.holding(recording)
    if box is None:
        return "recording_unknown"
    note = exchange.messages.remove(box, recording)
    fact = MessageDeleted(recording=recording, box=box.name, by=by, file=note.file)
    _write(exchange, note, fact, "deleted")
    changed(exchange, box)
    return ""


def boxes_told(exchange: Exchange) -> tuple[BoxTold, ...]:
    """Return every box that the site names or that has messages."""
    messages = exchange.messages
    names = dict.fromkeys([*messages.facts, *messages.boxes])
    found = []
    for name in names:
        box = messages.boxes.get(name) or VoicemailBox(name=name)
        found.append(
            BoxTold(
                box=name,
                name=messages.facts_of(name).name,
                new=tuple(messages.note(box, one) for one in box.new),
                old=tuple(messages.note(box, one) for one in box.old),
            )
        )
    return tuple(found)


def box_restarted(exchange: Exchange) -> None:
    """The calls are over: whoever was speaking a message has left as much as was written down.

    After a power cut those calls are not even known any more: the files are asked for from here,
    by Switchboard.resume.
    """
    for box in exchange.messages.boxes.values():
        for recording, call in box.coming.items():
            if recording not in exchange.sealings:
                exchange.sealings[recording] = call
                exchange.touched.add(f"seal:{recording}")


def all_stale(exchange: Exchange) -> None:
    """Look at every phone's lamp: the site is new, or control was restarted."""
    exchange.messages.configure(exchange.site)
    exchange.messages.stale.update(exchange.extensions, exchange.messages.shown)


def tell_again(exchange: Exchange, phone: ExtensionNumber) -> None:
    """It has just registered: whatever it was told before is lost."""
    exchange.messages.shown.pop(phone, None)
    exchange.messages.stale.add(phone)


def show(exchange: Exchange) -> None:
    """Tell every phone whose lamp is other than it was told."""
    messages = exchange.messages
    while messages.stale:
        phone = messages.stale.pop()
        settings = exchange.extensions.get(phone)
        if settings is None:
            messages.shown.pop(phone, None)
            continue
        counts = messages.counts(settings.voicemail_box)
        if messages.shown.get(phone) != counts:
            messages.shown[phone] = counts
            exchange.do(ShowMessages(extension=phone, new=counts[0], old=counts[1]))


def changed(exchange: Exchange, box: VoicemailBox) -> None:
    """A box is not what it was: its slot and its phones' lamps follow."""
    exchange.touched.add(f"box:{box.name}")
    exchange.messages.stale.update(
        one.number for one in exchange.site.extension if one.voicemail_box == box.name
    )


def _write(exchange: Exchange, note: MessageNote, fact: MessageFact, what: str) -> None:
    """Facts of a message are of the call that left it."""
    exchange.write_free(fact, key=exchange.new_name(f"{what}:"), call=note.call)
