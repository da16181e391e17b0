"""Number forms and emergency numbers of the countries beside China, with a carrier and a phone.

One carrier, which wants numbers with + and the country's code; two phones, and the first has no
right to dial anything: only its country's emergency numbers go out, in the form that all dial.
"""

from typing import NamedTuple

import pytest
from bakery import AT_ONCE
from desk_box import calls_of, dial
from running_box import wait_for
from sipp import ACK, ANSWERED, BYE, invite, pause
from test_numbers import carrier

pytestmark = pytest.mark.peer


class Abroad(NamedTuple):
    """What people of a country dial, and how carriers write it."""

    country: str
    shop: str
    """Its own number."""
    shop_by_carrier: str
    caller: str
    caller_by_carrier: tuple[str, ...]
    friend: str
    friend_by_carrier: str
    emergency: tuple[str, ...]


PLACES = (
    Abroad(
        "pl", "221234567", "+48221234567",
        "501234567", ("+48501234567", "48501234567", "0048501234567", "501234567"),
        "601234567", r"\+48601234567", ("112", "997", "998", "999"),
    ),
    Abroad(
        "gb", "02079460123", "+442079460123",
        "07700900123", ("+447700900123", "447700900123", "07700900123"),
        "07700900456", r"\+447700900456", ("999", "112"),
    ),
    Abroad(
        "us", "2125550123", "+12125550123",
        "2125550145", ("+12125550145", "12125550145", "2125550145"),
        "3125550167", r"\+13125550167", ("911",),
    ),
)  # fmt: skip


@pytest.fixture(params=PLACES, ids=lambda one: one.country)
def abroad(request, box, carrier_port):
    """The bakery there, and how that country dials."""
    place = request.param
    changes = (
        ('country = "cn"', f'country = "{place.country}"'),
        ("port = 5090", f"port = {carrier_port}"),
        ("channels = 1000", f'number_form = "plus"\ncaller_number = "{place.shop}"'),
        ('number = "02188886666"', f'number = "{place.shop}"'),
        ('name = "Anna"\nsecret', 'name = "Anna"\nmay_dial = []\nsecret'),
    )
    site = AT_ONCE
    for old, new in changes:
        assert old in site, old
        site = site.replace(old, new, 1)
    box.apply(site)
    return place


@pytest.mark.feature("numbers: one form by country")
def test_a_carrier_of_that_country_is_understood(box, sipp, abroad):
    """However it writes its callers they are one customer, and the shop's own number is known: a
    call to another one would hear no menu."""
    for caller in abroad.caller_by_carrier:
        steps = (ANSWERED, ACK, pause(200), BYE)
        sipp(invite(abroad.shop_by_carrier, caller=caller), *steps).finish()

    def all_known():
        known = [one for one in calls_of(box, abroad.caller) if one["outcome"] == "ivr"]
        return len(known) >= len(abroad.caller_by_carrier)

    wait_for(all_known, 10, f"all calls by {abroad.caller} in the ledger")


@pytest.mark.feature("numbers: one form by country", "numbers: caller number per trunk")
def test_a_carrier_of_that_country_is_called_in_its_form(box, phones, sipp, carrier_port, abroad):
    outside = sipp(carrier(abroad.friend_by_carrier, abroad.shop), extra=("-p", str(carrier_port)))
    ben = phones("8002")
    dial(box, ben, f"9{abroad.friend}")
    ben.wait("CALL_ESTABLISHED")
    ben.say("hangup")
    outside.finish()


@pytest.mark.feature("numbers: emergency")
def test_emergency_numbers_of_that_country_go_out_without_a_right(
    box, phones, sipp, carrier_port, abroad
):
    anna = phones("8001")
    for count, number in enumerate(abroad.emergency, start=1):
        outside = sipp(carrier(number, abroad.shop), extra=("-p", str(carrier_port)))
        dial(box, anna, number)
        anna.wait("CALL_ESTABLISHED", count=count)
        anna.say("hangup")
        outside.finish()
    dial(box, anna, f"9{abroad.friend}")
    anna.wait("CALL_CLOSED", count=len(abroad.emergency) + 1)
    assert len(anna.has("CALL_ESTABLISHED")) == len(abroad.emergency)

    def all_told():
        calls = [one for one in calls_of(box, "8001") if one.get("is_emergency")]
        return {one["called"] for one in calls} >= set(abroad.emergency)

    wait_for(all_told, 10, "all of them in the ledger")
