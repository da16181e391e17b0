"""Public events from the journal: names, order, what each tells; the same from the middle on."""

import json

import pytest
from journal_script import Journal

from appliance.reports.public_events import Announcer, public_json, public_name, utc_text
from appliance.vocabulary.facts_customers import (
    CallbackAsked,
    CallbackTaken,
    CallbackTried,
    SurveyScored,
)
from appliance.vocabulary.facts_desk import EmergencyModeEnded, EmergencyModeStarted
from appliance.vocabulary.facts_flows import FlowTold
from appliance.vocabulary.facts_handling import (
    CallMerged,
    Held,
    Parked,
    Retrieved,
    SupervisionWay,
    SupervisorJoined,
    SupervisorLeft,
    TransferBegun,
    TransferFinished,
    TransferWay,
    Unparked,
)
from appliance.vocabulary.facts_messages import MessageArrived
from appliance.vocabulary.ids import (
    AgentId,
    BoxName,
    CallbackId,
    CallId,
    ExtensionNumber,
    FlowId,
    NodeName,
    QueueId,
    RecordingId,
    Seconds,
    SurveyId,
    TrunkId,
    Utc,
    VisitId,
    WebhookId,
)
from appliance.vocabulary.journal import (
    AgentAnswered,
    AgentOffered,
    AgentRinging,
    AgentState,
    AgentStateChanged,
    Bridged,
    CallAnswered,
    CallEnded,
    CallEntered,
    CallOutcome,
    CallQueued,
    Direction,
    Entry,
    RecordingFiled,
    Side,
)
from appliance.vocabulary.lines import Cause, Party, PhoneLine, TrunkLine
from appliance.vocabulary.public_events import PUBLIC_EVENTS

EPOCH = 1_763_603_945.12
"""2025-11-20T01:59:05.120Z."""
ANNA, BEN = AgentId("1001"), AgentId("1002")
P1, P2 = ExtensionNumber("8001"), ExtensionNumber("8002")


def _journal() -> list[Entry]:
    journal = Journal(EPOCH)

    def add(at: float, fact: object, leg: str | None = None, call: str | None = "c1") -> None:
        journal.add(at, fact, call, leg)

    add(
        0,
        CallEntered(
            direction=Direction.INBOUND,
            line=TrunkLine(trunk=TrunkId("carrier")),
            caller=Party(number="13900001111", name="Dora"),
            called="02188886666",
        ),
        "l1",
    )
    add(0.1, CallAnswered())
    add(5, CallQueued(queue=QueueId("orders"), visit=VisitId("v1"), position=1))
    add(6, AgentOffered(agent=ANNA, extension=P1, visit=VisitId("v1")), "l2")
    add(6.1, AgentRinging(agent=ANNA, extension=P1), "l2")
    add(9, AgentAnswered(agent=ANNA, extension=P1, visit=VisitId("v1")), "l2")
    add(10, Bridged(agent=ANNA, extension=P1, queue=QueueId("orders")), "l2")
    state = AgentStateChanged(agent=ANNA, state=AgentState.TALKING, extension=P1)
    add(10, state)
    add(20, Held(by=Side.AGENT), "l2")
    add(25, Retrieved(by=Side.AGENT), "l2")
    add(26, Parked(slot="701", extension=P1), "l2")
    add(30, Unparked(slot="701", extension=P2, parked=Seconds(4.0)), "l2")
    joined = SupervisorJoined(
        supervisor=AgentId("1009"), extension=None, agent=ANNA, way=SupervisionWay.WHISPER
    )
    add(31, joined)
    add(32, SupervisorLeft(supervisor=AgentId("1009"), extension=None, seconds=Seconds(1.0)))
    add(33, TransferBegun(way=TransferWay.BLIND, to="8002", agent=ANNA, extension=P1), "l2")
    add(35, TransferFinished(to="8002"), "l3")
    add(50, CallEnded(by=Side.CALLER, cause=Cause.NORMAL, outcome=CallOutcome.ANSWERED))
    filed = RecordingFiled(
        recording=RecordingId("r1"), file="2025-11-20/r1.wav", sha256="ab", seconds=Seconds(40.0)
    )
    add(52, filed)
    add(53, EmergencyModeStarted(extension=P1, agent=ANNA, flow=FlowId("flood")))
    add(53, EmergencyModeEnded(extension=P2, agent=None, seconds=Seconds(90.0)))
    add(53, FlowTold(node=NodeName("tell"), webhook=WebhookId("crm"), what="order_asked"))
    back, how = CallbackId("b1"), SurveyId("how")
    asked = CallbackAsked(callback=back, queue=QueueId("orders"), number="13900001111")
    add(54, asked)
    add(55, CallbackTaken(callback=back, agent=ANNA, extension=P1, tries=1))
    add(56, CallbackTried(callback=back, result="busy"))
    message = RecordingId("r9")
    add(56.5, MessageArrived(recording=message, box=BoxName("night"), seconds=Seconds(12.5)))
    add(57, SurveyScored(survey=how, score=3, agent=ANNA))
    return journal.entries


def test_a_callback_is_told_step_by_step_and_a_score_with_whose_it_is() -> None:
    told = _told(_journal())
    steps = [one for one in told if one["event"] == "callback"]
    assert [one["step"] for one in steps] == ["asked", "rung", "missed"]
    assert (steps[0]["number"], steps[1]["agent"], steps[2]["reason"]) == (
        "13900001111",
        "1001",
        "busy",
    )
    [rated] = [one for one in told if one["event"] == "rated"]
    assert (rated["score"], rated["agent"], rated["caller"]) == (3, "1001", "13900001111")


def _told(entries: list[Entry], since: int = 0) -> list[dict[str, object]]:
    """Tell the events of all rows after `since`, as somebody does who begins there."""

    def before(call: CallId, row: int) -> list[Entry]:
        return [entry for entry in entries[: row - 1] if entry.call == call]

    announcer = Announcer(before)
    events = [
        announcer.event(row, entry) for row, entry in enumerate(entries, start=1) if row > since
    ]
    return [json.loads(public_json(event)) for event in events if event is not None]


def test_calls_life_is_told_in_order() -> None:
    assert [one["event"] for one in _told(_journal())] == [
        "offered",
        "ringing",
        "answered",
        "agent_state",
        "held",
        "retrieved",
        "parked",
        "retrieved",
        "supervised",
        "supervised",
        "transferred",
        "ended",
        "recording_filed",
        "emergency_mode",
        "emergency_mode",
        "flow_told",
        "callback",
        "callback",
        "callback",
        "message_left",
        "rated",
    ]


def test_every_name_is_one_that_can_be_asked_for_and_all_are_told() -> None:
    assert {one["event"] for one in _told(_journal())} == set(PUBLIC_EVENTS)


def test_event_tells_what_its_entry_alone_does_not() -> None:
    answered = next(one for one in _told(_journal()) if one["event"] == "answered")
    assert answered == {
        "event": "answered",
        "id": 6,
        "version": 1,
        "at": "2025-11-20T01:59:14.120Z",
        "call": "c1",
        "leg": "l2",
        "direction": "inbound",
        "caller": "13900001111",
        "caller_name": "Dora",
        "called": "02188886666",
        "queue": "orders",
        "agent": "1001",
        "extension": "8001",
    }


def test_transfer_names_who_how_and_where_to() -> None:
    told = next(one for one in _told(_journal()) if one["event"] == "transferred")
    assert (told["to"], told["way"], told["agent"], told["extension"], told["into"]) == (
        "8002",
        "blind",
        "1001",
        "8001",
        None,
    )


def test_emergency_mode_tells_where_every_number_leads_and_how_long_it_lasted() -> None:
    on, off = (one for one in _told(_journal()) if one["event"] == "emergency_mode")
    assert (on["is_on"], on["extension"], on["agent"], on["flow"]) == (
        True,
        "8001",
        "1001",
        "flood",
    )
    assert (off["is_on"], off["extension"], off["flow"], off["seconds"]) == (
        False,
        "8002",
        None,
        90,
    )


def test_a_message_tells_its_box_and_where_it_is_heard() -> None:
    [left] = [one for one in _told(_journal()) if one["event"] == "message_left"]
    assert (left["box"], left["recording"], left["seconds"]) == ("night", "r9", 12.5)
    assert left["audio"] == "/api/v1/recordings/r9/audio"
    assert (left["call"], left["caller"]) == ("c1", "13900001111")


def test_end_and_recording_tell_how_long_and_where() -> None:
    told = _told(_journal())
    [ended] = [one for one in told if one["event"] == "ended"]
    [filed] = [one for one in told if one["event"] == "recording_filed"]
    assert (ended["seconds"], ended["outcome"], ended["by"]) == (50.0, "answered", "caller")
    assert (filed["seconds"], filed["audio"]) == (40.0, "/api/v1/recordings/r1/audio")


@pytest.mark.parametrize("since", range(18))
def test_who_begins_in_the_middle_is_told_the_same(since: int) -> None:
    entries = _journal()
    assert _told(entries, since) == [one for one in _told(entries) if int(str(one["id"])) > since]


def test_outbound_call_is_answered_by_who_was_called() -> None:
    journal = Journal(EPOCH)
    entered = CallEntered(
        direction=Direction.OUTBOUND,
        line=PhoneLine(extension=P1),
        caller=Party(number="8001"),
        called="913800138000",
        extension=P1,
        agent=ANNA,
    )
    journal.add(0, entered, "c2", "l1")
    journal.add(4, CallAnswered(), "c2", "l2")
    offered, answered = _told(journal.entries)
    assert (offered["agent"], offered["extension"]) == ("1001", "8001")
    assert (answered["event"], answered["agent"], answered["extension"]) == ("answered", None, None)


def test_merged_call_tells_into_which() -> None:
    entries = _journal()
    journal = Journal(EPOCH)
    journal.add(60, CallMerged(into=CallId("c9")), "c1", "l2")
    told = _told([*entries, *journal.entries])[-1]
    assert (told["event"], told["into"]) == ("transferred", "c9")


def test_recording_without_a_file_is_not_told() -> None:
    journal = Journal(EPOCH)
    empty = RecordingFiled(recording=RecordingId("r"), file="", sha256="", seconds=Seconds(0.0))
    journal.add(0, empty, "c1")
    assert _told(journal.entries) == []


def test_times_are_utc_with_milliseconds() -> None:
    assert utc_text(Utc(0.0)) == "1970-01-01T00:00:00.000Z"
    assert utc_text(Utc(EPOCH)) == "2025-11-20T01:59:05.120Z"


def test_names_are_those_of_the_types() -> None:
    entries = _journal()
    announcer = Announcer(lambda call, row: [])
    event = announcer.event(1, entries[0])
    assert event is not None and public_name(event) == "offered"
