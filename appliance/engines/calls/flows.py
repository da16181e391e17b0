"""Between call control and the flow that a call runs: prompts, keys and where it leads."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from appliance.engines.calls import (
    callback_asking,
    dialling,
    flow_recording,
    lookups,
    outside,
    queueing,
    reach,
    recording_control,
    surveys,
    talk,
    voicemail,
)
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, Purpose, Stage
from appliance.engines.ivr.commands import (
    AskCallback,
    AskOutside,
    AskSurvey,
    BeginRecording,
    DigitUsed,
    EndFlow,
    EndRecording,
    EnterNode,
    EnterQueue,
    GoToVoicemail,
    IvrCommand,
    KeepRecording,
    LookupOver,
    PlayRecorded,
    PlayTone,
    PlayUtterances,
    RingExtension,
    RingOutside,
    StopPlaying,
    TakeConsent,
    TellWebhook,
)
from appliance.engines.ivr.run import CallFacts, FlowRun, LocalTime, RunState
from appliance.engines.ivr.versions import site_of, versions_from
from appliance.vocabulary.events import RecordingRefused, RecordingSealed
from appliance.vocabulary.ids import ExtensionNumber, FlowId, Instant
from appliance.vocabulary.journal import CallOutcome, DigitPressed, NodeEntered, Side
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.lookups import LookedUp


def local_time(exchange: Exchange) -> LocalTime:
    """Return the site's wall clock as a function of an Instant."""
    zone = ZoneInfo(exchange.site.site.timezone)

    def at(instant: Instant) -> datetime:
        return datetime.fromtimestamp(exchange.utc(instant), zone)

    return at


def begin(exchange: Exchange, call: CallState, flow: FlowId | None) -> None:
    """Start a flow for an answered caller."""
    found = exchange.flows.get(flow or "")
    if found is None:
        talk.end(exchange, call, by=Side.BOX, cause=Cause.NOT_FOUND)
        return
    call.stage = Stage.FLOW
    call.flow = found.id
    call.language = found.language or exchange.language
    call.run = RunState(
        flow=found.id,
        language=call.language,
        versions=versions_from(found.id, exchange.site),
        facts=CallFacts(caller=call.caller.number, called=call.called),
    )
    run = run_of(exchange, call)
    if run is not None:
        carry_out(exchange, call, run.start(exchange.now))


def run_of(exchange: Exchange, call: CallState) -> FlowRun | None:
    """Return the call's running flow. It keeps the site it began with; after a restart that of
    now, with the call's own versions of its flows."""
    if call.run is None:
        return None
    run = exchange.runs.get(call.call)
    if run is None or run.state is not call.run:
        site = site_of(call.run.versions, exchange.site, exchange.runs.kept)
        run = FlowRun(site=site, local_time=local_time(exchange), state=call.run)
        exchange.runs[call.call] = run
    return run


def digit(exchange: Exchange, call: CallState, pressed: str) -> None:
    """A key while the flow runs."""
    run = run_of(exchange, call)
    if run is not None:
        carry_out(exchange, call, run.digit(pressed, exchange.now))


def play_ended(exchange: Exchange, call: CallState, number: int) -> None:
    """What the flow had played is over."""
    run = run_of(exchange, call)
    if run is not None:
        carry_out(exchange, call, run.play_ended(number, exchange.now))


def looked_up(exchange: Exchange, event: LookedUp) -> None:
    """What a flow asked for is known; a call that went on meanwhile needs it no more."""
    call = exchange.calls.get(event.call)
    run = None if call is None or call.stage is not Stage.FLOW else run_of(exchange, call)
    if call is not None and run is not None:
        carry_out(exchange, call, run.looked_up(event.number, event.answer, exchange.now))


def quiet(exchange: Exchange, call: CallState) -> None:
    """The caller has said nothing for a while."""
    run = run_of(exchange, call) if call.stage is Stage.FLOW and call.recorded else None
    if run is not None:
        carry_out(exchange, call, run.quiet(exchange.now))


def recording_sealed(exchange: Exchange, event: RecordingRefused | RecordingSealed) -> None:
    """What a caller said is a file, or never will be one: he may wait to hear it."""
    call = exchange.calls.get(event.call)
    if call is not None and isinstance(event, RecordingSealed):
        silent = flow_recording.sealed(exchange, event)
        _pass_over(exchange, call, [] if silent is None else [silent])


def wake(exchange: Exchange, call: CallState) -> None:
    """The flow's own time has come."""
    run = run_of(exchange, call)
    if run is not None:
        carry_out(exchange, call, run.wake(exchange.now))


def ring_extension(exchange: Exchange, call: CallState, number: ExtensionNumber) -> None:
    """Send the caller straight to one phone."""
    call.extension = number
    dialling.ring_extension(exchange, call, number)


def extension_missed(exchange: Exchange, call: CallState) -> bool:
    """The phone that the flow rang did not answer; False when no flow waits for it."""
    run = run_of(exchange, call)
    if run is None or run.is_over:
        return False
    call.stage = Stage.FLOW
    carry_out(exchange, call, run.extension_missed(exchange.now))
    return True


def carry_out(exchange: Exchange, call: CallState, commands: Iterable[IvrCommand]) -> None:
    """Do what the flow says. The state it keeps is part of the call's slot."""
    exchange.touch(call)
    unplayable: list[int] = []
    for command in commands:
        match command:
            case EnterNode():
                _note_node(exchange, call, command)
            case DigitUsed():
                _note_digit(exchange, call, command)
            case PlayUtterances():
                if not _play(exchange, call, command):
                    unplayable.append(command.play)
            case TakeConsent():
                recording_control.choice(exchange, call, command.is_granted, command.digit)
            case AskOutside() | LookupOver() | TellWebhook():
                lookups.carry_out(exchange, call, command)
            case (
                StopPlaying()
                | PlayTone()
                | BeginRecording()
                | EndRecording()
                | PlayRecorded()
                | KeepRecording()
            ):
                unplayable += _recorded(exchange, call, command)
            case _:
                _leave(exchange, call, command)
    _pass_over(exchange, call, unplayable)
    if call.call in exchange.calls:
        exchange.schedule(call)


def _recorded(
    exchange: Exchange,
    call: CallState,
    command: StopPlaying | PlayTone | BeginRecording | EndRecording | PlayRecorded | KeepRecording,
) -> list[int]:
    """Silence, a beep, what the caller himself says; return the plays that cannot be."""
    match command:
        case StopPlaying():
            exchange.stop_playing(call)
        case PlayTone():
            exchange.play_tone(call, Purpose.FLOW, "beep", command.milliseconds)
            if call.playing is not None:
                call.playing.number = command.play
        case BeginRecording():
            flow_recording.begin(exchange, call, command)
        case EndRecording():
            _end_recording(exchange, call)
        case PlayRecorded():
            return [] if flow_recording.play(exchange, call, command) else [command.play]
        case KeepRecording():
            flow_recording.keep(exchange, call)
    return []


def _end_recording(exchange: Exchange, call: CallState) -> None:
    flow_recording.stop(exchange, call)
    talk.close_recording(exchange, call)


def _pass_over(exchange: Exchange, call: CallState, unplayable: list[int]) -> None:
    """What cannot be played is over at once."""
    for number in unplayable:
        run = run_of(exchange, call)
        if run is not None:
            carry_out(exchange, call, run.unplayable(number, exchange.now))


def _note_digit(exchange: Exchange, call: CallState, command: DigitUsed) -> None:
    exchange.write(
        call, DigitPressed(digit=command.digit, node=command.node, leads_to=command.leads_to)
    )


def _note_node(exchange: Exchange, call: CallState, command: EnterNode) -> None:
    if call.recorded is not None:
        # its node is no more, in the site that a restarted control has
        _end_recording(exchange, call)
        flow_recording.keep(exchange, call)
    if call.run is not None:
        call.language = call.run.language  # chosen at the node before, for queues and agents too
    exchange.write(
        call,
        NodeEntered(
            flow=command.flow,
            node=command.node,
            node_kind=command.kind,
            why=command.why,
            version=0 if call.run is None else call.run.versions.get(command.flow, 0),
        ),
    )


def _play(exchange: Exchange, call: CallState, command: PlayUtterances) -> bool:
    if not exchange.play(
        call,
        Purpose.FLOW,
        command.utterances,
        stop_on_digit=command.stop_on_digit,
        is_notice=command.is_notice,
    ):
        return False
    if call.playing is not None:
        call.playing.number = command.play
    return True


def _leave(
    exchange: Exchange,
    call: CallState,
    command: EnterQueue
    | GoToVoicemail
    | RingExtension
    | RingOutside
    | AskCallback
    | AskSurvey
    | EndFlow,
) -> None:
    match command:
        case AskCallback():
            callback_asking.begin(exchange, call, command.queue)
        case AskSurvey():
            surveys.from_flow(exchange, call, command.survey)
        case EnterQueue():
            queueing.enter(exchange, call, command.queue)
        case GoToVoicemail():
            voicemail.begin(exchange, call, command.box, command.greeting)
        case RingExtension():
            ring_extension(exchange, call, command.extension)
            reach.limit(exchange, call, command.ring_for)
        case RingOutside():
            outside.ring(exchange, call, command.number, why="flow")
            reach.limit(exchange, call, command.ring_for)
        case EndFlow():
            if command.reason == "closed" and call.visit is None:
                call.outcome = CallOutcome.NOTICE
            talk.end(exchange, call, by=Side.BOX, cause=Cause.NORMAL)
