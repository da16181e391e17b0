"""A program asks a third party for a call, and hands it on, takes it back, or joins all three."""

import pytest
import shop_steps
from ledger_checks import record_of
from shop import Shop

from appliance.reports.names import names_of
from appliance.reports.timeline import sentence, timeline_of
from appliance.reports.words import words_for
from appliance.vocabulary.facts_handling import (
    ConferenceBegun,
    ConsultBegun,
    ConsultEnded,
    ConsultFailed,
    TransferBegun,
    TransferWay,
)
from appliance.vocabulary.settings import Language
from appliance.vocabulary.verbs import ConsultWish, EndConsult, TransferCall

pytestmark = pytest.mark.usefixtures("the_ledger_adds_up")


@pytest.fixture
def shop(bakery):
    return Shop(bakery, phones=("8001", "8002", "8003"))


def asks(shop, call, to="8003"):
    verb = TransferCall(ask="1", by="token crm", call=call, to=to, way=TransferWay.ATTENDED)
    return shop.verb(verb).problem


def ends(shop, call, wish):
    return shop.verb(EndConsult(ask="2", by="token crm", call=call, wish=wish)).problem


def talking(shop):
    leg, agent = shop_steps.talking(shop)
    return leg, agent, shop.board.calls()[-1]


def asking(shop):
    """The agent speaks to 8003 while the caller hears music."""
    leg, agent, call = talking(shop)
    assert asks(shop, call) == ""
    third = shop.pick_up("8003")
    shop.advance(4.0)
    assert shop.hears(leg) == "music" and shop.hears(agent) == f"peer {third}"
    assert shop.board.live().calls[0].stage == "consult"
    return leg, agent, third, call


def test_handed_on_after_asking(shop):
    leg, agent, third, call = asking(shop)
    assert ends(shop, call, ConsultWish.COMPLETE) == ""
    assert shop.legs[agent] == "over", "its phone is let go by the box"
    assert shop.hears(leg) == f"peer {third}" and shop.hears(third) == f"peer {leg}"
    (begun,) = shop.facts(TransferBegun)
    assert (begun.way, begun.to, begun.asked_by) == (TransferWay.ATTENDED, "8003", "token crm")
    shop.advance(10.0)
    shop.hang_up(leg)
    record = record_of(shop)
    assert [one.extension for one in record.talks][-1] == "8003"
    assert record.talk == sum(one.talk for one in record.talks)


def test_handed_on_while_the_target_still_rings(shop):
    leg, agent, call = talking(shop)
    assert asks(shop, call) == ""
    assert ends(shop, call, ConsultWish.COMPLETE) == ""
    assert shop.legs[agent] == "over" and shop.hears(leg) == "music"
    third = shop.pick_up("8003")
    assert shop.hears(leg) == f"peer {third}"
    assert shop.facts(TransferBegun)[0].way is TransferWay.SEMI_ATTENDED


def test_back_to_the_caller_without_the_third(shop):
    leg, agent, third, call = asking(shop)
    assert ends(shop, call, ConsultWish.RETURN) == ""
    assert shop.hears(leg) == f"peer {agent}" and shop.legs[third] == "over"
    assert shop.facts(ConsultEnded)[0].seconds == pytest.approx(4.0)
    assert ends(shop, call, ConsultWish.RETURN) == "not_consulting"


def test_all_three_talk(shop):
    leg, agent, third, call = asking(shop)
    assert ends(shop, call, ConsultWish.CONFERENCE) == ""
    assert shop.facts(ConferenceBegun)
    assert {shop.legs[one] for one in (leg, agent, third)} <= {"answered"}


def test_nobody_is_joined_who_has_not_answered(shop):
    _, _, call = talking(shop)
    asks(shop, call)
    assert ends(shop, call, ConsultWish.CONFERENCE) == "not_reachable"


def test_what_cannot_be_asked_is_told_with_its_reason(shop):
    _, agent, call = talking(shop)
    assert asks(shop, call, to="4711") == "number_unknown"
    assert asks(shop, call, to="90044123456") == "not_allowed"
    assert asks(shop, call, to="orders") == "not_allowed", "a queue answers no questions"
    assert not shop.facts(ConsultFailed), "the program was told; the audit log has its try"
    assert ends(shop, call, ConsultWish.COMPLETE) == "not_consulting"
    assert asks(shop, call) == ""
    assert asks(shop, call, to="8002") == "already"
    assert shop.hears(agent) is not None


def test_a_program_ends_what_a_phone_began(shop):
    leg, agent, call = talking(shop)
    shop.keys(agent, "*28003#")
    third = shop.pick_up("8003")
    assert ends(shop, call, ConsultWish.COMPLETE) == ""
    assert shop.hears(leg) == f"peer {third}"


def test_the_timeline_says_whose_wish_it_was(shop):
    _, _, _, call = asking(shop)
    (begun,) = shop.facts(ConsultBegun)
    assert begun.asked_by == "token crm"
    own = [entry for entry in shop.entries if entry.call == call]
    lines = [one for one in timeline_of(own, names_of(shop.site)) if one.kind == "ConsultBegun"]
    phone = begun.extension
    said = {language: sentence(lines[0], words_for(language)) for language in Language}
    assert said[Language.EN] == f"token crm had {phone} ask 8003, the other waits with music"
    assert said[Language.ZH] == f"token crm 让 {phone} 咨询 8003，对方听音乐等待"
    assert "pyta 8003" in said[Language.PL]


def test_a_kill_between_asking_and_handing_on_changes_nothing(shop):
    leg, agent, third, call = asking(shop)
    shop.killed()
    assert ends(shop, call, ConsultWish.COMPLETE) == ""
    assert shop.hears(leg) == f"peer {third}" and shop.legs[agent] == "over"
