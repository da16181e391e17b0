"""Control's socket and who asks there badly: garbage, without end, a byte at a time, never reading.

Real Unix sockets and control's own Questions; what the box would say is played.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from appliance.daemons.control.questions import MOST_BUFFERED, Questions
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.live import Live
from appliance.wire.codec import MAX_LINE, LineDecoder, line_of
from appliance.wire.control import (
    FromControl,
    LiveAsked,
    LiveTold,
    Refused,
    ReloadPrompts,
    ReloadSite,
    StatusAsked,
    WatchLive,
)

WAIT = 20.0


class Answers:
    """A box whose settings cannot be read, and whose status has a bug."""

    def live(self):
        return Live(at=Utc(1.0), site_name="x" * 4000, site_version=1)

    def reload_site(self):
        raise EquipmentError("settings.db cannot be read: disk I/O error")

    def status(self):
        raise ZeroDivisionError

    def reload_prompts(self):
        return "done"


@asynccontextmanager
async def control(place: Path) -> AsyncIterator[Questions]:
    questions = Questions(Answers())
    server = await asyncio.start_unix_server(questions.ask, path=str(place))
    try:
        yield questions
    finally:
        server.close()
        await asyncio.sleep(0)


async def asked(place: Path, *pieces: bytes, answers: int = 1) -> list[FromControl]:
    """Send the pieces one by one; return what is answered until the end or enough."""
    reader, writer = await asyncio.open_unix_connection(str(place))
    decoder: LineDecoder[FromControl] = LineDecoder(FromControl)
    found: list[FromControl] = []
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        while len(found) < answers:
            data = await asyncio.wait_for(reader.read(65536), WAIT)
            if not data:
                break
            found += decoder.feed(data)
    except ConnectionError:
        pass  # it closed while we were still sending
    finally:
        writer.close()
    return found


DEEP = b'{"command":"LiveAsked","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"
GARBAGE = {
    "bytes": bytes(range(256)) + b"\n",
    "no object": b"[]\n",
    "brackets within brackets": DEEP,
    "no such question": b'{"command":"Nonsense"}\n',
    "half a character": b'{"command":"\xff\xfe"}\n',
    "a number for a word": b'{"command":7}\n',
    "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_refused_and_others_are_answered(name: str, tmp_path: Path) -> None:
    async def story() -> None:
        place = tmp_path / "control.sock"
        async with control(place):
            (refused,) = await asked(place, GARBAGE[name], answers=2)
            assert isinstance(refused, Refused) and refused.key == "malformed"
            (told,) = await asked(place, line_of(LiveAsked()))
            assert isinstance(told, LiveTold)

    asyncio.run(story())


def test_a_line_without_end_is_cut_off(tmp_path: Path) -> None:
    async def story() -> None:
        place = tmp_path / "control.sock"
        async with control(place):
            answers = await asked(place, *[b"x" * 65536] * (3 * MAX_LINE // 65536), answers=2)
            assert all(isinstance(one, Refused) for one in answers) and len(answers) < 2
            (told,) = await asked(place, line_of(LiveAsked()))
            assert isinstance(told, LiveTold)

    asyncio.run(story())


def test_a_question_that_comes_byte_by_byte_is_answered_and_holds_nobody_up(tmp_path: Path) -> None:
    async def story() -> None:
        place = tmp_path / "control.sock"
        async with control(place):
            reader, writer = await asyncio.open_unix_connection(str(place))
            line = line_of(LiveAsked())
            for byte in line[:-1]:
                writer.write(bytes([byte]))
                await writer.drain()
            (told,) = await asked(place, line_of(LiveAsked()))
            assert isinstance(told, LiveTold), "another one, while the first has not ended his line"
            writer.write(line[-1:])
            assert await asyncio.wait_for(reader.readline(), WAIT)
            writer.close()

    asyncio.run(story())


def test_what_the_box_cannot_answer_is_a_refusal_and_the_connection_stays(tmp_path: Path) -> None:
    """A full disk or a bug of ours: `linghe apply` must be told, not left with a broken line."""

    async def story() -> None:
        place = tmp_path / "control.sock"
        async with control(place):
            questions = (ReloadSite(), StatusAsked(), ReloadPrompts())
            first, second, third = await asked(place, *map(line_of, questions), answers=3)
            assert isinstance(first, Refused) and "disk I/O error" in first.sentence
            assert isinstance(second, Refused) and not isinstance(third, Refused)

    asyncio.run(story())


def test_who_watches_and_never_reads_is_cut_off(tmp_path: Path) -> None:
    async def story() -> None:
        place = tmp_path / "control.sock"
        async with control(place) as questions:
            link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            link.connect(str(place))
            link.sendall(line_of(WatchLive()))
            while not questions._live_watchers:
                await asyncio.sleep(0)
            (deaf,) = questions._live_watchers
            told = line_of(LiveTold(live=questions._answers.live()))
            most = 2 * MOST_BUFFERED // len(told) + 10_000
            for _ in range(most):
                questions._tell_live()
                if not questions._live_watchers:
                    break
            assert not questions._live_watchers and deaf.is_closing()
            link.close()

    asyncio.run(story())


def test_the_managers_socket_can_still_be_knocked_at_when_control_has_ended(tmp_path: Path) -> None:
    """Python 3.13 would remove the path of a socket that it did not make."""

    async def story() -> None:
        place = tmp_path / "control.sock"
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(place))
        for _ in range(2):
            server = await Questions(Answers()).listen(listener.dup())
            server.close()
            await server.wait_closed()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
            asking.connect(str(place))
        listener.close()

    asyncio.run(story())
