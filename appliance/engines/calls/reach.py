"""Where a call for a phone really goes: do-not-disturb, call waiting and forwarding are obeyed.

Theory of operation. Whatever rings a phone (a colleague, a menu, a transfer, an overflow) comes
through `ring`; whatever comes of the ringing comes through `goes_on`. A phone sends a call on
once, and a call is sent on MOST_FORWARDS times at most: so no round of forwarding lasts. Who
forwards to the outside needs the right to dial there himself; nobody forwards to an emergency
number. Queues ring phones by themselves and ring groups ring members by themselves: neither
follows forwarding, else one mobile's voicemail would answer for all.
"""

from appliance.engines.calls import dialling, groups, wishes
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.number_forms import dearest_class
from appliance.engines.calls.numbering import is_allowed
from appliance.engines.calls.state import CallState, LegPhase, Purpose, Stage
from appliance.vocabulary.facts_handling import Forwarded
from appliance.vocabulary.ids import ExtensionNumber
from appliance.vocabulary.journal import RouteChosen
from appliance.vocabulary.lines import Cause, PhoneLine
from appliance.vocabulary.settings import Outbound

MOST_FORWARDS = 5


def ring(exchange: Exchange, call: CallState, number: ExtensionNumber) -> None:
    """Ring this extension or ring group, or where it is forwarded to."""
    if number in exchange.desk.groups:
        groups.ring(exchange, call, number)
        return
    if _is_sent_on(exchange, call, number, "always"):
        return
    hindrance = wishes.obstacle(exchange, number, call)
    if hindrance is None:
        dialling.ring_phone(exchange, call, number)
        seconds = ring_seconds(exchange, number, dialling.DIRECT_RING_SECONDS)
        exchange.set_timer(call, "ring", seconds)
        _let_hear(exchange, call)
        return
    why, cause = hindrance
    _remember_busy(exchange, call, number, cause)
    if not _is_sent_on(exchange, call, number, why):
        if why == "do_not_disturb":
            exchange.write(call, RouteChosen(number=number, why=why))
        dialling.called_refused(exchange, call, None, cause)


def goes_on(exchange: Exchange, call: CallState, number: ExtensionNumber, cause: Cause) -> bool:
    """The phone was rung in vain: say whether the call goes on elsewhere, and send it there."""
    if call.group is not None:
        return groups.member_missed(exchange, call)
    _remember_busy(exchange, call, number, cause)
    return _is_sent_on(exchange, call, number, wishes.WHY_OF_CAUSE.get(cause, "unreachable"))


def ring_seconds(exchange: Exchange, number: ExtensionNumber, most: float) -> float:
    """Return how long this phone may ring: its own rule, where it has one, cuts `most`."""
    settings = exchange.extensions.get(number)
    if settings is None or not wishes.forward_of(exchange, number, "no_answer"):
        return most
    return min(most, settings.forward_after_seconds)


def limit(exchange: Exchange, call: CallState, most: float) -> None:
    """The one who had it rung does not wait longer than `most` seconds for this phone."""
    leg = call.called_leg
    if leg is None or leg.phase is LegPhase.ANSWERED or "ring" not in call.due:
        return
    number = leg.extension
    seconds = most if number is None else ring_seconds(exchange, number, most)
    exchange.set_timer(call, "ring", seconds)


def _let_hear(exchange: Exchange, call: CallState) -> None:
    """A caller who was answered already (a menu, a transfer) hears the ringing from us."""
    if call.is_answered and call.transfer is None:
        exchange.play_tone(call, Purpose.MUSIC, "ringback")


# --- forwarding ---
def _is_sent_on(exchange: Exchange, call: CallState, number: ExtensionNumber, why: str) -> bool:
    rule = "busy" if why == "do_not_disturb" else why
    target = wishes.forward_of(exchange, number, rule)
    if not target or number in call.forwards or len(call.forwards) >= MOST_FORWARDS:
        return False
    call.forwards.append(number)
    call.due.pop("ring", None)
    exchange.write(call, Forwarded(extension=number, to=target, why=why))
    _send(exchange, call, number, target)
    return True


def _send(exchange: Exchange, call: CallState, by: ExtensionNumber, target: str) -> None:
    call.stage = Stage.RINGING
    if target in exchange.extensions or target in exchange.desk.groups:
        ring(exchange, call, ExtensionNumber(target))
        return
    found = outside(exchange, by, target)
    if isinstance(found, Cause):
        dialling.called_refused(exchange, call, None, found)
        return
    rule, number = found
    call.trunks_left = dialling.usable_trunks(exchange, rule.trunks)
    exchange.write(
        call, RouteChosen(number=number, target=",".join(call.trunks_left), why="forwarded")
    )
    _let_hear(exchange, call)
    dialling.try_next_trunk(exchange, call, number, Cause.UNREACHABLE)


def outside(exchange: Exchange, by: ExtensionNumber, target: str) -> tuple[Outbound, str] | Cause:
    """Return the rule and number by which this phone may send calls outside, or why not."""
    rule = dialling.outbound_rule(exchange, target)
    if rule is None:
        return Cause.NOT_FOUND
    number = target[rule.strip :]
    kind = dearest_class(number, exchange.site.site.country)
    own = exchange.extensions.get(by)
    may_dial = own.may_dial if own is not None else ()
    if kind == "emergency" or not is_allowed(kind, by_route=rule.allow, by_extension=may_dial):
        return Cause.FORBIDDEN
    return rule, number


def _remember_busy(
    exchange: Exchange, call: CallState, number: ExtensionNumber, cause: Cause
) -> None:
    """Who dialled a phone that is busy may ask to be rung when it is free (redial.py)."""
    if cause is Cause.BUSY and isinstance(call.line, PhoneLine):
        exchange.desk.wishes_of(call.line.extension).busy_target = number
        exchange.touched.add(f"own:{call.line.extension}")
