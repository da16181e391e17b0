"""The page "Live" without a browser: one connection to control, its deaths, and the stream."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shop_day
from control_socket import ControlSocket
from web_stage import AGENT, PASSWORD, Stage

from appliance.reports.names import Names, names_of
from appliance.vocabulary.live import LiveCall
from webadmin.live_feed import LiveFeed, Picture
from webadmin.pages.live.told import LONGEST_TEXT, told

AT = shop_day.NINE + 5000
PATIENCE_S = 8.0
"""Most that a step may take on a busy machine."""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "data" / "run" / "control.sock"


@pytest.fixture
def control(place: Path) -> Iterator[ControlSocket]:
    control = ControlSocket(place, shop_day.shop_live(AT))
    yield control
    control.kill()


def _calls(picture: Picture) -> tuple[LiveCall, ...]:
    return () if picture.live is None else picture.live.calls


def _until(feed: LiveFeed, is_so: Callable[[Picture], bool]) -> Picture:
    """Return the first picture of which it is so."""
    until, picture = time.monotonic() + PATIENCE_S, feed.now()
    while not is_so(picture):
        assert time.monotonic() < until, f"still {picture}"
        picture = feed.after(picture.number, 1.0)
    return picture


def test_picture_comes_with_the_first_question(control: ControlSocket, place: Path) -> None:
    picture = LiveFeed(place).now()
    assert _calls(picture) == control.live.calls and not picture.is_away


def test_all_open_pages_share_one_connection(control: ControlSocket, place: Path) -> None:
    feed = LiveFeed(place)
    for _ in range(20):
        feed.now()
        feed.after(0, 0.01)
    assert control.connections == 1


def test_change_reaches_who_waits_within_two_seconds(control: ControlSocket, place: Path) -> None:
    feed = LiveFeed(place)
    first = feed.now()
    begun = time.monotonic()
    control.show(shop_day.shop_live(AT + 1, name="new one"))
    picture = _until(feed, lambda picture: _calls(picture) == control.live.calls)
    assert picture.number > first.number
    assert time.monotonic() - begun < 2.0


def test_killed_control_is_away_with_its_last_picture_and_is_found_again(
    control: ControlSocket, place: Path
) -> None:
    feed = LiveFeed(place)
    feed.now()
    control.kill()
    away = _until(feed, lambda picture: picture.is_away)
    assert _calls(away) == control.live.calls
    control.start()
    assert not _until(feed, lambda picture: not picture.is_away).is_away


def test_control_that_listens_but_does_not_answer_is_away(
    control: ControlSocket, place: Path
) -> None:
    control.is_silent = True
    feed = LiveFeed(place)
    assert feed.now().is_away
    control.is_silent = False
    assert not _until(feed, lambda picture: not picture.is_away).is_away


def test_without_control_there_is_no_picture_and_the_machines_time(tmp_path: Path) -> None:
    feed = LiveFeed(tmp_path / "none.sock")
    assert feed.now().live is None and feed.now().is_away
    assert feed.box_time() == pytest.approx(time.time(), abs=5)


def test_time_of_the_box_is_controls_and_goes_on(control: ControlSocket, place: Path) -> None:
    feed = LiveFeed(place)
    first = feed.box_time()
    assert first == pytest.approx(AT, abs=2)
    assert AT <= feed.box_time() < AT + PATIENCE_S


def test_garbage_from_the_socket_is_no_picture(place: Path) -> None:
    control = ControlSocket(place, shop_day.shop_live(AT))
    control._say = lambda link: link.sendall(b'{"event":"nonsense"}\n')
    feed = LiveFeed(place)
    assert feed.now().is_away
    control.kill()


# --- what pages are told ----------------------------------------------------------------------
def _told(live_name: str) -> dict:
    live = shop_day.shop_live(AT, name=live_name)
    picture = Picture(number=7, live=live, heard_at=0.0, is_away=False)
    return json.loads(told(picture, names_of(shop_day.SITE), 0.5))


def test_ids_have_their_names_and_times_go_on() -> None:
    seen = _told("")
    assert seen["calls"][0]["agent"] == "王芳" and seen["calls"][0]["queue"] == "销售"
    assert seen["at"] == AT + 0.5
    assert [call["position"] for call in seen["calls"]] == [None, 1, 2, None]


def test_name_of_ten_kilobytes_is_cut() -> None:
    name = _told("x" * 10_000)["calls"][1]["caller_name"]
    assert len(name) == LONGEST_TEXT and name.endswith("…")


def test_nothing_known_yet_is_told_as_such() -> None:
    picture = Picture(number=1, live=None, heard_at=0.0, is_away=True)
    seen = json.loads(told(picture, Names(), 0.0))
    assert seen["at"] is None and seen["is_away"] is True


# --- the stream -------------------------------------------------------------------------------
def test_page_asks_for_one_picture(full: Stage, control: ControlSocket) -> None:
    seen = full.logged_in().get("/live/now").get_json()
    assert [agent["name"] for agent in seen["agents"]] == [name for _, name in shop_day.PEOPLE]


def test_stream_gives_pictures_until_the_login_ends(
    full: Stage, control: ControlSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webadmin.pages.live.views.LOOK_S", 0.2)
    agent, owner = full.logged_in(AGENT), full.logged_in()
    answer = agent.client.get("/live/stream", buffered=False)
    assert answer.mimetype == "text/event-stream"
    events = answer.iter_encoded()
    assert next(events) == b"retry: 1000\n\n"
    first = next(events)
    assert first.startswith(b"data: {") and first.endswith(b"\n\n")
    owner.post("/people/remove", {"name": AGENT, "own_password": PASSWORD}, page="/people/")
    rest = []
    for event in events:
        rest.append(event)
        control.show(control.live)
    assert rest[-1].startswith(b"event: over")
    answer.close()


def test_stream_ends_with_the_logout_of_its_page(
    full: Stage, control: ControlSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webadmin.pages.live.views.LOOK_S", 0.2)
    browser, other = full.logged_in(), full.logged_in()
    answer = browser.client.get("/live/stream", buffered=False)
    kept = other.client.get("/live/stream", buffered=False)
    events, others = answer.iter_encoded(), kept.iter_encoded()
    assert next(events) == next(others) == b"retry: 1000\n\n"
    browser.post("/logout", {}, page="/account/")
    until, event = time.monotonic() + PATIENCE_S, b""
    while event != b"event: over\ndata: {}\n\n":
        assert time.monotonic() < until, event
        event = next(events)
        control.show(control.live)
    assert next(others).startswith(b"data: {"), "another login of the same owner goes on"
    answer.close()
    kept.close()


def test_places_of_streams_are_bounded_and_given_back(full: Stage, control: ControlSocket) -> None:
    browser = full.logged_in()
    streams = [browser.client.get("/live/stream", buffered=False) for _ in range(17)]
    assert [one.status_code for one in streams] == [200] * 16 + [429]
    for one in streams:
        one.close()
    again = browser.client.get("/live/stream", buffered=False)
    assert again.status_code == 200
    again.close()


def test_head_of_the_stream_takes_no_place(full: Stage, control: ControlSocket) -> None:
    browser = full.logged_in()
    for _ in range(17):
        assert browser.client.head("/live/stream").status_code == 200
    stream = browser.client.get("/live/stream", buffered=False)
    assert stream.status_code == 200
    stream.close()


def test_stream_without_a_login_is_refused_not_redirected(full: Stage) -> None:
    answer = full.browser().client.get("/live/stream", headers={"Accept": "text/event-stream"})
    assert answer.status_code == 401
