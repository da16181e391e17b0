"""Calling registered phones, one or several at once, over UDP and TCP. RFC 3261 §9.1, §13.2.2.4."""

from link import Box, Link
from sip_phone import Phone

from appliance.protocols.sip.directory import PhoneTarget
from appliance.protocols.sip.events import (
    DialogEnded,
    DialogId,
    InviteAnswered,
    InviteRefused,
    InviteRinging,
)
from appliance.protocols.sip.message import Request, Response, parse_message

OFFER = b"v=0\r\nours\r\n"


def phones(box: Box, link: Link, count: int) -> list[Phone]:
    made = [Phone(box, "8001", "first-secret", port=5062 + 2 * n) for n in range(count)]
    for phone in made:
        assert phone.register(link).status == 200
        phone.events.clear()
    return made


def ring(box: Box, link: Link) -> DialogId:
    return box.agent.invite(
        PhoneTarget(user="8001"),
        sdp=OFFER,
        from_user="13900000000",
        from_name="张三",
        to_user="8001",
        now=link.now,
        headers=(("Alert-Info", "<http://127.0.0.1>;info=queue"),),
    )


def sort_out(box: Box, all_phones: list[Phone]) -> dict[int, list[str]]:
    """What each phone was sent just now, as words."""
    heard: dict[int, list[str]] = {}
    for out in box.leaving():
        heard.setdefault(out.flow.remote_port, []).append(out.data.split(b" ")[0].decode())
        for phone in all_phones:
            if phone.port == out.flow.remote_port:
                phone.got.append(parse_message(out.data))
    return heard


def latest(phone: Phone, method: str) -> Request:
    found = [m for m in phone.got if isinstance(m, Request) and m.method == method]
    return found[-1]


def hear(box: Box, phone: Phone, link: Link, data: bytes) -> None:
    box.heard(box.agent.receive(data, phone.flow, link.now), link.now)


def test_invite_goes_to_the_contact_over_the_flow_it_registered_from(box: Box, link: Link) -> None:
    (phone,) = phones(box, link, 1)
    assert box.agent.near_address_toward(PhoneTarget(user="8001"), link.now) == "127.0.0.1"
    ring(box, link)
    (out,) = box.leaving()
    assert (out.flow.remote_address, out.flow.remote_port) == ("127.0.9.9", 5062)
    text = out.data.decode()
    assert text.startswith("INVITE sip:8001@192.168.1.50:5062 SIP/2.0\r\n")
    assert 'From: "张三" <sip:13900000000@127.0.0.1>;tag=' in text
    assert "Alert-Info: <http://127.0.0.1>;info=queue\r\n" in text
    assert out.data.endswith(OFFER)


def test_in_dialog_requests_of_a_phone_behind_nat_go_over_its_flow(box: Box, link: Link) -> None:
    (phone,) = phones(box, link, 1)
    dialog = ring(box, link)
    sort_out(box, [phone])
    hear(box, phone, link, phone.response(latest(phone, "INVITE"), 200, tag="x", body=b"v=0\r\n"))
    box.agent.hang_up(dialog, link.now)
    for out in box.leaving():
        assert (out.flow.remote_address, out.flow.remote_port) == ("127.0.9.9", 5062)


def test_first_of_three_phones_wins_and_the_others_stop_ringing(box: Box, link: Link) -> None:
    three = phones(box, link, 3)
    dialog = ring(box, link)
    assert sort_out(box, three) == {5062: ["INVITE"], 5064: ["INVITE"], 5066: ["INVITE"]}
    assert len({latest(phone, "INVITE").call_id for phone in three}) == 3
    for number, phone in enumerate(three[:2]):
        invite = latest(phone, "INVITE")
        hear(box, phone, link, phone.response(invite, 180, tag=f"t{number}"))
    assert box.told(InviteRinging) == [InviteRinging(dialog=dialog, status=180)] * 2
    winner = three[1]
    ok = winner.response(latest(winner, "INVITE"), 200, tag="t1", body=b"v=0\r\ntheirs\r\n")
    hear(box, winner, link, ok)
    assert box.told(InviteAnswered) == [
        InviteAnswered(
            dialog=dialog,
            sdp=b"v=0\r\ntheirs\r\n",
            source_address="127.0.9.9",
            transport="udp",
        )
    ]
    # the third has sent no provisional response: its CANCEL waits (§9.1)
    assert sort_out(box, three) == {5062: ["CANCEL"], 5064: ["ACK"]}
    assert "Call completed elsewhere" in (latest(three[0], "CANCEL").headers.get("Reason") or "")
    late = three[2].response(latest(three[2], "INVITE"), 200, tag="t2", body=b"v=0\r\n")
    hear(box, three[2], link, late)
    assert sort_out(box, three) == {5066: ["ACK", "BYE"]}
    assert len(box.told(InviteAnswered)) == 1
    hear(box, three[2], link, late)
    assert sort_out(box, three) == {5066: ["ACK"]}, "a repeated 2xx gets its ACK again"


def test_one_busy_phone_does_not_stop_the_other_and_the_best_failure_is_told(
    box: Box, link: Link
) -> None:
    two = phones(box, link, 2)
    dialog = ring(box, link)
    sort_out(box, two)
    hear(box, two[0], link, two[0].response(latest(two[0], "INVITE"), 486, tag="a"))
    assert box.told(InviteRefused) == []
    hear(box, two[1], link, two[1].response(latest(two[1], "INVITE"), 480, tag="b"))
    assert box.told(InviteRefused) == [InviteRefused(dialog=dialog, status=486, reason="Word")]
    link.run(70)
    assert [name for name in box.slots if name.startswith("dialog:")] == []


def test_declining_on_one_phone_stops_all(box: Box, link: Link) -> None:
    two = phones(box, link, 2)
    ring(box, link)
    sort_out(box, two)
    hear(box, two[1], link, two[1].response(latest(two[1], "INVITE"), 180, tag="b"))
    hear(box, two[0], link, two[0].response(latest(two[0], "INVITE"), 603, tag="a"))
    assert sort_out(box, two) == {5062: ["ACK"], 5064: ["CANCEL"]}
    (refused,) = box.told(InviteRefused)
    assert isinstance(refused, InviteRefused) and refused.status == 603


def test_phone_that_is_not_registered_is_480_at_the_next_wake(box: Box, link: Link) -> None:
    assert box.agent.near_address_toward(PhoneTarget(user="8001"), link.now) == ""
    dialog = ring(box, link)
    assert box.agent.wake_at() == link.now
    link.run(0.1)
    assert box.told(InviteRefused) == [
        InviteRefused(dialog=dialog, status=480, reason="Not Registered")
    ]
    assert box.slots == {}


def test_refusal_to_come_survives_a_restart(box: Box, link: Link) -> None:
    dialog = ring(box, link)
    box.write_down()
    box.kill(link.now)
    link.run(0.1)
    assert [event.dialog for event in box.told(InviteRefused)] == [dialog]  # type: ignore[attr-defined]


def test_challenge_of_a_phone_is_never_answered(box: Box, link: Link) -> None:
    (phone,) = phones(box, link, 1)
    ring(box, link)
    sort_out(box, [phone])
    challenge = phone.response(latest(phone, "INVITE"), 401, tag="a").replace(
        b"Content-Length", b'WWW-Authenticate: Digest realm="linghe", nonce="n"\r\nContent-Length'
    )
    hear(box, phone, link, challenge)
    assert sort_out(box, [phone]) == {5062: ["ACK"]}
    (refused,) = box.told(InviteRefused)
    assert isinstance(refused, InviteRefused) and refused.status == 401


def tcp_phone(box: Box) -> Phone:
    phone = Phone(box, "8001", "first-secret")
    phone.transport, phone.connection = "tcp", "c1"
    return phone


def test_phone_over_tcp_registers_and_rings_over_its_connection(box: Box, link: Link) -> None:
    phone = tcp_phone(box)
    assert phone.register(link).status == 200
    ring(box, link)
    (out,) = box.leaving()
    assert out.flow == phone.flow and not out.connect
    assert b"Via: SIP/2.0/TCP 127.0.0.1:5060;" in out.data
    assert b";transport=tcp>" in out.data


def test_stream_may_be_cut_anywhere(box: Box, link: Link) -> None:
    phone = tcp_phone(box)
    text = phone.text("OPTIONS").encode() * 3
    for at in range(0, len(text), 7):
        box.agent.receive(text[at : at + 7], phone.flow, link.now)
    # the three have one branch, but OPTIONS are answered without a transaction
    assert [isinstance(m, Response) and m.status for m in phone.collect()] == [200, 200, 200]


def test_ping_is_answered_with_pong_over_tcp_only(box: Box, link: Link) -> None:
    phone = tcp_phone(box)
    box.agent.receive(b"\r\n\r\n", phone.flow, link.now)
    assert [out.data for out in box.agent.outgoing()] == [b"\r\n"]
    phone.transport = "udp"
    box.agent.receive(b"\r\n\r\n", phone.flow, link.now)
    assert box.agent.outgoing() == []


def test_stream_that_cannot_be_framed_is_closed(box: Box, link: Link) -> None:
    phone = tcp_phone(box)
    bad = phone.text("OPTIONS").encode().replace(b"Content-Length: 0", b"Content-Length: -1")
    box.agent.receive(bad, phone.flow, link.now)
    outs = box.agent.outgoing()
    assert [out.close for out in outs] == [False, True]
    assert outs[0].data.startswith(b"SIP/2.0 400 ")


def test_call_outlives_its_tcp_connection(box: Box, link: Link) -> None:
    phone = tcp_phone(box)
    phone.register(link)
    dialog = ring(box, link)
    sort_out(box, [phone])
    hear(box, phone, link, phone.response(latest(phone, "INVITE"), 200, tag="t", body=b"v=0\r\n"))
    box.leaving()
    box.agent.connection_lost(phone.flow, link.now)
    assert box.told(DialogEnded) == []
    box.agent.hang_up(dialog, link.now)
    (bye,) = box.leaving()
    assert bye.connect and bye.flow.connection == "" and bye.data.startswith(b"BYE ")


def test_invite_lost_with_its_connection_goes_out_again(box: Box, link: Link) -> None:
    phone = tcp_phone(box)
    phone.register(link)
    ring(box, link)
    (first,) = box.leaving()
    box.agent.connection_lost(phone.flow, link.now)
    (again,) = box.leaving()
    assert again.data == first.data and again.connect


def test_answers_of_ever_new_forks_cost_a_bounded_table(box: Box, link: Link) -> None:
    (phone,) = phones(box, link, 1)
    dialog = ring(box, link)
    sort_out(box, [phone])
    invite = latest(phone, "INVITE")
    said = []
    for number in range(100):
        data = phone.response(invite, 200, tag=f"fork{number}", body=b"v=0\r\n")
        hear(box, phone, link, data)
        said += sort_out(box, [phone]).get(5062, [])
    assert said == ["ACK", *["ACK", "BYE"] * 16]
    box.agent.hang_up(dialog, link.now)
    assert sort_out(box, [phone]) == {5062: ["BYE"]}
