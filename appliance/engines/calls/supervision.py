"""A supervisor at an agent's talk: listen, whisper, barge, take over, force release.

He comes by feature code (`*85` and the agent's number, at the phone of a signed-in supervisor) or
is rung by a verb. Keys at his phone change what he does: 4 listen, 5 whisper (only the agent hears
him), 6 barge (all hear him), 7 take over (he talks on in the agent's place), 9 force release (the
call ends for everybody). Each step stands in the call's timeline.

Nothing changes for the customer while a supervisor listens or whispers: his audio is not touched.
When the agent leaves the talk, the supervision is over.
"""

from appliance.engines.calls import queueing, seating, talk
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegPhase, LegRole, LegState, Stage
from appliance.vocabulary.audio import FarEnd
from appliance.vocabulary.facts_handling import (
    CallMerged,
    ForcedRelease,
    SupervisionWay,
    SupervisorJoined,
    SupervisorLeft,
)
from appliance.vocabulary.ids import AgentId, CallId, ExtensionNumber, LegId, Seconds
from appliance.vocabulary.journal import Side
from appliance.vocabulary.lines import Cause, Party, PhoneLine
from appliance.vocabulary.speech import PhraseKey

CODE = "*85"
KEYS = {
    "4": SupervisionWay.LISTEN,
    "5": SupervisionWay.WHISPER,
    "6": SupervisionWay.BARGE,
    "7": SupervisionWay.TAKE_OVER,
}
RELEASE_KEY = "9"
RING_SECONDS = 30.0


# --- who may, and whom ---
def supervisor_at(exchange: Exchange, extension: ExtensionNumber) -> AgentId | None:
    """Return the supervisor who is signed in at this phone."""
    agent = exchange.floor.agent_at(extension)
    is_one = any(one.id == agent and one.role == "supervisor" for one in exchange.site.agent)
    return agent if is_one else None


def talk_of(exchange: Exchange, agent: str) -> tuple[CallState, LegState] | None:
    """Return the call in which this agent talks, and his leg."""
    for call in exchange.calls.values():
        if call.stage is not Stage.TALKING:
            continue
        for leg in call.legs:
            is_his = leg.agent == agent and leg.role is not LegRole.SUPERVISOR
            if is_his and leg.extension is not None and leg.place in seating.IN_TALK:
                return call, leg
    return None


def room_for(exchange: Exchange, called: str) -> CallId | None:
    """Return beside whose legs a phone that dials this code is to have its audio."""
    found = talk_of(exchange, called.removeprefix(CODE)) if called.startswith(CODE) else None
    return seating.room_of(found[0]) if found is not None else None


# --- by feature code ---
def asked_by_code(
    exchange: Exchange, service: CallState, extension: ExtensionNumber, agent: str
) -> None:
    """A phone dialled the code: its leg goes over into the agent's call."""
    leg, supervisor = service.caller_leg, supervisor_at(exchange, extension)
    if supervisor is None:
        talk.say_goodbye(exchange, service, PhraseKey.NOT_ALLOWED)
        return
    found = talk_of(exchange, agent)
    if leg is None or found is None or found[1].extension == extension:
        talk.say_goodbye(exchange, service, PhraseKey.NOT_REACHABLE)
        return
    call, watched = found
    leg.agent, leg.role = supervisor, LegRole.SUPERVISOR
    seating.move_leg(exchange, leg, service, call)
    _join(exchange, call, leg, watched, SupervisionWay.LISTEN)
    exchange.write(service, CallMerged(into=call.call), leg.leg)
    talk.end(exchange, service, by=Side.CALLER, cause=Cause.NORMAL)


def _join(
    exchange: Exchange,
    call: CallState,
    leg: LegState,
    watched: LegState,
    way: SupervisionWay,
) -> None:
    leg.supervises, leg.joined_at = watched.leg, exchange.now
    change(exchange, call, leg, way)


# --- by verb ---
def ring(
    exchange: Exchange,
    call: CallState,
    watched: LegState,
    extension: ExtensionNumber,
    way: SupervisionWay,
) -> LegId:
    """Ring the supervisor's phone, which picks up by itself if it can; he joins then."""
    leg = LegState(
        leg=LegId(exchange.new_name("l")),
        role=LegRole.SUPERVISOR,
        line=PhoneLine(extension=extension),
        phase=LegPhase.CLAIMING,
        extension=extension,
        agent=supervisor_at(exchange, extension),
        way=way,
        supervises=watched.leg,
        is_auto_answered=True,
        shown=Party(number=watched.extension or "", name=str(way)),
    )
    queueing.carry_out(
        exchange,
        exchange.floor.phone_busy(extension, call.call, exchange.now, is_service=True),
    )
    exchange.add_leg(call, leg)
    exchange.set_timer(call, "supervisor", RING_SECONDS)
    return leg.leg


def answered(exchange: Exchange, call: CallState, leg: LegState, far: FarEnd) -> None:
    """The supervisor's phone picked up."""
    leg.far, leg.phase = far, LegPhase.ANSWERED
    call.due.pop("supervisor", None)
    watched = call.leg_named(leg.supervises) if leg.supervises is not None else None
    if watched is None or watched.place not in seating.IN_TALK:
        left(exchange, call, leg)
        return
    exchange.set_audio(call, leg)
    _join(exchange, call, leg, watched, leg.way or SupervisionWay.LISTEN)


def refused(exchange: Exchange, call: CallState, leg: LegState, cause: Cause) -> None:
    """The supervisor's phone did not pick up: the talk never knew of it."""
    call.due.pop("supervisor", None)
    seating.remove(exchange, call, leg, cause, tell=False)


def ring_time_over(exchange: Exchange, call: CallState) -> None:
    """The supervisor let it ring."""
    for leg in list(call.legs):
        if leg.role is LegRole.SUPERVISOR and leg.phase is not LegPhase.ANSWERED:
            seating.remove(exchange, call, leg, Cause.CANCELLED)


# --- what he does ---
def key(exchange: Exchange, call: CallState, leg: LegState, pressed: str) -> None:
    """A key at the supervisor's phone."""
    if pressed == RELEASE_KEY:
        release(exchange, call, by=str(leg.agent or leg.extension))
    elif (way := KEYS.get(pressed)) is not None and way is not leg.way:
        change(exchange, call, leg, way)


def change(exchange: Exchange, call: CallState, leg: LegState, way: SupervisionWay) -> None:
    """The supervisor does this from now on."""
    watched = call.leg_named(leg.supervises) if leg.supervises is not None else None
    exchange.write(
        call,
        SupervisorJoined(
            supervisor=leg.agent,
            extension=leg.extension,
            agent=watched.agent if watched is not None else None,
            way=way,
        ),
        leg.leg,
    )
    leg.way = way
    if way is SupervisionWay.TAKE_OVER and watched is not None:
        _take_over(exchange, call, leg, watched)
    seating.arrange(exchange, call)


def _take_over(exchange: Exchange, call: CallState, leg: LegState, watched: LegState) -> None:
    """The agent leaves; the supervisor is the called side from now on."""
    leg.supervises = leg.way = None
    leg.role = LegRole.THIRD
    seating.take_seat(exchange, call, watched, leg, Cause.NORMAL)
    if leg.extension is not None:
        queueing.carry_out(
            exchange, exchange.floor.phone_busy(leg.extension, call.call, exchange.now)
        )


def release(exchange: Exchange, call: CallState, by: str) -> None:
    """End the call for everybody."""
    exchange.write(call, ForcedRelease(by=by))
    talk.end(exchange, call, by=Side.BOX, cause=Cause.NORMAL)


# --- leaving ---
def left(exchange: Exchange, call: CallState, leg: LegState, *, tell: bool = True) -> None:
    """The supervisor leaves the talk, or is taken out of it."""
    if leg.joined_at is not None:
        exchange.write(
            call,
            SupervisorLeft(
                supervisor=leg.agent,
                extension=leg.extension,
                seconds=Seconds(exchange.now - leg.joined_at),
            ),
            leg.leg,
        )
    seating.remove(exchange, call, leg, Cause.NORMAL, tell=tell)
    seating.arrange(exchange, call)


def end_all(exchange: Exchange, call: CallState) -> None:
    """Take every supervisor out of the talk."""
    for leg in [one for one in call.legs if one.role is LegRole.SUPERVISOR]:
        left(exchange, call, leg)


def watched_left(exchange: Exchange, call: CallState, gone: LegId) -> None:
    """A leg left the talk: whoever watched it leaves as well."""
    for leg in [one for one in call.legs if one.role is LegRole.SUPERVISOR]:
        if leg.supervises == gone:
            left(exchange, call, leg)
