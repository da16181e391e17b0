"""Random stories of desk features: whatever people key in, everybody is freed and the ledger adds
up. LINGHE_SEEDS=1000 tells more of them."""

import os

import pytest
from random_desk import DeskPeople
from shop_steps import all_hang_up
from test_random_story import (
    against_the_order,
    forgotten,
    heard_by_nobody,
    left_over,
    not_at_rest,
    not_reconciled,
    stranded,
    unpaired,
)

from appliance.vocabulary.facts_handling import (
    Forwarded,
    Parked,
    PickedUp,
    RecordingMasked,
    RecordingUnmasked,
    Unparked,
)

SEEDS = range(int(os.environ.get("LINGHE_SEEDS", "20")))
CALLS = 60
LONG_ENOUGH = 2500
"""Seconds until the last parked caller was given back and waited his queue's time."""


@pytest.mark.parametrize("pace", [0.0, 0.001], ids=["in bursts", "one by one"])
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_people_key_in_everybody_is_freed_and_the_ledger_adds_up(bakery, seed, pace):
    people = DeskPeople(bakery, seed=seed, apart=pace)
    shop = people.shop
    for happening in people.happenings(CALLS):
        wrong = [*shop.board.faults(shop.now), *heard_by_nobody(shop), *forgotten(shop)]
        assert not wrong, f"after {happening!r}: {wrong}"
    shop.advance(LONG_ENOUGH)
    wrong = stranded(shop)
    all_hang_up(shop, then=400)
    wrong += [*left_over(shop), *not_at_rest(shop), *unpaired(shop), *against_the_order(shop)]
    wrong += [*not_reconciled(shop), *masked_for_ever(shop), *sorted(shop.bugs)]
    assert not wrong, "\n".join(wrong)


def masked_for_ever(shop):
    """Recordings whose silence never ended."""
    masked = [one.recording for one in shop.facts(RecordingMasked)]
    unmasked = [one.recording for one in shop.facts(RecordingUnmasked)]
    return [] if sorted(masked) == sorted(unmasked) else [f"masked {masked}, ended {unmasked}"]


def test_random_people_do_all_of_it(bakery):
    seen = set()
    for seed in range(8):
        people = DeskPeople(bakery, seed=seed, apart=0.001)
        for _ in people.happenings(CALLS):
            pass
        seen |= {type(entry.fact) for entry in people.shop.entries}
    assert {Forwarded, Parked, Unparked, PickedUp, RecordingMasked, RecordingUnmasked} <= seen
