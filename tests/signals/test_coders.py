"""G.722 and Opus towards 8 kHz: what goes in comes out, also to and from wideband far ends."""

import numpy as np
import pytest
from G722 import G722

from appliance.signals import libopus
from appliance.signals.coder import CLOCK_RATIO, coder
from appliance.vocabulary.audio import Codec

RATE = 8000
FRAME = 160
CODERS = [Codec.G722, pytest.param(Codec.OPUS, marks=pytest.mark.skipif(
    not libopus.is_available(), reason="no libopus"))]  # fmt: skip


def sine(hertz, seconds=1.0, amplitude=8000, rate=RATE):
    at = np.arange(int(seconds * rate)) / rate
    return (amplitude * np.sin(2 * np.pi * hertz * at)).astype(np.int16)


def signal_to_noise(sound, hertz, rate=RATE):
    """dB of a tone over everything else, its first tenth of a second left out."""
    sound = sound[rate // 10 :].astype(float)
    at = np.arange(len(sound)) / rate
    base = np.stack([np.sin(2 * np.pi * hertz * at), np.cos(2 * np.pi * hertz * at)], axis=1)
    shares = np.linalg.lstsq(base, sound, rcond=None)[0]
    tone = base @ shares
    rest = sound - tone
    return 10 * np.log10(np.square(tone).sum() / max(np.square(rest).sum(), 1e-9))


def through(sender, receiver, sound, frame=FRAME):
    packets = [sender.encode(sound[at : at + frame]) for at in range(0, len(sound), frame)]
    return np.concatenate([np.array(receiver.decode(packet)) for packet in packets]), packets


@pytest.mark.parametrize("codec", CODERS)
@pytest.mark.parametrize("hertz", [440, 1000, 2500])
def test_tone_comes_through_clean(codec, hertz):
    heard, _ = through(coder(codec), coder(codec), sine(hertz))
    # Opus at 24 kbit/s is made for voices: it does not try to keep a tone's wave.
    assert signal_to_noise(heard, hertz) > (40 if codec is Codec.G722 else 10)
    assert (
        (0.9 if codec is Codec.G722 else 0.7)
        < heard[1600:].astype(float).std() / sine(hertz).astype(float).std()
        < 1.1
    )


@pytest.mark.rfc("3551", "4.5.2")
def test_wideband_phone_hears_and_is_heard_in_g722():
    ours, theirs = coder(Codec.G722), G722(16000, 64000)
    heard_there, packets = through(ours, theirs, sine(1000))
    assert {len(packet) for packet in packets} == {FRAME} and len(heard_there) == 2 * RATE
    assert signal_to_noise(heard_there, 1000, rate=2 * RATE) > 35
    heard_here, _ = through(G722(16000, 64000), coder(Codec.G722), sine(1000, rate=16000), 320)
    assert len(heard_here) == RATE and signal_to_noise(heard_here, 1000) > 35


@pytest.mark.parametrize("codec", CODERS)
def test_packets_of_every_length_that_we_send(codec):
    for frame in (80, 160, 320, 480):
        heard, packets = through(coder(codec), coder(codec), sine(500), frame)
        assert len(heard) >= RATE and all(1 < len(packet) <= 480 for packet in packets)


@pytest.mark.parametrize("codec", CODERS)
@pytest.mark.parametrize("payload", [b"", b"\0", b"\xff" * 300, bytes(range(256)), b"\x7b" * 3])
def test_bytes_that_make_no_sense_do_no_harm(codec, payload):
    one = coder(codec)
    assert len(one.decode(payload)) <= 480
    heard, _ = through(coder(codec), one, sine(700))
    assert signal_to_noise(heard, 700) > 12


@pytest.mark.rfc("7587", "4.1")
@pytest.mark.skipif(not libopus.is_available(), reason="no libopus")
def test_opus_refuses_a_length_that_it_does_not_know():
    with pytest.raises(ValueError, match="240"):
        coder(Codec.OPUS).encode(np.zeros(240, np.int16))


def test_g711_needs_no_coder_and_every_codec_has_its_clock():
    assert coder(Codec.PCMA) is None and coder(Codec.PCMU) is None
    assert set(CLOCK_RATIO) == set(Codec)
