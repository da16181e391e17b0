"""Parking: a call waits with music at a place until somebody fetches it at any phone.

Theory of operation. A phone parks whom it talks with: by key within the talk (talk_codes.py), or
by handing the call on to the park number, or to a place by its number. Who parked is told the
place and let go; his talk has ended. Dialling the place's number fetches the call: the leg that
dials comes into the call itself and a new talk begins. When nobody does, the phone that parked is
rung; nobody there either, and the call waits again. After MOST_RETURNS of this it goes back to its
queue, or hears a word of regret: nobody waits for ever.
"""

from appliance.engines.calls import clocks, dialling, seating, talk, transfer
from appliance.engines.calls.desk_state import ParkState
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegPhase, LegRole, LegState, Place, Stage
from appliance.vocabulary.audio import Playlist, Silence
from appliance.vocabulary.commands import Answer, TellTransfer, TransferStage
from appliance.vocabulary.events import LegOffered
from appliance.vocabulary.facts_handling import Parked, Unparked
from appliance.vocabulary.ids import ExtensionNumber, LegId, PlayId, Seconds
from appliance.vocabulary.lines import Cause, PhoneLine
from appliance.vocabulary.speech import PhraseKey, Utterance

MOST_RETURNS = 3
TOLD_SECONDS = 0.5
"""Silence behind the place's number, before who parked is let go."""


def is_place(exchange: Exchange, number: str) -> bool:
    """Say whether handing a call on to this number parks it."""
    if number in exchange.extensions or number in exchange.desk.groups:
        return False
    return number == exchange.site.parking.number or number in exchange.desk.places


def begin(
    exchange: Exchange,
    call: CallState,
    leg: LegState,
    to: str = "",
    *,
    asker: LegId | None = None,
) -> Cause | None:
    """Park the other party of `leg` at the place `to`, or at the first free one; or say why not."""
    other = transfer.other_party(call, leg)
    place = _free_place(exchange, to)
    if other is None:
        return Cause.FORBIDDEN
    if place is None:
        return Cause.BUSY
    call.is_held_by_box = False
    _let_leave(exchange, call, leg)
    talk.close_recording(exchange, call)
    seating.seat(exchange, call, other, Place.WAITING)
    seating.make_customer(call, other)
    call.park = ParkState(slot=place, since=exchange.now, by=leg.extension)
    _wait(exchange, call, leg.leg)
    if asker is not None:
        exchange.do(TellTransfer(leg=asker, stage=TransferStage.TRYING))
        exchange.do(TellTransfer(leg=asker, stage=TransferStage.DONE))
    _tell(exchange, call, leg, place)
    return None


def _let_leave(exchange: Exchange, call: CallState, leg: LegState) -> None:
    """The talk of who parks is over; he stays to hear the place."""
    clocks.end(exchange, call, leg.leg)
    leg.role, leg.place = LegRole.LEAVING, Place.APART
    if leg.leg in call.holders:
        call.holders.remove(leg.leg)


def _free_place(exchange: Exchange, to: str) -> ExtensionNumber | None:
    exchange.desk.refresh(exchange.calls)
    free = [one for one in exchange.desk.places if one not in exchange.desk.parked]
    if to in exchange.desk.places:
        free = [one for one in free if one == to]
    return free[0] if free else None


def _wait(exchange: Exchange, call: CallState, leg: LegId | None = None) -> None:
    park = call.park
    if park is None:
        return
    park.since, park.is_returning = exchange.now, False
    call.stage = Stage.PARKED
    exchange.write(call, Parked(slot=park.slot, extension=park.by), leg)
    exchange.set_timer(call, "park", exchange.site.parking.return_seconds)
    seating.arrange(exchange, call)


def _tell(exchange: Exchange, call: CallState, leg: LegState, place: ExtensionNumber) -> None:
    """Tell who parked where the call is, then let him go."""
    language = exchange.language
    at = Utterance(language=language, phrase=PhraseKey.CALL_PARKED, values={"slot": place})
    plain = Utterance(language=language, phrase=PhraseKey.CALL_PARKED)
    prompt = exchange.prompts.find(at) or exchange.prompts.find(plain)
    if prompt is None:
        seating.remove(exchange, call, leg, Cause.NORMAL)
        return
    play = PlayId(f"{call.call}.{call.plays}")
    call.plays += 1
    hears = Playlist(play=play, prompts=(prompt,), since=exchange.now)
    seating.fit_audio(exchange, call, leg, hears, None)
    exchange.set_timer(call, "parker", exchange.prompts.seconds(prompt) + TOLD_SECONDS)


def parker_told(exchange: Exchange, call: CallState) -> None:
    """Who parked has heard the place."""
    for leg in [one for one in call.legs if one.role is LegRole.LEAVING]:
        seating.remove(exchange, call, leg, Cause.NORMAL)


# --- fetched ---
def parked_at(exchange: Exchange, offered: LegOffered) -> CallState | None:
    """Return the call that waits at the place that a phone dials."""
    if not isinstance(offered.line, PhoneLine) or offered.audio is None:
        return None
    if not is_place(exchange, offered.called):
        return None
    exchange.desk.refresh(exchange.calls)
    name = exchange.desk.parked.get(ExtensionNumber(offered.called))
    return None if name is None else exchange.calls.get(name)


def fetched(exchange: Exchange, call: CallState, leg: LegState) -> None:
    """The audio of the phone that dialled the place is there: it has the call."""
    park = call.park
    if park is None or park.is_returning or leg.port is None:
        seating.remove(exchange, call, leg, Cause.NOT_FOUND)
        return
    leg.phase, leg.role = LegPhase.ANSWERED, LegRole.CALLED
    exchange.do(Answer(leg=leg.leg, port=leg.port))
    exchange.set_audio(call, leg, hears=Silence())
    call.due.pop("park", None)
    waited = Seconds(exchange.now - park.since)
    exchange.write(call, Unparked(slot=park.slot, extension=leg.extension, parked=waited), leg.leg)
    parker_told(exchange, call)
    call.park = None
    talk.bridge(exchange, call)


# --- given back ---
def time_over(exchange: Exchange, call: CallState) -> None:
    """Nobody fetched it: ring who parked it."""
    park = call.park
    if park is None or call.stage is not Stage.PARKED:
        return
    parker_told(exchange, call)
    waited = Seconds(exchange.now - park.since)
    exchange.write(call, Unparked(slot=park.slot, parked=waited))
    park.is_returning = True
    park.returns += 1
    exchange.touch(call)
    if park.by is None:
        missed(exchange, call)
        return
    dialling.ring_extension(exchange, call, park.by)
    if call.park is park and park.is_returning and "ring" in call.due:
        exchange.set_timer(call, "ring", transfer.RING_SECONDS)


def missed(exchange: Exchange, call: CallState) -> None:
    """Who parked it does not answer: it waits again, or goes elsewhere at last."""
    park = call.park
    if park is None:
        return
    call.due.pop("ring", None)
    place = _free_place(exchange, park.slot) or _free_place(exchange, "")
    if park.returns < MOST_RETURNS and place is not None:
        park.slot = place
        if call.customer is not None:
            call.customer.place = Place.WAITING
        _wait(exchange, call)
        return
    call.park = None
    transfer.fall_back(exchange, call)


def bridged(exchange: Exchange, call: CallState) -> None:
    """Whoever was rung for a call that nobody fetched has it."""
    call.park = None
