"""Telephone quality measured with real peers: what a carrier's stream lost and how it shook, the
round trip that a phone's RTCP gives, MOS; in the call's record, the API and the page. And the
noise that stands for silence (RFC 3389)."""

import re

import numpy
import pytest
from capture import Capture
from desk_box import channels, desk_box, filed, one_call_of, talking, wav_file
from lane import media_port
from page_reader import PageReader
from running_box import free_port, wait_for
from sipp import ACK, ANSWERED, BYE, COMFORT_NOISE, invite, pause, play, sdp, voice
from sipp_desk import HUNG_UP, has, heard, registers, reply, used
from test_api_calls import Api
from tone_prompts import tone

pytestmark = pytest.mark.peer

CALLER, ANNA = 700, 440
"""Hertz."""
SECONDS = 14
LOST = range(250, 650, 8)
"""Sequence numbers of 20 ms packets: one in eight, eight seconds long."""
LATE_MS = 80
"""At most: two packets differ by a third of it on average, which is what jitter is."""


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    yield from desk_box(tmp_path_factory.mktemp("quality") / "var", carrier_port)


@pytest.fixture(scope="module")
def api(box):
    api = Api(box)
    yield api
    api.close()


def talks(box, phones, sipp, folder, number, **words):
    """A customer with this kind of a stream talks with Anna to its end; return the record."""
    anna = phones("8001", says=wav_file(folder, ANNA), answer="auto")
    speech = voice(folder / f"{number}.pcap", tone(CALLER, SECONDS), [(1.2, "3")], **words)
    caller = sipp(
        invite("02188886666", caller=number), ANSWERED, ACK, play(speech), pause(SECONDS * 1000),
        BYE,
    )  # fmt: skip
    anna.wait("CALL_ESTABLISHED")
    talking(box, "8001")
    caller.finish()
    anna.wait("CALL_CLOSED")
    one_call_of(box, number)
    return wait_for(lambda: of_both(box, number), 10, "the quality of both legs")


def of_both(box, number):
    (call,) = [one for one in box.linghe_json("calls", "--number", number) if one["ended"]]
    return call if len(call.get("quality", ())) == 2 else None


def sides(call):
    """The carrier's leg, then the phone's: only that one answers our reports."""
    return sorted(call["quality"], key=lambda one: one.get("round_trip_ms") is not None)


@pytest.mark.feature(
    "quality: loss",
    "quality: jitter",
    "quality: round trip",
    "quality: MOS",
    "quality: in the record",
    "quality: on the page",
)
@pytest.mark.rfc("3550", "A.3")
@pytest.mark.rfc("3550", "6.4.1")
def test_loss_jitter_round_trip_and_mos_stand_in_record_api_and_page(
    box, api, phones, sipp, tmp_path
):
    clean = sides(talks(box, phones, sipp, tmp_path, "13900000801"))
    poor_call = talks(box, phones, sipp, tmp_path, "13900000802", lost=set(LOST), late_ms=LATE_MS)
    poor = sides(poor_call)
    # Packets that overtook the stream's first one were not expected, by RFC 3550 A.1.
    assert len(LOST) - 4 <= poor[0]["lost"] <= len(LOST) + 3
    assert clean[0]["lost"] <= 3
    assert LATE_MS / 10 < poor[0]["jitter_ms"] < LATE_MS * 2
    assert 1.0 <= poor[0]["mos"] < clean[0]["mos"] - 0.3 and clean[0]["mos"] > 4
    for phone in (clean[1], poor[1]):
        assert phone["round_trip_ms"] is not None and 0 <= phone["round_trip_ms"] < 500
        assert phone["packets"] > 300

    told = api.get(f"/calls/{poor_call['call']}")["quality"]
    assert sorted(one["lost"] for one in told) == sorted(one["lost"] for one in poor)
    assert sorted(one["mos"] for one in told) == pytest.approx(sorted(one["mos"] for one in poor))

    page = PageReader(box).words(f"/calls/{poor_call['call']}")
    (_, table) = page.split("Telephone quality", 1)
    carrier = poor[0]
    all_of_them = carrier["packets"] + carrier["lost"]
    line = rf"{carrier['mos']:.1f} .*{carrier['lost']} of {all_of_them}"
    assert re.search(line, table), table[:600]
    assert f"{carrier['jitter_ms']:.1f} ms" in table
    assert re.search(rf"{poor[1]['round_trip_ms']:.0f} ms", table), table[:600]


HUSHED = (6.0, 10.0)
LEVEL = 50
"""-dBov."""


@pytest.mark.feature("comfort noise")
@pytest.mark.rfc("3389", "4")
def test_comfort_noise_is_heard_by_a_phone_that_knows_none(box, phones, sipp, tmp_path):
    """A carrier that sends nothing while nobody speaks has said so in one packet."""
    anna = phones("8001", says=wav_file(tmp_path, ANNA), answer="auto")
    speech = voice(
        tmp_path / "hushed.pcap", tone(CALLER, SECONDS), [(1.2, "3")], hushed=[(*HUSHED, LEVEL)]
    )
    capture = Capture(tmp_path / "loopback.pcap")
    caller = sipp(
        invite("02188886666", caller="13900000803", body=sdp("8 13 101")), ANSWERED, ACK,
        play(speech), pause(SECONDS * 1000), BYE,
    )  # fmt: skip
    caller.finish()
    anna.wait("CALL_CLOSED")
    streams = capture.streams()
    # Her audio's port is the even one; the next has the reports.
    mine = [one for port, one in streams.items() if port in anna.rtp_ports and not port % 2]
    (heard,) = mine
    assert {one[1] for one in heard.packets} <= {8, 101}, "it was not asked for comfort noise"
    assert heard.worst_gap() < 1.0, "the phone's own line is never dead"
    audio = heard.audio().astype(float)
    tenths = numpy.sqrt(numpy.square(audio[: len(audio) // 800 * 800].reshape(-1, 800)).mean(1))
    level = 20 * numpy.log10(numpy.maximum(tenths, 1) / 32768)
    noise = level[(level > -LEVEL - 4) & (level < -LEVEL + 4)]
    assert len(noise) / 10 == pytest.approx(HUSHED[1] - HUSHED[0], abs=1.0), level.round()
    assert filed(box, "13900000803", 1)


def noises(stream):
    """The descriptions of comfort noise in a stream."""
    return [one[4] for one in stream.packets if one[1] == COMFORT_NOISE]


@pytest.mark.feature("comfort noise")
@pytest.mark.rfc("3389", "4")
def test_comfort_noise_is_passed_on_between_two_who_agreed_to_it(box, sipp, tmp_path):
    """The phone is asked because the carrier agreed; each hears the other's silence as he said it,
    and the recording has it as silence, with nothing missing."""
    body = sdp("8 13 101")
    at, phone_media, media = ("-p", str(free_port())), media_port(), media_port()
    sipp(registers("8001"), extra=at).finish()
    said = voice(tmp_path / "phone.pcap", tone(ANNA, SECONDS), hushed=[(6.0, 9.0, LEVEL + 5)])
    phone = sipp(
        heard("INVITE", has("a=rtpmap:13 CN/8000")), reply(180, "Ringing", tag="[pid]T"),
        reply(200, "OK", body=body, tag="[pid]T"), heard("ACK"), play(said), HUNG_UP, used("seen"),
        extra=at, media=phone_media,
    )  # fmt: skip
    speech = voice(
        tmp_path / "hushed.pcap", tone(CALLER, SECONDS), [(1.2, "3")], hushed=[(*HUSHED, LEVEL)]
    )
    capture = Capture(tmp_path / "loopback.pcap")
    caller = sipp(
        invite("02188886666", caller="13900000804", body=body), ANSWERED, ACK, play(speech),
        pause(SECONDS * 1000), BYE, media=media,
    )  # fmt: skip
    caller.finish()
    phone.finish()
    streams = capture.streams()
    to_phone, to_caller = streams[phone_media], streams[media]
    assert noises(to_phone) == [bytes([LEVEL])] and noises(to_caller) == [bytes([LEVEL + 5])]
    assert to_phone.lost() == 0
    assert HUSHED[1] - HUSHED[0] - 1 < to_phone.worst_gap() < HUSHED[1] - HUSHED[0] + 1
    assert to_caller.worst_gap() > 2.0
    (recording,) = filed(box, "13900000804", 1)["recordings"]
    assert recording.get("missing_frames", 0) == 0
    theirs, _ = channels(box, recording)
    tenths = numpy.abs(theirs[: len(theirs) // 800 * 800].astype(int)).reshape(-1, 800).max(1)
    begun = numpy.flatnonzero(tenths > 1000)[0]
    quiet = (tenths[begun:-10] < 20).sum() / 10
    assert quiet == pytest.approx(HUSHED[1] - HUSHED[0], abs=0.5)
    sipp(registers("8001", 0), extra=at).finish()
