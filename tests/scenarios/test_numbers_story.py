"""Numbers: one stored form whatever a carrier delivers, and each trunk's own form outward."""

import pytest
from desk_sites import with_phone
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from shop import Shop

from appliance.engines.calls.number_forms import FORMS, dearest_class, for_trunk, stored
from appliance.engines.calls.numbering import number_class
from appliance.vocabulary.commands import DialTrunk
from appliance.vocabulary.journal import CallBlocked, CallEntered, RouteChosen
from appliance.vocabulary.settings import Country

PHONES = ("8001", "8002", "8003")


@pytest.mark.parametrize(
    ("country", "area", "forms", "one"),
    [
        (
            Country.CN,
            "",
            ["+8613900001111", "8613900001111", "008613900001111", "013900001111"],
            "13900001111",
        ),
        (
            Country.CN,
            "021",
            ["+862188886666", "862188886666", "2188886666", "88886666"],
            "02188886666",
        ),
        (Country.CN, "", ["+8657188887777", "8657188887777"], "057188887777"),
        (Country.CN, "", ["+864008001234"], "4008001234"),
        (Country.CN, "", ["00442071234567", "0044 20 7123 4567"], "+442071234567"),
        (Country.PL, "", ["+48221234567", "0048221234567", "48221234567"], "221234567"),
        (
            Country.GB,
            "020",
            ["+442071234567", "442071234567", "00442071234567", "71234567"],
            "02071234567",
        ),
        (Country.US, "212", ["+12125551234", "12125551234", "5551234"], "2125551234"),
        (Country.US, "", ["01148221234567"], "+48221234567"),
    ],
)
def test_all_forms_of_a_number_are_stored_as_one(country, area, forms, one):
    assert {stored(form, country, area) for form in forms} == {one}
    assert stored(one, country, area) == one


@pytest.mark.parametrize(
    ("country", "number", "national", "e164"),
    [
        (Country.CN, "13900001111", "13900001111", "8613900001111"),
        (Country.CN, "02188886666", "02188886666", "862188886666"),
        (Country.CN, "0044207123456", "0044207123456", "44207123456"),
        (Country.CN, "10086", "10086", "10086"),
        (Country.CN, "110", "110", "110"),
        (Country.PL, "221234567", "221234567", "48221234567"),
        (Country.GB, "02071234567", "02071234567", "442071234567"),
        (Country.US, "12125551234", "2125551234", "12125551234"),
    ],
)
def test_each_trunk_gets_the_form_that_it_wants(country, number, national, e164):
    assert for_trunk(number, "dialled", country) == number
    assert for_trunk(number, "national", country) == national
    assert for_trunk(number, "e164", country) == e164
    plus = e164 if e164 == number and len(number) < 7 else "+" + e164
    assert for_trunk(number, "plus", country) == plus


@given(st.text("+0123456789", max_size=16), st.sampled_from(Country), st.sampled_from(FORMS))
def test_storing_twice_changes_nothing_and_what_went_out_comes_back_the_same(number, country, form):
    once = stored(number, country)
    assert stored(once, country) == once
    if form in ("plus", "national") and len(once) >= 9:
        assert stored(for_trunk(once, form, country), country) == once


@given(st.text(max_size=20))
def test_whatever_is_no_number_stays_as_it_is(text):
    if not any(char.isdigit() for char in text):
        assert stored(text, Country.CN) == text


def dialled_out(shop):
    return [one for one in shop.dialled.values() if isinstance(one, DialTrunk)]


def test_a_callers_number_is_one_whichever_trunk_delivered_it(bakery):
    shop = Shop(bakery, phones=PHONES)
    for caller in ("+8613900001111", "13900001111", "008613900001111"):
        shop.call_in(caller=caller)
    assert {one.caller.number for one in shop.facts(CallEntered)} == {"13900001111"}
    shop.call_in(caller="")
    assert shop.facts(CallEntered)[-1].caller.number == ""


def test_a_route_is_found_in_whatever_form_the_carrier_calls_us(bakery):
    shop = Shop(bakery, phones=PHONES)
    leg = shop.call_in(called="+862188886666")
    assert shop.legs[leg] == "answered"
    assert shop.facts(RouteChosen)[0].flow == "main"


def test_what_is_dialled_goes_out_in_the_trunks_form(bakery):
    trunk = replace(bakery.trunk[0], number_form="plus")
    shop = Shop(replace(bakery, trunk=(trunk,)), phones=PHONES)
    shop.dial("8001", "913800138000")
    shop.dial("8002", "110")
    assert [one.number for one in dialled_out(shop)] == ["+8613800138000", "110"]


def test_a_phones_own_number_is_shown_outside_else_the_trunks(bakery):
    trunk = replace(bakery.trunk[0], caller_number="02188886666")
    site = with_phone(replace(bakery, trunk=(trunk,)), "8001", caller_number="02188886601")
    shop = Shop(site, phones=PHONES)
    shop.dial("8001", "913800138000")
    shop.dial("8002", "913800138000")
    assert [one.caller.number for one in dialled_out(shop)] == ["02188886601", "02188886666"]
    assert [one.presented for one in dialled_out(shop)] == ["02188886601", ""]


def test_a_call_sent_on_to_the_outside_says_from_where(bakery):
    shop = Shop(with_phone(bakery, "8001", forward_always="913800138000"), phones=PHONES)
    shop.call_in()
    shop.advance(2.5)
    shop.press(next(iter(shop.audio)), "3")
    (out,) = dialled_out(shop)
    assert (out.number, out.diverted_from) == ("13800138000", "02188886666")


@pytest.mark.parametrize(
    ("country", "number", "kind"),
    [
        (Country.PL, "48701234567", "premium"),
        (Country.PL, "0701234567", "premium"),
        (Country.PL, "+480701234567", "premium"),
        (Country.GB, "449012345678", "premium"),
        (Country.GB, "9012345678", "premium"),
        (Country.GB, "00449012345678", "premium"),
        (Country.CN, "8616812345678", "premium"),
        (Country.CN, "8613800138000", "national"),
        (Country.CN, "88886666", "local"),
        (Country.CN, "0044207123456", "international"),
        (Country.CN, "110", "emergency"),
        (Country.PL, "48221234567", "local"),
        (Country.US, "2125551234", "local"),
        (Country.US, "18765551234", "international"),
        (Country.US, "8765551234", "international"),
        (Country.US, "+18765551234", "international"),
        (Country.US, "876555", "local"),
        (Country.GB, "8765551234", "national"),
        (Country.CN, "12*3", "invalid"),
    ],
)
def test_rights_go_by_the_dearest_form_of_a_number(country, number, kind):
    assert dearest_class(number, country) == kind


@given(st.text("+0123456789", max_size=16), st.sampled_from(Country))
def test_no_form_that_a_trunk_is_called_in_is_dearer_than_what_was_allowed(number, country):
    allowed = dearest_class(number, country)
    for form in ("plus", "national"):
        written = number_class(for_trunk(number, form, country), country)
        assert written != "premium" or allowed == "premium"


def test_who_may_dial_local_numbers_reaches_no_mobile_and_no_premium_one(bakery):
    trunk = replace(bakery.trunk[0], number_form="national")
    site = with_phone(replace(bakery, trunk=(trunk,)), "8001", may_dial=("local",))
    for number in ("98616812345678", "98613800138000"):
        shop = Shop(site, phones=PHONES)
        shop.dial("8001", number)
        assert shop.facts(CallBlocked) and not dialled_out(shop)
