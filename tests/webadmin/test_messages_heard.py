"""Stories of voicemail messages: whoever plays or fetches one has heard it, and control is told."""

from collections.abc import Iterator

import pytest
import shop_day
from api_stage import Program, has_token
from control_socket import ControlSocket
from msgspec.structs import replace
from web_stage import AGENT, Stage

from appliance.reports.record import record_of
from appliance.store.ledger import Ledger
from appliance.vocabulary.journal import Entry, RecordingOpened
from appliance.vocabulary.verbs import MessageHeard

FILE = f"/calls/recordings/{shop_day.RECORDING}"
AUDIO = f"/recordings/{shop_day.RECORDING}/audio"


@pytest.fixture
def shop(stage: Stage) -> Stage:
    """The busy day, but the one recording that it has is a message."""
    stage.has_people()
    stage.has_site()
    has_token(stage)
    ledger = Ledger(stage.places.calls, record_of)
    ledger.append([_as_message(entry) for entry in shop_day.shop_journal().entries])
    ledger.close()
    shop_day.write_recording(stage.places.recordings)
    return stage


def _as_message(entry: Entry) -> Entry:
    fact = entry.fact
    if isinstance(fact, RecordingOpened) and fact.recording == shop_day.RECORDING:
        return replace(entry, fact=replace(fact, is_message=True, box="shop"))
    return entry


@pytest.fixture
def control(shop: Stage) -> Iterator[ControlSocket]:
    control = ControlSocket(shop.places.control_socket, shop_day.shop_live(shop_day.NINE))
    yield control
    control.kill()


def heard(control: ControlSocket) -> list[tuple[str, str]]:
    return [(one.by, one.recording) for one in control.verbs if isinstance(one, MessageHeard)]


def test_playing_a_message_tells_control_once(shop: Stage, control: ControlSocket) -> None:
    browser = shop.logged_in()
    assert browser.client.head(FILE).status_code == 200
    assert browser.get(FILE, Range="bytes=4000-").status_code == 206
    assert not heard(control), "neither the file's length nor its end is the message"
    for _ in range(3):
        assert browser.get(FILE, Range="bytes=0-").status_code == 206
    assert heard(control) == [("owner", shop_day.RECORDING)]


def test_downloading_it_is_hearing_it_too(shop: Stage, control: ControlSocket) -> None:
    assert shop.logged_in().get(f"{FILE}/file").status_code == 200
    assert heard(control) == [("owner", shop_day.RECORDING)]


def test_a_program_that_fetches_it_has_heard_it(shop: Stage, control: ControlSocket) -> None:
    program = Program(shop)
    assert program.get(f"/recordings/{shop_day.RECORDING}").status_code == 200
    assert not heard(control), "that told of it only"
    assert program.get(AUDIO).status_code == 200
    assert heard(control) == [("token crm", shop_day.RECORDING)]


def test_who_may_not_hear_it_puts_out_no_lamp(shop: Stage, control: ControlSocket) -> None:
    assert shop.browser().get(FILE).status_code == 302
    assert shop.logged_in(AGENT).get(FILE).status_code == 404
    assert not heard(control)


def test_a_recorded_talk_is_no_message(full: Stage) -> None:
    control = ControlSocket(full.places.control_socket, shop_day.shop_live(shop_day.NINE))
    try:
        assert full.logged_in().get(FILE).status_code == 200
        assert not heard(control)
    finally:
        control.kill()


def test_with_control_away_it_is_heard_and_told_the_next_time(
    shop: Stage, control: ControlSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webadmin.heard.ANSWER_S", 0.2)
    browser = shop.logged_in()
    control.kill()
    assert browser.get(FILE).data[:4] == b"RIFF"
    assert Program(shop).get(AUDIO).status_code == 200
    control.start()
    control.is_silent = True
    assert browser.get(FILE).status_code == 200
    assert not heard(control)
    control.is_silent = False
    assert browser.get(FILE).status_code == 200
    assert heard(control) == [("owner", shop_day.RECORDING)]
