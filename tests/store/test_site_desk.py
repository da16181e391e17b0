"""Phones' wishes, ring groups, park places and number forms in the site file."""

import pytest

from appliance.store.site_file import read_site, write_site
from appliance.vocabulary.errors import SiteError
from appliance.vocabulary.settings import Overflow, Parking, Site

DESK = """\
[site]
language = "en"
country = "cn"
area_code = "021"

[parking]
number = "790"
slots = "791-795"
return_seconds = 45

[[extension]]
number = "201"
forward_busy = "202"
forward_after_seconds = 12
do_not_disturb = true
call_waiting = false
pickup_group = "shop"
caller_number = "02188886601"

[[extension]]
number = "202"
forward_always = "+48221234567"

[[trunk]]
id = "carrier"
host = "127.0.0.1"
number_form = "e164"

[[outbound]]
prefix = "+"
trunks = ["carrier"]
allow = ["international"]

[[flow]]
id = "main"
start = "counter"

[flow.node.counter]
kind = "extension"
extension = "210"

[[ring_group]]
id = "counter"
number = "210"
members = ["201", "202"]
strategy = "in_order"
ring_seconds = 10
otherwise = { to = "voicemail", box = "shop" }
"""
EMPTY = Site()


def read(text: str) -> Site:
    return read_site(text, "s.toml", before=EMPTY, random_bytes=bytes)[0]


def test_all_of_it_is_read_and_written_and_read_the_same() -> None:
    site = read(DESK)
    assert site.site.area_code == "021"
    assert site.parking.slots == "791-795"
    assert site.extension[0].pickup_group == "shop"
    assert site.extension[0].call_waiting is False
    assert site.extension[1].forward_always == "+48221234567"
    assert site.trunk[0].number_form == "e164"
    assert site.ring_group[0].otherwise == Overflow(to="voicemail", box="shop")
    assert read(write_site(site)) == site


def test_a_phones_voicemail_box_is_read_and_written_and_read_the_same() -> None:
    site = read(DESK + '\n[[extension]]\nnumber = "203"\nvoicemail_box = "shop"\n')
    assert [one.voicemail_box for one in site.extension] == [None, None, "shop"]
    assert 'voicemail_box = "shop"' in write_site(site)
    assert read(write_site(site)) == site


def test_a_site_without_any_of_it_has_the_usual_places() -> None:
    site = read('[site]\nlanguage = "en"\n')
    assert site.parking == Parking()
    assert "parking" not in write_site(site)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            'members = ["201", "202"]',
            'members = ["201", "203"]',
            "s.toml:45: ring_group[counter].members[2]: expected an extension of this site",
        ),
        (
            'members = ["201", "202"]',
            "members = []",
            "s.toml:45: ring_group[counter].members: expected at least one extension",
        ),
        (
            'number = "210"',
            'number = "202"',
            "s.toml:44: ring_group[counter].number: 202 is an extension already",
        ),
        (
            'forward_busy = "202"',
            'forward_busy = "201"',
            "s.toml:13: extension[201].forward_busy: a phone cannot be forwarded to itself",
        ),
        (
            'forward_busy = "202"',
            'forward_busy = "110"',
            "s.toml:13: extension[201].forward_busy: calls cannot be forwarded to an emergency",
        ),
        (
            'forward_busy = "202"',
            'forward_busy = "5550"',
            "s.toml:13: extension[201].forward_busy: expected an extension, a ring group, or a",
        ),
        ('"791-795"', '"795-791"', "s.toml:8: parking.slots: expected the first and the last"),
        ('"791-795"', '"200-205"', "s.toml:8: parking.slots: 201 is an extension or a ring group"),
        ('"790"', '"793"', "s.toml:7: parking.number: expected a number that is no place itself"),
        (
            ', box = "shop" }',
            " }",
            's.toml:48: ring_group[counter].otherwise: to = "voicemail" needs box = …',
        ),
        (
            'number_form = "e164"',
            'number_form = "E.164"',
            's.toml:27: trunk[carrier].number_form: expected one of dialled, national, e164, plus',
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_its_line(old: str, new: str, fault: str) -> None:
    assert DESK.count(old) == 1, old
    with pytest.raises(SiteError) as refusal:
        read(DESK.replace(old, new))
    told = [str(one) for one in refusal.value.faults]
    assert any(one.startswith(fault) for one in told), told


def test_an_emergency_number_is_no_extension() -> None:
    with pytest.raises(SiteError, match="110 is an emergency number"):
        read(DESK.replace('number = "202"', 'number = "110"').replace('"202"', '"110"'))
