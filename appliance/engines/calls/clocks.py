"""The clocks of a call's talks: who of our side talked how long with the customer.

Each talk of our side has its own clock, from Bridged to TalkEnded; it stands still (hold) while
the two do not hear each other. In a conference several run at once: how much more than the
customer's own time that makes is counted as the conference's overlap, so that

    talk of the call = sum of its talks - overlap of its conferences
"""

from appliance.engines.calls import queueing
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegRole, LegState, Place, TalkClock
from appliance.vocabulary.facts_handling import ConferenceEnded
from appliance.vocabulary.ids import Instant, LegId, Seconds
from appliance.vocabulary.journal import Bridged, Direction, Side, TalkEnded
from appliance.vocabulary.lines import TrunkLine


def begin(
    exchange: Exchange, call: CallState, server: LegState, told: LegState | None = None
) -> None:
    """Our side's `server` talks with the customer from now on; the fact names `told`'s leg."""
    named = told or server
    _count_overlap(exchange, call)
    outside = isinstance(named.line, TrunkLine) and not named.is_customer
    clock = TalkClock(
        server=server.leg,
        leg=named.leg,
        agent=named.agent,
        extension=named.extension,
        number=named.number if outside else "",
        queue=call.queue,
        since=exchange.now,
    )
    call.talks.append(clock)
    call.has_talked = True
    call.served_by, call.served_at = clock.agent, clock.extension
    if call.bridged_at is None:
        call.bridged_at = exchange.now
    exchange.write(
        call,
        Bridged(
            agent=clock.agent,
            extension=clock.extension,
            queue=call.queue,
            visit=call.visit,
            number=clock.number,
        ),
        clock.leg,
    )


def end(exchange: Exchange, call: CallState, leg: LegId) -> None:
    """The talk of this leg of our side is over, if it had one."""
    for clock in [one for one in call.talks if one.server == leg]:
        _end(exchange, call, clock)


def end_all(exchange: Exchange, call: CallState) -> None:
    """Every talk is over."""
    for clock in list(call.talks):
        _end(exchange, call, clock)
    end_conference(exchange, call)


def _end(exchange: Exchange, call: CallState, clock: TalkClock) -> None:
    _count_overlap(exchange, call)
    held = Seconds(hold_of(clock, exchange.now))
    talk = Seconds(max(0.0, exchange.now - clock.since - held))
    call.talk_seconds += talk
    call.talks.remove(clock)
    if not call.talks:
        call.bridged_at = None
    exchange.write(
        call,
        TalkEnded(
            agent=clock.agent,
            extension=clock.extension,
            queue=clock.queue,
            talk=talk,
            hold=held,
            number=clock.number,
        ),
        clock.leg,
    )


def end_conference(exchange: Exchange, call: CallState) -> None:
    """At most two are left of a conference, if there was one."""
    if call.conference_at is None:
        return
    _count_overlap(exchange, call)
    exchange.write(
        call,
        ConferenceEnded(
            seconds=Seconds(exchange.now - call.conference_at), overlap=Seconds(call.overlap)
        ),
    )
    call.conference_at, call.overlap = None, 0.0


def hold_of(clock: TalkClock, now: Instant) -> float:
    """How much of this talk so far was hold, in seconds."""
    running = now - clock.held_since if clock.held_since is not None else 0.0
    return clock.hold_seconds + running


def settle(exchange: Exchange, call: CallState) -> None:
    """Stop and start the clocks as the seats are now, and tell the floor who holds."""
    _count_overlap(exchange, call)
    for clock in call.talks:
        is_held = _is_held(call, clock)
        if is_held and clock.held_since is None:
            clock.held_since = exchange.now
        elif not is_held and clock.held_since is not None:
            clock.hold_seconds = hold_of(clock, exchange.now)
            clock.held_since = None
    for clock in list(call.talks):
        _tell_floor(exchange, call, clock)


def _count_overlap(exchange: Exchange, call: CallState) -> None:
    running = sum(clock.held_since is None for clock in call.talks)
    if call.overlap_at is not None and running > 1:
        call.overlap += (running - 1) * (exchange.now - call.overlap_at)
    call.overlap_at = exchange.now
    exchange.touch(call)


def _is_held(call: CallState, clock: TalkClock) -> bool:
    server, customer = call.leg_named(clock.server), call.customer
    if server is None or customer is None:
        return False
    is_apart = server.place is not Place.TALKING or customer.place is not Place.TALKING
    return is_apart or server.leg in call.holders or customer.leg in call.holders


def _tell_floor(exchange: Exchange, call: CallState, clock: TalkClock) -> None:
    """An agent is HOLDING while it is his side that holds."""
    server = call.leg_named(clock.server)
    if clock.agent is None or server is None:
        return
    is_holding = server.leg in call.holders or server.place is Place.ASIDE or call.is_held_by_box
    if is_holding is not clock.is_told_held:
        clock.is_told_held = is_holding
        queueing.carry_out(exchange, exchange.floor.hold(clock.agent, is_holding, exchange.now))


def side_of(call: CallState, leg: LegState) -> Side:
    """Which side a leg is for the ledger: where we dialled out, CALLER is our own phone."""
    if call.customer is None:
        return Side.CALLER if leg.role is LegRole.CALLER else Side.AGENT
    is_caller = leg.is_customer is not (call.direction is Direction.OUTBOUND)
    return Side.CALLER if is_caller else Side.AGENT


def take_old(call: CallState) -> None:
    """A slot of a version before clocks: give its talk one. Its hold so far is not known."""
    caller, called = call.caller_leg, call.called_leg
    if call.bridged_at is None or call.talks or caller is None or called is None:
        return
    caller.place = called.place = Place.TALKING
    is_out = call.direction is Direction.OUTBOUND
    caller.is_customer, called.is_customer = not is_out, is_out
    call.talks.append(
        TalkClock(
            server=caller.leg if is_out else called.leg,
            leg=called.leg,
            agent=called.agent,
            extension=called.extension,
            queue=call.queue,
            since=call.bridged_at,
        )
    )
