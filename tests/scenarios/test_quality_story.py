"""Each leg's quality stands with the call that the leg belonged to, whatever name its audio had."""

import pytest
from shop import Shop
from shop_steps import hold

from appliance.engines.calls import left_beside
from appliance.vocabulary.audio import Codec, Quality
from appliance.vocabulary.commands import ReleaseAudio
from appliance.vocabulary.events import LegMeasured
from appliance.vocabulary.facts_handling import QualityMeasured

GOOD = Quality(codec=Codec.PCMA, packets=500, lost=0, jitter_ms=0.5, mos=4.4)


class MeasuringShop(Shop):
    """Its media worker measures each leg that it lets go, and tells of it when it is asked to."""

    def __init__(self, site):
        self.untold = []
        super().__init__(site)

    def _carry_out(self, command):
        if isinstance(command, ReleaseAudio) and command.leg in self.audio:
            call = self.audio[command.leg].call
            self.untold.append(LegMeasured(leg=command.leg, call=call, quality=GOOD))
        super()._carry_out(command)

    def measured(self):
        """Let media tell; return the legs of each call as they stand in the ledger by now."""
        untold, self.untold = self.untold, []
        for one in untold:
            self.tell(one)
        found = {}
        for entry in self.entries:
            if isinstance(entry.fact, QualityMeasured):
                found.setdefault(entry.call, []).append(entry.leg)
        return {call: sorted(legs) for call, legs in found.items()}


@pytest.fixture
def shop(bakery):
    return MeasuringShop(bakery)


def joined(shop):
    """An agent consults by his phone's own keys and joins both; return calls and legs."""
    leg = shop.call_in()
    shop.advance(2.5)
    shop.press(leg, "1")
    agent = shop.pick_up("8001")
    shop.advance(10)
    hold(shop, agent)
    second = shop.dial("8001", "8002")
    colleague = shop.pick_up("8002")
    shop.advance(10)
    whole, asked = shop.board.calls()
    shop.refer(agent, "8002", replaces=second)
    return whole, asked, leg, agent, second, colleague


def test_after_an_attended_transfer_each_leg_is_told_of_in_its_own_call(shop):
    whole, asked, leg, agent, second, colleague = joined(shop)
    assert {one.call for one in shop.untold} == {whole}, "one name for the audio of both calls"
    shop.advance(20)
    shop.hang_up(leg)
    assert shop.measured() == {asked: [second], whole: sorted([leg, agent, colleague])}


def test_also_by_a_control_that_took_over_before_media_told_of_it(shop):
    whole, asked, leg, agent, second, colleague = joined(shop)
    shop.hang_up(leg)
    shop.killed()
    assert shop.measured() == {asked: [second], whole: sorted([leg, agent, colleague])}


def test_what_is_told_leaves_no_slot_behind(shop):
    *_, leg, _, _, _ = joined(shop)
    shop.hang_up(leg)
    assert [one for one in shop.slots if one.startswith(left_beside.KIND)]
    shop.measured()
    assert not [one for one in shop.slots if one.startswith(left_beside.KIND)]


def test_legs_of_which_media_never_tells_are_forgotten_in_time(shop, monkeypatch):
    monkeypatch.setattr(left_beside, "MOST", 2)
    for _ in range(3):
        *_, leg, _, _, _ = joined(shop)
        shop.hang_up(leg)
        shop.advance(60)
    assert len([one for one in shop.slots if one.startswith(left_beside.KIND)]) <= 2
