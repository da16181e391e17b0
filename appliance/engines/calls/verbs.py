"""The verbs of the web page and the API, carried out on calls; each is answered at once.

A verb does what the same person could do at his phone: it asks the same rights (may_dial of the
phone that talks, the supervisor's role) and ends in the same functions. Rights of whoever asks are
checked before (webadmin: role or scope of his token); his name stands in the ledger, with
what he did.
"""

from appliance.engines.calls import (
    callbacks,
    consult,
    emergency_mode,
    hold,
    messages,
    originate,
    recording_control,
    seating,
    supervision,
    talk,
    transfer,
)
from appliance.engines.calls.agent_verbs import set_agent
from appliance.engines.calls.destinations import destination
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegPhase, LegRole, LegState, Stage
from appliance.vocabulary.facts_handling import ForcedRelease, TransferWay
from appliance.vocabulary.ids import ExtensionNumber, LegId
from appliance.vocabulary.journal import Side
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.verbs import (
    CancelCallback,
    ConsultWish,
    DeleteMessage,
    EndCall,
    EndConsult,
    HoldCall,
    ListMessages,
    MarkMessage,
    MessageHeard,
    Originate,
    SetAgent,
    SetEmergencyMode,
    SetRecording,
    Supervise,
    TransferCall,
    Verb,
    VerbAnswered,
)

PROBLEM_OF = {
    Cause.FORBIDDEN: "not_allowed",
    Cause.NOT_FOUND: "number_unknown",
    Cause.BUSY: "busy",
    Cause.UNREACHABLE: "not_reachable",
    Cause.CONGESTION: "busy",
}
"""What a transfer's refusal is called among the verbs' problems."""


class _Refused(Exception):
    """The verb is not carried out; its text is one of PROBLEMS."""


def carry_out(exchange: Exchange, verb: Verb) -> None:
    """Do it, and answer."""
    answer = VerbAnswered(ask=verb.ask)
    try:
        match verb:
            case Originate():
                answer = _originate(exchange, verb)
            case EndCall():
                _end_call(exchange, verb)
            case TransferCall() | EndConsult():
                _hand_on(exchange, verb)
            case HoldCall():
                _hold(exchange, verb)
            case SetAgent() | SetRecording() | CancelCallback() | SetEmergencyMode():
                _refuse_if(_set(exchange, verb))
            case Supervise():
                answer = _supervise(exchange, verb)
            case MessageHeard() | MarkMessage() | DeleteMessage() | ListMessages():
                answer = _message(exchange, verb)
    except _Refused as refusal:
        answer = VerbAnswered(ask=verb.ask, problem=str(refusal))
    exchange.do(answer)


def _refuse_if(problem: str) -> None:
    if problem:
        raise _Refused(problem)


def _set(
    exchange: Exchange, verb: SetAgent | SetRecording | CancelCallback | SetEmergencyMode
) -> str:
    match verb:
        case SetEmergencyMode():
            return emergency_mode.set_by(exchange, verb)
        case SetAgent():
            return set_agent(exchange, verb)
        case SetRecording():
            return recording_control.carry_out(exchange, verb)
        case CancelCallback():
            return callbacks.cancel(exchange, verb.callback, verb.by)


def _message(
    exchange: Exchange, verb: MessageHeard | MarkMessage | DeleteMessage | ListMessages
) -> VerbAnswered:
    match verb:
        case ListMessages():
            return VerbAnswered(ask=verb.ask, boxes=messages.boxes_told(exchange))
        case MessageHeard():
            problem = messages.heard(exchange, verb.recording, verb.by)
        case MarkMessage():
            problem = messages.marked(exchange, verb.recording, verb.by, is_new=verb.is_new)
        case DeleteMessage():
            problem = messages.deleted(exchange, verb.recording, verb.by)
    return VerbAnswered(ask=verb.ask, problem=problem)


def _call(
    exchange: Exchange, verb: EndCall | TransferCall | EndConsult | HoldCall | Supervise
) -> CallState:
    call = exchange.calls.get(verb.call)
    if call is None:
        raise _Refused("call_unknown")
    return call


def _server(call: CallState) -> LegState:
    """Return our side's phone in a talk."""
    if call.stage is not Stage.TALKING:
        raise _Refused("not_talking")
    legs = (call.leg_named(clock.server) for clock in call.talks)
    found = next((one for one in legs if one is not None and one.extension is not None), None)
    if found is None:
        raise _Refused("not_allowed")
    return found


def _is_in_a_call(exchange: Exchange, extension: ExtensionNumber) -> bool:
    calls = exchange.calls.values()
    return any(leg.extension == extension for call in calls for leg in call.legs)


def _originate(exchange: Exchange, verb: Originate) -> VerbAnswered:
    if verb.extension not in exchange.extensions:
        raise _Refused("extension_unknown")
    if verb.extension not in exchange.known.phones:
        raise _Refused("not_reachable")
    if _is_in_a_call(exchange, verb.extension):
        raise _Refused("busy")
    if verb.number not in exchange.desk.groups:
        found = destination(exchange, verb.number, verb.extension)
        if isinstance(found, Cause):
            raise _Refused(PROBLEM_OF.get(found, "not_allowed"))
    call = originate.begin(exchange, verb.extension, verb.number, asked_by=verb.by)
    return VerbAnswered(ask=verb.ask, call=call.call, leg=call.legs[0].leg if call.legs else None)


def _end_call(exchange: Exchange, verb: EndCall) -> None:
    call = _call(exchange, verb)
    exchange.write(call, ForcedRelease(by=verb.by))
    talk.end(exchange, call, by=Side.BOX, cause=Cause.NORMAL)


def _hand_on(exchange: Exchange, verb: TransferCall | EndConsult) -> None:
    """To a target at once, or after asking there; and how that asking ends."""
    if isinstance(verb, TransferCall):
        _transfer(exchange, verb)
    else:
        _end_consult(exchange, verb)


def _transfer(exchange: Exchange, verb: TransferCall) -> None:
    call = _call(exchange, verb)
    leg = _server(call)
    if verb.way is TransferWay.SEMI_ATTENDED:
        raise _Refused("not_allowed")
    if call.consult is not None:
        raise _Refused("already")
    begin = transfer.begin if verb.way is TransferWay.BLIND else consult.begin
    problem = begin(exchange, call, leg, verb.to, asked_by=verb.by)
    if problem is not None:
        raise _Refused(PROBLEM_OF.get(problem, "not_allowed"))


def _end_consult(exchange: Exchange, verb: EndConsult) -> None:
    call = _call(exchange, verb)
    if call.consult is None:
        raise _Refused("not_consulting")
    match verb.wish:
        case ConsultWish.COMPLETE:
            is_done = consult.hand_on(exchange, call, asked_by=verb.by)
        case ConsultWish.CONFERENCE:
            is_done = consult.join(exchange, call)
        case ConsultWish.RETURN:
            consult.give_up(exchange, call)
            is_done = True
    if not is_done:
        raise _Refused("not_reachable")


def _hold(exchange: Exchange, verb: HoldCall) -> None:
    call = _call(exchange, verb)
    _server(call)
    if call.is_held_by_box is verb.is_held:
        raise _Refused("already")
    if not hold.by_the_box(exchange, call, is_held=verb.is_held, asked_by=verb.by):
        raise _Refused("not_talking")


def _supervise(exchange: Exchange, verb: Supervise) -> VerbAnswered:
    call = _call(exchange, verb)
    if verb.extension not in exchange.extensions:
        raise _Refused("extension_unknown")
    if supervision.supervisor_at(exchange, verb.extension) is None:
        raise _Refused("not_allowed")
    present = next(
        (
            one
            for one in call.legs
            if one.role is LegRole.SUPERVISOR and one.extension == verb.extension
        ),
        None,
    )
    leg: LegId
    if present is not None:
        if present.phase is not LegPhase.ANSWERED or present.way is verb.way:
            raise _Refused("already")
        leg = present.leg
        supervision.change(exchange, call, present, verb.way)
    else:
        leg = _ring_supervisor(exchange, call, verb)
    return VerbAnswered(ask=verb.ask, call=call.call, leg=leg)


def _ring_supervisor(exchange: Exchange, call: CallState, verb: Supervise) -> LegId:
    watched = _server(call)
    if watched.place not in seating.IN_TALK:
        raise _Refused("not_talking")
    if verb.extension not in exchange.known.phones:
        raise _Refused("not_reachable")
    if _is_in_a_call(exchange, verb.extension):
        raise _Refused("busy")
    return supervision.ring(exchange, call, watched, verb.extension, verb.way)
