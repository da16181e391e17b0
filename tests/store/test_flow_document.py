"""A flow as a document of its own: TOML text and JSON, kept and checked."""

import json

import pytest
from golden_day import SITE
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from appliance.store.flow_document import faults_of, flow_in, flow_of, text_of, with_flow
from appliance.vocabulary.errors import SiteError
from appliance.vocabulary.ids import FlowId, NodeName, QueueId
from appliance.vocabulary.settings import Flow, Language, Queue, Site

MAIN = FlowId("main")
TEXT = """\
[[flow]]
id = "main"
start = "welcome"

[flow.node.welcome]
kind = "menu"
text = "One for sales."
keys = { "1" = "sales" }

[flow.node.sales]
kind = "queue"
queue = "sales"
"""
SHOP = Site(queue=(Queue(id=QueueId("sales")),))


def faults(text: str, site: Site = SHOP) -> list[tuple[int | None, str]]:
    """Lines and keys of what is wrong, whether it can be read or not."""
    try:
        flow = flow_in(text, "f", MAIN)
    except SiteError as error:
        return [(one.line, one.key) for one in error.faults]
    return [(one.line, one.key) for one in faults_of(flow, site, text, "f")]


def test_a_flow_is_written_as_it_is_read() -> None:
    flow = flow_in(TEXT, "f", MAIN)
    assert text_of(flow) == TEXT
    assert faults_of(flow, SHOP) == []
    other = replace(flow, language=Language.PL)
    assert flow_in(text_of(other), "f", MAIN) == other


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (("= { ", "= [ "), (8, "toml")),
        (('start = "welcome"\n', ""), (1, "flow[main]")),
        (('id = "main"', 'id = "other"'), (1, "flow")),
        (
            ("[flow.node.sales]", "[[flow]]\nid = 'x'\nstart = 'x'\n[flow.node.sales]"),
            (10, "flow[x]"),
        ),
        (("[[flow]]", "[site]\nname = 'x'\n[[flow]]"), (1, "site")),
        (('kind = "menu"', 'kind = "mneu"'), (6, "flow[main].node.welcome.kind")),
        (('"1" = "sales"', '"1" = "sale"'), (8, "flow[main].node.welcome.keys.1")),
        (('queue = "sales"', 'queue = "nobody"'), (12, "flow[main].node.sales.queue")),
        (('queue = "sales"', "queue = nan"), (12, "flow[main].node.sales.queue")),
        (('queue = "sales"', "queue = 2026-11-23"), (12, "flow[main].node.sales.queue")),
        (
            ("text =", "attempts = 99999999999999999999\ntext ="),
            (7, "flow[main].node.welcome.attempts"),
        ),
    ],
)
def test_each_fault_has_its_line(change: tuple[str, str], wrong: tuple[int, str]) -> None:
    assert wrong in faults(TEXT.replace(*change))


def test_what_a_flow_breaks_elsewhere_is_told_too() -> None:
    other = {
        NodeName("a"): {"kind": "subflow", "flow": "main", "next": "b"},
        NodeName("b"): {"kind": "return"},
    }
    site = replace(SHOP, flow=(Flow(id=FlowId("other"), start=NodeName("a"), node=other),))
    again = TEXT.replace(
        'kind = "queue"\nqueue = "sales"', 'kind = "subflow"\nflow = "other"\nnext = "welcome"'
    )
    found = faults(again, site)
    assert (12, "flow[main].node.sales.flow") in found
    assert (None, "flow.0.node.a.flow") in found


def test_it_takes_its_place_in_the_site_or_a_new_one() -> None:
    flow = flow_in(TEXT, "f", MAIN)
    twice = with_flow(with_flow(SITE, flow), replace(flow, language=Language.EN))
    assert [one.id for one in twice.flow].count(MAIN) == 1
    assert next(one for one in twice.flow if one.id == MAIN).language is Language.EN


@pytest.mark.parametrize(
    ("document", "key"),
    [
        ({"id": "main"}, ""),
        ({"id": "main", "start": 5}, "start"),
        ({"id": "main", "start": "a", "node": {"a": {"kind": None}}}, "node.a.kind"),
        ({"id": "main", "start": "a", "node": {"a": {"n": 1e400}}}, "node.a.n"),
        ({"id": "main", "start": "a", "node": {"a b": {}}}, "node.a b"),
        ({"id": "main", "start": "a", "typo": {}}, "typo"),
    ],
)
def test_json_that_is_no_flow_is_refused(document: dict[str, object], key: str) -> None:
    with pytest.raises(SiteError) as refused:
        flow_of(document)
    assert key in [one.key for one in refused.value.faults]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
TABLES = st.dictionaries(
    st.text(max_size=5), st.dictionaries(st.text(max_size=6), VALUES, max_size=4), max_size=3
)


@given(TABLES, st.text(max_size=4))
def test_whatever_json_is_taken_survives_text_and_json(
    node: dict[str, dict[str, object]], start: str
) -> None:
    try:
        flow = flow_of({"id": "main", "start": start, "node": node})
    except SiteError:
        return
    assert flow_in(text_of(flow), "f", MAIN) == flow
    assert json.loads(json.dumps(flow.node)) == flow.node
    faults_of(flow, SHOP, text_of(flow), "f")
