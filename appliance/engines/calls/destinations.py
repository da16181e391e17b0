"""Where a call can be handed on to, by what somebody keyed in or asked for."""

from appliance.engines.calls import dialling
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.number_forms import dearest_class
from appliance.engines.calls.numbering import is_allowed
from appliance.vocabulary.ids import ExtensionNumber, QueueId, TrunkId
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.shape import Value


class ToExtension(Value, frozen=True, kw_only=True):
    """A desk phone of ours, or a ring group."""

    extension: ExtensionNumber


class ToQueue(Value, frozen=True, kw_only=True):
    """A queue: the wait begins there."""

    queue: QueueId


class ToNumber(Value, frozen=True, kw_only=True):
    """Out through a trunk."""

    number: str
    """As the trunk is to dial it."""
    kind: str
    """Its class (number_forms.dearest_class)."""
    trunks: tuple[TrunkId, ...]
    """In the order of trying."""


Destination = ToExtension | ToQueue | ToNumber


def destination(
    exchange: Exchange, dialled: str, by: ExtensionNumber | None
) -> Destination | Cause:
    """Return what was meant, or why it may not be: outside numbers as the phone `by` may dial."""
    if dialled in exchange.extensions or dialled in exchange.desk.groups:
        return ToExtension(extension=ExtensionNumber(dialled))
    for queue in exchange.site.queue:
        if dialled and dialled in (queue.id, queue.number):
            return ToQueue(queue=queue.id)
    rule = dialling.outbound_rule(exchange, dialled)
    if rule is None:
        return Cause.NOT_FOUND
    number = dialled[rule.strip :]
    kind = dearest_class(number, exchange.site.site.country)
    own = exchange.extensions.get(by) if by is not None else None
    may_dial = own.may_dial if own is not None else ()
    if not is_allowed(kind, by_route=rule.allow, by_extension=may_dial):
        return Cause.FORBIDDEN
    trunks = dialling.usable_trunks(exchange, rule.trunks)
    if kind == "emergency":
        trunks = dialling.emergency_trunks(exchange, rule)
    return ToNumber(number=number, kind=kind, trunks=tuple(trunks))
