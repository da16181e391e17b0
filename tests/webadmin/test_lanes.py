"""What a caller's lane shows when his talk is over and his call goes on: handed on, or parked."""

import pytest
from bakery import BAKERY
from shop import FAR, Shop

from appliance.store.site_file import read_site
from appliance.vocabulary.live import LiveCall
from appliance.vocabulary.settings import Site
from webadmin.api.shapes_live import live_call
from webadmin.pages.calls.lanes import picture_of


@pytest.fixture
def shop() -> Shop:
    text = BAKERY.replace('id = "office"', 'id = "office"\nnumber = "600"', 1)
    site, _ = read_site(text, "bakery.toml", before=Site(), random_bytes=bytes)
    return Shop(site, phones=("8001", "8002", "8003"))


def talking(shop: Shop) -> str:
    """A caller waited, and talks; return the agent's leg."""
    leg = shop.call_in(audio=FAR)
    shop.advance(2.5)
    shop.press(leg, "1")
    agent = shop.pick_up("8001" if shop.ringing_leg("8001") else "8002")
    shop.advance(5.0)
    return str(agent)


def live(shop: Shop) -> LiveCall:
    (call,) = shop.board.live().calls
    assert isinstance(call, LiveCall)
    return call


def kinds(shop: Shop) -> list[str]:
    """The caller's lane, from left to right."""
    call = next(entry.call for entry in shop.entries if entry.call)
    picture = picture_of([one for one in shop.entries if one.call == call], shop.now + shop.offset)
    assert picture is not None
    return [piece.kind for piece in picture.lanes[0].pieces]


def test_while_the_target_rings_the_caller_is_being_transferred(shop: Shop) -> None:
    agent = talking(shop)
    shop.keys(agent, "##8003#")
    shop.advance(5.0)
    assert live(shop).stage == "transfer"
    assert kinds(shop)[-2:] == ["talk", "transfer"]
    shop.pick_up("8003")
    shop.advance(3.0)
    assert kinds(shop)[-3:] == ["talk", "transfer", "talk"]


def test_a_transfer_that_comes_back_is_one_until_somebody_answers(shop: Shop) -> None:
    agent = talking(shop)
    shop.keys(agent, "##8003#")
    shop.advance(32.0)
    assert shop.ringing_leg("8003") is None
    back = next(one for one in ("8001", "8002") if shop.ringing_leg(one))
    assert kinds(shop)[-1] == "transfer"
    shop.pick_up(back)
    shop.advance(3.0)
    assert kinds(shop)[-2:] == ["transfer", "talk"]


def test_handed_on_to_a_queue_he_waits(shop: Shop) -> None:
    agent = talking(shop)
    shop.keys(agent, "##600#")
    shop.advance(3.0)
    assert kinds(shop)[-2:] == ["talk", "waiting"]


def test_parked_is_no_waiting_and_says_its_place(shop: Shop) -> None:
    agent = talking(shop)
    shop.keys(agent, "*7")
    shop.advance(5.0)
    assert (live(shop).stage, live(shop).park) == ("parked", "701")
    assert live_call(live(shop)).park == "701"
    assert kinds(shop)[-2:] == ["talk", "parked"]
    shop.dial("8003", "701")
    shop.advance(3.0)
    assert live(shop).park is None
    assert kinds(shop)[-2:] == ["parked", "talk"]


def test_a_parked_call_that_goes_back_rings(shop: Shop) -> None:
    agent = talking(shop)
    shop.keys(agent, "*7")
    shop.advance(shop.site.parking.return_seconds + 1)
    assert live(shop).park is None and live(shop).stage == "ringing"
    assert kinds(shop)[-2:] == ["parked", "ringing"]
