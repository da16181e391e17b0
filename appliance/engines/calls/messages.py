"""Messages come into voicemail boxes and are heard; the phones' message lamps follow (RFC 3842).

The phones whose `voicemail_box` it is are told of every change of a box, and of the whole again
after a restart, a change of the site, and when they register. What is kept: message_boxes.py.
"""

from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.message_boxes import VoicemailBox
from appliance.engines.calls.state import CallState
from appliance.vocabulary.commands import ShowMessages
from appliance.vocabulary.events import RecordingSealed
from appliance.vocabulary.ids import BoxName, ExtensionNumber, RecordingId


def begin(exchange: Exchange, call: CallState, recording: RecordingId) -> None:
    """The caller speaks a message for the call's box."""
    _changed(exchange, exchange.messages.expect(BoxName(call.box), recording, call.call))


def sealed(exchange: Exchange, event: RecordingSealed) -> None:
    """A recording's file is made: if it is a message, it waits to be heard from now on."""
    box = exchange.messages.sealed(event)
    if box is not None:
        _changed(exchange, box)


def heard(exchange: Exchange, recording: RecordingId) -> str:
    """Somebody has listened to a message. Returns one of the verbs' problems, or ""."""
    box = exchange.messages.holding(recording)
    if box is None:
        return "recording_unknown"
    if recording in box.old:
        return "already"
    box.new.remove(recording)
    box.old.append(recording)
    _changed(exchange, box)
    return ""


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


def _changed(exchange: Exchange, box: VoicemailBox) -> None:
    exchange.touched.add(f"box:{box.name}")
    exchange.messages.stale.update(
        one.number for one in exchange.site.extension if one.voicemail_box == box.name
    )
