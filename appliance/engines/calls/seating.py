"""Who sits where in a call, and what follows from it: who hears whom, and in which track he is.

Theory of operation. Every answered leg has a Place. What it hears and what is recorded of it is a
function of the places, of who holds, and of supervisors: `arrange` works it out anew after each
change and tells the media worker only what is other than before. So a supervisor who listens
changes nothing for the caller, and no way of joining or leaving can forget somebody's audio.

    TALKING   hears the others who talk (their mix from three on); music where all of them hold
    ASIDE     the same among those aside; the call-progress tone while the third party rings
    WAITING   hears music
    APART     as its own play says: not touched here
"""

from appliance.engines.calls import clocks, queueing, supervision
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegPhase, LegRole, LegState, Place
from appliance.vocabulary.audio import (
    Channel,
    Hears,
    Mix,
    PeerAudio,
    Playlist,
    Silence,
    Tone,
    Track,
)
from appliance.vocabulary.commands import ReleaseAudio
from appliance.vocabulary.facts_handling import SupervisionWay
from appliance.vocabulary.ids import CallId, LegId, PlayId
from appliance.vocabulary.lines import Cause

IN_TALK = (Place.TALKING, Place.WAITING, Place.ASIDE)


def arrange(exchange: Exchange, call: CallState) -> None:
    """Make audio, tracks and clocks follow from the seats. To be called after every change."""
    for leg in list(call.legs):
        if leg.role is LegRole.SUPERVISOR:
            if leg.joined_at is not None:
                fit_audio(exchange, call, leg, _supervisor_hears(call, leg), _track(call, leg))
        elif leg.place in IN_TALK:
            fit_audio(exchange, call, leg, _hears(exchange, call, leg), _track(call, leg))
    clocks.settle(exchange, call)


def fit_audio(
    exchange: Exchange, call: CallState, leg: LegState, hears: Hears, track: Track | None
) -> None:
    """Set what a leg hears and where it is recorded; nothing is said where it is so already."""
    if leg.hears == hears and leg.track == track:
        return
    leg.hears, leg.track = hears, track
    exchange.set_audio(call, leg)


# --- what follows ---------------------------------------------------------------------------------
def _hears(exchange: Exchange, call: CallState, leg: LegState) -> Hears:
    if leg.place is Place.WAITING:
        return music(exchange, call, leg)
    others = [one for one in call.legs if one.place is leg.place and one is not leg]
    supervisors = _supervisors_heard_by(call, leg)
    leg.hears_supervisor = bool(supervisors)
    speakers = [one.leg for one in others if one.leg not in call.holders] + supervisors
    if speakers:
        return _sum_of(speakers)
    if others:
        return music(exchange, call, leg)
    consult = call.consult
    if leg.place is Place.ASIDE and consult is not None and consult.answered_at is None:
        return _ringing_tone(exchange, call, leg)
    return Silence()


def _sum_of(speakers: list[LegId]) -> Hears:
    return PeerAudio(leg=speakers[0]) if len(speakers) == 1 else Mix(legs=tuple(speakers))


def _supervisors_heard_by(call: CallState, leg: LegState) -> list[LegId]:
    found: list[LegId] = []
    for one in call.legs:
        if one.role is not LegRole.SUPERVISOR or one.joined_at is None or one.supervises is None:
            continue
        watched = call.leg_named(one.supervises)
        is_watched = watched is leg
        is_beside = watched is not None and watched.place is leg.place
        if (one.way is SupervisionWay.WHISPER and is_watched) or (
            one.way is SupervisionWay.BARGE and is_beside
        ):
            found.append(one.leg)
    return found


def _supervisor_hears(call: CallState, leg: LegState) -> Hears:
    watched = call.leg_named(leg.supervises) if leg.supervises is not None else None
    if watched is None or watched.place not in (Place.TALKING, Place.ASIDE):
        return Silence()
    speakers = [
        one.leg
        for one in call.legs
        if one.place is watched.place and one.leg not in call.holders and one is not leg
    ]
    return _sum_of(speakers) if speakers else Silence()


def _track(call: CallState, leg: LegState) -> Track | None:
    """The customer is on the left and our people on the right, whoever dialled. A supervisor
    whom the customer does not hear is in no track."""
    if call.recording is None:
        return None
    if leg.role is LegRole.SUPERVISOR and leg.way is not SupervisionWay.BARGE:
        return None
    channel = Channel.CALLER if leg.is_customer else Channel.AGENT
    return Track(recording=call.recording, channel=channel)


def music(exchange: Exchange, call: CallState, leg: LegState) -> Hears:
    """Music on hold as the site chose it; what plays already plays on, also when the site has
    chosen anew meanwhile."""
    if isinstance(leg.hears, Playlist) and leg.hears.loop:
        return leg.hears
    prompts = exchange.music_for(call)
    if not prompts:
        return Silence()
    return Playlist(play=_new_play(call), prompts=prompts, since=exchange.now, loop=True)


def _ringing_tone(exchange: Exchange, call: CallState, leg: LegState) -> Hears:
    if isinstance(leg.hears, Tone) and leg.hears.name == "ringback":
        return leg.hears
    return Tone(play=_new_play(call), name="ringback", country=exchange.country, since=exchange.now)


def _new_play(call: CallState) -> PlayId:
    play = PlayId(f"{call.call}.{call.plays}")
    call.plays += 1
    return play


# --- coming and going -----------------------------------------------------------------------------
def seat(exchange: Exchange, call: CallState, leg: LegState, place: Place) -> None:
    """Give a leg its place; `arrange` follows when all have theirs."""
    if leg.joined_at is None:
        leg.joined_at = exchange.now
    leg.place = place
    exchange.touch(call)


def remove(
    exchange: Exchange, call: CallState, leg: LegState, cause: Cause, *, tell: bool = True
) -> None:
    """Take a leg out of the call: its talk ends, its person is free. `arrange` follows."""
    clocks.end(exchange, call, leg.leg)
    if leg.leg in call.holders:
        call.holders.remove(leg.leg)
    exchange.drop_leg(call, leg, cause, tell=tell)
    _free(exchange, call, leg)
    supervision.watched_left(exchange, call, leg.leg)


def _free(exchange: Exchange, call: CallState, leg: LegState) -> None:
    """The leg's person is free, and his phone, unless they have another leg in the same call."""
    floor, now = exchange.floor, exchange.now
    if leg.agent is not None and not any(one.agent == leg.agent for one in call.legs):
        queueing.carry_out(exchange, floor.talk_ended(leg.agent, now, call.call))
    if not any(one.extension == leg.extension for one in call.legs):
        queueing.phone_free(exchange, call, leg)


def take_seat(
    exchange: Exchange, call: CallState, old: LegState, new: LegState, cause: Cause
) -> None:
    """An answered leg takes the place of one that talks, which leaves. `arrange` follows."""
    was_customer, role = old.is_customer, old.role
    seat(exchange, call, new, old.place)
    for supervisor in call.legs:
        if supervisor.supervises == old.leg:
            supervisor.supervises = new.leg
    if call.consult is not None:
        if call.consult.by == old.leg:
            call.consult.by = new.leg
        elif call.consult.leg == old.leg:
            call.consult.leg = new.leg
    served = call.customer
    has_talk = any(clock.server == old.leg for clock in call.talks)
    remove(exchange, call, old, cause)
    new.role = role
    if was_customer:
        new.is_customer = True
    elif has_talk:
        if served is not None:
            make_customer(call, served)
        clocks.begin(exchange, call, new)


def make_customer(call: CallState, customer: LegState) -> None:
    """This leg is served from now on, and is the CALLER; the first of the others is the CALLED.

    A leg that still rings keeps its role.
    """
    for leg in call.legs:
        leg.is_customer = leg is customer
    others = [one for one in call.legs if one.place in IN_TALK and one is not customer]
    others = [one for one in others if one.role is not LegRole.SUPERVISOR]
    customer.role = LegRole.CALLER
    is_rung = any(one.role is LegRole.CALLED and one.place is Place.APART for one in call.legs)
    for one in others:
        one.role = LegRole.THIRD if is_rung else LegRole.CALLED
        is_rung = True


def room_of(call: CallState) -> CallId:
    """Return the name by which the call's legs have their audio on one worker."""
    return call.room or call.call


def move_leg(exchange: Exchange, leg: LegState, source: CallState, target: CallState) -> None:
    """Take a living leg over into another call. Its audio follows, to another worker if need be.

    Its phone counts as busy with `target` from now on. The caller of this gives it role and place.
    """
    source.legs.remove(leg)
    if leg.leg in source.holders:
        source.holders.remove(leg.leg)
        target.holders.append(leg.leg)
    target.legs.append(leg)
    exchange.call_of_leg[leg.leg] = target.call
    exchange.touch(source)
    exchange.touch(target)
    leg.place, leg.joined_at = Place.APART, None
    leg.told_as = ""  # the call that it is in now has to tell how it is connected
    if room_of(source) != room_of(target):
        leg.track, leg.hears = None, Silence()
        exchange.do(ReleaseAudio(leg=leg.leg))
        exchange.claim(target, leg)
        exchange.set_audio(target, leg)
    if leg.extension is not None:
        is_answered = leg.phase is LegPhase.ANSWERED
        queueing.carry_out(
            exchange,
            exchange.floor.phone_busy(
                leg.extension,
                target.call,
                exchange.now,
                is_service=leg.role is LegRole.SUPERVISOR and is_answered,
            ),
        )
        _free(exchange, source, leg)
