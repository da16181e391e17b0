"""Peers on TCP that send a byte at a time, half of a message, or pings without end."""

import pytest
from link import Box
from test_sip_sockets import a_desk, is_closed

from appliance.daemons.control import sip_sockets
from appliance.protocols.sip.flow import Flow
from appliance.protocols.sip.limits import MAX_MESSAGE
from appliance.vocabulary.ids import Instant

NOW = Instant(1000.0)
HEAD = b"OPTIONS sip:ping@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.44.3;branch=z9hG4bKx1\r\n"
REST = (
    b"From: <sip:probe@127.0.44.3>;tag=p1\r\nTo: <sip:ping@127.0.0.1>\r\nCall-ID: c1\r\n"
    b"CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
)


def over_tcp(connection: str = "in1x1") -> Flow:
    return Flow(
        transport="tcp",
        local_address="127.0.0.1",
        local_port=5060,
        remote_address="127.0.44.3",
        remote_port=40_001,
        connection=connection,
    )


def test_a_message_that_never_gets_whole_does_not_keep_its_connection_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Byte after byte, each in good time (slowloris): ten seconds are for the first whole one."""
    monkeypatch.setattr(sip_sockets, "FIRST_MESSAGE_SECONDS", 0.3)
    with a_desk() as desk:
        slow = desk.peer()
        pieces = iter(HEAD + b"X: " + b"a" * 100_000)

        def drips() -> bool:
            try:
                slow.setblocking(True)
                slow.sendall(bytes([next(pieces)]))
            except OSError:
                return True
            return is_closed(slow)

        desk.until(drips)
        assert len(desk.lost) == 1


def test_a_message_byte_by_byte_is_answered_when_it_is_whole_and_not_before() -> None:
    box = Box("127.0.0.1")
    for byte in HEAD + REST[:-1]:
        box.agent.receive(bytes([byte]), over_tcp(), NOW)
        assert box.agent.outgoing() == []
    box.agent.receive(REST[-1:], over_tcp(), NOW)
    (answer,) = box.leaving()
    assert answer.data.startswith(b"SIP/2.0 200 ")


ENDLESS = {
    "a head": HEAD + b"X: ",
    "header lines": HEAD,
    "a body": HEAD + REST.replace(b"Content-Length: 0", b"Content-Length: 999999999"),
    "no line at all": b"",
}


@pytest.mark.parametrize("what", ENDLESS)
def test_what_has_no_end_is_cut_off_once_it_is_longer_than_any_message(what: str) -> None:
    """The box keeps 64 KiB of a connection and not a byte more."""
    box = Box("127.0.0.1")
    more = b"X-Line: yes\r\n" * 300 if what == "header lines" else b"x" * 4096
    box.agent.receive(ENDLESS[what], over_tcp(), NOW)
    sent, closed = len(ENDLESS[what]), False
    while not closed:
        assert sent < 4 * MAX_MESSAGE, "still listening"
        box.agent.receive(more, over_tcp(), NOW)
        sent += len(more)
        closed = any(one.close for one in box.leaving())


def test_pings_without_end_are_answered_one_for_one_and_never_more() -> None:
    """RFC 5626 §4.4.1: CRLFCRLF is answered by CRLF; half of what came, so no amplifier."""
    box = Box("127.0.0.1")
    box.agent.receive(b"\r\n\r\n" * 5000, over_tcp(), NOW)
    answered = b"".join(one.data for one in box.leaving())
    assert set(answered) <= set(b"\r\n") and len(answered) <= 2 * 5000


def test_rubbish_on_one_connection_leaves_the_next_one_alone() -> None:
    box = Box("127.0.0.1")
    for number in range(200):
        box.agent.receive(bytes(range(256)) * 8, over_tcp(f"in1x{number}"), NOW)
    box.leaving()
    box.agent.receive(HEAD + REST, over_tcp("in1x999"), NOW)
    (answer,) = box.leaving()
    assert answer.data.startswith(b"SIP/2.0 200 ") and answer.flow.connection == "in1x999"
