"""Ten thousand calls that are handed on, asked about, conferred in, supervised, held and killed:
the ledger's identities hold in each, and nobody is ever left in a call.

LINGHE_SEEDS=1000 tells more of them; a seed tells the same story each time.
"""

import os

import pytest
from ledger_checks import records_of, wrong_in_the_ledger
from random_handling import HandlingPeople
from shop_steps import all_hang_up
from test_random_story import (
    against_the_order,
    forgotten,
    heard_by_nobody,
    not_at_rest,
    not_reconciled,
    told_otherwise,
)

from appliance.vocabulary.facts_handling import (
    CallMerged,
    ConferenceBegun,
    ConsultBegun,
    ForcedRelease,
    Healed,
    Held,
    SupervisionWay,
    SupervisorJoined,
    TransferBegun,
    TransferFailed,
    TransferFinished,
    TransferWay,
)

CALLS = 100
SEEDS = range(max(100, int(os.environ.get("LINGHE_SEEDS", "0"))))
"""A hundred seeds of a hundred calls: ten thousand."""
SOME = 10


@pytest.mark.parametrize("tens", range(len(SEEDS) // SOME))
def test_whatever_becomes_of_ten_thousand_calls_the_ledger_adds_up(bakery, tens):
    wrong = []
    for seed in SEEDS[tens * SOME : (tens + 1) * SOME]:
        wrong += [f"seed {seed}: {one}" for one in story(bakery, seed)]
    assert not wrong, "\n".join(wrong[:20])


def story(bakery, seed):
    people = HandlingPeople(bakery, seed=seed, apart=(0.0, 0.001, 1.0)[seed % 3])
    shop = people.shop
    for happening in people.happenings(CALLS):
        wrong = [*shop.board.faults(shop.now), *heard_by_nobody(shop), *forgotten(shop)]
        if wrong:
            return [f"after {happening!r}: {one}" for one in wrong]
    shop.advance(1500)
    all_hang_up(shop, then=400)
    wrong = [*wrong_in_the_ledger(shop), *not_at_rest(shop), *against_the_order(shop)]
    released = {entry.call for entry in shop.entries if isinstance(entry.fact, ForcedRelease)}
    thrown_out = [one for one in told_otherwise(shop) if one.split()[-1] not in released]
    wrong += [*not_reconciled(shop), *thrown_out, *sorted(shop.bugs)]
    wrong += overheard_otherwise(shop)
    return wrong + [f"healed: {one.what}" for one in shop.facts(Healed)]


def overheard_otherwise(shop):
    """Calls whose talk is not the time in which the customer and one of ours heard each other."""
    return [
        f"{one.call}: talk {one.talk}, heard for {shop.overheard.get(one.call, 0.0)}"
        for one in records_of(shop)
        if abs(one.talk - shop.overheard.get(one.call, 0.0)) > 0.02
    ]


def test_random_people_do_everything_that_can_be_done_with_a_call(bakery):
    begun, ways, kinds = set(), set(), set()
    for seed in range(6):
        people = HandlingPeople(bakery, seed=seed, apart=0.001)
        for _ in people.happenings(CALLS):
            pass
        begun |= {one.way for one in people.shop.facts(TransferBegun)}
        ways |= {one.way for one in people.shop.facts(SupervisorJoined)}
        kinds |= {type(entry.fact) for entry in people.shop.entries}
    assert begun == set(TransferWay)
    assert ways == set(SupervisionWay)
    assert {
        CallMerged,
        ConferenceBegun,
        ConsultBegun,
        Held,
        TransferFailed,
        TransferFinished,
    } <= kinds
