"""What callers would not like, and dry runs that find it out without them."""

from datetime import datetime

from flow_stage import MONDAY_TEN, SHOP, flow_of, site_of

from appliance.engines.ivr.advice import Advice, flow_advice
from appliance.engines.ivr.dry_run import dry_run
from appliance.engines.ivr.facts import CallFacts
from appliance.reports.flow_way import advice_sentences
from appliance.vocabulary.ids import FlowId, NodeName
from appliance.vocabulary.settings import Language

MAIN = FlowId("main")


def test_the_shop_needs_no_advice() -> None:
    assert flow_advice(flow_of(SHOP, "hours"), site_of(SHOP, "hours")) == []


def test_the_fourth_menu_in_a_row_is_too_deep() -> None:
    nodes: dict[str, dict[str, object]] = {
        f"m{n}": {"kind": "menu", "text": "1", "keys": {"1": f"m{n + 1}", "9": "m0"}}
        for n in range(4)
    }
    nodes["m4"] = {"kind": "hangup"}
    found = flow_advice(flow_of(nodes, "m0"), site_of(nodes, "m0"))
    assert found == [Advice(node=NodeName("m3"), kind="deep", value=4, limit=3)]


def test_a_menu_that_repeats_itself_is_not_wider_for_it() -> None:
    keys = {**dict.fromkeys("12345", "end"), "9": "menu", "*": "menu"}
    nodes: dict[str, dict[str, object]] = {
        "menu": {"kind": "menu", "text": "1", "keys": keys},
        "end": {"kind": "hangup"},
    }
    assert flow_advice(flow_of(nodes, "menu"), site_of(nodes, "menu")) == []


def test_a_chinese_text_of_90_characters_is_longer_than_20_seconds() -> None:
    nodes: dict[str, dict[str, object]] = {
        "menu": {"kind": "menu", "text": "长" * 90 + "请按1", "keys": {"1": "end"}},
        "end": {"kind": "hangup"},
    }
    (found,) = flow_advice(flow_of(nodes, "menu"), site_of(nodes, "menu"))
    assert (found.kind, found.value) == ("long", 22)


def test_a_variable_in_a_text_is_told_for_callers_would_hear_its_braces() -> None:
    nodes: dict[str, dict[str, object]] = {
        "tell": {"kind": "say", "text": "It is {balance}, {balance}.", "value": "{balance}",
                 "read_as": "amount", "next": "end"},
        "end": {"kind": "hangup"},
    }  # fmt: skip
    flow, site = flow_of(nodes, "tell"), site_of(nodes, "tell")
    assert flow_advice(flow, site) == [Advice(node=NodeName("tell"), kind="braces", name="balance")]
    for language in Language:
        (said,) = advice_sentences(flow, site, language)
        assert said.startswith("tell") and "{balance}" in said and "value" in said


def test_press_1_at_19_10_on_a_holiday_as_a_vip_without_a_call() -> None:
    holiday = datetime(2026, 10, 2, 19, 10)
    way = dry_run(site_of(SHOP, "hours"), MAIN, holiday, keys="1", facts=CallFacts(caller="138"))
    assert [(step.node, step.says) for step in way.steps] == [
        ("hours", ()),
        ("closed", ("现在是非工作时间。",)),
    ]
    assert (way.ends, way.target, way.keys_left) == ("voicemail", "sales", "1")


def test_silence_is_told_apart_from_no_more_keys() -> None:
    site = site_of(SHOP, "hours")
    assert dry_run(site, MAIN, MONDAY_TEN).ends == "waits"
    assert dry_run(site, MAIN, MONDAY_TEN, keys=".").ends == "waits"
    assert dry_run(site, MAIN, MONDAY_TEN, keys="..").target == "sales"


def test_a_number_keyed_in_is_whole_after_a_silence() -> None:
    nodes: dict[str, dict[str, object]] = {
        "ask": {"kind": "collect", "text": "?", "next": "end"},
        "end": {"kind": "hangup"},
    }
    way = dry_run(site_of(nodes, "ask"), MAIN, MONDAY_TEN, keys="4711")
    assert way.steps[0].keys == (("4711", "end"),)
    assert way.ends == "hangup"


def test_a_flow_that_is_not_there() -> None:
    assert dry_run(site_of(SHOP, "hours"), FlowId("nothing"), MONDAY_TEN).ends == "missing"
