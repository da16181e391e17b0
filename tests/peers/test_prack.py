"""Before the answer with real peers: 100rel and PRACK both ways, early media, forked answers.

RFC 3262, RFC 3261 §13.2.2.4.
"""

import pytest
from capture import Capture
from lane import media_port
from running_box import wait_for
from sipp import REFUSED_ACK, pause, play, sdp, voice
from sipp_desk import (
    HUNG_UP,
    KEEP_BOX,
    KEEP_REQUEST,
    acknowledged,
    bye,
    has,
    heard,
    invite_of,
    received,
    reply,
    request,
    used,
)
from tone_prompts import loudest, tone

pytestmark = pytest.mark.peer

RELIABLY = "Require: 100rel"
KEEP_RSEQ = (
    '<ereg regexp="[0-9]+" search_in="hdr" header="RSeq:" check_it="true" assign_to="rseq"/>'
)


@pytest.fixture(autouse=True)
def quiet(box):
    """Each test ends without calls."""
    yield
    wait_for(lambda: not box.live().calls, 15, "all calls to end")


@pytest.mark.feature("PRACK")
@pytest.mark.rfc("3262", "3")
def test_a_caller_who_requires_100rel_is_rung_reliably(box, phones, sipp):
    phone = phones("8001")
    caller = sipp(
        invite_of("8001", RELIABLY), received(100, optional="true"),
        received(180, KEEP_RSEQ, KEEP_BOX, has("100rel", header="Require"), rrs="true"),
        request("PRACK", 3, "RAck: 1 2 INVITE"), received(481),
        request("PRACK", 4, "RAck: [$rseq] 2 INVITE"), received(200),
        received(200), acknowledged(2), pause(300), bye(5), used("seen"),
    )  # fmt: skip
    phone.wait("CALL_INCOMING")
    phone.say("accept")
    caller.finish()
    phone.wait("CALL_CLOSED")


CARRIER_RINGS_RELIABLY = (
    heard("INVITE", has("100rel", header="Supported"), KEEP_REQUEST)
    + reply(100, "Trying")
    + reply(183, "Session Progress", RELIABLY, "RSeq: 5000", body=sdp(), tag="[pid]E1")
    + heard("PRACK", has("5000 [0-9]+ INVITE", header="RAck", name="rack"))
)


def dials_out(box, phone):
    phone.say("dial", f"sip:913800138000@127.0.0.1:{box.sip_port}")


@pytest.mark.feature("PRACK", "early media")
@pytest.mark.rfc("3262", "4")
@pytest.mark.rfc("3262", "5")
def test_a_carriers_reliable_progress_with_early_media_gets_its_prack(
    box, phones, sipp, carrier_port
):
    phone = phones("8001")
    carrier = sipp(
        CARRIER_RINGS_RELIABLY, reply(200, "OK"), pause(500),
        reply(200, "OK", body=sdp(), tag="[pid]E1", kept=True), heard("ACK"), HUNG_UP,
        used("seen", "rack"), extra=("-p", str(carrier_port)),
    )  # fmt: skip
    dials_out(box, phone)
    phone.wait("CALL_ESTABLISHED")
    phone.say("hangup")
    carrier.finish()


@pytest.mark.feature("forked answers")
@pytest.mark.rfc("3261", "13.2.2.4")
def test_of_forked_answers_the_first_wins_and_the_other_is_hung_up(box, phones, sipp, carrier_port):
    phone = phones("8001")
    carrier = sipp(
        heard("INVITE", KEEP_REQUEST),
        reply(180, "Ringing", tag="[pid]A"), reply(180, "Ringing", tag="[pid]B"),
        reply(200, "OK", body=sdp(), tag="[pid]B", kept=True),
        heard("ACK", has("tag=[0-9]+B", header="To", name="first")),
        reply(200, "OK", body=sdp(), tag="[pid]A", kept=True),
        heard("ACK", has("tag=[0-9]+A", header="To", name="second")),
        heard("BYE", has("tag=[0-9]+A", header="To", name="gone")), reply(200, "OK"),
        heard("BYE", has("tag=[0-9]+B", header="To", name="last")), reply(200, "OK"),
        used("first", "second", "gone", "last"), extra=("-p", str(carrier_port)),
    )  # fmt: skip
    dials_out(box, phone)
    phone.wait("CALL_ESTABLISHED")
    wait_for(lambda: [one.stage for one in box.live().calls] == ["talking"], 5, "the talk")
    phone.say("hangup")
    carrier.finish()


EARLY_HERTZ = 1000


@pytest.mark.feature("early media")
def test_what_a_carrier_says_before_it_refuses_is_heard(box, sipp, carrier_port, tmp_path):
    media = media_port()
    capture = Capture(tmp_path / "loopback.pcap")
    words = play(voice(tmp_path / "words.pcap", tone(EARLY_HERTZ, 2.0)))
    carrier = sipp(
        heard("INVITE", KEEP_REQUEST),
        reply(183, "Session Progress", body=sdp(), tag="[pid]E1"), words, pause(2000),
        reply(404, "Not Found", tag="[pid]E1", kept=True), heard("ACK"),
        extra=("-p", str(carrier_port)),
    )  # fmt: skip
    caller = sipp(
        invite_of("913800138000"), received(100, optional="true"), received(180, optional="true"),
        received(183, has("m=audio")), received(404), REFUSED_ACK, used("seen"), media=media,
    )  # fmt: skip
    caller.finish()
    carrier.finish()
    tones = loudest(capture.streams()[media].audio())
    assert sum(abs(one - EARLY_HERTZ) <= 20 for one in tones) >= 10, tones


KEY_5 = request("INFO", 3, body="Signal=5\nDuration=160\n").replace(
    "application/sdp", "application/dtmf-relay"
)


@pytest.mark.feature("early media", "keys: INFO to event")
def test_a_key_by_info_reaches_a_carriers_menu_before_anybody_answers(
    box, sipp, carrier_port, tmp_path
):
    media = media_port()
    capture = Capture(tmp_path / "loopback.pcap", f"port {media}")
    words = play(voice(tmp_path / "menu.pcap", tone(EARLY_HERTZ, 3.0)))
    carrier = sipp(
        heard("INVITE", KEEP_REQUEST),
        reply(183, "Session Progress", body=sdp(), tag="[pid]E1"), words, pause(3000),
        reply(404, "Not Found", tag="[pid]E1", kept=True), heard("ACK"),
        extra=("-p", str(carrier_port)), media=media,
    )  # fmt: skip
    caller = sipp(
        invite_of("913800138000"), received(100, optional="true"), received(180, optional="true"),
        received(183, KEEP_BOX, rrs="true"), pause(500), KEY_5, received(200), received(404),
        REFUSED_ACK,
    )  # fmt: skip
    caller.finish()
    carrier.finish()
    packets = capture.streams()[media].packets
    assert {payload[0] for _, kind, _, _, payload, _ in packets if kind == 101} == {5}
