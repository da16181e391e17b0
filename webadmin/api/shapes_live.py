"""What the API gives of calls that go on at this moment."""

from appliance.reports.call_list import dialled_word
from appliance.reports.public_events import utc_text
from appliance.vocabulary.journal import Direction
from appliance.vocabulary.live import LiveCall, LiveLeg
from webadmin.api.operation import Shown
from webadmin.api.shapes import AtThisMoment, when


class LiveLegShown(Shown, frozen=True, kw_only=True):
    """One party's side of a call at this moment."""

    leg: str
    extension: str | None
    number: str
    """Outside: the caller's number, or the one that was dialled."""
    transport: str
    """What its signalling goes over: udp, tcp, tls; empty: it is not connected yet."""
    is_encrypted: bool
    """Its sound is (SRTP)."""


class LiveCallShown(Shown, frozen=True, kw_only=True):
    """A call at this moment."""

    call: str
    direction: Direction
    caller: str
    caller_name: str
    called: str
    since: str
    stage: str
    queue: str | None
    position: int | None
    queued_since: str | None
    agent: str | None
    extension: str | None
    talking_since: str | None
    is_recorded: bool
    park: str | None
    """Parked: the place, which fetches it when it is dialled at any phone."""
    legs: tuple[LiveLegShown, ...]


class LiveCallsShown(AtThisMoment, frozen=True, kw_only=True):
    """All calls at this moment."""

    calls: tuple[LiveCallShown, ...]


def live_call(call: LiveCall) -> LiveCallShown:
    """Return a call that goes on."""
    return LiveCallShown(
        call=call.call,
        direction=call.direction,
        caller=call.caller.number,
        caller_name=call.caller.name,
        called=dialled_word(call.called),
        since=utc_text(call.since),
        stage=call.stage,
        queue=call.queue,
        position=call.position,
        queued_since=when(call.queued_since),
        agent=call.agent,
        extension=call.extension,
        talking_since=when(call.talking_since),
        is_recorded=call.is_recorded,
        park=call.park,
        legs=tuple(_live_leg(leg) for leg in call.legs),
    )


def _live_leg(leg: LiveLeg) -> LiveLegShown:
    return LiveLegShown(
        leg=leg.leg,
        extension=leg.extension,
        number=leg.number,
        transport=leg.transport,
        is_encrypted=leg.is_encrypted,
    )
