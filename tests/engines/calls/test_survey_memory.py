"""Whom a survey asked lately: put back in any order, sorted once, forgotten from the oldest on."""

import random

import msgspec

from appliance.engines.calls import survey_memory
from appliance.engines.calls.survey_memory import MOST_KEPT, SurveyMemory


def restored(monkeypatch, numbers):
    """A memory of so many numbers, the first asked first; and how often it has sorted."""
    sorts = []

    def counted(*what, **how):
        sorts.append(1)
        return sorted(*what, **how)

    monkeypatch.setattr(survey_memory, "sorted", counted, raising=False)
    order = list(range(numbers))
    random.Random(7).shuffle(order)
    memory = SurveyMemory()
    for one in order:
        memory.restore(str(one), msgspec.msgpack.encode(float(one)))
    return memory, sorts


def test_a_restart_with_twenty_thousand_numbers_sorts_once(monkeypatch):
    memory, sorts = restored(monkeypatch, MOST_KEPT)
    memory.prune(1, 5000.0)
    memory.note("new", 5000.0)
    assert len(sorts) == 1


def test_what_came_back_in_any_order_is_forgotten_from_the_oldest_on(monkeypatch):
    memory, _ = restored(monkeypatch, MOST_KEPT)
    memory.note("new", 30000.0)
    assert memory.take_touched() == {"asked:new", "asked:0"}
    memory.prune(1, 30000.0)
    forgotten = memory.take_touched()
    assert memory.slot("new") is not None and f"asked:{MOST_KEPT - 1}" in forgotten
    assert len(forgotten) == MOST_KEPT - 1
    assert memory.is_recent("new", 1, 30001.0)
