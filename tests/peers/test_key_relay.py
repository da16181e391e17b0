"""Keys from one side to the other with real peers, each in the form that the other speaks."""

import numpy
import pytest
from bakery import AT_ONCE
from capture import Capture, read
from desk_box import channels, filed
from lane import media_port
from running_box import free_port, wait_for
from sipp import ACK, ANSWERED, BYE, WAIT_BYE, info_digit, invite, pause, play, sdp, voice
from sipp_desk import ANSWERED_KEPT, HUNG_UP, has, heard, lacks, registers, reply, used
from sipp_desk import bye as hangs_up
from tone_prompts import tone

from appliance.signals.dtmf import DtmfBank

pytestmark = pytest.mark.peer

OPUS = {"codecs": "opus/48000/2", "config": "module opus.so\n"}


@pytest.fixture(scope="module", autouse=True)
def opus_phone(box, carrier_port):
    """8002 is to be rung in Opus, and 8003 is to be told of keys by INFO."""
    site = AT_ONCE
    secret = 'secret = "test-only-secret-of-8002"\n'
    site = site.replace(secret, secret + 'codecs = ["opus", "pcma"]\n')
    secret = 'secret = "test-only-secret-of-8003"\n'
    site = site.replace(secret, secret + 'keys = "info"\n')
    box.apply(site.replace("port = 5090", f"port = {carrier_port}"))


def bye(cseq):
    return BYE.replace("CSeq: 2 BYE", f"CSeq: {cseq} BYE")


def talking_now(box):
    """The worker has joined them too: the first frame of their talk is written."""
    return any(one.talking_since and one.is_recorded for one in box.live().calls)


def keys_as_tones(samples):
    """The keys that a receiver hears in the voice."""
    bank, found = DtmfBank(1), []
    for start in range(0, len(samples) // 160 * 160, 160):
        frame = samples[start : start + 160].astype(numpy.float32).reshape(1, -1)
        found += [key.digit for key in bank.feed(numpy.array([0]), frame) if key.began]
    return "".join(found)


def keys_as_events(streams):
    """The keys of all telephone events that went to these ports, a press each."""
    presses = {}
    for stream in streams:
        for one in stream.packets:
            if one[1] in (101, 100, 97) and len(one[4]) == 4:
                presses.setdefault(one[3], "0123456789*#"[one[4][0]])
    return "".join(presses.values())


def to_phone(capture, phone):
    return [stream for port, stream in read(capture.file).items() if port in phone.rtp_ports]


@pytest.mark.feature("keys: INFO to event")
@pytest.mark.rfc("4733", "2.3")
def test_key_by_sip_info_reaches_the_phone_as_an_event(box, phones, sipp, tmp_path):
    agent = phones("8001", answer="auto")
    capture = Capture(tmp_path / "loopback.pcap")
    words = voice(tmp_path / "caller.pcap", tone(700, 20), [(1.5, "1")])
    caller = sipp(
        invite("02188886666", caller="1390201"), ANSWERED, ACK, play(words), pause(9000),
        info_digit("7", 5), pause(500), info_digit("#", 6), pause(1500), bye(7),
    )  # fmt: skip
    caller.finish()
    agent.wait("CALL_CLOSED")
    assert keys_as_events(to_phone(capture, agent)) == "7#"
    capture.stop()


def key_sound(key, seconds=0.2):
    """The two tones of a key, and as much silence behind them."""
    row, column = divmod("123456789*0#".index(key), 3)
    low, high = (697, 770, 852, 941)[row], (1209, 1336, 1477)[column]
    both = tone(low, seconds, 5000) + tone(high, seconds, 5000)
    return numpy.concatenate([both, numpy.zeros(len(both), numpy.int16)])


def told(keys):
    """These keys arrive by INFO, one after the other, and each is taken."""
    return "".join(
        heard("INFO", has(f"Signal={key.replace('*', '[*]')}"),
              has("application/dtmf-relay", header="Content-Type", name="kind"))
        + reply(200, "OK")
        for key in keys
    ) + used("seen", "kind")  # fmt: skip


NUMBER = "0123456789*0987654321"


@pytest.mark.feature("keys: event to INFO")
@pytest.mark.rfc("6086", "4.4")
def test_phones_keys_are_info_for_a_carrier_that_speaks_nothing_else(box, phones, sipp, tmp_path):
    """A long number in one go, control killed meanwhile: all of it, in order, and no tones."""
    agent = phones("8001", answer="auto")
    media = media_port()
    capture = Capture(tmp_path / "loopback.pcap")
    words = voice(tmp_path / "caller.pcap", tone(700, 60))
    caller = sipp(
        invite("02188886666", caller="1390206", body=sdp("8")), ANSWERED_KEPT, ACK, play(words),
        pause(2000), info_digit("1", 5), told(NUMBER), hangs_up(6, "1390206"),
        media=media,
    )  # fmt: skip
    wait_for(lambda: talking_now(box), 20, "the talk")
    agent.say("sndcode", NUMBER)
    box.kill("control")
    caller.finish()
    agent.wait("CALL_CLOSED")
    capture.stop()
    stream = read(capture.file)[media]
    assert keys_as_tones(stream.audio()) == ""
    assert {one[1] for one in stream.packets} == {8} and stream.lost() == 0


@pytest.mark.feature("keys: event to INFO")
def test_a_phone_is_told_by_info_where_the_site_says_so(box, phones, sipp, tmp_path):
    """It would have agreed to events, which it was not offered."""
    at, log = ("-p", str(free_port())), tmp_path / "phone.log"
    sipp(registers("8003"), extra=at).finish()
    anna = phones("8001")
    phone = sipp(
        heard("INVITE", lacks("telephone-event")), reply(180, "Ringing", tag="[pid]T"),
        reply(200, "OK", body=sdp(), tag="[pid]T"), heard("ACK"), told("5#"), HUNG_UP,
        used("unseen"), extra=(*at, "-trace_msg", "-message_file", str(log)),
    )  # fmt: skip
    anna.say("dial", f"sip:8003@127.0.0.1:{box.sip_port}")
    anna.wait("CALL_ESTABLISHED")
    wait_for(lambda: any(one.talking_since for one in box.live().calls), 20, "the talk")
    anna.say("sndcode", "5#")
    wait_for(lambda: log.read_text(errors="replace").count("Signal=#"), 20, "both keys")
    anna.say("hangup")
    phone.finish()
    sipp(registers("8003", 0), extra=at).finish()


@pytest.mark.feature("keys: tones to INFO")
def test_phones_tones_are_info_for_a_carrier_that_speaks_nothing_else(box, sipp, tmp_path):
    """Told once: no receiver finds them in its audio besides. The recording has them as pressed."""
    at, media = ("-p", str(free_port())), media_port()
    sipp(registers("8001"), extra=at).finish()
    keys = "58*0"
    said = numpy.concatenate([tone(300, 4, 50), *map(key_sound, keys), tone(300, 3, 50)])
    phone = sipp(
        heard("INVITE"), reply(180, "Ringing", tag="[pid]T"),
        reply(200, "OK", body=sdp("8"), tag="[pid]T"), heard("ACK"),
        play(voice(tmp_path / "phone.pcap", said)), HUNG_UP, extra=at,
    )  # fmt: skip
    capture = Capture(tmp_path / "loopback.pcap")
    words = voice(tmp_path / "caller.pcap", tone(700, 60))
    caller = sipp(
        invite("02188886666", caller="1390208", body=sdp("8")), ANSWERED_KEPT, ACK, play(words),
        pause(2000), info_digit("1", 5), told(keys), pause(1000), hangs_up(6, "1390208"),
        media=media,
    )  # fmt: skip
    caller.finish()
    phone.finish()
    capture.stop()
    stream = read(capture.file)[media]
    assert keys_as_tones(stream.audio()) == "" and stream.lost() == 0
    (recording,) = filed(box, "1390208", 1)["recordings"]
    assert keys_as_tones(channels(box, recording)[1]) == keys
    sipp(registers("8001", 0), extra=at).finish()


@pytest.mark.feature("keys: event to tones")
def test_phones_keys_are_tones_for_a_carrier_without_events(box, phones, sipp, tmp_path):
    agent = phones("8001", answer="auto")
    media = media_port()
    capture = Capture(tmp_path / "loopback.pcap")
    chosen = numpy.concatenate([tone(300, 2, 50), key_sound("1"), tone(700, 58)])
    caller = sipp(
        invite("02188886666", caller="1390202", body=sdp("8")), ANSWERED, ACK,
        play(voice(tmp_path / "caller.pcap", chosen)), WAIT_BYE,
        media=media,
    )  # fmt: skip
    wait_for(lambda: talking_now(box), 20, "the talk")
    agent.say("sndcode", "5")
    wait_for(lambda: "5" in keys_as_tones(read(capture.file)[media].audio()), 8, "the tones")
    agent.say("hangup")
    caller.finish()
    agent.wait("CALL_CLOSED")
    streams = capture.streams()
    assert keys_as_tones(streams[media].audio()) == "5"
    assert {one[1] for one in streams[media].packets} == {8} and streams[media].lost() == 0


@pytest.mark.feature("keys: event to tones")
def test_a_carrier_that_refuses_info_gets_tones(box, phones, sipp, tmp_path):
    """Both keys: the one that it refused, and the next, of which it is not told any more."""
    agent = phones("8001", answer="auto")
    media = media_port()
    capture = Capture(tmp_path / "loopback.pcap")
    words = voice(tmp_path / "caller.pcap", tone(700, 60))
    caller = sipp(
        invite("02188886666", caller="1390207", body=sdp("8")), ANSWERED, ACK, play(words),
        pause(2000), info_digit("1", 5), heard("INFO"), reply(415, "Unsupported Media Type"),
        WAIT_BYE,
        media=media,
    )  # fmt: skip
    wait_for(lambda: talking_now(box), 20, "the talk")

    def keys():
        return keys_as_tones(read(capture.file)[media].audio())

    for key, all_keys in (("5", "5"), ("6", "56")):
        agent.say("sndcode", key)
        wait_for(lambda sounded=all_keys: keys() == sounded, 8, "the tones")
    agent.say("hangup")
    caller.finish()
    agent.wait("CALL_CLOSED")
    capture.stop()


@pytest.mark.feature("keys: event to event")
def test_key_of_an_opus_phone_is_an_event_for_the_carrier(box, phones, sipp, tmp_path):
    agent = phones("8002", answer="auto", **OPUS)
    media = media_port()
    capture = Capture(tmp_path / "loopback.pcap")
    words = voice(tmp_path / "caller.pcap", tone(700, 60), [(1.5, "1")])
    caller = sipp(
        invite("02188886666", caller="1390203"), ANSWERED, ACK, play(words), WAIT_BYE, media=media,
    )  # fmt: skip
    wait_for(lambda: talking_now(box), 20, "the talk")
    agent.say("sndcode", "9")

    def events():
        streams = read(capture.file)
        return keys_as_events([streams[media]]) if media in streams else ""

    wait_for(events, 8, "the event")
    agent.say("hangup")
    caller.finish()
    agent.wait("CALL_CLOSED")
    assert events() == "9"
    capture.stop()


@pytest.mark.feature("keys: event to event")
@pytest.mark.rfc("4733", "2.3")
def test_a_plain_phones_event_is_one_for_the_carrier_too(box, phones, sipp, tmp_path):
    agent = phones("8001", answer="auto")
    media = media_port()
    capture = Capture(tmp_path / "loopback.pcap")
    words = voice(tmp_path / "caller.pcap", tone(700, 20), [(1.5, "1")])
    caller = sipp(
        invite("02188886666", caller="1390204"), ANSWERED, ACK, play(words), WAIT_BYE, media=media,
    )  # fmt: skip
    wait_for(lambda: talking_now(box), 20, "the talk")
    agent.say("sndcode", "6")

    def events():
        streams = read(capture.file)
        return keys_as_events([streams[media]]) if media in streams else ""

    wait_for(events, 8, "the event")
    agent.say("hangup")
    caller.finish()
    assert events() == "6"
    capture.stop()
    assert keys_as_tones(read(capture.file)[media].audio()) == "", "once, not twice"


@pytest.mark.feature("keys: tones to a phone that speaks events")
def test_tones_of_a_caller_without_events_are_heard_as_tones(box, phones, sipp, tmp_path):
    """They are in the voice, and so they stay: the phone, which speaks events, hears them."""
    agent = phones("8001", answer="auto")
    capture = Capture(tmp_path / "loopback.pcap")
    key = tone(770, 0.2, 5000) + tone(1336, 0.2, 5000)
    again = numpy.concatenate([key, numpy.zeros(4800, numpy.int16)])
    words = numpy.concatenate([tone(300, 2, 50), *[again] * 20])
    caller = sipp(
        invite("02188886666", caller="1390205", body=sdp("8")), ANSWERED, ACK, pause(2000),
        info_digit("1", 5), pause(1500), play(voice(tmp_path / "caller.pcap", words)), WAIT_BYE,
    )  # fmt: skip
    wait_for(lambda: talking_now(box), 20, "the talk")

    def keys():
        return [keys_as_tones(one.audio()) for one in to_phone(capture, agent)]

    wait_for(lambda: any(one.count("5") >= 3 for one in keys()), 15, "the tones at the phone")
    agent.say("hangup")
    caller.finish()
    capture.stop()
    assert all(set(one) <= {"5"} for one in keys())
