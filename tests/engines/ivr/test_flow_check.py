"""What apply says of a flow that would strand a caller."""

import tomllib
from pathlib import Path

import pytest
from flow_stage import OFFICE, SHOP, flow_of, site_of

from appliance.engines.ivr.check import check_calendar, check_flow
from appliance.vocabulary.ids import NodeName
from appliance.vocabulary.settings import Calendar, OpenHours

EXAMPLE = Path(__file__).parents[4] / "shared" / "examples" / "site.toml"


def faults_of(nodes: dict[str, dict[str, object]], start: str = "hours") -> list[tuple[str, str]]:
    flow = flow_of(nodes, start)
    return [(fault.node, fault.key) for fault in check_flow(flow, site_of(SHOP, "hours"))]


def changed(name: str, **keys: object) -> dict[str, dict[str, object]]:
    return {**SHOP, name: {**SHOP[name], **keys}}


def without(name: str, key: str) -> dict[str, dict[str, object]]:
    return {**SHOP, name: {k: v for k, v in SHOP[name].items() if k != key}}


def test_the_shops_flow_is_good() -> None:
    assert faults_of(SHOP) == []


def test_the_example_site_is_good() -> None:
    if not EXAMPLE.exists():
        pytest.skip(f"{EXAMPLE} is not on this machine")
    flow = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))["flow"][0]
    assert faults_of(flow["node"], flow["start"]) == []


@pytest.mark.parametrize(
    ("nodes", "fault"),
    [
        (changed("sales", kind="quue"), ("sales", "kind")),
        ({**SHOP, "sales": {"queue": "sales"}}, ("sales", "kind")),
        (changed("notice", txet="…"), ("notice", "txet")),
        (without("notice", "next"), ("notice", "next")),
        (changed("menu", attempts="two"), ("menu", "attempts")),
        (changed("menu", attempts=0), ("menu", "attempts")),
        (changed("menu", keys={"1": 5}), ("menu", "keys[...]")),
        (changed("menu", keys={"12": "sales"}), ("menu", "keys.12")),
        (changed("menu", keys={}), ("menu", "keys")),
        (changed("menu", language="de"), ("menu", "language")),
        (changed("notice", next="meun"), ("notice", "next")),
        (changed("menu", keys={"1": "sles"}), ("menu", "keys.1")),
        (changed("menu", otherwise="nobody"), ("menu", "otherwise")),
        (changed("sales", queue="salse"), ("sales", "queue")),
        (changed("hours", calendar="offices"), ("hours", "calendar")),
        (changed("closed", box=""), ("closed", "box")),
        ({**SHOP, "ring": {"kind": "extension", "extension": "9"}}, ("ring", "extension")),
        ({**SHOP, "lost": {"kind": "hangup"}}, ("lost", "")),
    ],
)
def test_a_fault_is_named_with_node_and_key(
    nodes: dict[str, dict[str, object]], fault: tuple[str, str]
) -> None:
    assert faults_of(nodes) == [fault]


def test_a_start_that_is_not_there_is_named() -> None:
    assert faults_of(SHOP, "begin") == [("", "start")]
    assert faults_of({}, "begin") == [("", "start")]


def test_all_faults_are_told_at_once() -> None:
    nodes = {**changed("sales", queue="salse"), "notice": {"kind": "play", "text": "…"}}
    assert sorted(faults_of(nodes)) == [("notice", "next"), ("sales", "queue")]


def test_what_is_expected_is_said_in_words() -> None:
    flow = flow_of(changed("menu", attempts="two"), "hours")
    [fault] = check_flow(flow, site_of(SHOP, "hours"))
    assert fault.expected == '"int", found "str"'
    [fault] = check_flow(flow_of(changed("sales", queue="x"), "hours"), site_of(SHOP, "hours"))
    assert fault.expected == "a queue of this site: sales"


def test_a_round_without_a_menu_is_a_fault() -> None:
    play: dict[str, object] = {"kind": "play", "text": "一", "next": "b"}
    nodes: dict[str, dict[str, object]] = {"a": play, "b": {**play, "next": "a"}}
    assert faults_of(nodes, "a") == [("a", "next"), ("b", "next")]
    hours: dict[str, object] = {
        "kind": "hours",
        "calendar": "office",
        "open": "hours",
        "closed": "box",
    }
    nodes = {"hours": hours, "box": {"kind": "voicemail", "box": "b"}}
    assert faults_of(nodes) == [("hours", "open")]


def test_a_round_through_a_menu_is_none() -> None:
    assert faults_of(changed("menu", keys={"1": "sales", "9": "notice"})) == []


def test_a_queue_where_lost_callers_go_needs_no_arrow() -> None:
    menu: dict[str, object] = {"kind": "menu", "text": "请按1。", "keys": {"1": "menu"}}
    assert faults_of({"menu": menu, "sales": SHOP["sales"]}, "menu") == []


def test_a_good_calendar_has_no_faults() -> None:
    assert check_calendar(OFFICE) == []


@pytest.mark.parametrize(
    ("hours", "key"),
    [
        (OpenHours(days="mon-foo", from_="09:00", to="18:00"), "open[0].days"),
        (OpenHours(days="", from_="09:00", to="18:00"), "open[0].days"),
        (OpenHours(days="mon", from_="9", to="18:00"), "open[0].from"),
        (OpenHours(days="mon", from_="09:00", to="25:00"), "open[0].to"),
        (OpenHours(days="mon", from_="09:00", to="18:60"), "open[0].to"),
    ],
)
def test_hours_that_cannot_be_read_are_named(hours: OpenHours, key: str) -> None:
    calendar = Calendar(id=OFFICE.id, open=(hours,))
    assert [(fault.node, fault.key) for fault in check_calendar(calendar)] == [(NodeName(""), key)]


def test_dates_and_countries_that_cannot_be_read_are_named() -> None:
    calendar = Calendar(
        id=OFFICE.id,
        holidays="xx",
        closed_dates=("2026-02-30", "12-24", "02-29"),
        open_dates=("2026/10/10", "2026-10-10"),
    )
    assert [fault.key for fault in check_calendar(calendar)] == [
        "holidays",
        "closed_dates",
        "open_dates",
    ]
