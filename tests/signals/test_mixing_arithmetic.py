"""Sums of voices, splices from one place of a voice to another, and comfort noise."""

import numpy as np
import pytest

from appliance.signals.comfort_noise import LOOP, described, noise
from appliance.signals.levels import dbfs
from appliance.signals.mixing import crossed, matching_lag, mixed


def rows(*listeners):
    heard = np.array([row for listener in listeners for row in listener], np.intp)
    lengths = np.array([len(listener) for listener in listeners], np.intp)
    return heard, np.cumsum(lengths) - lengths


def test_each_listener_hears_exactly_those_he_is_to_hear():
    voices = np.arange(12, dtype=np.int16).reshape(3, 4) * 100
    heard, starts = rows((1, 2), (0,), (), (0, 1, 2), ())
    sums = mixed(voices, heard, starts)
    expected = [voices[1] + voices[2], voices[0], 0 * voices[0], voices.sum(axis=0), 0 * voices[0]]
    assert (sums == np.stack(expected)).all() and sums.dtype == np.int16


def test_loud_voices_are_clipped_and_never_wrap_around():
    voices = np.array([[30000, -30000], [20000, -20000], [5, 5]], np.int16)
    heard, starts = rows((0, 1, 2))
    assert mixed(voices, heard, starts).tolist() == [[32767, -32768]]


def test_nobody_listens():
    assert mixed(np.zeros((2, 160), np.int16), *rows()).shape == (0, 160)


def test_going_over_keeps_what_both_have_in_common():
    same = (8000 * np.sin(np.arange(160) / 5)).astype(np.int16)
    joining = np.full(160, 4000, np.int16)
    assert (crossed(same, same) == same).all()
    step = crossed(same, same + joining).astype(int) - same
    assert np.abs(np.diff(step, prepend=0)).max() <= 26 and step[-1] > 3900


@pytest.mark.parametrize("hertz", [110, 180, 250, 440])
def test_splice_falls_on_the_phase_of_the_voice(hertz):
    at = np.arange(600)
    sound = (6000 * np.sin(2 * np.pi * hertz * at / 8000)).astype(np.int16)
    lag = matching_lag(sound, 160, 260, 80)
    assert 160 <= lag <= 260
    # The sound goes on as if it were `lag` younger: no step larger than the voice's own.
    spliced = np.concatenate([sound, sound[len(sound) - lag :]]).astype(int)
    own = np.abs(np.diff(sound.astype(int))).max()
    assert np.abs(np.diff(spliced)).max() <= 1.2 * own


def test_splice_in_silence_is_the_shortest():
    assert matching_lag(np.zeros(500, np.int16), 160, 260, 80) == 160


@pytest.mark.rfc("3389", "3.1")
@pytest.mark.parametrize("level", [20, 45, 70])
def test_made_noise_is_as_loud_as_told(level):
    assert float(dbfs(noise(bytes((level,))))) == pytest.approx(-level, abs=0.7)


@pytest.mark.rfc("3389", "3.3")
def test_described_background_comes_back_with_its_level_and_its_colour():
    white = np.random.default_rng(7).standard_normal(4000)
    hum = np.convolve(white, np.ones(12) / 12, mode="same") * 3000
    background = hum.astype(np.int16)
    made = noise(described(background))
    assert len(made) == LOOP and abs(float(dbfs(made)) - float(dbfs(background))) < 1

    def share_of_low(sound):
        power = np.abs(np.fft.rfft(sound.astype(float))) ** 2
        return power[: len(power) // 8].sum() / power.sum()

    assert share_of_low(background) > 0.6
    assert share_of_low(made) == pytest.approx(share_of_low(background), abs=0.12)


def test_noise_goes_round_without_a_seam():
    made = noise(described((1000 * np.random.default_rng(3).standard_normal(800)).astype(np.int16)))
    steps = np.abs(np.diff(made.astype(int)))
    assert abs(int(made[0]) - int(made[-1])) <= steps.max()


@pytest.mark.parametrize("payload", [b"", b"\xff", bytes((30, *([255] * 20))), bytes((0, 0, 254))])
def test_any_bytes_give_a_sound(payload):
    assert noise(payload).shape == (LOOP,)


def test_silence_and_a_pure_tone_can_be_described():
    assert described(np.zeros(160, np.int16))[0] >= 90
    tone = (5000 * np.sin(np.arange(800) / 3)).astype(np.int16)
    assert abs(float(dbfs(noise(described(tone)))) - float(dbfs(tone))) < 1.5
