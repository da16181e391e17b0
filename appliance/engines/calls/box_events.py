"""What happens to the box: phones and trunks come and go, recordings are filed, power fails."""

from appliance.engines.calls import callbacks, messages, prompt_recording, queueing, talk
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import LegPhase
from appliance.vocabulary.commands import CheckLeg, SealRecording
from appliance.vocabulary.events import (
    LegMeasured,
    PhoneGone,
    PhoneRegistered,
    RecordingLeft,
    RecordingRefused,
    RecordingSealed,
    TrunkChanged,
)
from appliance.vocabulary.facts_handling import QualityMeasured
from appliance.vocabulary.ids import ExtensionNumber, TrunkId
from appliance.vocabulary.journal import (
    PhoneSeen,
    RecordingFailed,
    RecordingFiled,
    Side,
    TrunkSeen,
)
from appliance.vocabulary.lines import Cause


def reachability(exchange: Exchange, event: PhoneRegistered | PhoneGone | TrunkChanged) -> None:
    match event:
        case PhoneRegistered():
            if exchange.known.phones.get(event.extension) != event.where:
                exchange.write_free(
                    PhoneSeen(extension=event.extension, is_registered=True, where=event.where),
                    key=exchange.new_name("p"),
                )
                exchange.touched.add("known")
                exchange.desk.stale.add(event.extension)
                messages.tell_again(exchange, event.extension)
            if event.transport not in ("", exchange.known.transports.get(event.extension)):
                exchange.known.transports[event.extension] = event.transport
                exchange.touched.add("known")
            exchange.known.phones[event.extension] = event.where
            queueing.carry_out(
                exchange, exchange.floor.phone_reachable(event.extension, True, exchange.now)
            )
        case PhoneGone():
            was_there = exchange.known.phones.pop(event.extension, None) is not None
            exchange.known.transports.pop(event.extension, None)
            exchange.desk.stale.add(event.extension)
            exchange.touched.add("known")
            if was_there:  # not again, when the binding of a lost one runs out
                gone = PhoneSeen(
                    extension=event.extension, is_registered=False, is_silent=event.is_silent
                )
                exchange.write_free(gone, key=exchange.new_name("p"))
            if event.is_silent:
                _ask_its_calls(exchange, event.extension)
            queueing.carry_out(
                exchange, exchange.floor.phone_reachable(event.extension, False, exchange.now)
            )
        case TrunkChanged():
            exchange.known.trunks_up[event.trunk] = (event.is_up, event.text)
            exchange.touched.add("known")
            exchange.write_free(
                TrunkSeen(trunk=event.trunk, is_up=event.is_up, text=event.text),
                key=exchange.new_name("t"),
            )


def _ask_its_calls(exchange: Exchange, extension: ExtensionNumber) -> None:
    """Ask a phone that answers no watch whether its calls live: where a call is on hold no sound
    is missed that would have told, and somebody waits for a phone that is gone."""
    for call in exchange.calls.values():
        for leg in call.legs:
            if leg.extension == extension and leg.phase is LegPhase.ANSWERED:
                exchange.do(CheckLeg(leg=leg.leg))


def recording(exchange: Exchange, event: RecordingRefused | RecordingSealed) -> None:
    call = event.call
    if isinstance(event, RecordingRefused):
        # A worker knows a call by the name under which its audio goes (CallState.room).
        own = (one.call for one in exchange.calls.values() if one.recording == event.recording)
        call = next(own, event.call)
        fact: RecordingFailed | RecordingFiled = RecordingFailed(
            recording=event.recording, text=event.text
        )
        key = f"refused:{event.recording}"
    else:
        exchange.sealings.pop(event.recording, None)
        exchange.touched.add(f"seal:{event.recording}")
        messages.sealed(exchange, event)
        prompt_recording.sealed(exchange, event)
        fact = RecordingFiled(
            recording=event.recording,
            file=event.file,
            sha256=event.sha256,
            seconds=event.seconds,
            missing_frames=event.missing_frames,
        )
        key = f"filed:{event.recording}"
    exchange.write_free(fact, key=key, call=call)


def recording_left(exchange: Exchange, left: RecordingLeft) -> None:
    """What was written down of it becomes a file, as of any call."""
    if left.recording not in exchange.sealings:
        exchange.sealings[left.recording] = left.call
        exchange.touched.add(f"seal:{left.recording}")
        exchange.do(SealRecording(recording=left.recording, call=left.call))


def box_restarted(exchange: Exchange) -> None:
    for call in list(exchange.calls.values()):
        talk.end(exchange, call, by=Side.BOX, cause=Cause.BOX_RESTARTED)
    messages.box_restarted(exchange)
    callbacks.box_restarted(exchange)
    queueing.carry_out(exchange, exchange.floor.box_restarted(exchange.now))


def trunk_answered(exchange: Exchange, trunk: TrunkId, did: bool) -> None:
    """A call through an unwatched trunk showed whether the carrier is there."""
    settings = exchange.trunks.get(trunk)
    if settings is None or settings.register or settings.watch:
        return
    if not did:
        exchange.known.trunks_silent[trunk] = exchange.now
        exchange.touched.add("known")
    is_up, _ = exchange.known.trunks_up.get(trunk, (True, ""))
    if is_up is not did:
        text = "" if did else "no reply to a call"
        reachability(exchange, TrunkChanged(trunk=trunk, is_up=did, text=text))


def leg_measured(exchange: Exchange, event: LegMeasured) -> None:
    """A leg's audio is released, and this is how it was: a word in the ledger, often after the
    call's last one.

    Media names the call under whose name the audio went (CallState.room). A leg whose audio is
    claimed anew for another call is measured for each.
    """
    quality = event.quality
    fact = QualityMeasured(
        codec=str(quality.codec),
        packets=quality.packets,
        lost=quality.lost,
        jitter_ms=quality.jitter_ms,
        round_trip_ms=quality.round_trip_ms,
        far_lost=quality.far_lost,
        mos=quality.mos,
    )
    call = exchange.left_beside.take(event.leg) or event.call
    exchange.write_free(fact, key=f"q:{event.leg}:{call}", call=call, leg=event.leg)
