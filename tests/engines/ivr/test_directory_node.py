"""Dialling by name: letters on keys, Chinese initials, several who are read out."""

import pytest
from flow_stage import Caller, site_of
from msgspec.structs import replace

from appliance.engines.ivr.check import check_flow
from appliance.engines.ivr.commands import EnterQueue, RingExtension
from appliance.engines.ivr.names import keys_of, named
from appliance.vocabulary.ids import ExtensionNumber
from appliance.vocabulary.settings import Extension

PEOPLE = {
    "8001": "Anna Łoś",
    "8002": "Annette Kowalska-Nowak",
    "8003": "王芳",
    "8004": "欧阳婷",
    "8005": "",
}
NODES = {
    "who": {"kind": "directory", "text": "Key in a name.", "attempts": 2, "otherwise": "sales"},
    "sales": {"kind": "queue", "queue": "sales"},
}


def site():
    phones = [
        Extension(number=ExtensionNumber(number), name=name) for number, name in PEOPLE.items()
    ]
    hidden = Extension(number=ExtensionNumber("8006"), name="Annie", listed=False)
    other = Extension(number=ExtensionNumber("8007"), name="曾婷", spell="zeng ting")
    return replace(site_of(NODES, "who"), extension=(*phones, hidden, other))


def caller():
    return Caller(NODES, "who", site=site())


@pytest.mark.parametrize(
    ("name", "spell", "ways"),
    [
        ("Anna Łoś", "", ["2662567", "5672662", "25"]),
        ("王芳", "", ["93"]),
        ("张伟 Wei", "", ["99934", "93499", "99"]),
        ("欧阳婷", "", ["69?", "9?"]),
        ("曾婷", "zeng ting", ["93648464", "84649364", "98"]),
        ("Ångström", "", ["26478766"]),
        ("Тарас", "", []),
    ],
)
def test_the_ways_in_which_a_name_is_keyed_in(name, spell, ways):
    assert keys_of(Extension(number=ExtensionNumber("1"), name=name, spell=spell)) == ways


@pytest.mark.parametrize(
    ("keyed", "numbers"),
    [
        ("266", ["8001", "8002"]),
        ("26625", ["8001"]),
        ("567", ["8001"]),
        ("5692", ["8002"]),
        ("93", ["8004", "8003", "8007"]),
        ("698", ["8004"]),
        ("9364", ["8007"]),
        ("0", []),
    ],
)
def test_whom_keys_mean(keyed, numbers):
    assert [one.number for one in named(site(), keyed)] == numbers


def test_the_only_one_is_rung_at_once():
    one = caller()
    assert one.press("26625#")[-1] == RingExtension(extension=ExtensionNumber("8001"), ring_for=25)
    one.is_missed()
    assert one.heard[-1] == ["not_reachable", "Key in a name."]


def test_several_are_read_out_and_a_key_chooses():
    one = caller()
    one.press("266")
    one.waits(4)
    assert one.heard[-1] == ["1", "Anna Łoś", "8001", "2", "Annette Kowalska-Nowak", "8002"]
    assert one.press("2")[-1] == RingExtension(extension=ExtensionNumber("8002"), ring_for=25)
    assert one.keys == [("266", "8001 8002"), ("2", "8002")]


def test_a_kill_while_they_are_read_out_forgets_nothing():
    one = caller()
    one.press("266#")
    one.resume()
    assert one.press("1")[-1] == RingExtension(extension=ExtensionNumber("8001"), ring_for=25)


def test_a_name_of_nobody_silence_and_a_wrong_choice_lead_on_in_the_end():
    one = caller()
    one.press("777#")
    assert one.heard[-1] == ["wrong_key", "Key in a name."]
    one.press("266#")
    assert isinstance(one.press("9")[-1], EnterQueue)
    other = caller()
    other.press("266#")
    other.hears_out()
    other.waits(5)
    assert other.heard[-1] == ["Key in a name."]


def test_a_directory_of_nobody_is_refused():
    empty = replace(site(), extension=(Extension(number=ExtensionNumber("8001")),))
    assert [one.key for one in check_flow(empty.flow[0], empty)] == ["kind"]
