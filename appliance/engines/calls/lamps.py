"""Lamps: what the busy-lamp keys of phones show of extensions, agents and park places.

Worked out from the living legs after every turn, for whatever the turn touched; told (ShowLamp)
only where it is other than shown before. After a restart of control every lamp is told again.
"""

from appliance.engines.calls import redial, wishes
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegPhase, LegRole, LegState
from appliance.vocabulary.commands import LampState, ShowLamp
from appliance.vocabulary.ids import AgentId, ExtensionNumber
from appliance.vocabulary.journal import AgentState, Direction

Lamp = tuple[LampState, str]

OF_AGENT = {
    AgentState.READY: LampState.IDLE,
    AgentState.RINGING: LampState.RINGING,
    AgentState.TALKING: LampState.TALKING,
    AgentState.BUSY: LampState.TALKING,
    AgentState.HOLDING: LampState.HELD,
    AgentState.WRAP_UP: LampState.NOT_READY,
    AgentState.NOT_READY: LampState.NOT_READY,
}
"""Every other state: UNREACHABLE."""

BRIGHTNESS = {LampState.TALKING: 3, LampState.HELD: 2, LampState.RINGING: 1}
"""Of a phone in several calls the brightest is shown."""


def show(exchange: Exchange) -> None:
    """Tell every lamp that is other than it was."""
    desk = exchange.desk
    while desk.changed or desk.stale:
        if desk.changed:
            desk.refresh(exchange.calls)
        if not desk.stale:
            return
        name = desk.stale.pop()
        lamp = _lamp_of(exchange, name)
        if lamp is not None and desk.shown.get(name) != lamp:
            desk.shown[name] = lamp
            exchange.do(ShowLamp(name=name, state=lamp[0], other=lamp[1]))
            if lamp[0] is LampState.IDLE:
                redial.freed(exchange, name)


def all_stale(exchange: Exchange) -> None:
    """Look at every lamp of the site: it is new, or control was restarted."""
    desk = exchange.desk
    names = {*exchange.extensions, *desk.places, *(one.id for one in exchange.site.agent)}
    desk.shown = {name: lamp for name, lamp in desk.shown.items() if name in names}
    desk.stale |= names


def _lamp_of(exchange: Exchange, name: str) -> Lamp | None:
    """Return how a lamp is now; None for a name that the site does not have.

    Where an agent has his phone's number for a name, the phone's lamp shows his pauses too.
    """
    if name in exchange.extensions:
        lamp = _of_phone(exchange, ExtensionNumber(name))
        agent = _of_agent(exchange, name) if lamp[0] is LampState.IDLE else None
        is_paused = agent is not None and agent[0] is LampState.NOT_READY
        return agent if is_paused else lamp
    if name in exchange.desk.places:
        return _of_place(exchange, ExtensionNumber(name))
    return _of_agent(exchange, name)


def _of_agent(exchange: Exchange, name: str) -> Lamp | None:
    view = exchange.floor.agent(AgentId(name))
    return None if view is None else (OF_AGENT.get(view.state, LampState.UNREACHABLE), "")


def _of_place(exchange: Exchange, place: ExtensionNumber) -> Lamp:
    call_id = exchange.desk.parked.get(place)
    call = exchange.calls.get(call_id) if call_id is not None else None
    return (LampState.IDLE, "") if call is None else (LampState.HELD, call.caller.number)


def _of_phone(exchange: Exchange, phone: ExtensionNumber) -> Lamp:
    found: Lamp | None = None
    for name in exchange.desk.calls_at.get(phone, ()):
        call = exchange.calls[name]
        for leg in call.legs:
            if leg.extension == phone:
                lamp = _of_leg(call, leg)
                is_brighter = found is None or BRIGHTNESS[lamp[0]] > BRIGHTNESS[found[0]]
                found = lamp if is_brighter else found
    if found is not None:
        return found
    if phone not in exchange.known.phones:
        return LampState.UNREACHABLE, ""
    return (LampState.NOT_READY if wishes.is_quiet(exchange, phone) else LampState.IDLE), ""


def _of_leg(call: CallState, leg: LegState) -> Lamp:
    state = LampState.TALKING
    if leg.leg in call.holders:
        state = LampState.HELD
    elif leg.phase in (LegPhase.CLAIMING, LegPhase.DIALLED, LegPhase.RINGING):
        state = LampState.RINGING
    is_first = leg.role is LegRole.CALLER and call.direction is not Direction.INBOUND
    return state, call.called if is_first else call.caller.number
