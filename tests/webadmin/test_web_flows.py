"""The page "Flows": nodes with what they say and their day, and a dry run without a call."""

import html

import pytest
from msgspec.structs import replace
from shop_day import SITE
from web_stage import Browser, Stage

from appliance.reports.flow_way import NodeShown
from appliance.vocabulary.ids import FlowId, NodeName, Utc
from appliance.vocabulary.settings import Flow, Queue
from webadmin.pages.flows.picture import BOX_HEIGHT, LETTER_WIDTH, picture_of

NODES: dict[NodeName, dict[str, object]] = {
    NodeName("hello"): {"kind": "play", "text": "Witamy & dzień dobry.", "next": "menu"},
    NodeName("menu"): {
        "kind": "menu",
        "text": "Press 1 to 6.",
        "keys": {**dict.fromkeys("123456", "sales")},
    },
    NodeName("sales"): {"kind": "queue", "queue": "sales"},
}


@pytest.fixture
def owner(stage: Stage) -> Browser:
    """A site with one flow, its owner reading English."""
    stage.has_people()
    flow = Flow(id=FlowId("main"), start=NodeName("hello"), node=NODES)
    queues = SITE.queue or (Queue(id="sales"),)
    queues = tuple(replace(queue, id="sales") for queue in queues[:1])
    store = stage.settings()
    store.save(replace(SITE, flow=(flow,), queue=queues, route=()), by="test", at=Utc(0.0))
    store.close()
    return stage.logged_in(language="en")


def test_nodes_stand_as_callers_come_to_them_with_what_they_say(owner: Browser) -> None:
    text = html.unescape(owner.get("/flows/").text)
    places = [text.index(f">{name}</strong>") for name in ("hello", "menu", "sales")]
    assert places == sorted(places)
    assert "Witamy & dzień dobry." in text
    assert "<code>6</code> → sales" in text
    assert "menu: 6 choices; nobody keeps more than 5 in mind" in text


def test_a_caller_is_tried_without_a_call(owner: Browser) -> None:
    text = owner.get("/flows/?flow=main&keys=71&at=2026-11-23T10:00&caller=139").text
    assert "keyed in 7: wrong" in text and "keyed in 1 → sales" in text
    assert "ends: the queue sales" in text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("keys=1x&at=2026-11-23T10:00", "Keys are 0 to 9, * and #; a dot is a silence."),
        ("keys=1&at=yesterday", "This is no moment."),
        ("keys=1", "This is no moment."),
        ("flow=nothing&keys=1&at=2026-11-23T10:00", "ends: the queue sales"),
        ("keys=" + "1" * 5000 + "&at=2026-11-23T10:00", "ends: the queue sales"),
        ("keys=1&at=9999-12-31T23:59", "ends: the queue sales"),
        ("keys=<script>&at=0001-01-01T00:00", "Keys are 0 to 9"),
    ],
)
def test_what_cannot_be_is_said_and_harms_nothing(owner: Browser, query: str, said: str) -> None:
    answer = owner.get(f"/flows/?{query}")
    assert answer.status_code == 200
    assert said in html.unescape(answer.text)


def _node(name: str, *leads: tuple[str, str]) -> NodeShown:
    return NodeShown(name=NodeName(name), kind="menu", says=(), leads=leads)


def test_what_is_written_beside_a_way_is_cut_by_no_border_and_lies_over_no_box() -> None:
    drawn = picture_of(
        [
            _node("ask", ("otherwise", "ask"), ("next", "look"), ("failed", "bye")),
            _node("look", ("not_found", "ask"), ("otherwise", "ask"), ("found", "bye")),
            _node("bye", ("not_found", "look"), ("otherwise", "look")),
        ]
    )
    assert sum(way.is_back for way in drawn.ways) == 4
    for way in drawn.ways:
        half = LETTER_WIDTH * len(way.keys) / 2
        assert half <= way.x <= drawn.width - half, way.keys
        assert 0 < way.y < drawn.height
        for box in drawn.boxes:
            assert way.y - 9 >= box.y + BOX_HEIGHT or way.y <= box.y, (way.keys, box.name)
