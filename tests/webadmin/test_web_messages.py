"""The page "Messages" and its API: who sees which box, sound, marking, deleting, what is red."""

from collections.abc import Iterator

import pytest
import shop_day
from api_stage import Program, has_token
from control_socket import ControlSocket
from msgspec.structs import replace
from web_stage import AGENT, Browser, Stage

from appliance.vocabulary.ids import AgentId, BoxName, CallId, RecordingId, Seconds, Utc
from appliance.vocabulary.messages import BoxTold, MessageNote
from appliance.vocabulary.settings_messages import VoicemailBoxFacts
from appliance.vocabulary.tokens import Scope
from appliance.vocabulary.verbs import DeleteMessage, MarkMessage, MessageHeard

FILE = f"{shop_day.DAY}/{shop_day.RECORDING}.wav"
NOON = shop_day.NINE + 3 * 3600


def message(recording: str, hours_ago: float, **more: object) -> MessageNote:
    wanted: dict[str, object] = {
        "recording": RecordingId(recording),
        "call": CallId("c1"),
        "caller": "13900001111",
        "left": Utc(NOON - hours_ago * 3600),
        "seconds": Seconds(6.0),
        "file": FILE,
        **more,
    }
    return MessageNote(**wanted)


HEARD = message("r3", 30, heard_by="8001", heard_at=Utc(NOON - 3600))
BOXES = (
    BoxTold(
        box=BoxName("shop"),
        name="Lada <b>",
        new=(message("r1", 5, caller_name=shop_day.HOSTILE), message("r2", 1)),
        old=(HEARD,),
    ),
    BoxTold(box=BoxName("boss"), new=(message("r4", 0.1, caller=""),)),
)


@pytest.fixture
def shop(full: Stage) -> Stage:
    boxes = (
        VoicemailBoxFacts(id=BoxName("shop"), number="70", agents=(AgentId("1001"),)),
        VoicemailBoxFacts(id=BoxName("boss"), red_after_hours=1),
    )
    store = full.settings()
    site = replace(store.current(), voicemail_box=boxes)
    store.save(site, by="test", at=Utc(1.0))
    store.close()
    has_token(full)
    return full


@pytest.fixture
def control(shop: Stage) -> Iterator[ControlSocket]:
    control = ControlSocket(shop.places.control_socket, shop_day.shop_live(NOON))
    control.boxes = BOXES
    yield control
    control.kill()


def opened(shop: Stage, name: str = "owner") -> Browser:
    return shop.logged_in(name, language="en")


def test_the_owner_sees_every_box_newest_first_unheard_before_heard(
    shop: Stage, control: ControlSocket
) -> None:
    text = opened(shop).get("/messages/").text
    assert "Lada &lt;b&gt;" in text and ">boss<" in text and "<script>alert" not in text
    places = [text.index(f"/messages/{one}.wav") for one in ("r2", "r1", "r3", "r4")]
    assert places == sorted(places)
    assert "2 new, 1 heard" in text and "*9870" in text and "withheld" in text
    assert text.count('<tr class="late"') == 1, "r1 has waited five hours, four are allowed"
    assert "nobody, for too long" in text and "8001" in text


def test_an_agent_sees_his_boxes_and_his_queues_only(shop: Stage, control: ControlSocket) -> None:
    browser = opened(shop, AGENT)
    text = browser.get("/messages/").text
    assert "/messages/r1.wav" in text and "r4" not in text
    assert browser.get("/messages/r1.wav").status_code == 200
    assert browser.get("/messages/r4.wav").status_code == 404
    for address in ("mark", "delete"):
        fields = {"recording": "r4", "sure": "yes", "new": "no"}
        answer = browser.post(f"/messages/{address}", fields, page="/messages/")
        assert answer.status_code == 404
    store = shop.settings()
    queue = next(one for one in store.current().queue if "1001" in one.agents)
    boxes = (VoicemailBoxFacts(id=BoxName("boss"), queues=(queue.id,)),)
    store.save(replace(store.current(), voicemail_box=boxes), by="test", at=Utc(2.0))
    store.close()
    text = browser.get("/messages/").text
    assert "/messages/r4.wav" in text and "/messages/r1.wav" not in text


def test_listening_tells_control_who_and_stands_in_the_audit(
    shop: Stage, control: ControlSocket
) -> None:
    browser = opened(shop, AGENT)
    sound = browser.get("/messages/r1.wav")
    assert sound.data[:4] == b"RIFF" and sound.mimetype == "audio/wav"
    assert browser.get("/messages/r1.wav", Range="bytes=4000-").status_code == 206
    heard = [one for one in control.verbs if isinstance(one, MessageHeard)]
    assert [(one.by, one.recording) for one in heard] == [(AGENT, "r1")]
    assert shop.acts()[0] == "recording_heard"


def test_a_message_marked_as_new_is_heard_anew_by_the_next_who_listens(
    shop: Stage, control: ControlSocket
) -> None:
    browser = opened(shop)
    browser.get("/messages/r3.wav")
    browser.post("/messages/mark", {"recording": "r3", "new": "yes"}, page="/messages/")
    browser.get("/messages/r3.wav")
    marks = [one for one in control.verbs if isinstance(one, MarkMessage)]
    assert [(one.recording, one.is_new, one.by) for one in marks] == [("r3", True, "owner")]
    assert sum(isinstance(one, MessageHeard) for one in control.verbs) == 2
    assert "message_marked" in shop.acts()


def test_deleting_wants_a_tick_and_is_written_down(shop: Stage, control: ControlSocket) -> None:
    browser = opened(shop)
    browser.post("/messages/delete", {"recording": "r1"}, page="/messages/")
    assert "Nothing was deleted" in browser.get("/messages/").text
    assert not any(isinstance(one, DeleteMessage) for one in control.verbs)
    fields = {"recording": "r1", "sure": "yes"}
    browser.post("/messages/delete", fields, page="/messages/")
    assert "The message is deleted." in browser.get("/messages/").text
    (deleted,) = (one for one in control.verbs if isinstance(one, DeleteMessage))
    assert (deleted.recording, deleted.by) == ("r1", "owner")
    assert shop.acts()[0] == "message_deleted"


def test_with_control_away_the_page_says_so_and_nothing_is_claimed(
    shop: Stage, control: ControlSocket
) -> None:
    browser = opened(shop)
    token = browser.token("/messages/")
    control.kill()
    assert "The messages are kept" in browser.get("/messages/").text
    fields = {"recording": "r1", "sure": "yes"}
    answer = browser.post("/messages/delete", fields, token=token)
    assert answer.status_code == 404
    assert browser.get("/today/").status_code == 200
    control.start()


def test_what_nobody_hears_is_red_on_today(shop: Stage, control: ControlSocket) -> None:
    browser = opened(shop)
    browser.get("/live/events?once")  # the feed has its picture
    text = browser.get("/today/").text
    assert "Voicemail messages unheard for too long: 1." in text
    control.boxes = ()
    assert "Voicemail messages unheard" not in browser.get("/today/").text


def test_a_file_outside_of_the_recordings_is_never_given(
    shop: Stage, control: ControlSocket
) -> None:
    for file in ("../secrets.json", "/etc/passwd", ""):
        note = message("r9", 1, file=file)
        control.boxes = (BoxTold(box=BoxName("shop"), new=(note,)),)
        assert opened(shop).get("/messages/r9.wav").status_code == 404


# --- programs -------------------------------------------------------------------------------------
def test_a_program_lists_marks_and_deletes(shop: Stage, control: ControlSocket) -> None:
    program = Program(shop)
    told = program.get("/messages").json
    assert told is not None
    shop_box, boss = told["boxes"]
    assert (shop_box["box"], shop_box["new"], shop_box["old"]) == ("shop", 2, 1)
    assert [one["recording"] for one in shop_box["messages"]] == ["r2", "r1", "r3"]
    assert shop_box["messages"][2]["heard_by"] == "8001" and not shop_box["messages"][2]["is_new"]
    assert boss["messages"][0]["audio"] == "/api/v1/recordings/r4/audio"
    assert program.post("/messages/r3/mark", {"is_new": True}).json == {"recording": "r3"}
    assert program.post("/messages/r1/delete").json == {"recording": "r1"}
    marked, deleted = control.verbs[-2:]
    assert isinstance(marked, MarkMessage) and marked.by == "token crm" and marked.is_new
    assert isinstance(deleted, DeleteMessage) and deleted.recording == "r1"
    assert program.problem(program.post("/messages/r8/delete")) == (404, "recording_unknown")
    assert shop.acts()[:3] == ["message_deleted", "message_deleted", "message_marked"]


def test_a_token_without_the_scope_may_not(shop: Stage, control: ControlSocket) -> None:
    text = "linghe_" + "ab" * 32
    has_token(shop, Scope.RECORDINGS_READ, Scope.CALLS_CONTROL, name="weak", text=text)
    weak = Program(shop, text)
    for answer in (weak.get("/messages"), weak.post("/messages/r1/delete")):
        assert weak.problem(answer) == (403, "scope_missing")
    assert not control.verbs


def test_a_program_is_told_when_control_is_away(shop: Stage, control: ControlSocket) -> None:
    control.kill()
    program = Program(shop)
    assert program.problem(program.get("/messages")) == (503, "control_away")
    control.start()
