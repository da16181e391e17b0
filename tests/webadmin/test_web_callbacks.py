"""The page "Callbacks" and its API: who is to be called back, tries, failures, cancelling."""

from collections.abc import Iterator

import pytest
import shop_day
from api_stage import Program, has_token
from control_socket import ControlSocket
from msgspec.structs import replace
from web_stage import AGENT, Browser, Stage

from appliance.vocabulary.callbacks import CallbackPhase, CallbackRow, CallbackTry
from appliance.vocabulary.ids import AgentId, CallbackId, CallId, QueueId, Utc
from appliance.vocabulary.live import Live
from appliance.vocabulary.settings import Language
from appliance.vocabulary.tokens import Scope
from appliance.vocabulary.verbs import CancelCallback

NOON = shop_day.NINE + 3 * 3600


def row(callback: str, phase: CallbackPhase, **more: object) -> CallbackRow:
    wanted: dict[str, object] = {
        "callback": CallbackId(callback),
        "number": "13900001111",
        "queue": QueueId("sales"),
        "phase": phase,
        "language": Language.ZH,
        "first": CallId("c1"),
        "asked": Utc(NOON),
        "since": Utc(NOON - 60),
        **more,
    }
    return CallbackRow(**wanted)


TRY = CallbackTry(at=Utc(NOON + 60), agent=AgentId("1001"), call=CallId("c2"), result="no_answer")
ROWS = (
    row("b1", CallbackPhase.PENDING, name=shop_day.HOSTILE, tries=(TRY,), not_before=Utc(NOON)),
    row("b2", CallbackPhase.RUNNING, number="13900002222"),
    row(
        "b3",
        CallbackPhase.FAILED,
        number="13900003333",
        ended=Utc(NOON + 600),
        reason="tries",
        tries=(TRY, replace(TRY, result="busy")),
    ),
)


@pytest.fixture
def shop(full: Stage) -> Stage:
    has_token(full)
    return full


@pytest.fixture
def control(shop: Stage) -> Iterator[ControlSocket]:
    live = Live(at=Utc(NOON), site_name="Shop", site_version=1, callbacks=ROWS)
    control = ControlSocket(shop.places.control_socket, live)
    yield control
    control.kill()


def in_english(shop: Stage) -> Browser:
    return shop.logged_in(language="en")


def test_the_owner_sees_who_is_to_be_called_back_and_who_could_not_be(
    shop: Stage, control: ControlSocket
) -> None:
    text = in_english(shop).get("/callbacks/").text
    for number in ("13900001111", "13900002222", "13900003333"):
        assert number in text
    assert "no answer" in text and "tried often enough" in text
    assert shop_day.HOSTILE not in text
    assert shop.logged_in(AGENT).get("/callbacks/").status_code == 403


def test_only_a_pending_one_can_be_cancelled_and_the_audit_has_who_did_it(
    shop: Stage, control: ControlSocket
) -> None:
    browser = shop.logged_in()
    text = browser.get("/callbacks/").text
    assert 'value="b1"' in text and 'value="b2"' not in text and 'value="b3"' not in text
    answer = browser.post("/callbacks/cancel", {"callback": "b1"}, page="/callbacks/")
    assert answer.status_code == 302
    [verb] = [one for one in control.verbs if isinstance(one, CancelCallback)]
    assert (verb.callback, verb.by) == ("b1", "owner")
    assert shop.acts()[0] == "callback_cancelled"


def test_without_call_control_the_page_says_so(shop: Stage) -> None:
    assert "does not answer at this moment" in in_english(shop).get("/callbacks/").text


def test_programs_list_and_cancel_them(shop: Stage, control: ControlSocket) -> None:
    program = Program(shop)
    listed = program.get("/callbacks").json
    assert listed is not None
    shown = listed["callbacks"]
    assert [one["phase"] for one in shown] == ["pending", "running", "failed"]
    assert [one["result"] for one in shown[2]["tries"]] == ["no_answer", "busy"]
    assert shown[0]["first_call"] == "c1"
    assert program.post("/callbacks/b1/cancel").status_code == 200
    assert shop.acts()[0] == "callback_cancelled"


def test_a_token_needs_its_scope(shop: Stage, control: ControlSocket) -> None:
    reader = Program(
        shop, has_token(shop, Scope.CALLS_READ, name="board", text="linghe_" + "1" * 64)
    )
    assert reader.get("/callbacks").status_code == 200
    assert reader.problem(reader.post("/callbacks/b1/cancel")) == (403, "scope_missing")
