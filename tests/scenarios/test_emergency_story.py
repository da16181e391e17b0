"""Emergency numbers always go out, and stand in the ledger as such."""

import pytest
from desk_sites import with_phone
from msgspec.structs import replace
from shop import Shop

from appliance.reports.record import record_of
from appliance.vocabulary.commands import DialTrunk
from appliance.vocabulary.events import LegRefused, TrunkChanged
from appliance.vocabulary.facts_desk import EmergencyCalled
from appliance.vocabulary.journal import CallBlocked
from appliance.vocabulary.lines import Cause

PHONES = ("8001", "8002", "8003")


def dialled_out(shop):
    return [one for one in shop.dialled.values() if isinstance(one, DialTrunk)]


def refuse_outside(shop, cause):
    leg = dialled_out(shop)[-1].leg
    shop.legs[leg] = "over"
    shop.tell(LegRefused(leg=leg, cause=cause))


@pytest.mark.parametrize("called", ["110", "9110"])
def test_no_right_is_asked_and_the_ledger_marks_it(bakery, called):
    site = with_phone(bakery, "8001", may_dial=())
    shop = Shop(replace(site, outbound=(replace(bakery.outbound[0], allow=()),)), phones=PHONES)
    shop.dial("8001", called)
    shop.outside_answers()
    assert dialled_out(shop)[0].number == "110"
    assert shop.facts(EmergencyCalled) == [EmergencyCalled(number="110", extension="8001")]
    assert record_of(shop.entries).is_emergency


def test_every_trunk_is_tried_whatever_the_refusal_and_without_any_rule(bakery):
    trunks = tuple(replace(bakery.trunk[0], id=name) for name in ("one", "two", "three"))
    shop = Shop(replace(bakery, trunk=trunks, outbound=(), route=()), phones=PHONES)
    shop.tell(TrunkChanged(trunk="one", is_up=False))
    shop.dial("8003", "119")
    for cause in (Cause.FORBIDDEN, Cause.CONGESTION):
        refuse_outside(shop, cause)
    assert [one.trunk for one in dialled_out(shop)] == ["two", "three", "one"]
    shop.outside_answers()
    assert not shop.facts(CallBlocked)


def test_a_full_trunk_is_tried_all_the_same_and_nobody_is_cut_off(bakery):
    trunk = replace(bakery.trunk[0], channels=1)
    shop = Shop(replace(bakery, trunk=(trunk,)), phones=PHONES)
    shop.dial("8001", "913800138000")
    talking = shop.outside_answers()
    refused = shop.dial("8003", "913800138001")
    assert shop.ended[refused] is Cause.CONGESTION
    shop.dial("8002", "120")
    shop.outside_answers()
    assert shop.legs[talking] == "answered"


def test_from_a_phone_that_wants_no_calls_and_where_nobody_is_signed_in(bakery):
    shop = Shop(with_phone(bakery, "8003", do_not_disturb=True), phones=PHONES)
    shop.dial("8003", "122")
    assert shop.outside_answers()


def test_help_may_take_long_to_answer(bakery):
    shop = Shop(bakery, phones=PHONES)
    leg = shop.dial("8001", "110")
    shop.advance(200)
    assert shop.legs[leg] != "over"
    shop.outside_answers()


def test_help_is_asked_into_a_talk_though_the_trunk_is_full(bakery):
    trunk = replace(bakery.trunk[0], channels=1)
    site = with_phone(replace(bakery, trunk=(trunk,), outbound=()), "8001", may_dial=())
    shop = Shop(site, phones=PHONES)
    caller = shop.call_in()
    shop.advance(2.5)
    shop.press(caller, "3")
    agent = shop.pick_up("8001")
    shop.keys(agent, "*2120#")
    help_ = shop.outside_answers()
    assert shop.hears(agent) == f"peer {help_}"
    assert shop.facts(EmergencyCalled) == [EmergencyCalled(number="120", extension="8001")]
    shop.keys(agent, "*3")
    assert shop.hears(caller) == f"mix {agent} {help_}"


def test_a_caller_is_handed_on_to_help(bakery):
    shop = Shop(with_phone(bakery, "8001", may_dial=()), phones=PHONES)
    caller = shop.call_in()
    shop.advance(2.5)
    shop.press(caller, "3")
    agent = shop.pick_up("8001")
    shop.keys(agent, "##110#")
    out = shop.outside_answers()
    assert shop.hears(caller) == f"peer {out}"
    assert shop.facts(EmergencyCalled)
