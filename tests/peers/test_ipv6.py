"""IPv6 with real peers: sipp as a carrier on ::1, baresip as a phone there, IPv4 on the other side.

One box listens at `::`, which is both families; another at `::1` alone.
"""

import socket
import urllib.request

import pytest
from bakery import BAKERY, MENU, NOTICE
from baresip import Baresip
from capture import Capture
from lane import media_port
from running_box import RunningBox, free_port, wait_for
from sipp import ACK, ANSWERED, BYE, WAIT_BYE, Sipp, answers, invite, pause, play, voice
from tone_prompts import lay, loudest, text, tone

pytestmark = pytest.mark.peer


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


if not has_ipv6():
    pytest.skip("this machine has no IPv6 on loopback", allow_module_level=True)


def started(folder, bind, carriers):
    folder.mkdir(mode=0o700)
    lay(
        folder,
        [
            (text("Welcome to Bread and Co. This call is recorded."), NOTICE, 1.0),
            (text("For orders press 1, for the office press 2, for Anna press 3."), MENU, 3.0),
        ],
    )
    running = RunningBox(folder, bind=bind)
    try:
        running.start()
        site = BAKERY.replace("wrap_up_seconds = 10", "wrap_up_seconds = 0")
        head, _, tail = site.partition("[[trunk]]")
        _, _, rest = tail.partition("\n\n")
        running.apply(f"{head}{carriers}\n{rest}")
    except BaseException:
        running.stop()
        raise
    return running


@pytest.fixture(scope="module")
def ports():
    """Of the carrier: over IPv6, and over IPv4."""
    return free_port(), free_port()


@pytest.fixture(scope="module")
def both(tmp_path_factory, ports):
    """A box at `::`, whose carrier is at ::1 and trusted at 127.0.0.1 too."""
    carrier = f'[[trunk]]\nid = "carrier"\nhost = "[::1]"\nport = {ports[0]}\n'
    trusted = 'trusted_addresses = ["::1", "127.0.0.1"]\nwatch = true\n'
    running = started(tmp_path_factory.mktemp("both") / "var", "::", carrier + trusted)
    yield running
    running.stop()


@pytest.fixture
def phone(both, tmp_path):
    made = []

    def start(number, host, **words):
        one = Baresip(
            tmp_path, both.sip_port, number, f"test-only-secret-of-{number}", host=host, **words
        )
        made.append(one)
        wait_for(
            lambda: any(line.name == number and line.is_up for line in both.live().lines),
            20,
            f"{number} to register: {(one.folder / 'output').read_text(errors='replace')}",
        )
        return one

    yield start
    for one in made:
        one.stop()


def caller_over(family, folder, box, seconds=10, key="1", media=None):
    """A sipp that calls the shop, presses a key, talks and hangs up."""
    where = "[::1]" if family == 6 else "127.0.0.1"
    file = voice(folder / f"caller{family}.pcap", tone(700, 15), [(1.5, key)], family=family)
    return Sipp(
        folder, box.sip_port,
        invite("02188886666", caller="13900001111", body=body(family)), ANSWERED, ACK,
        play(file), pause(seconds * 1000), BYE,
        host=where, media=media,
    )  # fmt: skip


def body(family):
    """sipp's own description names the family: [local_ip_type]."""
    where = "IN IP6 ::1" if family == 6 else "IN IP4 127.0.0.1"
    return (
        f"v=0\no=sipp 1 1 {where}\ns=-\nc={where}\nt=0 0\nm=audio [media_port] RTP/AVP 8 101\n"
        "a=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\na=sendrecv\n"
    )


@pytest.mark.feature("IPv6")
def test_a_carrier_over_ipv6_hears_the_shop_and_its_keys_are_heard(both, tmp_path):
    media = media_port()
    capture = Capture(tmp_path / "loopback.pcap")
    caller = caller_over(6, tmp_path, both, seconds=4, key="2", media=media)
    caller.finish()
    heard = loudest(capture.streams()[media].audio())
    assert heard.count(NOTICE) >= 5, heard
    (call, *_) = both.linghe_json("calls")
    timeline = both.linghe("calls", call["call"])
    assert "pressed 2" in timeline, timeline


@pytest.mark.feature("IPv6")
def test_a_caller_on_ipv4_talks_with_a_phone_on_ipv6(both, phone, tmp_path):
    agent = phone("8001", "[::1]", answer="auto", says=says(tmp_path, 440))
    assert any("[::1]:" in line.text for line in both.live().lines if line.name == "8001")
    media = media_port()
    capture = Capture(tmp_path / "loopback.pcap")
    caller = caller_over(4, tmp_path, both, media=media)
    caller.finish()
    agent.wait("CALL_CLOSED")
    streams = capture.streams()
    heard = loudest(streams[media].audio())
    assert heard[-30:].count(440) >= 20, heard
    to_phone = [
        loudest(one.audio())
        for port, one in streams.items()
        if port != media and len(one.packets) > 100
    ]
    assert any(one[-30:].count(700) >= 20 for one in to_phone), "the phone heard no caller"


def says(folder, hertz):
    import wave

    file = folder / f"tone{hertz}.wav"
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(tone(hertz, 60).tobytes())
    return file


@pytest.mark.feature("IPv6")
def test_a_phone_on_ipv4_dials_out_through_a_carrier_on_ipv6(both, phone, ports, tmp_path):
    far = Sipp(
        tmp_path, both.sip_port, answers(100, body(6)), WAIT_BYE,
        host="[::1]", extra=("-p", str(ports[0])),
    )  # fmt: skip
    try:
        desk = phone("8002", "127.0.0.1")
        desk.say("dial", f"sip:902155556666@127.0.0.1:{both.sip_port}")
        desk.wait("CALL_ESTABLISHED")
        desk.say("hangup")
        far.finish()
    finally:
        far.stop()


def test_a_box_at_ipv6_alone_takes_calls(tmp_path):
    carrier = '[[trunk]]\nid = "carrier"\nhost = "::1"\nport = 5090\ntrusted_addresses = ["::1"]\n'
    box = started(tmp_path / "var", "::1", carrier)
    try:
        caller_over(6, tmp_path, box, seconds=2).finish()
        answer = box.linghe("doctor", check=False)
        assert "sound" in answer
    finally:
        box.stop()


def test_a_talk_between_both_families_outlives_the_media_worker(both, phone, tmp_path):
    agent = phone("8001", "[::1]", answer="auto", says=says(tmp_path, 440))
    media = media_port()
    capture = Capture(tmp_path / "loopback.pcap")
    caller = caller_over(4, tmp_path, both, seconds=12, media=media)
    wait_for(lambda: any(one.talking_since for one in both.live().calls), 10, "the talk")
    both.kill("media-0")
    caller.finish()
    agent.wait("CALL_CLOSED")
    stream = capture.streams()[media]
    # A kill may come when the worker has one packet of each leg in its hand.
    assert stream.lost() <= 1
    # How long a start takes on a busy machine is not what this is about (test_media_kill measures
    # it): whatever comes meanwhile waits in the kernel, for some five seconds.
    assert stream.worst_gap() < 5.0
    assert not stream.jumps()
    assert loudest(stream.audio())[-30:].count(440) >= 20


@pytest.mark.parametrize("host", ["[::1]", "127.0.0.1"])
def test_the_pages_are_there_over_both(both, host):
    with urllib.request.urlopen(f"http://{host}:{both.http_port}/", timeout=20) as page:
        assert page.status == 200


def test_the_boxs_own_test_phone_works_at_a_box_of_both_families(both):
    assert "The box works." in both.linghe("selftest")
