"""Stories of strangers who keep the web server waiting, with a real gunicorn over loopback."""

import http.client
import re
import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from chromium import Web
from web_stage import OWNER, PASSWORD, Stage

from appliance.daemons.supervisor.units import units
from webadmin.gunicorn_worker import MOST_OF_ADDRESS, READ_S

STRANGER = "127.0.0.2"
SLACK_S = 4.0
"""What a page may take besides, on a busy machine."""

HALF_HEAD = b"GET /login HTTP/1.1\r\nHost: box\r\n"
HALF_BODY = (
    b"POST /login HTTP/1.1\r\nHost: box\r\nOrigin: http://box\r\nContent-Length: 5000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nname="
)


@pytest.fixture
def web(full: Stage) -> Iterator[Web]:
    web = Web(full)
    yield web
    web.close()


@pytest.fixture
def strangers(web: Web) -> Iterator[list[socket.socket]]:
    """Forty connections of a stranger that say nothing yet."""
    opened = [_connected(web) for _ in range(40)]
    yield opened
    for one in opened:
        one.close()


def _connected(web: Web) -> socket.socket:
    return socket.create_connection(
        ("127.0.0.1", web.port), timeout=READ_S + SLACK_S, source_address=(STRANGER, 0)
    )


def _login_page_s(web: Web) -> float:
    """Return how long the login page took."""
    begun = time.monotonic()
    link = http.client.HTTPConnection("127.0.0.1", web.port, timeout=READ_S + SLACK_S)
    link.request("GET", "/login")
    assert link.getresponse().status == 200
    link.close()
    return time.monotonic() - begun


def _send(one: socket.socket, what: bytes) -> bool:
    """Send; return False where the box has closed."""
    try:
        one.sendall(what)
    except (ConnectionResetError, BrokenPipeError):
        return False
    return True


def _is_closed(one: socket.socket) -> bool:
    """Say whether the box closes the connection, after whatever it says."""
    try:
        while one.recv(4096):
            pass
    except ConnectionResetError:
        pass
    except TimeoutError:
        return False
    return True


def test_the_box_starts_this_worker() -> None:
    (web,) = (unit for unit in units(workers=1) if unit.name == "web")
    assert "webadmin.gunicorn_worker.Bounded" in web.command


@pytest.mark.parametrize("half", [HALF_HEAD, HALF_BODY])
def test_forty_half_requests_hold_the_pages_up_for_seconds_only(
    web: Web, strangers: list[socket.socket], half: bytes
) -> None:
    for one in strangers:
        _send(one, half)
    assert _login_page_s(web) < READ_S + SLACK_S
    assert all(_is_closed(one) for one in strangers)


def test_connections_that_say_nothing_hold_no_thread_and_are_closed(
    web: Web, strangers: list[socket.socket]
) -> None:
    assert _login_page_s(web) < SLACK_S
    assert all(_is_closed(one) for one in strangers)


def test_request_that_comes_byte_by_byte_is_not_waited_for(web: Web) -> None:
    begun, pause = time.monotonic(), threading.Event()
    with _connected(web) as slow:
        while _send(slow, b"G"):
            assert time.monotonic() - begun < READ_S + SLACK_S
            pause.wait(0.5)


def test_one_address_has_so_many_connections_and_gets_them_back(
    web: Web, strangers: list[socket.socket]
) -> None:
    for one in strangers[MOST_OF_ADDRESS:]:
        assert _is_closed(one)
    for one in strangers[:MOST_OF_ADDRESS]:
        one.close()
    until = time.monotonic() + SLACK_S
    while True:
        with _connected(web) as again:
            if _send(again, HALF_HEAD + b"Connection: close\r\n\r\n"):
                try:
                    if again.recv(12) == b"HTTP/1.1 200":
                        return
                except ConnectionResetError:
                    pass
        assert time.monotonic() < until, "places are given back"


def test_stream_of_live_goes_on_for_longer_than_a_request_may_take(web: Web) -> None:
    link = http.client.HTTPConnection("127.0.0.1", web.port, timeout=READ_S)
    link.request("GET", "/login")
    answer = link.getresponse()
    cookie = (answer.headers["Set-Cookie"] or "").split(";")[0]
    token = re.search(r'name="csrf_token" value="([^"]+)"', answer.read().decode())
    assert token is not None
    form = urlencode({"csrf_token": token[1], "name": OWNER, "password": PASSWORD})
    kind = "application/x-www-form-urlencoded"
    headers = {"Cookie": cookie, "Origin": web.address, "Content-Type": kind}
    link.request("POST", "/login", form, headers)
    answer = link.getresponse()
    assert answer.status == 302
    cookie = answer.headers["Set-Cookie"].split(";")[0]
    answer.read()
    link.request("GET", "/live/stream", headers={"Cookie": cookie})
    stream = link.getresponse()
    assert stream.headers["Content-Type"].startswith("text/event-stream")
    begun, heard = time.monotonic(), 0
    while time.monotonic() - begun < READ_S + 2:
        heard += stream.readline() == b"event: beat\n"
    assert heard >= 3
    link.close()
