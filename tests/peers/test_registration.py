"""Desk phones come and go: UDP and TCP, MD5 and SHA-256, refresh, expiry, NAT, three at most."""

import json
import subprocess
import sys

import pytest
from raw_phone import RawPhone, sdp
from running_box import ROOT, wait_for

pytestmark = pytest.mark.peer

SIPP_REGISTER = """<send retrans="500"><![CDATA[

REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:8003@[remote_ip]>;tag=[pid]R[call_number]
To: <sip:8003@[remote_ip]>
Call-ID: [call_id]
CSeq: {cseq} REGISTER
Contact: <sip:8003@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70
Expires: {expires}
{credential}Content-Length: 0

]]></send>
"""
CREDENTIAL = "[authentication username=8003 password={secret}]\n"
CHALLENGED = '<recv response="401" auth="true"></recv>\n'
ACCEPTED = '<recv response="200"></recv>\n'


def line_of(box, number):
    return next(one for one in box.live().lines if one.name == number)


def is_up(box, number):
    return line_of(box, number).is_up


def secret_of(number):
    return f"test-only-secret-of-{number}"


@pytest.fixture
def raw(box):
    """Call it with a number to get a phone over bare sockets; all are taken back at the end."""
    made = []

    def phone(number, secret=None, **words):
        one = RawPhone(box.sip_port, number, secret or secret_of(number), **words)
        made.append(one)
        return one

    yield phone
    for number in {one.user for one in made}:
        last = RawPhone(box.sip_port, number, secret_of(number))
        answer = last.ask(
            "REGISTER", f"sip:127.0.0.1:{box.sip_port}", "Expires: 0", to=f"sip:{number}@127.0.0.1"
        )
        assert answer.status == 200
        last.close()
    for one in made:
        one.close()


@pytest.mark.rfc("8760", "2.4")
@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_a_phone_registers_refreshes_and_unregisters(box, raw, transport, algorithm):
    phone = raw("8003", transport=transport)
    answer = phone.register(expires=60, algorithm=algorithm)
    assert answer.status == 200, answer.text
    assert phone.contact in answer.header("Contact")
    wait_for(lambda: is_up(box, "8003"), 5)
    again = phone.register(expires=120, algorithm=algorithm)
    assert again.status == 200
    assert len(again.all("Contact")) == 1
    assert again.header("Contact").endswith("expires=120")
    gone = phone.register(expires=0, algorithm=algorithm)
    assert gone.status == 200
    assert gone.all("Contact") == []
    wait_for(lambda: not is_up(box, "8003"), 5)


def test_each_phone_is_offered_both_algorithms_and_none_twice(box, raw):
    phone = raw("8003")
    phone.send(phone.request("REGISTER", "sip:127.0.0.1", to="sip:8003@127.0.0.1"))
    challenges = phone.final().all("WWW-Authenticate")
    assert sorted(one.rpartition("algorithm=")[2].split(",")[0] for one in challenges) == [
        "MD5", "SHA-256",
    ]  # fmt: skip
    assert all('realm="linghe"' in one for one in challenges)


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_a_wrong_password_is_refused_and_registers_nothing(box, raw, algorithm):
    phone = raw("8003", secret="not-the-password")
    assert phone.register(algorithm=algorithm).status in (401, 403)
    assert not is_up(box, "8003")


def test_an_unknown_number_is_refused_like_a_wrong_password(box, raw):
    known, unknown = raw("8003", secret="wrong"), RawPhone(box.sip_port, "8999", "wrong")
    first, second = known.register(), unknown.register()
    assert first.status == second.status
    assert [one.partition(" ")[0] for one in first.head.splitlines()] == [
        one.partition(" ")[0] for one in second.head.splitlines()
    ]
    unknown.close()


def test_nobody_registers_for_somebody_else(box, raw):
    phone = raw("8003")
    answer = phone.ask("REGISTER", f"sip:127.0.0.1:{box.sip_port}", to="sip:8001@127.0.0.1")
    assert answer.status == 403


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_baresip_registers_and_takes_itself_back(box, phones, transport):
    phone = phones("8002", transport=transport)
    assert is_up(box, "8002")
    assert "127.0.0.1" in line_of(box, "8002").text
    phone.stop()
    wait_for(lambda: not is_up(box, "8002"), 15, "baresip's farewell")


def test_sipp_registers_with_its_own_digest(box, sipp):
    right = CREDENTIAL.format(secret=secret_of("8003"))
    peer = sipp(
        SIPP_REGISTER.format(cseq=1, expires=60, credential=""), CHALLENGED,
        SIPP_REGISTER.format(cseq=2, expires=60, credential=right), ACCEPTED,
    )  # fmt: skip
    peer.finish()
    wait_for(lambda: is_up(box, "8003"), 5)
    peer = sipp(
        SIPP_REGISTER.format(cseq=1, expires=0, credential=""), CHALLENGED,
        SIPP_REGISTER.format(cseq=2, expires=0, credential=right), ACCEPTED,
        extra=["-p", str(peer.local_port)],
    )  # fmt: skip
    peer.finish()
    wait_for(lambda: not is_up(box, "8003"), 5)


def test_pyvoip_registers_as_a_desk_phone_and_calls(box):
    order = {
        "address": "127.0.0.1", "port": box.sip_port, "user": "8003", "dial": "*60", "key": "1",
        "secret": secret_of("8003"), "seconds": 20,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "appliance.daemons.self_test"],
        input=json.dumps(order).encode(), capture_output=True, cwd=ROOT, timeout=30,
    )  # fmt: skip
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["registered_s"] < 2
    assert told["hung_up_by_box"]
    assert not is_up(box, "8003")


@pytest.mark.slow
@pytest.mark.rfc("3261", "10.3")
def test_a_registration_runs_out(box, raw):
    phone = raw("8003")
    short = phone.register(expires=5)
    assert (short.status, short.header("Min-Expires")) == (423, "20")
    assert phone.register(expires=20).status == 200
    assert is_up(box, "8003")
    wait_for(lambda: not is_up(box, "8003"), 25, "the registration to run out")


def answered(phone, request):
    """Take a call as a phone does; return when the box has acknowledged."""
    phone.respond(request, 180, "Ringing")
    phone.respond(request, 200, "OK", body=sdp(port=phone.port))
    while not phone.receive().first.startswith("ACK"):
        pass


@pytest.mark.rfc("3581", "4")
@pytest.mark.rfc("5626", "5.3")
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_calls_reach_a_phone_behind_nat_where_it_was_heard_from(box, raw, transport):
    behind = raw("8003", transport=transport, contact="sip:8003@192.168.77.7:5062")
    registered = behind.register()
    assert registered.status == 200
    assert f"rport={behind.port}" in registered.header("Via")
    caller = raw("8002")
    caller.register()
    uri = f"sip:8003@127.0.0.1:{box.sip_port}"
    challenge = caller.ask("INVITE", uri, body=sdp(), call_id="nat-call", secret="x")
    caller.acknowledge(challenge, uri)
    credential = caller.credential(challenge.all("WWW-Authenticate")[0], "INVITE", uri)
    caller.send(caller.request("INVITE", uri, credential, body=sdp(), call_id="nat-call"))
    request = behind.receive()
    assert request.first == "INVITE sip:8003@192.168.77.7:5062 SIP/2.0"
    answered(behind, request)
    answer = caller.final()
    assert answer.status == 200
    caller.acknowledge(answer, uri)
    own_to = f"{request.header('To')};tag=raw{behind.port}"
    bye = behind.request("BYE", uri, call_id=request.header("Call-ID"))
    # inside the box's dialog the phone speaks as its called side
    lines = [
        f"From: {own_to}" if line.startswith("From:")
        else f"To: {request.header('From')}" if line.startswith("To:")
        else line
        for line in bye.split("\r\n")
    ]  # fmt: skip
    behind.send("\r\n".join(lines))
    assert behind.final().status == 200
    assert caller.receive().first.startswith("BYE ")


@pytest.mark.rfc("3261", "10.3")
def test_a_fourth_phone_takes_the_place_of_the_oldest(box, raw):
    four = [raw("8003") for _ in range(4)]
    for phone in four:
        answer = phone.register()
        assert answer.status == 200
    contacts = " ".join(answer.all("Contact"))
    assert len(answer.all("Contact")) == 3
    assert four[0].contact not in contacts
    assert all(phone.contact in contacts for phone in four[1:])


def test_a_call_rings_every_phone_of_a_number_and_one_answer_stops_the_rest(box, raw):
    both = [raw("8003"), raw("8003")]
    for phone in both:
        phone.register()
    caller = raw("8002")
    uri = f"sip:8003@127.0.0.1:{box.sip_port}"
    challenge = caller.ask("INVITE", uri, body=sdp(), call_id="two", secret="x")
    caller.acknowledge(challenge, uri)
    credential = caller.credential(challenge.all("WWW-Authenticate")[0], "INVITE", uri)
    caller.send(caller.request("INVITE", uri, credential, body=sdp(), call_id="two"))
    requests = [phone.receive() for phone in both]
    assert all(one.first.startswith("INVITE ") for one in requests)
    both[1].respond(requests[1], 180, "Ringing")
    answered(both[0], requests[0])
    cancel = both[1].receive()
    assert cancel.first.startswith("CANCEL ")
    both[1].respond(cancel, 200, "OK")
    both[1].respond(requests[1], 487, "Request Terminated")
    answer = caller.final()
    assert answer.status == 200
    caller.acknowledge(answer, uri)
    caller.send(
        caller.request("BYE", uri, call_id="two").replace(
            f"To: <{uri}>", f"To: {answer.header('To')}"
        )
    )
    assert caller.final().status == 200
    assert wait_for(lambda: both[0].receive().first.startswith("BYE "), 5)
