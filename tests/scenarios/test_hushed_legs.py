"""Who is asked whether he will suppress his silence: whom somebody talks with who does."""

import pytest
from msgspec.structs import replace
from shop import FAR
from shop_steps import nothing_is_left

from appliance.vocabulary.events import LegAudioMoved

HUSHED = replace(FAR, comfort_noise_payload_type=13)


@pytest.mark.parametrize(("far", "may_hush"), [(FAR, False), (HUSHED, True)])
def test_the_agents_phone_is_asked_where_the_caller_has_agreed(shop, far, may_hush):
    leg = shop.call_in(audio=far)
    shop.advance(2.5)
    shop.press(leg, "1")
    agent = shop.ringing_leg("8001")
    assert shop.dialled[agent].may_hush is may_hush
    shop.pick_up("8001")
    shop.advance(2)
    nothing_is_left(shop)


def test_who_is_rung_after_somebody_has_agreed_is_asked_too(shop):
    dialled = shop.dial("8001", "913800138000")
    shop.tell(LegAudioMoved(leg=dialled, audio=HUSHED))
    outside = shop.outside_answers()
    assert not shop.dialled[outside].may_hush, "it was rung before"
    shop.keys(dialled, "*28002#")
    assert shop.dialled[shop.ringing_leg("8002")].may_hush
