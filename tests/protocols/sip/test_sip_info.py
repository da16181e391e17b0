"""INFO of ours inside a dialog: one at a time, in order, over loss and kills (RFC 6086)."""

import pytest
from link import scattered
from sip_shop import ANSWER, Pair

from appliance.protocols.sip.dialog import request_in, uas_dialog
from appliance.protocols.sip.events import (
    DialogEnded,
    InfoArrived,
    InfoRefused,
    InviteAnswered,
    KeysInInfo,
)
from appliance.protocols.sip.info_requests import MOST_WAITING, keys_in_info
from appliance.protocols.sip.message import Request, Response, parse_message

KEYS = "application/dtmf-relay"
LONG = "0123456789*#0123456789"


def send(pair, dialog, keys):
    for key in keys:
        pair.caller.agent.inform(dialog, KEYS, key.encode(), pair.link.now)


def arrived(box):
    return b"".join(event.body for event in box.told(InfoArrived)).decode()


def sent(pair, box):
    messages = pair.link.messages(box)
    return [one for one in messages if isinstance(one, Request) and one.method == "INFO"]


@pytest.mark.rfc("6086", "4.4")
def test_keys_arrive_in_order_and_one_at_a_time():
    pair = Pair()
    near, _ = pair.talking()
    send(pair, near, LONG)
    assert len(sent(pair, pair.caller)) <= 1
    pair.link.run(5)
    assert arrived(pair.called) == LONG
    assert pair.called.told(InfoArrived)[0].content_type == KEYS
    numbers = [one.cseq.number for one in sent(pair, pair.caller)]
    assert numbers == sorted(set(numbers))
    assert not pair.caller.told(InfoRefused)


@pytest.mark.rfc("6086", "4.4")
@pytest.mark.parametrize("seed", range(6))
def test_loss_neither_loses_nor_doubles_nor_disorders_a_key(seed):
    pair = Pair()
    near, _ = pair.talking()
    pair.link.loss = scattered(30, seed)
    send(pair, near, LONG)
    pair.link.run(200)
    assert arrived(pair.called) == LONG[: len(arrived(pair.called))]
    refused = pair.caller.told(InfoRefused)
    if not refused:
        assert arrived(pair.called) == LONG


def test_keys_that_wait_outlive_a_kill():
    pair = Pair()
    near, _ = pair.talking()
    send(pair, near, "4711")
    pair.link.gather()
    pair.caller.kill(pair.link.now)
    pair.link.run(5)
    assert arrived(pair.called) == "4711"


def test_a_refusal_gives_back_what_did_not_arrive_and_the_talk_goes_on():
    pair = Pair()
    near, _ = pair.talking()
    pair.link.loss = iter([True] * 10000)
    send(pair, near, "12")
    pair.link.run(40)
    (event,) = pair.caller.told(InfoRefused)
    assert event.status == 408 and event.bodies == (b"1", b"2")
    assert not pair.caller.told(DialogEnded)


def test_after_the_end_nothing_more_is_told_or_kept():
    pair = Pair()
    near, far = pair.talking()
    send(pair, near, "12345")
    pair.called.agent.hang_up(far, pair.link.now)
    pair.link.run(80)
    assert not pair.caller.told(InfoRefused)
    pair.give_up()
    assert pair.is_empty()


def test_who_never_answers_is_not_piled_upon():
    pair = Pair()
    near, _ = pair.talking()
    pair.link.loss = iter([True] * 100000)
    send(pair, near, "1" * (MOST_WAITING + 40))
    pair.link.run(40)
    (event,) = pair.caller.told(InfoRefused)
    assert len(event.bodies) == MOST_WAITING


@pytest.mark.rfc("6086", "5.2")
@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", KeysInInfo.POSSIBLE),
        ("Allow: INVITE, ACK, BYE, info\r\n", KeysInInfo.POSSIBLE),
        ("Allow: INVITE, ACK, BYE\r\n", KeysInInfo.REFUSED),
        ("Accept: application/sdp, application/DTMF-relay\r\n", KeysInInfo.WANTED),
        ("Accept: application/dtmf;q=0.5\r\n", KeysInInfo.WANTED),
        ("Allow: INVITE\r\nAccept: application/dtmf-relay\r\n", KeysInInfo.REFUSED),
        ("Recv-Info: conference, infoDtmf\r\n", KeysInInfo.WANTED),
        ("Recv-Info: nil\r\n", KeysInInfo.POSSIBLE),
        ("Accept: text/plain\r\nAllow: INFO\r\n", KeysInInfo.POSSIBLE),
    ],
)
def test_what_headers_say_of_keys(lines, said):
    text = (
        "INVITE sip:1@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.2;branch=z9hG4bKa\r\n"
        "From: <sip:2@127.0.0.2>;tag=1\r\nTo: <sip:1@127.0.0.1>\r\nCall-ID: a\r\n"
        f"CSeq: 1 INVITE\r\nMax-Forwards: 70\r\n{lines}Content-Length: 0\r\n\r\n"
    )
    assert keys_in_info(parse_message(text.encode())) is said


def early_info(pair, far, *, tag=""):
    """An INFO from the phone that rings, which a B2BUA sends for the keys of its user."""
    called = pair.called
    usage = called.agent._usages.get(far)
    transactions = called.agent._transactions
    invite = transactions.request_of(transactions.find(usage.invite_key))
    ours = tag or usage.local_tag.decode()
    dialog = uas_dialog(invite, ours, usage.flow, follows_contact=True)
    info = request_in(called.agent._core, dialog, "INFO")
    info.headers.add("Content-Type", KEYS)
    info.body = b"Signal=5\r\nDuration=160\r\n"
    transactions.ask(info, usage.flow, f"dialog:{far}", pair.link.now)
    pair.link.run(1)
    return [
        one.status
        for one in pair.link.messages(pair.caller)
        if isinstance(one, Response) and one.cseq.method == "INFO"
    ]


@pytest.mark.rfc("6086", "4.2.2")
@pytest.mark.rfc("3261", "12.1.2")
@pytest.mark.parametrize("is_killed", [False, True])
def test_a_phone_that_rings_may_send_info_in_its_early_dialog(is_killed):
    pair = Pair()
    near = pair.dial()
    pair.link.run(1)
    far = pair.arrived()
    pair.called.agent.ring(far, pair.link.now)
    pair.link.run(1)
    if is_killed:
        pair.caller.kill(pair.link.now)
    assert early_info(pair, far) == [200]
    assert not pair.caller.told(InfoArrived), "nobody listens for keys of a phone that rings"
    pair.called.agent.answer(far, ANSWER, pair.link.now)
    pair.link.run(1)
    assert len(pair.caller.told(InviteAnswered)) == 1
    pair.caller.agent.hang_up(near, pair.link.now)
    pair.link.run(40)
    assert pair.is_empty()


def test_info_of_no_early_dialog_is_refused():
    pair = Pair()
    pair.dial()
    pair.link.run(1)
    far = pair.arrived()
    pair.called.agent.ring(far, pair.link.now)
    pair.link.run(1)
    assert early_info(pair, far, tag="another-tag") == [481]
