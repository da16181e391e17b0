"""What the API tells: calls with filters and pages, recordings, agents, queues, the report."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import shop_day
from api_stage import Program, has_token
from control_socket import ControlSocket
from journal_script import Journal
from web_stage import Stage

from appliance.reports.public_events import Announcer
from appliance.reports.record import record_of
from appliance.vocabulary.ids import CallId, ExtensionNumber, Utc
from appliance.vocabulary.journal import MISSED_CALLS, MISSED_CODE, CallEntered, Direction
from appliance.vocabulary.lines import Party, PhoneLine
from appliance.vocabulary.live import LiveCall
from appliance.vocabulary.public_events import OfferedEvent
from appliance.vocabulary.settings import Language
from webadmin.api.shapes import call_of
from webadmin.api.shapes_live import live_call

AT = shop_day.NINE + 5000


@pytest.fixture
def program(full: Stage) -> Iterator[Program]:
    has_token(full)
    control = ControlSocket(full.places.control_socket, shop_day.shop_live(AT))
    yield Program(full)
    control.kill()


def _told(program: Program, path: str) -> Any:
    answer = program.get(path)
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text)


# --- calls ------------------------------------------------------------------------------------
def test_pages_of_calls_hold_every_call_once_newest_first(program: Program) -> None:
    calls, path = [], "/calls?limit=20"
    while True:
        page = _told(program, path)
        calls += page["calls"]
        if page["before"] is None:
            break
        path = f"/calls?limit=20&before={page['before']}"
    whole = _told(program, "/calls?limit=200")["calls"]
    assert calls == whole and len({one["call"] for one in calls}) == len(calls) > 55
    entered = [one["entered"] for one in calls]
    assert entered == sorted(entered, reverse=True)


@pytest.mark.parametrize(
    ("query", "is_right"),
    [
        ("agent=1002", lambda one: "1002" in one["agents"]),
        ("queue=repair", lambda one: "repair" in one["queues"]),
        ("outcome=abandoned", lambda one: one["outcome"] == "abandoned"),
        ("direction=outbound", lambda one: one["direction"] == "outbound"),
        ("number=64887766", lambda one: one["caller"] == "02164887766"),
        ("text=64887766", lambda one: one["caller"] == "02164887766"),
        ("recorded=yes", lambda one: any(r["audio"] for r in one["recordings"])),
        ("since=2025-11-20T13:00:00%2B08:00", lambda one: one["entered"] >= "2025-11-20T05:00"),
        ("until=2025-11-20T05:00:00Z", lambda one: one["entered"] < "2025-11-20T05:00"),
    ],
)
def test_filters_hold(program: Program, query: str, is_right) -> None:
    every = _told(program, "/calls?limit=200")["calls"]
    found = _told(program, f"/calls?limit=200&{query}")["calls"]
    assert found == [one for one in every if is_right(one)]
    assert 0 < len(found) < len(every)


@pytest.mark.parametrize(
    ("query", "key", "field"),
    [
        ("nonsense=1", "unknown_field", "nonsense"),
        ("limit=0", "invalid", "limit"),
        ("limit=201", "invalid", "limit"),
        ("limit=ten", "invalid", "limit"),
        ("limit=1&limit=2", "invalid", "limit"),
        ("outcome=lost", "invalid", "outcome"),
        ("since=2025-11-20", "invalid", "since"),
        ("since=2025-11-20T09:00:00", "invalid", "since"),
        ("agent=1001'--", "invalid", "agent"),
    ],
)
def test_query_that_is_not_understood_is_told_with_its_field(
    program: Program, query: str, key: str, field: str
) -> None:
    answer = program.get(f"/calls?{query}")
    assert program.problem(answer) == (422, key)
    assert json.loads(answer.text)["field"] == field


def test_one_call_has_its_talks_and_recordings_and_no_keys(program: Program) -> None:
    call = _told(program, "/calls/long-1")
    assert (call["caller"], call["called"], call["queue"]) == (
        "02164887766",
        "02188886666",
        "sales",
    )
    assert call["line"] == {"kind": "trunk", "name": "carrier"}
    assert [talk["talk_seconds"] for talk in call["talks"]] == [200.0]
    (recording,) = call["recordings"]
    assert recording["audio"] == f"/api/v1/recordings/{shop_day.RECORDING}/audio"
    assert "digits" not in json.dumps(call)
    assert program.problem(program.get("/calls/nope")) == (404, "call_unknown")
    assert program.problem(program.get("/calls/%2e%2e%2fx")) in (
        (404, "call_unknown"),
        (404, "not_found"),
    )


@pytest.mark.parametrize("language", Language)
def test_timeline_is_told_in_words_of_the_language(program: Program, language: Language) -> None:
    told = _told(program, f"/calls/long-1/timeline?language={language}")
    assert told["moments"][0]["kind"] == "CallEntered"
    assert {"en": "talked 3:20", "zh": "通话 3:20", "pl": "3:20"}[language] in " ".join(
        moment["text"] for moment in told["moments"]
    )
    assert [one["at"] for one in told["moments"]] == sorted(one["at"] for one in told["moments"])


def test_live_calls_are_those_of_the_picture(program: Program) -> None:
    told = _told(program, "/calls/live")
    assert [one["stage"] for one in told["calls"]] == ["talking", "queued", "queued", "menu"]
    assert [one["position"] for one in told["calls"]] == [None, 1, 2, None]
    assert told["at"].endswith("Z") and not told["is_away"]


# --- recordings -------------------------------------------------------------------------------
def test_recording_is_fetched_whole_or_in_part_and_stands_in_the_audit(
    full: Stage, program: Program
) -> None:
    path = f"/recordings/{shop_day.RECORDING}"
    file = full.places.recordings / shop_day.DAY / f"{shop_day.RECORDING}.wav"
    assert _told(program, path)["seconds"] == 6.0
    (listed,) = _told(program, "/calls/long-1/recordings")["recordings"]
    assert listed == _told(program, path)
    whole = program.get(f"{path}/audio")
    assert whole.data == file.read_bytes() and whole.mimetype == "audio/wav"
    part = program.get(f"{path}/audio", Range="bytes=0-3")
    assert (part.status_code, part.data) == (206, b"RIFF")
    beyond = program.get(f"{path}/audio", Range="bytes=99999999-")
    assert program.problem(beyond) == (416, "range_unknown")
    store = full.settings()
    heard = [one for one in store.audit.latest() if one.what == "recording_downloaded"]
    store.close()
    assert [(one.by, one.detail) for one in heard][-1] == ("token crm", shop_day.RECORDING)


def test_recording_without_a_file_is_unknown(full: Stage, program: Program) -> None:
    (full.places.recordings / shop_day.DAY / f"{shop_day.RECORDING}.wav").unlink()
    answer = program.get(f"/recordings/{shop_day.RECORDING}/audio")
    assert program.problem(answer) == (404, "recording_unknown")
    assert program.problem(program.get("/recordings/nope")) == (404, "recording_unknown")


# --- the box ----------------------------------------------------------------------------------
def test_agents_queues_and_lines_are_of_this_moment(program: Program) -> None:
    agents = {one["agent"]: one for one in _told(program, "/agents")["agents"]}
    assert agents["1001"]["name"] == "王芳" and agents["1001"]["queues"] == ["sales"]
    assert agents["1001"]["state"] == "talking"
    assert _told(program, "/agents/1001") == agents["1001"]
    assert program.problem(program.get("/agents/9999")) == (404, "agent_unknown")
    queues = {one["queue"]: one for one in _told(program, "/queues")["queues"]}
    assert queues["sales"]["waiting"] == 2 and queues["sales"]["agents"] == ["1001", "1002"]
    lines = _told(program, "/lines")["lines"]
    assert {one["kind"] for one in lines} == {"trunk", "phone"}
    wishes = {one["name"]: (one["is_quiet"], one["forwarded_to"]) for one in lines}
    assert wishes["8002"] == (True, "") and wishes["8003"] == (False, "8001")
    assert (agents["1002"]["is_quiet"], agents["1003"]["forwarded_to"]) == (True, "8001")


def test_each_leg_says_how_it_is_connected(program: Program) -> None:
    (call,) = [one for one in _told(program, "/calls/live")["calls"] if one["call"] == "c1"]
    ways = [(one["extension"], one["transport"], one["is_encrypted"]) for one in call["legs"]]
    assert ways == [(None, "udp", False), ("8001", "tls", True)]
    lines = {one["name"]: one["transport"] for one in _told(program, "/lines")["lines"]}
    assert (lines["8001"], lines["8002"], lines["8004"]) == ("tls", "udp", "")


def test_without_control_all_is_told_that_is_known(full: Stage) -> None:
    has_token(full)
    program = Program(full)
    assert _told(program, "/calls/live") == {"at": None, "is_away": True, "calls": []}
    agent = _told(program, "/agents/1001")
    assert (agent["name"], agent["state"]) == ("王芳", None)
    assert _told(program, "/queues")["queues"][0]["waiting"] is None
    assert _told(program, "/calls/long-1")["outcome"] == "answered"


def test_report_is_the_one_of_the_page(full: Stage, program: Program) -> None:
    browser = full.logged_in()
    page = json.loads(browser.get(f"/today/day.json?day={shop_day.DAY}").text)
    told = _told(program, f"/reports/daily?date={shop_day.DAY}")
    assert told == page
    answer = program.get("/reports/daily?date=yesterday")
    assert program.problem(answer) == (422, "invalid")


def test_empty_box_answers_too(stage: Stage) -> None:
    stage.has_people()
    has_token(stage)
    program = Program(stage)
    assert _told(program, "/calls") == {"calls": [], "before": None}
    assert _told(program, "/events/past") == {"events": [], "after": 0}
    assert _told(program, "/reports/daily")["box"]["counts"]["entered"] == 0


def test_programs_read_in_words_too_that_an_agent_was_told_he_is_not_ready() -> None:
    journal = Journal(shop_day.NINE)
    line = PhoneLine(extension=ExtensionNumber("8001"))
    told = CallEntered(direction=Direction.SERVICE, line=line, caller=Party(number="8001"),
                       called=MISSED_CODE, line_call="c1@box", asked_by=MISSED_CALLS)  # fmt: skip
    journal.add(0, told, "c1", "c1-a")
    event = Announcer(lambda call, row: ()).event(1, journal.entries[0])
    assert isinstance(event, OfferedEvent) and event.called == "told: not ready"
    record = record_of(journal.entries)
    assert record is not None and call_of(record).called == "told: not ready"
    now = LiveCall(call=CallId("c1"), direction=Direction.SERVICE, caller=Party(number="8001"),
                   called=MISSED_CODE, since=Utc(shop_day.NINE), stage="service")  # fmt: skip
    assert live_call(now).called == "told: not ready"
