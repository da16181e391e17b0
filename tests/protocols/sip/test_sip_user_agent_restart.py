"""kill -9 at every moment of a call: repetitions get the same bytes, and the call goes on."""

import pytest
from link import Box, Link, scattered
from sip_shop import ANSWER, Pair

from appliance.protocols.sip.events import (
    DialogEnded,
    InviteAnswered,
    InviteArrived,
    SipEvent,
)
from appliance.protocols.sip.flow import Flow
from appliance.vocabulary.ids import Instant


def _udp(address: str) -> Flow:
    return Flow(
        transport="udp",
        local_address="127.0.0.3",
        local_port=5060,
        remote_address=address,
        remote_port=5060,
    )


def _last(pair: Pair, word: bytes) -> bytes:
    """The last datagram that the caller sent with this method."""
    return [d for name, d in pair.link.carried if name == "127.0.0.2" and d.startswith(word)][-1]


def _answered_again(pair: Pair, data: bytes) -> list[bytes]:
    """What the called side answers to a repetition."""
    events = pair.called.agent.receive(data, _udp("127.0.0.2"), pair.link.now)
    assert events == []
    return [out.data for out in pair.called.leaving()]


def _arrive(pair: Pair) -> bytes:
    pair.dial()
    pair.link.run(1)
    return _last(pair, b"INVITE ")


def _ring(pair: Pair) -> bytes:
    invite = _arrive(pair)
    pair.called.agent.ring(pair.arrived(), pair.link.now)
    pair.called.leaving()
    return invite


def _answer(pair: Pair) -> bytes:
    invite = _ring(pair)
    pair.called.agent.answer(pair.arrived(), ANSWER, pair.link.now)
    pair.called.leaving()
    return invite


def _refuse(pair: Pair) -> bytes:
    invite = _ring(pair)
    pair.called.agent.reject(pair.arrived(), 486, "", pair.link.now)
    pair.called.leaving()
    return invite


def _cancel(pair: Pair) -> bytes:
    near = pair.dial()
    pair.link.run(1)
    pair.caller.agent.hang_up(near, pair.link.now)
    pair.link.run(1)
    return _last(pair, b"CANCEL ")


def _bye(pair: Pair) -> bytes:
    near, _ = pair.talking()
    pair.caller.agent.hang_up(near, pair.link.now)
    pair.link.run(1)
    return _last(pair, b"BYE ")


@pytest.mark.parametrize("reach", [_arrive, _ring, _answer, _refuse, _cancel, _bye])
def test_repetition_after_a_restart_gets_the_same_bytes(reach: object) -> None:
    assert callable(reach)
    pair = Pair()
    data = reach(pair)
    assert isinstance(data, bytes)
    before = _answered_again(pair, data)
    assert before, "a repetition is answered"
    pair.called.kill(pair.link.now)
    assert _answered_again(pair, data) == before


def test_stateless_refusals_are_the_same_after_a_restart() -> None:
    pair = Pair()
    pair.called.directory.trusted.clear()
    pair.dial()
    pair.link.run(1)
    invite = _last(pair, b"INVITE ")
    before = _answered_again(pair, invite)
    pair.called.kill(pair.link.now)
    assert before[0].startswith(b"SIP/2.0 401 ")
    assert _answered_again(pair, invite) == before


@pytest.mark.parametrize("kill_after", range(1, 26))
@pytest.mark.parametrize("loss", [0, 20])
def test_call_survives_a_kill_of_both_sides_after_any_step(kill_after: int, loss: int) -> None:
    pair = Pair(loss=scattered(loss, kill_after))
    link = pair.link
    steps = 0

    def run(seconds: float) -> None:
        nonlocal steps
        until = Instant(link.now + seconds)
        while link.step(until):
            steps += 1
            if steps == kill_after:
                for box in (pair.caller, pair.called):
                    link.gather()
                    box.kill(link.now)
        link.now = until

    pair.answers_at_once()
    near = pair.dial()
    run(25)
    assert len(pair.caller.told(InviteAnswered)) == 1
    assert len(pair.called.told(InviteArrived)) == 1
    pair.caller.agent.hang_up(near, link.now)
    run(40)
    assert len(pair.called.told(DialogEnded)) == 1
    run(70)
    assert pair.is_empty()


def test_kill_while_cancelling_still_cancels() -> None:
    pair = Pair()
    near = pair.dial()
    pair.caller.agent.hang_up(near, pair.link.now)
    pair.link.gather()
    pair.caller.kill(pair.link.now)
    pair.link.run(1)
    assert len(pair.called.told(DialogEnded)) == 1
    pair.link.run(70)
    assert pair.is_empty()


def test_slots_hold_bytes_that_are_no_utf8() -> None:
    called = Box("127.0.0.3")
    called.directory.trusted["127.0.0.2"] = "gateway"
    events: list[SipEvent] = []
    name = "王芳".encode("gbk")
    invite = (
        b"INVITE sip:8001@127.0.0.3 SIP/2.0\r\n"
        b"Via: SIP/2.0/UDP 127.0.0.2:5060;rport;branch=z9hG4bKgbk\r\n"
        b'From: "' + name + b'" <sip:139@127.0.0.2>;tag=g\r\nTo: <sip:8001@127.0.0.3>\r\n'
        b"Call-ID: gbk\r\nCSeq: 1 INVITE\r\nContact: <sip:139@127.0.0.2>\r\n"
        b"Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
    link = Link(called)
    events = called.agent.receive(invite, _udp("127.0.0.2"), link.now)
    (arrived,) = events
    assert isinstance(arrived, InviteArrived) and arrived.from_name == "王芳"
    called.agent.answer(arrived.dialog, ANSWER, link.now)
    (_, ok) = called.leaving()
    assert name in ok.data
    called.kill(link.now)
    called.agent.hang_up(arrived.dialog, link.now)
    called.agent.receive(
        invite.replace(b"INVITE ", b"ACK ").replace(b"1 INVITE", b"1 ACK")
        .replace(b"z9hG4bKgbk", b"z9hG4bKother"),
        _udp("127.0.0.2"),
        link.now,
    )  # fmt: skip
    (bye,) = called.leaving()
    assert bye.data.startswith(b"BYE sip:139@127.0.0.2 ") and name in bye.data
