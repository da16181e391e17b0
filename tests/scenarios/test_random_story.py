"""Stories drawn from seeds: whatever people do, everybody is freed and the ledger adds up.

LINGHE_SEEDS=1000 tells more of them; a seed tells the same story each time.
"""

import os
from collections import Counter

import pytest
from random_shop import RandomPeople
from shop import MONDAY_10
from shop_steps import all_hang_up

from appliance.reports.daily import daily_report
from appliance.reports.days import day_at
from appliance.vocabulary.audio import PeerAudio
from appliance.vocabulary.facts_messages import MessageFact
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.journal import (
    AgentState,
    AgentStateChanged,
    Bridged,
    CallEnded,
    CallEntered,
    CallOutcome,
    CallQueued,
    RecordingClosed,
    RecordingFailed,
    RecordingFiled,
    RecordingOpened,
    Side,
    TalkEnded,
    VisitEnded,
    VisitOutcome,
)
from appliance.vocabulary.lines import Cause

SEEDS = range(int(os.environ.get("LINGHE_SEEDS", "20")))
CALLS = 100
APART = {"in bursts": 0.0, "one by one": 0.001}
AT_REST = {
    AgentState.READY,
    AgentState.NOT_READY,
    AgentState.UNREACHABLE,
    AgentState.SIGNED_OUT,
}
AFTER_THE_END = (RecordingFiled, RecordingFailed, AgentStateChanged, MessageFact)
"""Facts that may follow a call's end in the ledger."""
TOLD_AGAIN = ("filed:", "refused:")
"""Keys of what jobs and workers may tell twice: the ledger keeps the first."""


@pytest.mark.parametrize("pace", APART)
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_people_do_everybody_is_freed_and_the_ledger_adds_up(bakery, seed, pace):
    people = RandomPeople(bakery, seed=seed, apart=APART[pace])
    shop = people.shop
    for happening in people.happenings(CALLS):
        wrong = [*shop.board.faults(shop.now), *heard_by_nobody(shop), *forgotten(shop)]
        assert not wrong, f"after {happening!r}: {wrong}"
    shop.advance(1500)
    wrong = stranded(shop)
    all_hang_up(shop, then=400)
    wrong += [*left_over(shop), *not_at_rest(shop), *unpaired(shop), *against_the_order(shop)]
    wrong += [*told_otherwise(shop), *not_reconciled(shop), *sorted(shop.bugs)]
    assert not wrong, "\n".join(wrong)


def test_random_people_get_into_every_outcome(bakery):
    outcomes, visits = set(), set()
    for seed in range(8):
        people = RandomPeople(bakery, seed=seed, apart=0.001)
        for _ in people.happenings(CALLS):
            pass
        outcomes |= {one.outcome for one in people.shop.facts(CallEnded)}
        visits |= {one.outcome for one in people.shop.facts(VisitEnded)}
    # A notice needs a flow that hangs up after hours; these sites take messages.
    assert set(CallOutcome) - outcomes <= {CallOutcome.CALLBACK, CallOutcome.NOTICE}
    assert set(VisitOutcome) - visits <= {VisitOutcome.CALLBACK}


def heard_by_nobody(shop):
    """Legs that are connected with a leg that has no audio any more."""
    return [
        f"{leg} hears {audio.hears.leg}, who is gone"
        for leg, audio in shop.audio.items()
        if isinstance(audio.hears, PeerAudio) and audio.hears.leg not in shop.audio
    ]


def forgotten(shop):
    """Legs that stand at the far end though no call has them any more."""
    known = shop.board.legs()
    return [
        f"{leg} is {state} and belongs to no call"
        for leg, state in shop.legs.items()
        if state != "over" and leg not in known
    ]


def stranded(shop):
    """Calls that nothing ends although nobody talks any more."""
    calls = shop.board._exchange.calls.values()
    return [f"stranded: {one.call} {one.stage} {one.queue}" for one in calls if not _talks(one)]


def _talks(call):
    return call.stage == "talking"


def left_over(shop):
    """What call control still keeps after the last call."""
    exchange = shop.board._exchange
    kept = {
        "calls": list(exchange.calls),
        "legs": list(exchange.call_of_leg),
        "runs": list(exchange.runs),
        "slots": [name for name in shop.slots if name.startswith(("call:", "visit:"))],
        "audio": list(shop.audio),
        "timers": exchange._due[5:],
    }
    return [f"{kind} left: {names}" for kind, names in kept.items() if names]


def not_at_rest(shop):
    """Agents who are said to be in a call, or are otherwise than the ledger says."""
    last = {}
    for entry in kept_by_the_ledger(shop):
        if isinstance(entry.fact, AgentStateChanged):
            last[entry.fact.agent] = entry.fact.state
    agents = shop.board.live().agents
    return [
        f"agent {one.agent} is {one.state}, the ledger says {last.get(one.agent)}"
        for one in agents
        if one.state not in AT_REST or last.get(one.agent, one.state) != one.state
    ]


def unpaired(shop):
    """Beginnings without an end, and ends without a beginning."""

    def calls(kind):
        return Counter(entry.call for entry in shop.entries if isinstance(entry.fact, kind))

    def named(kind, name):
        return Counter(getattr(fact, name) for fact in shop.facts(kind))

    pairs = {
        "calls": (calls(CallEntered), calls(CallEnded)),
        "visits": (named(CallQueued, "visit"), named(VisitEnded, "visit")),
        "talks": (calls(Bridged), calls(TalkEnded)),
        "recordings": (named(RecordingOpened, "recording"), named(RecordingClosed, "recording")),
    }
    return [
        f"{kind}: begun only {begun - ended}, ended only {ended - begun}"
        for kind, (begun, ended) in pairs.items()
        if begun != ended
    ]


def against_the_order(shop):
    """Keys used twice, and facts of a call after its end."""
    keys = Counter(entry.key for entry in shop.entries)
    twice = [key for key, times in keys.items() if times > 1 and not key.startswith(TOLD_AGAIN)]
    ended, late = set(), set()
    for entry in shop.entries:
        if isinstance(entry.fact, CallEnded):
            ended.add(entry.call)
        elif entry.call in ended and not isinstance(entry.fact, AFTER_THE_END):
            late.add(f"{type(entry.fact).__name__} after the end of {entry.call}")
    return [*(f"key used twice: {key}" for key in twice), *sorted(late)]


def told_otherwise(shop):
    """Callers whom the box threw out of a queue though it could hear them."""
    by_the_box = {
        entry.call
        for entry in shop.entries
        if isinstance(entry.fact, CallEnded)
        and entry.fact.by is Side.BOX
        and entry.fact.cause is not Cause.CONGESTION
    }
    return [
        f"thrown out of the queue by the box: {entry.call}"
        for entry in shop.entries
        if isinstance(entry.fact, VisitEnded)
        and entry.fact.outcome is VisitOutcome.ABANDONED
        and entry.call in by_the_box
    ]


def not_reconciled(shop):
    """Lines of the day's report whose two sides differ."""
    day = day_at(Utc(MONDAY_10 + 5), "Asia/Shanghai")
    report = daily_report(kept_by_the_ledger(shop), shop.site, day, Utc(day.end))
    return [line.text for line in report.reconciliation if line.difference]


def kept_by_the_ledger(shop):
    """Every entry once: a key that is there already is passed over."""
    kept = {}
    for entry in shop.entries:
        kept.setdefault(entry.key, entry)
    return list(kept.values())
