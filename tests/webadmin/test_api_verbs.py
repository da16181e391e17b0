"""What the API does: each verb reaches call control with the token's name, and the audit log."""

import json
import threading
from collections.abc import Iterator

import pytest
import shop_day
from api_stage import Program, has_token
from control_socket import ControlSocket
from msgspec.structs import replace
from web_stage import Stage

from appliance.reports.record import record_of
from appliance.store.ledger import Ledger
from appliance.vocabulary.facts_handling import SupervisionWay, TransferWay
from appliance.vocabulary.ids import CallId
from appliance.vocabulary.verbs import (
    AgentWish,
    ConsultWish,
    EndCall,
    EndConsult,
    HoldCall,
    Originate,
    RecordingWish,
    SetAgent,
    SetRecording,
    Supervise,
    TransferCall,
)

AT = shop_day.NINE + 5000


@pytest.fixture
def control(full: Stage) -> Iterator[ControlSocket]:
    control = ControlSocket(full.places.control_socket, shop_day.shop_live(AT))
    control.originated = CallId("long-1")
    yield control
    control.kill()


@pytest.fixture
def program(full: Stage) -> Program:
    has_token(full)
    return Program(full)


VERBS = [
    (
        "/calls",
        {"extension": "8001", "number": "913800138000"},
        Originate,
        {"extension": "8001", "number": "913800138000"},
        "call_originated",
    ),
    ("/calls/c1/hangup", None, EndCall, {"call": "c1"}, "call_hung_up"),
    (
        "/calls/c1/transfer",
        {"to": "repair", "way": "semi_attended"},
        TransferCall,
        {"call": "c1", "to": "repair", "way": TransferWay.SEMI_ATTENDED},
        "call_transferred",
    ),
    (
        "/calls/c1/consultation",
        {"wish": "complete"},
        EndConsult,
        {"call": "c1", "wish": ConsultWish.COMPLETE},
        "call_consultation_ended",
    ),
    ("/calls/c1/hold", None, HoldCall, {"call": "c1", "is_held": True}, "call_held"),
    ("/calls/c1/retrieve", {}, HoldCall, {"call": "c1", "is_held": False}, "call_retrieved"),
    (
        "/calls/c1/recording",
        {"wish": "pause"},
        SetRecording,
        {"call": "c1", "wish": RecordingWish.PAUSE},
        "call_recording_set",
    ),
    (
        "/calls/c1/supervise",
        {"extension": "8002", "way": "whisper"},
        Supervise,
        {"call": "c1", "extension": "8002", "way": SupervisionWay.WHISPER},
        "call_supervised",
    ),
    (
        "/agents/1001/state",
        {"state": "not_ready", "reason": "lunch"},
        SetAgent,
        {"agent": "1001", "wish": AgentWish.NOT_READY, "reason": "lunch", "extension": None},
        "agent_state_set",
    ),
]


@pytest.mark.parametrize(
    ("path", "body", "kind", "fields", "act"), VERBS, ids=[one[4] for one in VERBS]
)
def test_verb_reaches_control_and_the_audit_log(
    full: Stage, program: Program, control: ControlSocket, path, body, kind, fields, act
) -> None:
    answer = program.post(path, body)
    assert answer.status_code == (201 if kind is Originate else 200), answer.text
    (verb,) = control.verbs
    assert type(verb) is kind and verb.by == "token crm"
    assert {name: getattr(verb, name) for name in fields} == fields
    store = full.settings()
    line = store.audit.latest()[0]
    store.close()
    assert (line.what, line.by) == (act, "token crm")
    assert json.loads(answer.text)["call"] == (
        "long-1" if kind is Originate else fields.get("call")
    )


def test_call_that_was_made_can_be_asked_for_at_once(
    full: Stage, program: Program, control: ControlSocket
) -> None:
    """Its first entry is on the disk a little later than control has answered."""
    control.originated = CallId("new-1")
    entered = next(one for one in shop_day.shop_journal().entries if one.call == "long-1")

    def write() -> None:
        ledger = Ledger(full.places.calls, record_of)
        ledger.append([replace(entered, call=CallId("new-1"))])
        ledger.close()

    late = threading.Timer(0.3, write)
    late.start()
    wanted = {"extension": "8001", "number": "8002"}
    assert json.loads(program.post("/calls", wanted).text)["call"] == "new-1"
    assert program.get("/calls/new-1").status_code == 200
    late.join()


def test_no_of_control_is_told_with_its_key_and_stands_in_the_audit_log(
    full: Stage, program: Program, control: ControlSocket
) -> None:
    assert program.problem(program.post("/calls/gone/hangup")) == (404, "call_unknown")
    assert program.problem(program.post("/agents/7/state", {"state": "ready"})) == (
        404,
        "agent_unknown",
    )
    wanted = {"extension": "9999", "number": "1"}
    assert program.problem(program.post("/calls", wanted)) == (404, "extension_unknown")
    store = full.settings()
    details = [line.detail for line in store.audit.latest(3)]
    store.close()
    assert details[-1] == "gone: call_unknown"


@pytest.mark.parametrize(
    ("path", "body", "key", "field"),
    [
        ("/calls", {"extension": "8001"}, "invalid", "number"),
        ("/calls", {"extension": "8001", "number": "1", "urgent": True}, "unknown_field", "urgent"),
        ("/calls", {"extension": 8001, "number": "1"}, "invalid", "extension"),
        ("/calls", {"extension": "8001", "number": "sip:x@y"}, "invalid", "number"),
        ("/calls", [], "invalid", ""),
        ("/calls/c1/recording", {"wish": "forget"}, "invalid", "wish"),
        ("/calls/c1/hangup", {"now": True}, "body_unexpected", ""),
        ("/agents/1001/state", {"state": "asleep"}, "invalid", "state"),
    ],
)
def test_body_that_is_not_understood_reaches_nobody(
    program: Program, control: ControlSocket, path: str, body: object, key: str, field: str
) -> None:
    answer = program.post(path, body)
    assert program.problem(answer) == (422, key)
    assert json.loads(answer.text).get("field", "") == field
    assert control.verbs == []


def test_body_must_be_json(program: Program, control: ControlSocket) -> None:
    sent = dict(headers=program.headers, data=b"extension=8001")
    assert program.problem(program.client.post("/api/v1/calls", **sent)) == (415, "json_wanted")
    broken = {**program.headers, "Content-Type": "application/json"}
    answer = program.client.post("/api/v1/calls", data=b"{nope", headers=broken)
    assert program.problem(answer) == (400, "malformed_json")
    deep = b'{"extension":' + b"[" * 30_000
    answer = program.client.post("/api/v1/calls", data=deep, headers=broken)
    assert program.problem(answer) == (400, "malformed_json")
    assert control.verbs == []


def test_without_control_nothing_is_assumed(full: Stage, program: Program) -> None:
    answer = program.post("/calls/c1/hangup")
    assert program.problem(answer) == (503, "control_away")
    assert answer.headers["Retry-After"] == "2"


def test_control_that_says_nothing_is_not_waited_for_for_ever(
    program: Program, control: ControlSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webadmin.api.control.ANSWER_S", 0.2)
    control.is_silent = True
    assert program.problem(program.post("/calls/c1/hold")) == (503, "control_away")


def test_a_pin_that_a_program_sends_as_a_number_stands_nowhere(
    full: Stage, program: Program, control: ControlSocket
) -> None:
    program.post("/calls", {"extension": "8001", "number": "*8010017391"})
    store = full.settings()
    details = [line.detail for line in store.audit.latest(3)]
    store.close()
    assert details[0].startswith("8001 → *80…")
    assert not any("7391" in detail for detail in details)
