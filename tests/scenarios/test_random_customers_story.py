"""Stories drawn from seeds, with callbacks and surveys in them: nobody is rung twice at a time,
nobody is counted twice or lost, and everybody is freed."""

import os
from collections import Counter

import pytest
from ledger_checks import not_reconciled, unpaired
from msgspec.structs import replace
from random_shop import WEIGHTS, RandomPeople
from shop_steps import all_hang_up
from test_queue_story import with_queue
from test_random_story import (
    APART,
    CALLS,
    heard_by_nobody,
    left_over,
    not_at_rest,
    told_otherwise,
)

from appliance.vocabulary.callbacks import OPEN_PHASES, CallbackPhase
from appliance.vocabulary.commands import DialTrunk
from appliance.vocabulary.facts_customers import (
    CallbackAsked,
    CallbackBegun,
    CallbackTaken,
    SurveyAsked,
    SurveyScored,
)
from appliance.vocabulary.facts_handling import Healed
from appliance.vocabulary.journal import CallEnded, CallOutcome, VisitEnded, VisitOutcome
from appliance.vocabulary.settings import Callback, Survey
from appliance.vocabulary.verbs import CancelCallback

SEEDS = range(int(os.environ.get("LINGHE_SEEDS", "12")))


class Customers(RandomPeople):
    """They wait longer, press more keys, and are rung at their own telephones."""

    weights = WEIGHTS | {
        "press_as_caller": 40,
        "pick_up_somewhere": 24,
        "hang_up_somewhere": 20,
        "answer_outside": 8,
        "kill": 3,
        "wait": 30,
    }

    def __init__(self, bakery, **words):
        site = with_queue(
            bakery,
            "orders",
            callback=Callback(offer_after_seconds=3, between_minutes=1, max_tries=2),
            survey="how",
            overflow=replace(bakery.queue[0].overflow),
        )
        survey = Survey(id="how", min_talk_seconds=1, not_again_hours=0, reason_seconds=5)
        super().__init__(replace(site, survey=(survey,)), **words)

    def give_up_callbacks(self):
        """Whoever is still to be called back, is not any more."""
        for one in self.shop.board.live().callbacks:
            if one.phase is CallbackPhase.PENDING:
                self.shop.verb(CancelCallback(ask="a", by="anna", callback=one.callback))


def broken_promises(shop):
    """Two open callbacks of a number, or two of its telephones rung by them at once."""
    open_ones = Counter(
        one.number for one in shop.board.live().callbacks if one.phase in OPEN_PHASES
    )
    wrong = [f"{number} has {count} callbacks" for number, count in open_ones.items() if count > 1]
    of_callbacks = {
        leg
        for call in shop.board._exchange.calls.values()
        if call.callback is not None
        for leg in (one.leg for one in call.legs)
    }
    rung = Counter(
        command.number
        for leg, command in shop.dialled.items()
        if isinstance(command, DialTrunk) and leg in of_callbacks and shop.legs[leg] != "over"
    )
    return wrong + [
        f"{number} is rung {count} times" for number, count in rung.items() if count > 1
    ]


def too_often(shop):
    """Customers who were rung more often than the site allows."""
    taken = Counter(one.callback for one in shop.facts(CallbackTaken))
    return [f"{callback} was rung {times} times" for callback, times in taken.items() if times > 2]


@pytest.mark.parametrize("pace", APART)
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_customers_do_no_promise_is_broken_and_the_ledger_adds_up(bakery, seed, pace):
    people = Customers(bakery, seed=seed, apart=APART[pace])
    shop = people.shop
    for happening in people.happenings(CALLS):
        wrong = [*shop.board.faults(shop.now), *heard_by_nobody(shop), *broken_promises(shop)]
        assert not wrong, f"after {happening!r}: {wrong}"
    for _ in range(3):
        people.give_up_callbacks()
        all_hang_up(shop, then=1)
    people.give_up_callbacks()
    shop.advance(400)
    wrong = [*left_over(shop), *not_at_rest(shop), *unpaired(shop), *too_often(shop)]
    wrong += [*told_otherwise(shop), *not_reconciled(shop), *sorted(shop.bugs)]
    wrong += [f"healed: {one.what}" for one in shop.facts(Healed)]
    assert not wrong, "\n".join(wrong)


def test_random_customers_get_everywhere(bakery):
    kinds, outcomes, visits = set(), set(), set()
    for seed in range(6):
        people = Customers(bakery, seed=seed, apart=0.001)
        for _ in people.happenings(CALLS):
            pass
        shop = people.shop
        kinds |= {type(one.fact) for one in shop.entries}
        outcomes |= {one.outcome for one in shop.facts(CallEnded)}
        visits |= {one.outcome for one in shop.facts(VisitEnded)}
    assert {CallbackAsked, CallbackBegun, CallbackTaken, SurveyAsked, SurveyScored} <= kinds
    assert CallOutcome.CALLBACK in outcomes and VisitOutcome.CALLBACK in visits
