"""The supervisor's parts without processes: a post's standing, messages, sockets, table, output."""

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lane import free_port

from appliance.daemons.paths import Environment
from appliance.daemons.supervisor.messages import Message, message_of
from appliance.daemons.supervisor.output import ROTATE_AT, Console, Lines, LogFile
from appliance.daemons.supervisor.post import PAUSE_SECONDS, Post, PostState
from appliance.daemons.supervisor.sockets import listening_sockets, page_addresses
from appliance.daemons.supervisor.units import Unit, is_there, units
from appliance.vocabulary.errors import EquipmentError


def new_post(**more: object) -> Post:
    return Post(Unit(name="u", title="u", command=("/bin/true",), **more), is_there=True)


def test_killed_unit_is_started_again_at_once_however_often_it_is_killed() -> None:
    post = new_post()
    for death in range(100):
        post.started(death + 1, 0.1 * death)
        post.died(0.1 * death + 0.05, was_killed=True)
        assert post.start_at == 0.1 * death + 0.05
    assert post.restarts == 100
    assert not post.is_failing


def test_a_storm_of_crashes_pauses_a_second() -> None:
    post = new_post()
    for death in range(30):
        began = 3.0 * death if death < 20 else 60.0 + 0.9 * death
        post.started(death + 1, began - 2.5)
        post.died(began, was_killed=False)
        assert post.start_at == began, "settled each time, and fewer than ten in ten seconds"
    post.started(99, 84.2)
    post.died(86.3, was_killed=False)
    assert post.start_at == 86.3 + PAUSE_SECONDS
    assert not post.is_failing


def test_one_that_ends_by_itself_right_away_is_failing_until_it_stays_up() -> None:
    post = new_post()
    for start in range(3):
        post.started(start + 1, float(start))
        post.heard(message_of(b"READY=1"), start + 0.1)
        post.died(start + 0.2, was_killed=False)
    assert post.is_failing
    assert post.start_at == 2.2 + PAUSE_SECONDS
    post.started(9, 3.2)
    post.heard(message_of(b"READY=1"), 3.3)
    assert post.due_at() == 5.2
    assert not post.settle(5.1)
    assert post.settle(5.2)
    assert not post.is_failing


def test_watch_begins_when_the_unit_is_ready_and_each_word_is_a_sign_of_life() -> None:
    post = new_post(watchdog_seconds=2.0, start_seconds=30.0)
    post.started(5, 0.0)
    assert post.overdue(29.9) is None
    assert post.due_at() == 30.0
    assert post.heard(message_of(b"READY=1\nSTATUS=all well"), 10.0)
    assert post.status == "all well"
    assert post.overdue(11.9) is None
    post.heard(message_of(b"WATCHDOG=1"), 11.9)
    assert post.overdue(13.8) is None
    assert post.overdue(13.9) == "gave no sign of life for 2 s"
    post.killed()
    assert post.due_at() is None
    post.died(14.0, was_killed=True)
    assert post.state is PostState.WAITING


def test_a_unit_that_is_told_to_stop_is_not_started_again() -> None:
    post = new_post()
    post.started(5, 0.0)
    post.stop()
    post.died(1.0, was_killed=False)
    assert post.state is PostState.STOPPED
    assert post.due_at() is None
    assert post.restarts == 0


@given(st.binary())
def test_any_datagram_is_a_message(datagram: bytes) -> None:
    assert isinstance(message_of(datagram), Message)


def test_a_line_longer_than_the_limit_is_cut_and_bytes_may_come_in_any_pieces() -> None:
    lines = Lines()
    assert lines.feed(b"one\ntw") == ["one"]
    assert lines.feed("o é".encode()[:-1]) == []
    assert lines.feed("é".encode()[1:] + b"\n") == ["two é"]
    assert lines.feed(b"x" * 9000) == ["x" * 9000]


def test_log_is_rotated_and_one_older_one_is_kept(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "log" / "u.log")
    log.append(b"x" * (ROTATE_AT + 1))
    log.append(b"new\n")
    log.close()
    assert (tmp_path / "log" / "u.log").read_bytes() == b"new\n"
    assert (tmp_path / "log" / "u.log.1").stat().st_size == ROTATE_AT + 1


def test_console_whose_reader_has_stopped_reading_drops_lines_instead_of_blocking() -> None:
    reader, writer = os.pipe()
    console = Console(writer)
    for _ in range(200):
        console.say("x" * 1000)
    os.close(writer)
    held = b""
    while chunk := os.read(reader, 1 << 20):
        held += chunk
    os.close(reader)
    assert 0 < len(held) < 200 * 1001


def settings(tmp_path: Path, bind: str, sip: int, http: int) -> Environment:
    return Environment(
        data=tmp_path, bind=bind, sip_port=sip, sips_port=0, http_port=http,
        rtp_first=20000, rtp_last=20100, workers=1, clock="",
    )  # fmt: skip


def test_a_taken_port_is_one_sentence_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(EquipmentError) as refusal:
            listening_sockets(settings(tmp_path, "127.0.0.1", free_port(), port), workers=1)
    assert str(refusal.value) == (
        f"Port {port} at 127.0.0.1 is taken by another program, but the box needs it for the web "
        "pages. Stop that program, or choose another port with LINGHE_HTTP_PORT."
    )


def test_every_socket_that_a_unit_wants_is_made(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    made = listening_sockets(settings(tmp_path, "127.0.0.1", free_port(), free_port()), workers=3)
    assert {name for unit in units(workers=3) for name in unit.sockets} == set(made)
    assert (tmp_path / "run" / "media-2.sock").is_socket()
    for opened in made.values():
        opened.close()


def test_a_data_folder_too_deep_for_sockets_is_told_of(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    (deep / "run").mkdir(parents=True)
    with pytest.raises(EquipmentError, match="Choose a shorter LINGHE_DATA"):
        listening_sockets(settings(deep, "127.0.0.1", free_port(), free_port()), workers=1)


def test_page_is_found_at_every_address_unless_bound_to_one() -> None:
    both = ["192.0.2.7", "127.0.0.1"]
    assert page_addresses("0.0.0.0", 8080, lambda: both) == [
        "http://192.0.2.7:8080/",
        "http://127.0.0.1:8080/",
    ]
    assert page_addresses("127.0.0.1", 80, lambda: both) == ["http://127.0.0.1:80/"]
    assert page_addresses("::1", 80, lambda: both) == ["http://[::1]:80/"]


def test_a_module_is_looked_for_without_importing_it(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "__init__.py").write_text("raise RuntimeError")
    roots = {"top": tmp_path}
    assert is_there("top.there", roots)
    assert not is_there("top.gone", roots)
    assert not is_there("top.there.__main__", roots)
    assert is_there("gunicorn", roots)


def test_web_goes_first_and_media_last_when_memory_runs_out_and_jobs_stop_last() -> None:
    table = units(workers=2)
    assert max(table, key=lambda unit: unit.oom_score).name == "web"
    assert {u.name for u in table if u.oom_score == 0} == {"media-0", "media-1"}
    order = [u.name for u in sorted(table, key=lambda unit: unit.stop_order)]
    assert order == ["web", "control", "media-0", "media-1", "jobs"]
