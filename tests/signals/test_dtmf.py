"""The accuracy table of the DTMF detector: what must be heard, and what must not."""

import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from appliance.signals.dtmf import COLUMN_HZ, HOP, KEYS, ROW_HZ, TAIL, THIN, USUAL, DtmfBank
from appliance.signals.g711 import decode_alaw, encode_alaw

LEGS = 160
DIGITS = 20


class Keypads:
    """160 phones that press 20 keys each, at times that know nothing of our windows."""

    def __init__(
        self,
        on_ms: float,
        off_ms: float,
        *,
        detune: float = 0.0,
        twist_db: float = 0.0,
        snr_db: float | None = None,
        amplitude: float = 3000.0,
        seed: int = 4733,
    ) -> None:
        rng = np.random.default_rng(seed)
        self.pressed = rng.integers(0, 16, (LEGS, DIGITS))
        on, off = int(on_ms * 8), int(off_ms * 8)
        length = (DIGITS * (on + off) + 2000) // 240 * 240
        sound = np.zeros((LEGS, length))
        time = np.arange(on) / 8000
        # Twist in dB of column over row, shared between the two.
        row_level, column_level = 10 ** (-twist_db / 40), 10 ** (twist_db / 40)
        for leg in range(LEGS):
            start = int(rng.integers(80, 700))
            for key in self.pressed[leg]:
                row_hz = ROW_HZ[key // 4] * (1 + detune)
                column_hz = COLUMN_HZ[key % 4] * (1 + detune)
                phases = rng.uniform(0, 2 * np.pi, 2)
                burst = row_level * np.sin(2 * np.pi * row_hz * time + phases[0])
                burst += column_level * np.sin(2 * np.pi * column_hz * time + phases[1])
                sound[leg, start : start + on] += amplitude * burst
                start += on + off
        if snr_db is not None:
            power = amplitude**2 / 2 * (row_level**2 + column_level**2)
            sound += rng.normal(0, np.sqrt(power / 10 ** (snr_db / 10)), sound.shape)
        linear = np.clip(np.rint(sound), -32768, 32767).astype(np.int16)
        self.samples = decode_alaw(encode_alaw(linear))

    def heard(self, packet: int = 160) -> list[str]:
        """What a bank hears of each leg."""
        bank, legs = DtmfBank(LEGS), np.arange(LEGS)
        keys = [""] * LEGS
        for start in range(0, self.samples.shape[1] - packet + 1, packet):
            for key in bank.feed(legs, self.samples[:, start : start + packet]):
                keys[key.row] += key.digit if key.began else ""
        return keys

    def accuracy(self, packet: int = 160) -> float:
        """Share of keys heard; a key too many counts as one lost."""
        right = 0
        for pressed, heard in zip(self.pressed, self.heard(packet), strict=True):
            expected = "".join(KEYS[key] for key in pressed)
            right += DIGITS if heard == expected else max(0, _in_common(expected, heard))
        return right / (LEGS * DIGITS)


def _in_common(expected: str, heard: str) -> int:
    """Longest common subsequence, less what was heard too much."""
    row = [0] * (len(heard) + 1)
    for wanted in expected:
        before = row[:]
        for place, got in enumerate(heard, 1):
            longest = max(row[place - 1], before[place])
            row[place] = before[place - 1] + 1 if wanted == got else longest
    return row[-1] - (len(heard) - row[-1])


@pytest.mark.parametrize(
    ("keypads", "least"),
    [
        pytest.param({"on_ms": 40, "off_ms": 40}, 1.0, id="40/40 ms"),
        pytest.param({"on_ms": 50, "off_ms": 50, "snr_db": 15}, 1.0, id="50/50 ms, SNR 15 dB"),
        pytest.param({"on_ms": 80, "off_ms": 80, "snr_db": 6}, 0.999, id="80/80 ms, SNR 6 dB"),
        pytest.param({"on_ms": 50, "off_ms": 50, "twist_db": 4}, 1.0, id="twist +4 dB"),
        pytest.param({"on_ms": 50, "off_ms": 50, "twist_db": -8}, 0.999, id="twist -8 dB"),
        pytest.param({"on_ms": 50, "off_ms": 50, "detune": 0.015}, 1.0, id="+1.5 %"),
        pytest.param({"on_ms": 50, "off_ms": 50, "detune": -0.015}, 1.0, id="-1.5 %"),
        pytest.param({"on_ms": 50, "off_ms": 50, "amplitude": 300}, 1.0, id="-41 dBFS"),
    ],
)
@pytest.mark.rfc("Q.24", "table 1")
def test_every_key_that_a_phone_may_send_is_heard_once(
    keypads: dict[str, float], least: float
) -> None:
    accuracy = Keypads(**keypads).accuracy()
    assert accuracy >= least, f"{accuracy:.4%} of {LEGS * DIGITS} keys"


@pytest.mark.parametrize(
    "keypads",
    [
        pytest.param({"on_ms": 50, "off_ms": 50, "detune": 0.035}, id="+3.5 %"),
        pytest.param({"on_ms": 50, "off_ms": 50, "detune": -0.035}, id="-3.5 %"),
        pytest.param({"on_ms": 23, "off_ms": 40}, id="23 ms"),
    ],
)
@pytest.mark.rfc("Q.24", "table 1")
def test_what_is_no_key_is_not_heard(keypads: dict[str, float]) -> None:
    assert "".join(Keypads(**keypads).heard()) == ""


@pytest.mark.parametrize("packet", [80, 160, 240])
def test_packets_of_10_20_and_30_ms_are_heard_alike(packet: int) -> None:
    assert Keypads(45, 45, seed=7).accuracy(packet) == 1.0


@pytest.mark.parametrize("snr_db", [12, 6, 3])
def test_half_the_samples_are_enough_to_see_what_deserves_a_closer_look(snr_db: float) -> None:
    keypads = Keypads(60, 45, snr_db=snr_db, seed=11)
    bank, legs, closely = DtmfBank(LEGS), np.arange(LEGS), [""] * LEGS
    before = np.zeros((LEGS, TAIL), np.float32)
    for start in range(0, keypads.samples.shape[1] - USUAL + 1, USUAL):
        packet = keypads.samples[:, start : start + USUAL].astype(np.float32)
        for key in bank.listen(legs, np.hstack([before, packet])):
            closely[key.row] += key.digit if key.began else ""
        before = packet[:, -TAIL:]
    assert keypads.heard() == closely
    assert len("".join(closely)) > LEGS * DIGITS / 2


def test_who_speaks_is_not_looked_at_closely() -> None:
    """Noise, and vowels: a pulse train through two resonances, 24 pitches."""
    rng = np.random.default_rng(3)
    time = np.arange(USUAL) / 8000
    pitches = np.linspace(90, 280, 24)
    strengths = [1 / (1 + ((n * 120 - 500) / 150) ** 2) for n in range(1, 20)]
    voices = [
        sum(a * np.sin(2 * np.pi * n * hz * time + n) for n, a in enumerate(strengths, 1))
        for hz in pitches
    ]
    samples = np.vstack([3000 * np.array(voices), rng.normal(0, 2000, (100, USUAL))])
    near = DtmfBank(124).near(np.arange(124), samples[:, THIN].astype(np.float32))
    assert len(near) <= 6


def _burst(key: str, ms: int, amplitude: float = 3000.0) -> npt.NDArray[np.int16]:
    place = KEYS.index(key)
    time = np.arange(ms * 8) / 8000
    sound = np.sin(2 * np.pi * ROW_HZ[place // 4] * time)
    sound += np.sin(2 * np.pi * COLUMN_HZ[place % 4] * time)
    return np.rint(amplitude * sound).astype(np.int16)


def _fed(bank: DtmfBank, row: int, sound: npt.NDArray[np.int16]) -> list[tuple[str, bool, int]]:
    keys = []
    for start in range(0, len(sound) // HOP * HOP, HOP):
        for key in bank.feed(np.array([row]), sound[None, start : start + HOP]):
            assert key.row == row
            keys.append((key.digit, key.began, key.duration_ms))
    return keys


def test_a_held_key_begins_once_and_its_length_is_told_at_its_end() -> None:
    silence = np.zeros(800, np.int16)
    began, ended = _fed(DtmfBank(3), 2, np.concatenate([silence, _burst("8", 500), silence]))
    assert began == ("8", True, 0)
    assert ended[:2] == ("8", False)
    assert abs(ended[2] - 500) <= 20


def test_a_hole_of_10_ms_does_not_make_two_keys_of_one() -> None:
    hole = np.zeros(80, np.int16)
    sound = [_burst("5", 100), hole, _burst("5", 100), np.zeros(800, np.int16)]
    keys = _fed(DtmfBank(1), 0, np.concatenate(sound))
    assert [key[:2] for key in keys] == [("5", True), ("5", False)]


def test_two_keys_without_a_pause_are_two_keys() -> None:
    sound = [_burst("1", 80), _burst("#", 80), np.zeros(800, np.int16)]
    keys = _fed(DtmfBank(1), 0, np.concatenate(sound))
    assert [key[:2] for key in keys] == [("1", True), ("1", False), ("#", True), ("#", False)]


def test_a_leg_that_is_new_hears_nothing_of_its_forerunner() -> None:
    bank = DtmfBank(1)
    assert [key[0] for key in _fed(bank, 0, _burst("9", 100))] == ["9"]
    bank.reset(0)
    assert _fed(bank, 0, np.zeros(1600, np.int16)) == []
    assert [key[0] for key in _fed(bank, 0, _burst("9", 100))] == ["9"]


def test_legs_do_not_hear_each_other() -> None:
    bank = DtmfBank(4)
    loud, still = _burst("6", 100)[:800], np.zeros(800, np.int16)
    keys = bank.feed(np.array([3, 1]), np.stack([loud, still]))
    assert [(key.row, key.digit) for key in keys if key.began] == [(3, "6")]


def test_call_progress_tones_noise_and_single_tones_are_no_keys() -> None:
    rng = np.random.default_rng(1)
    time = np.arange(80000) / 8000
    sounds = [rng.normal(0, level, 80000) for level in (300, 2000, 8000)]
    sounds += [8000 * np.sin(2 * np.pi * hertz * time) for hertz in (*ROW_HZ, *COLUMN_HZ, 450.0)]
    sounds += [4000 * (np.sin(2 * np.pi * 350 * time) + np.sin(2 * np.pi * 440 * time))]
    samples = np.stack(sounds).clip(-32768, 32767).astype(np.int16)
    assert DtmfBank(len(samples)).feed(np.arange(len(samples)), samples) == []


TALK = (
    "Thank you for calling. All our agents are busy at the moment, please hold the line and your "
    "call will be answered in turn. She sells sea shells, and eight of eighteen singers sing "
    "in the evening. Where were you while we were away? I would like to order a blue bicycle, "
    "number one nine seven four, to be delivered on Tuesday between nine and eleven. "
)


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_people_who_talk_press_no_keys(tmp_path: Path) -> None:
    heard: list[str] = []
    for voice, speed, pitch in (("en+f2", 130, 70), ("en", 190, 30), ("cmn+f4", 150, 90)):
        wav = tmp_path / f"{voice}.wav"
        options = ["-v", voice, "-s", str(speed), "-p", str(pitch), "-w", str(wav)]
        subprocess.run(["espeak-ng", *options, TALK * 3], check=True, timeout=30)
        with wave.open(str(wav)) as talk:
            rate, frames = talk.getframerate(), talk.readframes(talk.getnframes())
        spoken = np.frombuffer(frames, np.int16).astype(np.float64)
        at = np.arange(0, len(spoken) - 1, rate / 8000)
        telephone = np.interp(at, np.arange(len(spoken)), spoken).astype(np.int16)
        telephone = decode_alaw(encode_alaw(telephone))[: len(at) // HOP * HOP]
        assert len(telephone) > 8000 * 30
        keys = DtmfBank(1).feed(np.array([0]), telephone[None])
        heard += [key.digit for key in keys if key.began]
    assert heard == []
