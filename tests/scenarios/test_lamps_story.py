"""What the lamps of busy keys show: phones, agents and park places, from the living legs."""

import pytest
from msgspec.structs import replace
from shop import FAR, Shop
from shop_steps import talking

from appliance.vocabulary.commands import LampState, ShowLamp
from appliance.vocabulary.events import LegAudioMoved


class LitShop(Shop):
    """A shop that notes its lamps."""

    def __init__(self, *words, **more):
        self.lamps = {}
        self.told = []
        super().__init__(*words, **more)

    def _carry_out(self, command):
        if isinstance(command, ShowLamp):
            self.told.append(command)
            self.lamps[command.name] = command
        super()._carry_out(command)

    def lamp(self, name):
        return self.lamps[name].state


@pytest.fixture
def shop(bakery):
    return LitShop(bakery, phones=("8001", "8002"))


def test_every_lamp_is_told_at_the_start(shop):
    assert shop.lamp("8001") is LampState.IDLE
    assert shop.lamp("8003") is LampState.UNREACHABLE
    assert shop.lamp("1001") is LampState.IDLE
    assert shop.lamp("1003") is LampState.UNREACHABLE
    assert shop.lamp("701") is LampState.IDLE


def test_a_call_through_ringing_talking_hold_and_its_end(shop):
    seen = []
    leg = shop.call_in()
    shop.advance(2.5)
    shop.press(leg, "1")
    seen.append((shop.lamp("8001"), shop.lamp("1001")))
    assert shop.lamps["8001"].other == "13900001111"
    agent = shop.pick_up("8001")
    shop.advance(2)
    seen.append((shop.lamp("8001"), shop.lamp("1001")))
    shop.tell(LegAudioMoved(leg=agent, audio=replace(FAR, receives=False)))
    seen.append((shop.lamp("8001"), shop.lamp("1001")))
    shop.hang_up(leg)
    seen.append((shop.lamp("8001"), shop.lamp("1001")))
    shop.advance(11)
    seen.append((shop.lamp("8001"), shop.lamp("1001")))
    assert seen == [
        (LampState.RINGING, LampState.RINGING),
        (LampState.TALKING, LampState.TALKING),
        (LampState.HELD, LampState.HELD),
        (LampState.IDLE, LampState.NOT_READY),
        (LampState.IDLE, LampState.IDLE),
    ]


def test_who_dials_is_lit_with_the_number_he_dialled(shop):
    leg = shop.dial("8002", "913800138000")
    assert shop.lamps["8002"].other == "913800138000"
    assert shop.lamp("1002") is LampState.TALKING
    shop.hang_up(leg)
    assert shop.lamp("8002") is LampState.IDLE


def test_a_phone_that_wants_no_calls_and_one_that_is_gone(shop):
    shop.dial("8002", "*78")
    shop.advance(3)
    assert shop.lamp("8002") is LampState.NOT_READY
    shop.phone_lost("8002")
    assert shop.lamp("8002") is LampState.UNREACHABLE
    assert shop.lamp("1002") is LampState.UNREACHABLE


def test_a_park_place_is_lit_while_a_call_waits_there(shop):
    leg, agent = talking(shop)
    shop.keys(agent, "*7")
    assert (shop.lamp("701"), shop.lamps["701"].other) == (LampState.HELD, "13900001111")
    shop.dial("8002", "701")
    assert shop.lamp("701") is LampState.IDLE
    shop.hang_up(leg)
    assert shop.lamp("8002") is LampState.IDLE


def test_nothing_is_told_twice_but_after_a_restart_all_is_told_again(shop):
    talking(shop)
    told = [(one.name, one.state, one.other) for one in shop.told]
    assert all(one != before for before, one in zip(told, told[1:], strict=False))
    shop.told.clear()
    shop.advance(30)
    assert not shop.told
    shop.killed()
    assert shop.lamp("8001") is LampState.TALKING
    assert {"8001", "8002", "8003", "1001", "701"} <= {one.name for one in shop.told}
