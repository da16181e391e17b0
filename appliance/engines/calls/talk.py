"""Talking and ending: the bridge, the recording, and the one place where a call ends."""

from appliance.engines.calls import (
    callbacks,
    clocks,
    departure,
    dialling,
    flow_recording,
    mailbox,
    originate,
    park,
    queue_words,
    queueing,
    recording_control,
    seating,
    surveys,
    transfer,
)
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import (
    CallState,
    LegPhase,
    LegRole,
    LegState,
    Place,
    Purpose,
    Stage,
)
from appliance.vocabulary.audio import Echo, Playlist, Silence
from appliance.vocabulary.commands import SealRecording
from appliance.vocabulary.ids import RecordingId
from appliance.vocabulary.journal import (
    VOICEMAIL,
    AgentAnswered,
    CallAnswered,
    CallEnded,
    CallOutcome,
    Direction,
    LegGone,
    NumberTold,
    RecordingClosed,
    RecordingFailed,
    RecordingOpened,
    Side,
)
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.speech import PhraseKey

GUARD_SECONDS = 30.0
"""No sentence of ours lasts so long: its end was lost with a media worker."""


def called_answered(exchange: Exchange, call: CallState, leg: LegState) -> None:
    """The other side picked up: tell the caller who serves him, then connect."""
    if call.is_being_called_back and call.visit_open:
        callbacks.agent_answered(exchange, call, leg)
        return
    leg.phase = LegPhase.ANSWERED
    exchange.touch(call)
    if leg.extension is not None:
        exchange.write(
            call,
            AgentAnswered(agent=leg.agent, extension=leg.extension, visit=dialling.visit_of(call)),
            leg.leg,
        )
    exchange.set_audio(call, leg, hears=Silence())
    if call.visit is not None and call.visit_open and leg.agent is not None:
        queueing.carry_out(
            exchange, exchange.floor.offer_answered(call.visit, leg.agent, exchange.now)
        )
        if queue_words.whisper(exchange, call, leg):
            call.stage = Stage.ANNOUNCING
            exchange.set_timer(call, "announcing", GUARD_SECONDS)
            return
    announce(exchange, call)


def announce(exchange: Exchange, call: CallState) -> None:
    """The agent knows who comes: tell the caller who serves him, then connect."""
    leg = call.called_leg
    queue = exchange.queues.get(call.queue) if call.visit_open and call.queue else None
    if leg is not None and queue is not None and queue.announce_agent:
        if _tell_number(exchange, call, leg):
            call.stage = Stage.ANNOUNCING
            exchange.set_timer(call, "announcing", GUARD_SECONDS)
            return
    bridge(exchange, call)


def announced(exchange: Exchange, call: CallState, said: Purpose) -> None:
    """A sentence before the talk is over: the next one, or the talk."""
    if said is Purpose.WHISPER:
        announce(exchange, call)
    else:
        bridge(exchange, call)


def _tell_number(exchange: Exchange, call: CallState, leg: LegState) -> bool:
    if leg.agent is None:
        return False
    if not exchange.play_phrase(
        call, Purpose.AGENT_NUMBER, PhraseKey.AGENT_NUMBER, agent=str(leg.agent)
    ):
        return False
    caller = call.caller_leg
    if caller is not None and isinstance(caller.hears, Playlist):
        exchange.write(call, NumberTold(agent=leg.agent, prompt=caller.hears.prompts[0]), leg.leg)
        # The agent hears it too, and so knows when to speak.
        exchange.set_audio(call, leg, hears=caller.hears)
    return True


def bridge(exchange: Exchange, call: CallState) -> None:
    """Connect both sides; the wait ends here, the talk and its recording begin."""
    caller, called = call.caller_leg, call.called_leg
    if caller is None or called is None:
        return
    if call.is_being_called_back:
        callbacks.bridged(exchange, call)
    if caller.phase is LegPhase.OFFERED:
        exchange.answer(call)
    if not call.is_answered and call.direction in (Direction.OUTBOUND, Direction.INTERNAL):
        call.is_answered = True
        exchange.write(call, CallAnswered(), called.leg)
    call.stage = Stage.TALKING
    call.run = None
    exchange.runs.pop(call.call, None)
    call.playing = None
    if call.customer is None:
        customer = called if call.direction is Direction.OUTBOUND else caller
        customer.is_customer = True
    seating.seat(exchange, call, caller, Place.TALKING)
    seating.seat(exchange, call, called, Place.TALKING)
    open_recording(exchange, call)
    # The fact names the called leg where a phone dialled; in a callback it is the agent's.
    told = None if call.callback is not None else called
    clocks.begin(exchange, call, called if caller.is_customer else caller, told)
    seating.arrange(exchange, call)
    if call.visit_open and called.agent is not None:
        queueing.visit_answered(exchange, call, called.agent)
    transfer.bridged(exchange, call)
    park.bridged(exchange, call)


def is_to_be_recorded(exchange: Exchange, call: CallState) -> bool:
    """Queue calls as the queue says, outbound always, internal never; unless it was decided."""
    wishes = call.recording_wishes
    if wishes is not None and (wishes.is_off or wishes.is_on or wishes.is_refused):
        return wishes.is_on and not wishes.is_refused
    if call.direction is Direction.OUTBOUND and call.callback is None:
        return True
    if call.direction is Direction.INTERNAL:
        return False
    queue = exchange.queues.get(call.queue) if call.queue else None
    return queue.record if queue is not None else True


def open_recording(exchange: Exchange, call: CallState, *, by: str = "") -> None:
    """Begin a recording (`by`: who wants it, where the rules would not); fail closed when the
    site has a notice that this caller never heard."""
    if call.recording is not None or not is_to_be_recorded(exchange, call):
        return
    recording = RecordingId(exchange.new_name("r"))
    if call.direction is Direction.INBOUND and call.notice is None:
        exchange.write(
            call, RecordingFailed(recording=recording, text="no recording notice was played")
        )
        return
    call.recording = recording
    exchange.write(
        call,
        RecordingOpened(
            recording=recording,
            notice=call.notice,
            notice_at=call.notice_at,
            box=call.box,
            by=by,
        ),
    )


def close_recording(exchange: Exchange, call: CallState, *, by: str = "") -> None:
    """End the recording and have its file made. `by`: who switched it off."""
    if call.recording is None:
        return
    recording_control.unmask(exchange, call, "box")
    recording, call.recording = call.recording, None
    exchange.write(call, RecordingClosed(recording=recording, by=by))
    exchange.sealings[recording] = call.call
    exchange.touched.add(f"seal:{recording}")
    exchange.do(SealRecording(recording=recording, call=call.call))


def end_talk(exchange: Exchange, call: CallState) -> None:
    """Write the talks' figures and free the agents."""
    clocks.end_all(exchange, call)
    call.holders.clear()


def echo(exchange: Exchange, call: CallState) -> None:
    """Let the caller hear himself."""
    caller = call.caller_leg
    call.playing = None
    if caller is not None:
        exchange.set_audio(call, caller, hears=Echo())


def say_goodbye(exchange: Exchange, call: CallState, key: PhraseKey, **values: str) -> None:
    """Play a last sentence, then hang up; hang up at once when it cannot be played."""
    call.stage = Stage.CLOSING
    exchange.set_timer(call, "last_words", GUARD_SECONDS)
    if not exchange.play_phrase(call, Purpose.LAST_WORDS, key, **values):
        end(exchange, call, by=Side.BOX, cause=Cause.NORMAL)


def leg_gone(exchange: Exchange, call: CallState, leg: LegState, cause: Cause) -> None:
    """The far end of a leg is gone: a talk of two ends with it, and so does any wait."""
    side = clocks.side_of(call, leg)
    exchange.write(call, LegGone(by=side, cause=cause), leg.leg)
    if departure.goes_on_without(exchange, call, leg):
        return
    if not surveys.agent_left(exchange, call, leg, cause):
        end(exchange, call, by=side, cause=cause, gone=leg)


def end(
    exchange: Exchange,
    call: CallState,
    *,
    by: Side,
    cause: Cause,
    gone: LegState | None = None,
) -> None:
    """End a call whatever it is doing. The only place where calls end."""
    had_talk = call.has_talked or call.bridged_at is not None or call.talk_seconds > 0
    departure.close(exchange, call)
    end_talk(exchange, call)
    queueing.caller_left(exchange, call, by)
    flow_recording.keep(exchange, call)
    close_recording(exchange, call)
    # First: whoever took a callback that came to nothing did not reject it.
    callbacks.call_over(exchange, call)
    for leg in list(call.legs):
        queueing.called_leg_over(exchange, call, leg)
    queueing.dialling_side_over(exchange, call)
    for leg in list(call.legs):
        exchange.drop_leg(call, leg, _cause_for(leg, call, cause), tell=leg is not gone)
    exchange.write(call, CallEnded(by=by, cause=cause, outcome=outcome_of(call, had_talk)))
    exchange.calls.pop(call.call, None)
    exchange.runs.pop(call.call, None)
    number = mailbox.call_to_make(exchange, call, cause)
    if number and call.extension is not None:
        originate.begin(exchange, call.extension, number, asked_by=VOICEMAIL)


def _cause_for(leg: LegState, call: CallState, cause: Cause) -> Cause:
    """What a leg is told: a ringing phone that its caller gave up, an offering one the reason."""
    if leg.role is not LegRole.CALLER and leg.phase is not LegPhase.ANSWERED:
        return Cause.CANCELLED
    return cause


def outcome_of(call: CallState, had_talk: bool) -> CallOutcome:
    """Return what became of a call (reports.md §1): exactly one for each."""
    if call.direction is Direction.SERVICE:
        return CallOutcome.SERVICE
    if call.outcome is not None:
        return call.outcome
    if (
        call.visit is not None and not call.is_being_called_back
    ):  # whoever dialled: a colleague may come to a queue as well
        if had_talk:
            return CallOutcome.ANSWERED
        return CallOutcome.OVERFLOW if call.is_overflowed else CallOutcome.ABANDONED
    if call.direction is not Direction.INBOUND:
        return CallOutcome.ANSWERED if had_talk else CallOutcome.NOT_ANSWERED
    if call.extension is not None or had_talk:  # talked without a queue: with a number outside
        return CallOutcome.DIRECT
    return CallOutcome.IVR
