"""Picking up a call that rings at another phone: `**` and that phone's number, or `*8` for any
phone of the same pickup group. The leg that dialled so comes into the ringing call itself
(replacing.py): one call id, one recording, and the talk is his who talks."""

from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegPhase, LegRole, LegState
from appliance.vocabulary.events import LegOffered
from appliance.vocabulary.ids import ExtensionNumber, LegId
from appliance.vocabulary.lines import PhoneLine

GROUP = "*8"
DIRECTED = "**"


def target(exchange: Exchange, offered: LegOffered) -> LegId | None:
    """Return the ringing leg that this dialling is to take over; None: it is for no ringing leg.

    In a group the call that rings longest. Nobody picks up what he dialled himself.
    """
    if not isinstance(offered.line, PhoneLine) or offered.audio is None:
        return None
    by = offered.line.extension
    if offered.called == GROUP:
        phones = _group_of(exchange, by)
    elif offered.called.startswith(DIRECTED):
        phones = {ExtensionNumber(offered.called.removeprefix(DIRECTED))}
    else:
        return None
    found = [leg for phone in phones for leg in _ringing_at(exchange, phone, by)]
    oldest = min(found, key=lambda leg: leg.dialled_at or 0.0, default=None)
    return None if oldest is None else oldest.leg


def _group_of(exchange: Exchange, by: ExtensionNumber) -> set[ExtensionNumber]:
    own = exchange.extensions.get(by)
    if own is None or not own.pickup_group:
        return set()
    return {
        one.number
        for one in exchange.site.extension
        if one.pickup_group == own.pickup_group and one.number != by
    }


def _ringing_at(exchange: Exchange, phone: ExtensionNumber, by: ExtensionNumber) -> list[LegState]:
    exchange.desk.refresh(exchange.calls)
    calls = [exchange.calls[name] for name in exchange.desk.calls_at.get(phone, set())]
    if phone in exchange.desk.groups:
        calls = [one for one in exchange.calls.values() if _is_for_group(one, phone)]
    return [
        leg
        for call in calls
        if not call.is_being_called_back  # who picks up there would talk with nobody
        for leg in call.legs
        if leg.role is LegRole.CALLED
        and leg.phase in (LegPhase.DIALLED, LegPhase.RINGING)
        and (leg.extension == phone or phone in exchange.desk.groups)
        and not any(one.extension == by for one in call.legs)
    ]


def _is_for_group(call: CallState, number: ExtensionNumber) -> bool:
    return call.group is not None and call.group.number == number
