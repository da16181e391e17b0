"""Legs of one codec are passed through as they are, byte for byte; only others are recoded. With
real phones: what one of them sends is compared with what the other is sent."""

import itertools
import wave

import numpy
import pytest
from bakery import BAKERY
from capture import Capture, read
from desk_box import dial
from running_box import wait_for

from appliance.vocabulary.audio import Codec

pytestmark = pytest.mark.peer

NAMES = {
    Codec.PCMA: "pcma",
    Codec.PCMU: "pcmu",
    Codec.G722: "G722/16000/1",
    Codec.OPUS: "opus/48000/2",
}
MODULES = "module g722.so\nmodule opus.so\n"
ENOUGH = 100
"""Packets."""


@pytest.fixture(scope="module", autouse=True)
def same_phones(box, carrier_port):
    """8001 and 8002 speak whatever they offer."""
    site = BAKERY.replace("port = 5090", f"port = {carrier_port}")
    for number in ("8001", "8002"):
        secret = f'secret = "test-only-secret-of-{number}"\n'
        site = site.replace(secret, f'{secret}codecs = ["opus", "g722", "pcma", "pcmu"]\n')
    box.apply(site)


def hiss(folder, seed):
    """Half a minute of noise: no two packets of it are the same."""
    file = folder / f"hiss{seed}.wav"
    samples = numpy.random.default_rng(seed).normal(0, 3000, 8000 * 30).clip(-30000, 30000)
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(samples.astype(numpy.int16).tobytes())
    return file


def payloads(capture, box_sends, phone):
    """The audio that a phone was sent by the box, or sent to it, in order."""
    found = []
    for port, stream in read(capture.file).items():
        if port % 2 or (port in phone.rtp_ports) != box_sends:
            continue
        found += [
            one[4] for one in stream.packets
            if one[1] not in (72, 73, 101) and (box_sends or one[5] in phone.rtp_ports)
        ]  # fmt: skip
    return found


def in_a_row(said, heard):
    """How many packets at most were heard as they were said, one after the other."""
    places = {payload: place for place, payload in enumerate(said)}
    runs = [
        sum(1 for _ in group)
        for is_next, group in itertools.groupby(
            itertools.pairwise(places.get(one, -2) for one in heard),
            lambda pair: pair[1] == pair[0] + 1,
        )
        if is_next
    ]
    return max(runs, default=0)


def hears(one, other, capture):
    """Packets that `other` was sent just as `one` had said them."""
    return in_a_row(payloads(capture, False, one), payloads(capture, True, other))


@pytest.fixture
def talk(box, phones, tmp_path):
    """Call it with two codecs: 8001 talks with 8002; return both and the capture."""
    captures = []

    def begin(first, second):
        one = phones("8001", says=hiss(tmp_path, 1), codecs=NAMES[first], config=MODULES)
        other = phones(
            "8002", says=hiss(tmp_path, 2), codecs=NAMES[second], config=MODULES,
            answer="auto",
        )  # fmt: skip
        captures.append(Capture(tmp_path / "loopback.pcap"))
        dial(box, one, "8002")
        one.wait("CALL_ESTABLISHED")
        other.wait("CALL_ESTABLISHED")
        return one, other, captures[0]

    yield begin
    for capture in captures:
        capture.stop()


@pytest.mark.feature("transcoding only where the legs differ")
@pytest.mark.parametrize("codec", [Codec.PCMA, Codec.PCMU, Codec.G722, Codec.OPUS])
def test_two_legs_of_one_codec_are_not_recoded(box, talk, codec):
    one, other, capture = talk(codec, codec)
    wait_for(lambda: hears(one, other, capture) > ENOUGH, 20, f"{codec} as it was said")
    wait_for(lambda: hears(other, one, capture) > ENOUGH, 20, f"{codec} the other way")
    one.say("hangup")
    other.wait("CALL_CLOSED")


@pytest.mark.feature("transcoding only where the legs differ")
@pytest.mark.parametrize("codec", [Codec.G722, Codec.OPUS])
def test_two_legs_of_different_codecs_are(box, talk, codec):
    one, other, capture = talk(codec, Codec.PCMA)
    wait_for(lambda: len(payloads(capture, True, other)) > 2 * ENOUGH, 20, "the recoded voice")
    wait_for(lambda: len(payloads(capture, True, one)) > 2 * ENOUGH, 20, "the other's")
    one.say("hangup")
    other.wait("CALL_CLOSED")
    assert hears(one, other, capture) == hears(other, one, capture) == 0
