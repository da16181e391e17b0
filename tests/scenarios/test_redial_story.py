"""Redial of a busy extension: *66, and both are connected when both are free."""

import pytest
from shop import Shop

from appliance.vocabulary.commands import DialPhone
from appliance.vocabulary.journal import CallEnded
from appliance.vocabulary.lines import Cause

PHONES = ("8001", "8002", "8003")


@pytest.fixture
def shop(bakery):
    return Shop(bakery, phones=PHONES)


def code(shop, phone, keys):
    leg = shop.dial(phone, keys)
    said = shop.hears(leg)
    shop.advance(3)
    return said


def busy(shop):
    """8001 talks with 8002; 8003 finds 8001 busy."""
    talk = shop.dial("8001", "8002")
    shop.pick_up("8002")
    asked = shop.dial("8003", "8001")
    assert shop.ended[asked] is Cause.BUSY
    return talk


def test_both_are_connected_as_soon_as_the_busy_one_is_free(shop):
    talk = busy(shop)
    assert code(shop, "8003", "*66") == "redial_set"
    shop.advance(60)
    assert not shop.ringing_leg("8003")
    shop.hang_up(talk)
    dialled = [one for one in shop.dialled.values() if isinstance(one, DialPhone)][-1]
    assert (dialled.extension, dialled.is_auto_answered) == ("8003", False)
    assert dialled.caller.number == "8001"
    asker = shop.pick_up("8003")
    assert shop.hears(asker) == "ringback"
    called = shop.pick_up("8001")
    assert shop.hears(asker) == f"peer {called}"
    shop.hang_up(called)
    assert shop.facts(CallEnded)[-1].outcome == "answered"
    shop.advance(5)
    assert not shop.board.live().calls


def test_who_asked_is_rung_only_when_he_is_free_himself(shop):
    talk = busy(shop)
    code(shop, "8003", "*66")
    own = shop.dial("8003", "*43")
    shop.hang_up(talk)
    assert not shop.ringing_leg("8003")
    shop.hang_up(own)
    assert shop.ringing_leg("8003")


def test_a_phone_that_is_free_already_is_rung_at_once(shop):
    shop.hang_up(busy(shop))
    assert code(shop, "8003", "*66") == "redial_set"
    assert shop.ringing_leg("8003")


def test_there_is_nothing_to_wait_for(shop):
    assert code(shop, "8003", "*66") == "redial_none"


def test_a_phone_that_says_busy_itself_is_waited_for_too_and_over_a_kill(shop):
    shop.dial("8003", "8001")
    shop.refuse("8001", Cause.BUSY)
    talk = shop.dial("8001", "8002")
    code(shop, "8003", "*66")
    shop.killed()
    shop.hang_up(talk)
    assert shop.ringing_leg("8003")


def test_nobody_is_rung_an_hour_later(shop):
    talk = busy(shop)
    code(shop, "8003", "*66")
    shop.advance(3601)
    shop.hang_up(talk)
    assert not shop.ringing_leg("8003")
