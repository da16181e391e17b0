"""Flows by the API: drafted, checked, tried, published, taken back, by scope and in the audit."""

import json
from typing import Any

import pytest
from api_stage import API, Program, has_token
from msgspec.structs import replace
from shop_day import SITE
from tone_prompts import lay, text
from web_stage import Stage

from appliance.vocabulary.ids import FlowId, NodeName, QueueId, Utc
from appliance.vocabulary.settings import Flow, Queue
from appliance.vocabulary.tokens import Scope

NODES: dict[str, dict[str, object]] = {
    "menu": {"kind": "menu", "text": "One or two.", "keys": {"1": "sales", "2": "repair"}},
    "sales": {"kind": "queue", "queue": "sales"},
    "repair": {"kind": "queue", "queue": "repair"},
}
SWAPPED = {**NODES, "menu": {**NODES["menu"], "keys": {"1": "repair", "2": "sales"}}}
QUEUES = (Queue(id=QueueId("sales")), Queue(id=QueueId("repair")))


def document(nodes: dict[str, dict[str, object]]) -> dict[str, Any]:
    return {"start": "menu", "node": nodes}


@pytest.fixture
def stage_of_flows(stage: Stage) -> Stage:
    """A site with one flow, whose text is spoken already."""
    stage.has_people()
    tables = {NodeName(name): table for name, table in NODES.items()}
    flow = Flow(id=FlowId("main"), start=NodeName("menu"), node=tables)
    site = replace(SITE, flow=(flow,), queue=QUEUES, route=(), agent=(), extension=(), trunk=())
    site = replace(
        site, outbound=(), calendar=(), ring_group=(), emergency_mode=type(site)().emergency_mode
    )
    store = stage.settings()
    store.save(site, by="test", at=Utc(5.0))
    store.close()
    lay(stage.places.root, [(text("One or two.", "zh"), 440, 1.0)])
    return stage


@pytest.fixture
def program(stage_of_flows: Stage) -> Program:
    has_token(stage_of_flows)
    return Program(stage_of_flows)


def put(program: Program, path: str, body: Any) -> Any:
    return program.client.put(API + path, json=body, headers=program.headers)


def told(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text)


def test_a_draft_is_saved_tried_published_and_taken_back(
    program: Program, stage_of_flows: Stage
) -> None:
    draft = told(put(program, "/flows/main/draft", {**document(SWAPPED), "why": "busy"}))
    assert (draft["by"], draft["why"], draft["based_on"], draft["faults"]) == (
        *("token crm", "busy", 1, []),
    )
    tried = program.post("/flows/main/dry-run", {"keys": "1", "version": "draft"})
    assert (told(tried)["ends"], told(tried)["target"]) == ("queue", "repair")
    assert told(program.post("/flows/main/dry-run", {"keys": "1"}))["target"] == "sales"
    changes = told(program.get("/flows/main/diff?now=draft"))["changes"]
    assert changes[-1]["text"] == "menu 'menu': key 2 now leads to 'sales' (was 'repair')"

    published = told(program.post("/flows/main/publish", {}))
    assert (published["version"], published["is_running"]) == (2, False)
    assert told(program.get("/flows/main"))["node"]["menu"]["keys"] == {"1": "repair", "2": "sales"}
    assert program.problem(program.get("/flows/main/draft")) == (404, "draft_unknown")

    back = told(program.post("/flows/main/rollback", {"why": "too early"}))
    assert back["version"] == 3
    versions = told(program.get("/flows/main/versions"))
    assert [(one["version"], one["back_to"], one["why"]) for one in versions["versions"]] == [
        *((3, 1, "too early"), (2, 0, "busy"), (1, 0, "")),
    ]
    assert versions["published"] == 3 and versions["versions"][1]["changes"]
    assert told(program.get("/flows/main?version=2"))["node"] == SWAPPED
    acts = stage_of_flows.acts()
    assert acts[:3] == ["flow_rolled_back", "flow_published", "flow_draft_saved"]


def test_a_flow_that_is_not_right_is_kept_as_a_draft_and_not_published(program: Program) -> None:
    wrong = {**NODES, "sales": {"kind": "queue", "queue": "nobody"}}
    checked = told(program.post("/flows/main/check", document(wrong)))
    assert [one["key"] for one in checked["faults"]] == ["node.sales.queue"]
    assert put(program, "/flows/main/draft", document(wrong)).status_code == 200
    assert program.problem(program.post("/flows/main/publish", {})) == (409, "flow_faulty")
    deleted = program.client.delete(f"{API}/flows/main/draft", headers=program.headers)
    assert deleted.status_code == 200
    assert program.problem(program.post("/flows/main/publish", {})) == (404, "draft_unknown")


def test_what_somebody_changed_meanwhile_is_not_lost(
    program: Program, stage_of_flows: Stage
) -> None:
    put(program, "/flows/main/draft", document(SWAPPED))
    store = stage_of_flows.settings()
    site = store.current()
    other = replace(site.flow[0], node={**site.flow[0].node, NodeName("bye"): {"kind": "hangup"}})
    store.save(replace(site, flow=(other,)), by="li", at=Utc(9.0))
    store.close()
    assert program.problem(program.post("/flows/main/publish", {})) == (409, "draft_old")
    put(program, "/flows/main/draft", {**document(SWAPPED), "based_on": 1})
    assert program.problem(program.post("/flows/main/publish", {})) == (409, "draft_old")


def test_a_program_replaces_nobodys_draft_in_silence(
    program: Program, stage_of_flows: Stage
) -> None:
    """Its own it may; of somebody else's it must have seen the very one that is there."""
    first = told(put(program, "/flows/main/draft", document(SWAPPED)))
    told(put(program, "/flows/main/draft", document(NODES)))
    again = {**document(NODES), "seen": first["stamp"]}
    assert told(put(program, "/flows/main/draft", again))["stamp"] != first["stamp"], "the same"

    hangs = {"only": {"kind": "hangup"}}
    store = stage_of_flows.settings()
    draft = store.flows.draft(FlowId("main"))
    assert draft is not None
    theirs = Flow(id=FlowId("main"), start=NodeName("only"), node={NodeName("only"): hangs["only"]})
    store.flows.keep_draft(replace(draft, by="li", at=Utc(draft.at + 1), content=theirs))
    store.close()

    def refused(seen: dict[str, str]) -> None:
        answer = put(program, "/flows/main/draft", {**document(SWAPPED), **seen})
        assert program.problem(answer) == (409, "draft_other")
        assert "li has saved another draft" in json.loads(answer.text)["detail"]
        kept = told(program.get("/flows/main/draft"))
        assert (kept["by"], kept["node"]) == ("li", hangs)

    refused({})
    refused({"seen": ""})
    refused({"seen": first["stamp"]})
    stamp = told(program.get("/flows/main/draft"))["stamp"]
    saved = told(put(program, "/flows/main/draft", {**document(SWAPPED), "seen": stamp}))
    assert saved["node"] == SWAPPED


def test_a_whole_number_written_with_a_point_is_that_number(program: Program) -> None:
    put(program, "/flows/main/draft", {**document(SWAPPED), "based_on": 1.0})
    told(program.post("/flows/main/publish", {}))
    assert program.problem(program.post("/flows/main/rollback", {"version": 7.0})) == (
        *(404, "version_unknown"),
    )
    assert program.problem(program.post("/flows/main/rollback", {"version": 1.5})) == (
        *(422, "invalid"),
    )


def test_a_flow_of_a_new_name_begins_as_a_draft(program: Program) -> None:
    assert program.problem(program.get("/flows/night")) == (404, "flow_unknown")
    put(program, "/flows/night/draft", {"start": "a", "node": {"a": {"kind": "hangup"}}})
    listed = told(program.get("/flows"))["flows"]
    assert [(one["flow"], one["version"], one["has_draft"]) for one in listed] == [
        *(("main", 1, False), ("night", 0, True)),
    ]
    tried = program.post("/flows/night/dry-run", {"version": "draft"})
    assert told(tried)["ends"] == "hangup"
    assert told(program.get("/flows/night/diff?now=draft"))["changes"][0]["what"] == "flow_new"


def test_a_dry_run_knows_what_tables_and_services_would_find(program: Program) -> None:
    nodes = {
        "who": {"kind": "lookup", "table": "members", "found": "tell"}
        | {"not_found": "repair", "otherwise": "repair"},
        "tell": {
            "kind": "branch",
            "on": "level",
            "cases": {"gold": "sales"},
            "otherwise": "repair",
        },
        "sales": {"kind": "queue", "queue": "sales"},
        "repair": {"kind": "queue", "queue": "repair"},
    }
    put(program, "/flows/vip/draft", {"start": "who", "node": nodes})

    def leads_to(**asked: Any) -> str:
        return told(program.post("/flows/vip/dry-run", {"version": "draft", **asked}))["target"]

    assert leads_to() == "repair"
    assert leads_to(found={"level": "gold"}) == "sales"
    assert leads_to(found={"level": "tin"}) == "repair"
    wrong = program.post("/flows/vip/dry-run", {"version": "draft", "found": {"a b": "1"}})
    assert program.problem(wrong) == (422, "invalid")


def test_a_flow_longer_than_a_form_is_taken(program: Program) -> None:
    many = {f"node{n}": {"kind": "play", "text": "x" * 300, "next": "node0"} for n in range(400)}
    answer = put(program, "/flows/long/draft", {"start": "node0", "node": many})
    assert len(told(answer)["node"]) == 400


@pytest.mark.parametrize(
    ("method", "path", "body", "problem"),
    [
        ("PUT", "/flows/main/draft", {"start": "a b"}, (422, "invalid")),
        ("PUT", "/flows/main/draft", {"start": "a", "node": {"a": {"x": None}}}, (422, "invalid")),
        ("PUT", "/flows/main/draft", {"start": "a", "node": {"a": {"x": 1e300}}}, (422, "invalid")),
        ("PUT", "/flows/main/draft", {"start": "a", "typo": 1}, (422, "unknown_field")),
        ("PUT", "/flows/a:b/draft", {"start": "a"}, (404, "flow_unknown")),
        ("POST", "/flows/nobody/publish", {}, (404, "flow_unknown")),
        ("POST", "/flows/main/rollback", {}, (404, "version_unknown")),
        ("POST", "/flows/main/rollback", {"version": 7}, (404, "version_unknown")),
        ("POST", "/flows/main/rollback", {"version": 1}, (404, "version_unknown")),
        ("POST", "/flows/main/dry-run", {"keys": "x"}, (422, "invalid")),
        ("POST", "/flows/main/dry-run", {"version": "draft"}, (404, "draft_unknown")),
        ("GET", "/flows/main?version=9", None, (404, "version_unknown")),
        ("GET", "/flows/main/diff?was=9", None, (404, "version_unknown")),
        ("DELETE", "/flows/main/draft", None, (404, "draft_unknown")),
    ],
)
def test_what_cannot_be_is_a_problem_with_a_key(
    program: Program, method: str, path: str, body: Any, problem: tuple[int, str]
) -> None:
    answer = program.client.open(API + path, method=method, json=body, headers=program.headers)
    assert program.problem(answer) == problem


def test_reading_and_writing_are_two_scopes(stage_of_flows: Stage) -> None:
    has_token(stage_of_flows, Scope.FLOWS_READ)
    reader = Program(stage_of_flows)
    assert reader.get("/flows").status_code == 200
    assert reader.post("/flows/main/check", document(NODES)).status_code == 200
    for answer in (
        put(reader, "/flows/main/draft", document(NODES)),
        reader.post("/flows/main/publish", {}),
        reader.post("/flows/main/rollback", {}),
        reader.client.delete(f"{API}/flows/main/draft", headers=reader.headers),
    ):
        assert reader.problem(answer) == (403, "scope_missing")
