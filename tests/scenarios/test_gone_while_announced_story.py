"""A caller who hangs up while the agent's number is announced was answered, and did not talk."""

import pytest
from shop import Shop
from test_told_who_story import told

from appliance.vocabulary.settings import Language


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.EN, "8001 had answered, the caller was gone before they talked"),
        (Language.ZH, "8001 已接听，来电者在通话前挂机"),
        (Language.PL, "8001 odebrał, dzwoniący rozłączył się przed rozmową"),
    ],
)
def test_the_timeline_says_that_the_phone_had_answered(bakery, language, said):
    shop = Shop(bakery)
    leg = shop.call_in()
    shop.advance(3)
    shop.press(leg, "1")
    shop.advance(4)
    shop.pick_up("8001")
    shop.advance(0.5)
    shop.hang_up(leg)
    lines = told(shop, language)
    assert said in lines
    assert not [one for one in lines if "8001 rang" in one or "8001 dzwonił " in one]
