"""Phones that speak G.722 or Opus, with real peers: what each side hears, measured.

baresip has encoders and decoders of its own; the carrier speaks A-law. Figures are printed (-rP).
"""

import wave
import zipfile

import numpy
import pytest
from bakery import AT_ONCE
from capture import Capture, read
from lane import media_port
from running_box import ROOT, wait_for
from sipp import ACK, ANSWERED, BYE, invite, pause, play, voice
from tone_prompts import loudest, tone

from appliance.signals.coder import coder
from appliance.signals.g711 import decode_alaw
from appliance.vocabulary.audio import Codec

pytestmark = pytest.mark.peer

MODULES = "module g722.so\nmodule opus.so\n"
NAMES = {Codec.G722: "G722/16000/1", Codec.OPUS: "opus/48000/2"}
LEAST_DB = {Codec.G722: 25, Codec.OPUS: 15}
LEAST_LIKENESS = {Codec.G722: 0.9, Codec.OPUS: 0.8}
TONE_SECONDS = 6
ENOUGH = 8 * 8000
"""Samples."""


@pytest.fixture(scope="module", autouse=True)
def wide_phones(box, carrier_port):
    """8001 is to be rung in G.722, 8002 in Opus, 8003 as usual."""
    site = AT_ONCE
    site = site.replace("port = 5090", f"port = {carrier_port}")
    for number, codec in (("8001", "g722"), ("8002", "opus")):
        secret = f'secret = "test-only-secret-of-{number}"\n'
        site = site.replace(secret, secret + f'codecs = ["{codec}", "pcma"]\n')
    box.apply(site)


def speech():
    """Real words, some seconds of them."""
    archive = zipfile.ZipFile(ROOT / "appliance" / "speech" / "default_prompts" / "en.zip")
    names = [name for name in sorted(archive.namelist()) if name.endswith(".alaw")][:8]
    return decode_alaw(numpy.frombuffer(b"".join(map(archive.read, names)), numpy.uint8))


def sound(hertz):
    """A tone, then words."""
    return numpy.concatenate([tone(hertz, TONE_SECONDS), numpy.resize(speech(), 8000 * 24)])


def wav_file(folder, hertz):
    file = folder / f"says{hertz}.wav"
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(sound(hertz).tobytes())
    return file


def signal_to_noise(heard, hertz):
    """dB of the tone over all else, in its longest second."""
    marks = numpy.array([abs(one - hertz) <= 10 for one in loudest(heard)])
    runs = numpy.convolve(marks, numpy.ones(12), mode="valid")
    assert runs.max() == 12, f"{hertz} Hz is not heard for 1.2 s: {loudest(heard)}"
    start = (int(numpy.argmax(runs)) + 1) * 800
    part = heard[start : start + 8000].astype(float)
    at = numpy.arange(len(part)) / 8000
    base = numpy.stack([numpy.sin(2 * numpy.pi * hertz * at), numpy.cos(2 * numpy.pi * hertz * at)])
    kept = numpy.linalg.lstsq(base.T, part, rcond=None)[0] @ base
    return 10 * numpy.log10(numpy.square(kept).sum() / numpy.square(part - kept).sum())


def likeness(heard, said):
    """The best correlation (0 to 1) of any two seconds of the words with what was heard."""
    best = 0.0
    for start in range(0, len(said) - 16000, 8000):
        piece = said[start : start + 16000].astype(float)
        size = 1 << (len(heard) + len(piece) - 1).bit_length()
        spectrum = numpy.fft.rfft(heard.astype(float), size)
        product = numpy.fft.irfft(spectrum * numpy.conj(numpy.fft.rfft(piece, size)), size)
        power = numpy.concatenate([[0.0], numpy.cumsum(numpy.square(heard.astype(float)))])
        places = numpy.arange(max(len(heard) - len(piece), 1))
        under = numpy.sqrt((power[places + len(piece)] - power[places]) * numpy.square(piece).sum())
        best = max(best, float((product[places] / numpy.maximum(under, 1.0)).max()))
    return best


def heard_by(phone, capture, codec):
    """What the box sent to a phone, in the phone's codec; the capture is still running."""
    mine = [stream for port, stream in read(capture.file).items() if port in phone.rtp_ports]
    kinds = {9} if codec is Codec.G722 else set(range(96, 128)) - {101}
    packets = [one for stream in mine for one in stream.packets if one[1] in kinds]
    own = coder(codec)
    return numpy.concatenate([numpy.zeros(0, numpy.int16), *(own.decode(p[4]) for p in packets)])


@pytest.mark.feature("codec: G.722", "codec: Opus", "transcoding only where the legs differ")
@pytest.mark.rfc("3551", "4.5.2")
@pytest.mark.parametrize(("codec", "number"), [(Codec.G722, "8001"), (Codec.OPUS, "8002")])
def test_wide_phone_and_telephone_hear_each_other(box, phones, sipp, tmp_path, codec, number):
    says = wav_file(tmp_path, 440)
    agent = phones(number, says=says, answer="auto", codecs=NAMES[codec], config=MODULES)
    media = media_port()
    capture = Capture(tmp_path / "loopback.pcap")
    quiet = numpy.zeros(8000 * 5, numpy.int16)
    words = numpy.concatenate([quiet, sound(700)])
    caller = sipp(
        invite("02188886666", caller=f"13900{number}"), ANSWERED, ACK,
        play(voice(tmp_path / "caller.pcap", words, [(1.5, "1")])), pause(17000), BYE,
        media=media,
    )  # fmt: skip
    caller.finish()
    agent.wait("CALL_CLOSED")
    agent_hears = heard_by(agent, capture, codec)
    streams = capture.streams()
    caller_hears = streams[media].audio()
    figures = {
        "SNR to the telephone": signal_to_noise(caller_hears, 440),
        "SNR to the phone": signal_to_noise(agent_hears, 700),
        "likeness to the telephone": likeness(caller_hears, speech()),
        "likeness to the phone": likeness(agent_hears, speech()),
    }
    print(codec, {name: round(float(value), 2) for name, value in figures.items()})
    for name, value in figures.items():
        least = LEAST_DB if name.startswith("SNR") else LEAST_LIKENESS
        assert value > least[codec], (name, value)
    assert streams[media].lost() == 0
    measured = wait_for(lambda: quality_of(box, f"13900{number}", codec), 10, "its quality")
    # Measured by the right clock: one that is wrong would tell of hundreds of milliseconds.
    assert measured["jitter_ms"] < 30 and measured["mos"] > 3


def quality_of(box, number, codec):
    calls = box.linghe_json("calls", "--day", "2026-11-23")
    legs = [
        leg for one in calls if one["caller"]["number"] == number for leg in one.get("quality", ())
    ]
    return next((leg for leg in legs if leg["codec"] == codec), None)


def test_both_sides_are_in_the_recording_of_a_wide_phone(box, phones, sipp, tmp_path):
    says = wav_file(tmp_path, 440)
    agent = phones("8002", says=says, answer="auto", codecs=NAMES[Codec.OPUS], config=MODULES)
    caller = sipp(
        invite("02188886666", caller="1390099"), ANSWERED, ACK,
        play(voice(tmp_path / "caller.pcap", tone(700, 8), [(1.5, "1")])), pause(7000), BYE,
    )  # fmt: skip
    caller.finish()
    agent.wait("CALL_CLOSED")

    def recorded():
        calls = box.linghe_json("calls", "--day", "2026-11-23")
        mine = [one for one in calls if one["caller"]["number"] == "1390099"]
        return mine and mine[0]["recordings"] and mine[0]["recordings"][0].get("file")

    file = box.folder / "recordings" / wait_for(recorded, 10, "the sealed recording")
    data = file.read_bytes()
    body = numpy.frombuffer(data[data.index(b"data") + 8 :], numpy.uint8)
    left, right = decode_alaw(body[0::2]), decode_alaw(body[1::2])
    assert signal_to_noise(left, 700) > 30 and 440 not in loudest(left)
    assert signal_to_noise(right, 440) > LEAST_DB[Codec.OPUS] and 700 not in loudest(right)


@pytest.mark.feature("codec: G.722", "codec: Opus")
@pytest.mark.parametrize("codec", [Codec.G722, Codec.OPUS])
def test_phone_that_offers_nothing_else_is_understood(box, phones, tmp_path, codec):
    """8003's site line says nothing of codecs; it hears itself by *43."""
    says = wav_file(tmp_path, 440)
    phone = phones("8003", says=says, codecs=NAMES[codec], config=MODULES)
    capture = Capture(tmp_path / "loopback.pcap")
    phone.say("dial", f"sip:*43@127.0.0.1:{box.sip_port}")
    phone.wait("CALL_ESTABLISHED")

    wait_for(lambda: len(heard_by(phone, capture, codec)) > ENOUGH, 20, "seconds of echo")
    phone.say("hangup")
    phone.wait("CALL_CLOSED")
    assert likeness(heard_by(phone, capture, codec), speech()) > LEAST_LIKENESS[codec]
    capture.stop()


@pytest.mark.feature("codec: G.722", "codec: Opus")
def test_g722_phone_and_opus_phone_hear_each_other(box, phones, tmp_path):
    one = phones("8001", says=wav_file(tmp_path, 440), codecs=NAMES[Codec.G722], config=MODULES)
    other = phones(
        "8002",
        says=wav_file(tmp_path, 700),
        codecs=NAMES[Codec.OPUS],
        answer="auto",
        config=MODULES,
    )
    capture = Capture(tmp_path / "loopback.pcap")
    one.say("dial", f"sip:8002@127.0.0.1:{box.sip_port}")
    one.wait("CALL_ESTABLISHED")
    other.wait("CALL_ESTABLISHED")
    for phone, codec in ((one, Codec.G722), (other, Codec.OPUS)):
        wait_for(lambda p=phone, c=codec: len(heard_by(p, capture, c)) > ENOUGH, 20, "talk")
    one.say("hangup")
    other.wait("CALL_CLOSED")
    for phone, codec, hertz in ((one, Codec.G722, 700), (other, Codec.OPUS, 440)):
        assert signal_to_noise(heard_by(phone, capture, codec), hertz) > LEAST_DB[Codec.OPUS]
    capture.stop()


@pytest.mark.feature("codec: Opus", "SRTP")
def test_opus_and_srtp_together(box, phones, tmp_path):
    """Opened before it is decoded, coded before it is sealed: heard by baresip itself."""
    plain = phones("8003", says=wav_file(tmp_path, 440), codecs="pcma")
    secure = phones(
        "8001",
        says=wav_file(tmp_path, 700),
        codecs=NAMES[Codec.OPUS],
        config=MODULES + f"module srtp.so\nmodule sndfile.so\nsnd_path {tmp_path}",
        account=";mediaenc=srtp-mand",
    )
    capture = Capture(tmp_path / "loopback.pcap")
    secure.say("dial", f"sip:8003@127.0.0.1:{box.sip_port}")
    plain.wait("CALL_INCOMING")
    plain.say("accept")
    secure.wait("CALL_ESTABLISHED")

    def plain_hears():
        found = [s.audio() for p, s in read(capture.file).items() if p in plain.rtp_ports]
        return max(found, key=len, default=numpy.zeros(0, numpy.int16))

    wait_for(lambda: len(plain_hears()) > ENOUGH // 2, 20, "some seconds of talk")
    secure.say("hangup")
    plain.wait("CALL_CLOSED")
    capture.stop()
    assert signal_to_noise(plain_hears(), 700) > LEAST_DB[Codec.OPUS]
    secure.stop()
    (dump,) = tmp_path.glob("dump-*-dec.wav")
    with wave.open(str(dump), "rb") as file:
        heard = numpy.frombuffer(file.readframes(file.getnframes()), numpy.int16)
        rate, channels = file.getframerate(), file.getnchannels()
    heard = heard[::channels][:: rate // 8000]
    assert signal_to_noise(heard, 440) > LEAST_DB[Codec.OPUS]
