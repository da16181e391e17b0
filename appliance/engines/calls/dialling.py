"""Calls that a desk phone begins: to another extension, or out through a trunk."""

from collections.abc import Iterable

from appliance.engines.calls import (
    box_events,
    callbacks,
    flows,
    park,
    queueing,
    reach,
    talk,
    transfer,
)
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.number_forms import dearest_class, for_trunk
from appliance.engines.calls.numbering import is_allowed, number_class
from appliance.engines.calls.state import CallState, LegPhase, LegRole, LegState, Stage
from appliance.vocabulary.commands import DialPhone, DialTrunk, Ring
from appliance.vocabulary.facts_desk import EmergencyCalled
from appliance.vocabulary.facts_legs import TrunkRefused
from appliance.vocabulary.ids import ExtensionNumber, LegId, TrunkId, VisitId
from appliance.vocabulary.journal import (
    AgentOffered,
    CallBlocked,
    CallOutcome,
    RouteChosen,
    Side,
)
from appliance.vocabulary.lines import Cause, Party, PhoneLine, TrunkLine
from appliance.vocabulary.settings import Outbound
from appliance.vocabulary.speech import PhraseKey

DIRECT_RING_SECONDS = 60.0
"""How long a directly dialled phone or number may ring; carriers give up at 60 to 120 s."""

EMERGENCY_RING_SECONDS = 300.0
"""Nobody hangs up on whoever waits for help but he himself."""

SILENT_TRUNK_SECONDS = 60.0
"""A trunk that is neither watched nor registered with, and did not answer a call, is tried first
again by a call after so long: nothing else would ever tell that it is back."""
TRY_NEXT_TRUNK = frozenset({Cause.UNREACHABLE, Cause.CONGESTION, Cause.FAILURE})
"""Faults of a trunk, not of the called party: the next trunk may do better."""


def block(exchange: Exchange, call: CallState, cause: Cause, reason: str) -> None:
    """Refuse a call before anything was heard. It stands in the ledger all the same."""
    exchange.write(call, CallBlocked(cause=cause, reason=reason))
    call.outcome = CallOutcome.BLOCKED
    talk.end(exchange, call, by=Side.BOX, cause=cause)


def outbound_rule(exchange: Exchange, called: str) -> Outbound | None:
    """Return the first outbound rule that matches; extensions win over it.

    An emergency number goes out as it is dialled, through any trunk, the first rule's first.
    """
    rules = exchange.site.outbound
    if number_class(called, exchange.site.site.country) == "emergency":
        first = rules[0].trunks if rules else ()
        return Outbound(prefix="", trunks=first)
    return next((rule for rule in rules if called.startswith(rule.prefix)), None)


def is_emergency(exchange: Exchange, called: str) -> bool:
    """Say whether this is an emergency number, as it is or behind an outbound prefix."""
    rule = outbound_rule(exchange, called)
    if rule is None:
        return False
    return number_class(called[rule.strip :], exchange.site.site.country) == "emergency"


def dial_out(exchange: Exchange, call: CallState, rule: Outbound) -> None:
    """Check the number's class and ring it through the rule's first usable trunk."""
    number = call.called[rule.strip :]
    kind = dearest_class(number, exchange.site.site.country)
    if kind == "emergency":
        _dial_emergency(exchange, call, rule, number)
        return
    own = exchange.extensions.get(call.extension) if call.extension else None
    may_dial = own.may_dial if own is not None else ()
    if not is_allowed(kind, by_route=rule.allow, by_extension=may_dial):
        block(exchange, call, Cause.FORBIDDEN, f"{kind}_not_allowed")
        return
    call.trunks_left = usable_trunks(exchange, rule.trunks)
    exchange.write(
        call, RouteChosen(number=number, target=",".join(call.trunks_left), why=f"prefix {kind}")
    )
    call.stage = Stage.RINGING
    try_next_trunk(exchange, call, number, Cause.UNREACHABLE)


def usable_trunks(exchange: Exchange, wanted: Iterable[TrunkId]) -> list[TrunkId]:
    """Return these trunks in the order in which to try them.

    Trunks that seem down come last, not never: only the INVITE itself can tell for sure. One of
    which nothing but calls can tell has its place again after a while, for one call.
    """
    found = [one for one in dict.fromkeys(wanted) if one in exchange.trunks]
    down = {one for one in found if not trunk_seems_up(exchange, one)}
    due = {one for one in down if _is_due(exchange, one)}
    for trunk in due:
        exchange.known.trunks_silent[trunk] = exchange.now
        exchange.touched.add("known")
    return sorted(found, key=lambda one: one in down - due)


def _dial_emergency(exchange: Exchange, call: CallState, rule: Outbound, number: str) -> None:
    """No right, no channel count and no full box stands in the way, and every trunk is tried.

    The count of channels is ours, the carrier may have one more; nobody else's call is ended for
    it, for a carrier that is truly full would refuse the next try as well.
    """
    mark_emergency(exchange, call, number, call.extension)
    call.trunks_left = emergency_trunks(exchange, rule)
    exchange.write(
        call, RouteChosen(number=number, target=",".join(call.trunks_left), why="emergency")
    )
    call.stage = Stage.RINGING
    try_next_trunk(exchange, call, number, Cause.UNREACHABLE)


def mark_emergency(
    exchange: Exchange, call: CallState, number: str, by: ExtensionNumber | None
) -> None:
    """The call is one for help from now on, and the ledger says so."""
    call.is_emergency = True
    exchange.write(call, EmergencyCalled(number=number, extension=by))


def emergency_trunks(exchange: Exchange, rule: Outbound) -> list[TrunkId]:
    """Return every trunk: the rule's first, those that seem down or full last. A call for help
    is not the one that finds out whether a silent trunk is back."""
    trunks = (one for one in (*rule.trunks, *exchange.trunks) if one in exchange.trunks)
    return sorted(
        dict.fromkeys(trunks),
        key=lambda one: (trunk_is_full(exchange, one), not trunk_seems_up(exchange, one)),
    )


def visit_of(call: CallState) -> VisitId | None:
    """Return the stay in a queue that a rung phone is offered; None: the call was handed on."""
    is_of_queue = call.transfer is None and not call.is_being_called_back
    return call.visit if is_of_queue else None


def try_next_trunk(exchange: Exchange, call: CallState, number: str, cause: Cause) -> None:
    """Ring the number through the next trunk that has a free channel."""
    while call.trunks_left:
        trunk = call.trunks_left.pop(0)
        if trunk not in exchange.trunks:
            continue
        if trunk_is_full(exchange, trunk) and not call.is_emergency:
            cause = Cause.CONGESTION
            continue
        exchange.add_leg(
            call,
            LegState(
                leg=LegId(exchange.new_name("l")),
                role=LegRole.CALLED,
                line=TrunkLine(trunk=trunk),
                phase=LegPhase.CLAIMING,
                number=number,
            ),
        )
        limit = EMERGENCY_RING_SECONDS if call.is_emergency else DIRECT_RING_SECONDS
        exchange.set_timer(call, "ring", limit)
        return
    called_refused(exchange, call, None, cause)


def trunk_seems_up(exchange: Exchange, trunk: TrunkId) -> bool:
    """What its registration or watch says; a trunk that has neither is taken to be up."""
    is_up, _ = exchange.known.trunks_up.get(trunk, (True, ""))
    return is_up


def _is_due(exchange: Exchange, trunk: TrunkId) -> bool:
    """Say so of a trunk that left a call without an answer, and is to be tried by another now."""
    settings, silent_at = exchange.trunks[trunk], exchange.known.trunks_silent.get(trunk)
    if settings.register or settings.watch or silent_at is None:
        return False
    return exchange.now - silent_at >= SILENT_TRUNK_SECONDS


def trunk_is_full(exchange: Exchange, trunk: TrunkId) -> bool:
    """Say whether every channel of a trunk is in use."""
    return trunk_is_beyond(exchange, trunk, exchange.trunks[trunk].channels - 1)


def trunk_is_beyond(exchange: Exchange, trunk: TrunkId, channels: int) -> bool:
    """Say whether more than so many channels are in use; where the whole box has no more legs than
    that, without counting."""
    return len(exchange.call_of_leg) > channels and trunk_busy(exchange, trunk) > channels


def trunk_busy(exchange: Exchange, trunk: TrunkId) -> int:
    """Count the trunk's channels in use."""
    return sum(
        isinstance(leg.line, TrunkLine) and leg.line.trunk == trunk
        for call in exchange.calls.values()
        for leg in call.legs
    )


def ring_extension(exchange: Exchange, call: CallState, number: ExtensionNumber) -> None:
    """Ring a phone or a ring group for this call (internal, or inbound sent straight to it), or
    what stands in its place: its own rules may send the call on (reach.py)."""
    call.stage = Stage.RINGING
    kind = "ring group" if number in exchange.desk.groups else "extension"
    exchange.write(call, RouteChosen(number=number, target=number, why=kind))
    reach.ring(exchange, call, number)


def ring_phone(exchange: Exchange, call: CallState, number: ExtensionNumber) -> None:
    """Ring this very phone; its rules were obeyed before."""
    exchange.add_leg(
        call,
        LegState(
            leg=LegId(exchange.new_name("l")),
            role=LegRole.CALLED,
            line=PhoneLine(extension=number),
            phase=LegPhase.CLAIMING,
            extension=number,
            agent=exchange.floor.agent_at(number),
        ),
    )
    queueing.carry_out(exchange, exchange.floor.phone_busy(number, call.call, exchange.now))


def audio_claimed(exchange: Exchange, call: CallState, leg: LegState) -> None:
    """The other side's port is known: dial."""
    if leg.port is None:
        return
    leg.phase = LegPhase.DIALLED
    leg.dialled_at = exchange.now
    exchange.touch(call)
    if isinstance(leg.line, TrunkLine):
        exchange.do(_through_trunk(exchange, call, leg, leg.line.trunk, leg.port))
    elif leg.extension is not None:
        exchange.write(
            call,
            AgentOffered(agent=leg.agent, extension=leg.extension, visit=visit_of(call)),
            leg.leg,
        )
        dial_phone(exchange, call, leg)


def dial_phone(exchange: Exchange, call: CallState, leg: LegState) -> None:
    """Ring a phone of ours at its line; its port is known."""
    if leg.port is None or leg.extension is None:
        return
    exchange.do(
        DialPhone(
            leg=leg.leg,
            extension=leg.extension,
            port=leg.port,
            caller=leg.shown or call.caller,
            is_auto_answered=leg.is_auto_answered,
            diverted_from=call.forwards[-1] if call.forwards else call.diverted_from,
            may_hush=_may_hush(call, leg),
        )
    )


def _through_trunk(
    exchange: Exchange, call: CallState, leg: LegState, name: TrunkId, port: int
) -> DialTrunk:
    """The number as this trunk wants it, and the number that the called party shall see."""
    trunk, facts = exchange.trunks.get(name), exchange.site.site
    form = trunk.number_form if trunk is not None else "dialled"
    by = call.forwards[-1] if call.forwards else call.extension
    if call.transfer is not None:
        by = call.transfer.extension
    phone = exchange.extensions.get(by) if by is not None else None
    presented = phone.caller_number if phone is not None else ""
    shown = presented or (trunk.caller_number if trunk is not None else "")
    return DialTrunk(
        leg=leg.leg,
        trunk=name,
        number=for_trunk(leg.number, form, facts.country, facts.area_code),
        port=port,
        caller=Party(number=shown or _own_number(call, leg), name=""),
        presented=presented,
        diverted_from=_diverted_from(call),
        has_other=bool(call.trunks_left),
        may_hush=_may_hush(call, leg),
    )


def _may_hush(call: CallState, leg: LegState) -> bool:
    """Say whether somebody whom this leg is to talk with has agreed on comfort noise. A leg that
    would not hear it so is not asked: who is not asked keeps sending, which is simplest for all."""
    return leg.role is not LegRole.SUPERVISOR and any(
        one.far is not None and one.far.comfort_noise_payload_type is not None
        for one in call.legs
        if one is not leg and one.role is not LegRole.SUPERVISOR
    )


def _diverted_from(call: CallState) -> str:
    """Who sent the call on, as the next one may be told: the number dialled from outside."""
    if not call.forwards:
        return call.diverted_from
    return call.called if isinstance(call.line, TrunkLine) else call.forwards[-1]


def _own_number(call: CallState, leg: LegState) -> str:
    return leg.shown.number if leg.shown is not None else call.caller.number


def called_ringing(exchange: Exchange, call: CallState) -> None:
    """Let the phone that dialled hear that it rings there."""
    called = call.called_leg
    if called is not None and isinstance(called.line, TrunkLine):
        box_events.trunk_answered(exchange, called.line.trunk, True)
        callbacks.customer_rings(exchange, call)
    transfer.target_rings(exchange, call)
    caller = call.caller_leg
    if caller is not None and caller.phase is LegPhase.OFFERED:
        exchange.do(Ring(leg=caller.leg))


def called_refused(exchange: Exchange, call: CallState, leg: LegState | None, cause: Cause) -> None:
    """A directly dialled phone or number did not answer: next trunk, or the end with a word."""
    call.due.pop("ring", None)
    if leg is not None:
        queueing.missed(exchange, call, leg, queueing.miss_reason(cause))
        exchange.drop_leg(call, leg, cause, tell=False)
        queueing.phone_free(exchange, call, leg)
        if leg.extension is not None and reach.goes_on(exchange, call, leg.extension, cause):
            return
        if isinstance(leg.line, TrunkLine):
            trunk = leg.line.trunk
            box_events.trunk_answered(exchange, trunk, cause is not Cause.UNREACHABLE)
            refused = TrunkRefused(trunk=trunk, number=leg.number, cause=cause)
            exchange.write(call, refused, leg.leg)
        if isinstance(leg.line, TrunkLine) and (call.is_emergency or cause in TRY_NEXT_TRUNK):
            try_next_trunk(exchange, call, leg.number, cause)
            return
    if call.is_being_called_back:
        callbacks.customer_missed(exchange, call, cause)
        return
    if call.park is not None:
        park.missed(exchange, call)
        return
    if call.transfer is not None:
        transfer.target_missed(exchange, call, cause)
        return
    caller = call.caller_leg
    if caller is not None and caller.phase is LegPhase.ANSWERED:
        if flows.extension_missed(exchange, call):
            return
        talk.say_goodbye(exchange, call, PhraseKey.NOT_REACHABLE)
        return
    talk.end(exchange, call, by=Side.BOX, cause=cause)


def ring_time_over(exchange: Exchange, call: CallState) -> None:
    """Nobody answered a direct call."""
    leg = call.called_leg
    if leg is None or leg.phase is LegPhase.ANSWERED:
        return
    queueing.missed(exchange, call, leg, queueing.miss_reason(Cause.NO_ANSWER))
    exchange.drop_leg(call, leg, Cause.CANCELLED)
    queueing.phone_free(exchange, call, leg)
    if leg.extension is None or not reach.goes_on(exchange, call, leg.extension, Cause.NO_ANSWER):
        called_refused(exchange, call, None, Cause.NO_ANSWER)
