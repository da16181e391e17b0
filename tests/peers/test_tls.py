"""SIP over TLS with real peers: baresip and linphone as phones, sipp behind TLS as the carrier.

sipp's Debian build has no TLS of its own, so Python's ssl stands before it (tests/fakes/tls_front).
"""

import shutil
import socket
import ssl
import wave

import pytest
from bakery import AT_ONCE, with_trunks
from baresip import Baresip
from capture import Capture
from heard import wait_to_hear
from lane import media_port
from linphone import Linphone
from raw_phone import RawPhone, sdp
from running_box import free_port, wait_for
from sipp import (
    ACK,
    ANSWERED,
    BYE,
    WAIT_BYE,
    Sipp,
    answers,
    invite,
    pause,
    play,
    voice,
)
from test_trunk import REGISTRAR
from tls_front import LastingFront, TlsBack, TlsFront, certificate
from tone_prompts import tone

pytestmark = pytest.mark.peer


@pytest.fixture
def authority(box):
    """The file that a phone is told to trust."""
    return box.folder / "certificates" / "authority.pem"


@pytest.fixture
def says(tmp_path):
    file = tmp_path / "tone440.wav"
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(tone(440, 60).tobytes())
    return file


@pytest.fixture
def raw(box, authority):
    """Phones over bare TLS; all are taken back at the end."""
    made = []

    def phone(number):
        one = RawPhone(
            box.sips_port, number, f"test-only-secret-of-{number}",
            transport="tls", trusts=authority,
        )  # fmt: skip
        made.append(one)
        return one

    yield phone
    for number in {one.user for one in made}:
        last = phone(number)
        gone = last.ask(
            "REGISTER", f"sip:127.0.0.1:{box.sips_port}", "Contact: *", "Expires: 0",
            to=f"sip:{number}@127.0.0.1",
        )  # fmt: skip
        assert gone is not None
    for one in made:
        one.close()


def is_up(box, number):
    return any(one.name == number and one.is_up for one in box.live().lines)


def queue_call_until_heard(sipp, tmp_path, hang_up):
    """A caller who takes the queue, and talks until he has heard the agent for seconds."""
    media = media_port()
    capture = Capture(tmp_path / "loopback.pcap")
    caller = sipp(
        invite("02188886666", name='"Dora" '), ANSWERED, ACK,
        play(voice(tmp_path / "caller.pcap", tone(700, 60), [(1.5, "1")])), WAIT_BYE,
        media=media,
    )  # fmt: skip
    wait_to_hear(capture, media, 440)
    capture.stop()
    hang_up()
    caller.finish()


@pytest.mark.feature("TLS: phone")
@pytest.mark.rfc("3261", "26.3.1")
def test_a_baresip_phone_over_tls_takes_a_call(box, sipp, tmp_path, authority, says):
    phone = Baresip(
        tmp_path, box.sips_port, "8001", "test-only-secret-of-8001",
        answer="auto", transport="tls", says=says, config=f"sip_cafile {authority}",
    )  # fmt: skip
    try:
        wait_for(lambda: is_up(box, "8001"), 10)
        queue_call_until_heard(sipp, tmp_path, lambda: phone.say("hangup"))
        phone.wait("CALL_CLOSED")
    finally:
        phone.stop()


@pytest.mark.feature("TLS: phone")
@pytest.mark.skipif(shutil.which("linphonec") is None, reason="linphonec is not installed")
def test_a_linphone_over_tls_takes_a_call(box, sipp, tmp_path, authority, says):
    phone = Linphone(
        tmp_path, box.sips_port, "8001", "test-only-secret-of-8001",
        says=says, transport="tls", trusts=authority,
    )  # fmt: skip
    try:
        wait_for(lambda: is_up(box, "8001"), 20, f"linphone to register: {phone.told()}")
        queue_call_until_heard(sipp, tmp_path, lambda: phone.say("terminate"))
        assert "SIP/2.0/TLS" in phone.wire()
    finally:
        phone.stop()
    wait_for(lambda: not is_up(box, "8001"), 15)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_nothing_below_tls_1_2_is_spoken(box):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", box.sips_port), 5) as plain:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            context.wrap_socket(plain)


@pytest.mark.rfc("3261", "12.1.1")
def test_who_calls_a_sips_uri_is_given_one(box, raw):
    phone = raw("8003")
    assert phone.register().status == 200
    uri = f"sips:*43@127.0.0.1:{box.sips_port}"
    answer = phone.ask("INVITE", uri, body=sdp())
    assert answer.status == 200, answer.text
    assert answer.header("Contact").startswith("<sips:"), answer.text
    assert answer.header("Via").startswith("SIP/2.0/TLS")
    phone.acknowledge(answer, uri)
    bye = phone.request("BYE", answer.header("Contact").strip("<>"))
    phone.send(
        bye.replace(f"To: <{answer.header('Contact').strip('<>')}>", f"To: {answer.header('To')}")
    )
    assert phone.final().status == 200


def test_a_talk_over_tls_outlives_control_and_its_end_finds_the_phones_new_connection(
    box, raw, sipp, tmp_path
):
    phone = raw("8001")
    assert phone.register().status == 200
    caller = sipp(
        invite("02188886666", caller="1390055"), ANSWERED, ACK,
        play(voice(tmp_path / "key.pcap", tone(300, 20, 500), [(1.2, "3")])),
        pause(13000), BYE,
    )  # fmt: skip
    ring = wait_for(lambda: phone.receive(0.2), 15, "the INVITE")
    assert ring.first.startswith("INVITE sip:8001@"), ring.text
    phone.respond(ring, 200, "OK", body=sdp(port=free_port()))
    ack = phone.receive(5)
    assert ack.first.startswith("ACK"), ack.text
    box.kill("control")
    wait_for(box.is_answering, 20, "control to be back")
    assert phone.receive(5) is None  # its connection died with control's keys
    again = raw("8001")
    assert again.register().status == 200
    bye = wait_for(lambda: again.receive(0.2), 20, "the BYE over the new connection")
    assert bye.first.startswith("BYE"), bye.text
    assert bye.header("Call-ID") == ring.header("Call-ID")
    again.respond(bye, 200, "OK")
    caller.finish()


# --- the carrier ---
@pytest.fixture
def carrier(box, tmp_path):
    """Call it with steps, and the names in its certificate: a sipp that is heard over TLS."""
    made = []

    def start(*steps, names=("127.0.0.1",), kind=TlsFront, **words):
        inner, outer = free_port(), free_port()
        pem, key = certificate(tmp_path, *names)
        far = Sipp(tmp_path, box.sip_port, *steps, extra=("-t", "t1", "-p", str(inner)), **words)
        front = kind(pem, key, outer, inner)
        made.append((far, front))
        far.front, far.port, far.pem = front, outer, pem.read_text()
        return far

    yield start
    for far, front in made:
        far.stop()
        front.stop()
    box.apply(AT_ONCE)


def over_tls(port, pem=""):
    pinned = f"certificate = '''\n{pem}'''\n" if pem else ""
    return f'host = "127.0.0.1"\nport = {port}\ntransport = "tls"\n{pinned}watch = false'


def dial_out(phones, number="902155556666"):
    phone = phones("8002")
    phone.say("dial", f"sip:{number}@127.0.0.1:{phone.box_port}")
    return phone


@pytest.mark.feature("TLS: trunk")
def test_a_trunk_over_tls_with_its_certificate_pinned_carries_calls_out(box, carrier, phones):
    far = carrier(answers(200), WAIT_BYE)
    with_trunks(box, ("secure", over_tls(far.port, far.pem)))
    phone = dial_out(phones)
    phone.wait("CALL_ESTABLISHED")
    assert [(one.name, one.busy) for one in box.live().lines if one.kind == "trunk"] == [
        ("secure", 1)
    ]
    phone.say("hangup")
    far.finish()
    assert far.front.accepted == 1


def test_a_talk_through_a_trunk_over_tls_outlives_control_and_is_hung_up_over_a_new_connection(
    box, carrier, phones
):
    far = carrier(answers(200), WAIT_BYE, kind=LastingFront)
    with_trunks(box, ("secure", over_tls(far.port, far.pem)))
    phone = dial_out(phones)
    phone.wait("CALL_ESTABLISHED")
    box.kill("control")
    wait_for(box.is_answering, 20, "control to be back")
    assert [one.busy for one in box.live().lines if one.kind == "trunk"] == [1]
    phone.say("hangup")
    far.finish(20)
    assert far.front.accepted == 2


@pytest.mark.feature("TLS: trunk")
def test_the_box_registers_at_a_carrier_over_tls(box, carrier):
    far = carrier(REGISTRAR)
    with_trunks(
        box,
        (
            "secure",
            over_tls(far.port, far.pem).replace("watch = false", "register = true")
            + '\nusername = "shop-account"\nsecret = "trunk-password"\nrealm = "carrier.test"',
        ),
    )
    far.finish(20)
    wait_for(lambda: is_up(box, "secure"), 10, "the trunk's lamp")


@pytest.mark.rfc("5922", "7.1")
@pytest.mark.parametrize("why", ["unknown authority", "another name"])
def test_a_carrier_that_cannot_show_who_it_is_gets_no_call(box, carrier, phones, tmp_path, why):
    names = ("127.0.0.1",) if why == "unknown authority" else ("sip.elsewhere.example",)
    far = carrier(answers(200), WAIT_BYE, names=names)
    stand_in = Sipp(tmp_path, box.sip_port, answers(200), WAIT_BYE)
    pem = "" if why == "unknown authority" else signed_by_itself(far.pem, tmp_path)
    with_trunks(
        box,
        ("secure", over_tls(far.port, pem)),
        ("plain", f'host = "127.0.0.1"\nport = {stand_in.local_port}'),
    )
    try:
        phone = dial_out(phones)
        phone.wait("CALL_ESTABLISHED")  # through the next trunk of the rule
        phone.say("hangup")
        stand_in.finish()
    finally:
        stand_in.stop()
    assert far.front.accepted == 0 or far.process.poll() is None
    assert "INVITE" not in far.said()


def signed_by_itself(pem, tmp_path):
    """The carrier's certificate behind another one, so that it is believed but not the pinned."""
    other, _ = certificate(tmp_path, "another.example")
    return other.read_text() + pem


def test_doctor_says_why_a_carrier_is_not_believed(box, carrier):
    far = carrier(answers(200), WAIT_BYE)
    trunk = over_tls(far.port).replace("watch = false", "watch = true")
    with_trunks(box, ("secure", trunk))
    wait_for(
        lambda: any(one.name == "secure" and one.text for one in box.live().lines), 10, "the watch"
    )
    told = box.linghe("doctor", check=False)
    assert "trunk secure: down. its certificate: self-signed certificate" in told, told


@pytest.mark.feature("TLS: trunk")
def test_a_carriers_call_arrives_over_tls(box, carrier, authority, tmp_path):
    with_trunks(box, ("secure", over_tls(free_port())))
    inner = free_port()
    back = TlsBack(authority, inner, box.sips_port)
    try:
        caller = Sipp(
            tmp_path, inner, invite("02188886666", caller="1390066"), ANSWERED, ACK,
            pause(800), BYE, extra=("-t", "t1"),
        )  # fmt: skip
        caller.finish()
    finally:
        back.stop()
        box.apply(AT_ONCE)
    (call, *_) = box.linghe_json("calls")
    assert "1390066" in str(call)


def test_status_and_doctor_tell_of_the_port_and_the_certificate(box):
    assert f"SIP over TLS: port {box.sips_port}, certificate made by the box" in box.linghe(
        "status"
    )
    found = [one for one in box.linghe("doctor", check=False).splitlines() if "TLS" in one]
    assert found and found[0].startswith("ok"), found
