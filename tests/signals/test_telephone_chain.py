"""From studio sound to the telephone, and the levels it is measured by."""

import numpy as np
import numpy.typing as npt
import pytest

from appliance.signals.levels import (
    SILENT_DBFS,
    active_level,
    dbfs,
    frame_levels,
)
from appliance.signals.music import hertz, music_on_hold
from appliance.signals.resample import high_passed, resampled, telephone_chain

RATES = (8000, 11025, 16000, 22050, 24000, 44100, 48000)


def sine(frequency: float, rate: int, seconds: float = 1.0) -> npt.NDArray[np.float64]:
    return 10000 * np.sin(2 * np.pi * frequency * np.arange(int(rate * seconds)) / rate)


def gain_db(frequency: float, rate: int) -> float:
    middle = resampled(sine(frequency, rate), rate)[1000:-1000]
    return float(10 * np.log10(np.mean(middle**2) / (10000**2 / 2)))


@pytest.mark.parametrize("rate", RATES[1:])
def test_the_voice_band_passes_and_what_would_fold_back_does_not(rate: int) -> None:
    for frequency in (300, 1000, 3000):
        assert abs(gain_db(frequency, rate)) < 0.1, frequency
    if rate > 2 * 3800:
        assert gain_db(3800, rate) < -60
    for frequency in (4500, 5400, 7000, 10000):
        if frequency < rate / 2:
            assert gain_db(frequency, rate) < -95, frequency


@pytest.mark.parametrize("rate", RATES)
def test_length_and_time_are_kept(rate: int) -> None:
    sound = np.zeros(rate)
    sound[rate // 2] = 10000.0
    out = resampled(sound, rate)
    assert len(out) == 8000
    assert abs(int(np.abs(out).argmax()) - 4000) <= 1


def test_rumble_is_taken_away() -> None:
    assert dbfs(high_passed(sine(50, 8000))[4000:]) < dbfs(sine(50, 8000)) - 14
    assert dbfs(high_passed(sine(1000, 8000))[4000:]) > dbfs(sine(1000, 8000)) - 0.3


def speechlike(rate: int, loudness: float) -> npt.NDArray[np.float64]:
    """Bursts of noise with peaks and pauses, as a voice has them; full scale is 1.0."""
    rng = np.random.default_rng(11)
    syllables = [
        np.concatenate([rng.laplace(0, loudness, rate // 4) * np.hanning(rate // 4), np.zeros(gap)])
        for gap in rng.integers(rate // 50, rate // 3, 20)
    ]
    return np.concatenate(syllables)


@pytest.mark.parametrize("rate", [8000, 22050, 24000, 48000])
@pytest.mark.parametrize("loudness", [0.004, 0.02, 0.3])
def test_quiet_and_loud_voices_come_out_equally_loud_and_unclipped(
    rate: int, loudness: float
) -> None:
    out = telephone_chain(speechlike(rate, loudness), rate)
    assert out.dtype == np.int16
    assert abs(active_level(out) + 20) < 0.7
    assert np.abs(out.astype(np.int64)).max() <= 32768 * 10 ** (-6 / 20)


def test_hiss_is_not_made_into_a_voice() -> None:
    hiss = np.random.default_rng(3).normal(0, 1e-5, 24000)
    assert dbfs(telephone_chain(hiss, 8000)) < -55


def test_integers_and_floats_of_the_same_sound_come_out_alike() -> None:
    sound = speechlike(24000, 0.05).clip(-1, 1)
    from_float = telephone_chain(sound.astype(np.float32), 24000)
    from_int = telephone_chain(np.rint(sound * 32767).astype(np.int16), 24000)
    assert np.abs(from_float.astype(int) - from_int).max() <= 8


def test_silence_nothing_and_nonsense() -> None:
    assert not telephone_chain(np.zeros(24000, np.int16), 24000).any()
    assert len(telephone_chain(np.zeros(0, np.int16), 24000)) == 0
    assert not telephone_chain(np.full(2400, np.nan), 24000).any()
    assert len(telephone_chain(np.ones(1), 22050)) == 1
    with pytest.raises(ValueError, match="too few"):
        telephone_chain(np.zeros(10), 6000)
    with pytest.raises(ValueError, match="stereo"):
        telephone_chain(np.zeros((10, 2)), 24000)


def test_levels_are_told_in_dbfs() -> None:
    assert dbfs(np.full(160, 32767, np.int16)) == pytest.approx(0, abs=0.01)
    assert dbfs(sine(1000, 8000)) == pytest.approx(-13.32, abs=0.01)
    assert dbfs(np.zeros(160, np.int16)) == SILENT_DBFS
    assert dbfs(np.zeros((3, 160), np.int16)).shape == (3,)
    assert len(frame_levels(np.zeros(400, np.int16))) == 2


def test_pauses_do_not_make_a_voice_quieter() -> None:
    talk = np.rint(speechlike(8000, 0.1) * 32767).astype(np.int16)
    slow = np.concatenate([talk, np.zeros(80000, np.int16)])
    assert active_level(slow) == pytest.approx(active_level(talk), abs=1.5)


def test_music_on_hold_is_soft_in_the_band_and_has_no_seam() -> None:
    music = music_on_hold()
    assert len(music) == 48 * 8000
    assert dbfs(music) == pytest.approx(-26, abs=0.1)
    assert np.abs(music.astype(int)).max() < 16384
    spectrum = np.abs(np.fft.rfft(music)) ** 2
    frequency = np.fft.rfftfreq(len(music), 1 / 8000)
    outside = spectrum[(frequency < 295) | (frequency > 3405)].sum()
    assert outside < spectrum.sum() * 1e-5
    steps = np.abs(np.diff(music.astype(int)))
    assert abs(int(music[0]) - int(music[-1])) <= np.percentile(steps, 99)
    quietest = frame_levels(music, 8000).min()
    assert quietest > -45, "a caller never believes that the line is dead"
    assert (music == music_on_hold()).all()


def test_notes_are_tuned_to_440() -> None:
    assert hertz("A4") == 440
    assert hertz("C5") == pytest.approx(523.25, abs=0.01)
