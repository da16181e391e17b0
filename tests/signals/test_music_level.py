"""Music for the telephone: one loudness in dBm0, no clipping, no seam in its loop, in the band."""

import numpy as np
import pytest

from appliance.signals.g711 import decode_alaw, encode_alaw
from appliance.signals.levels import frame_levels
from appliance.signals.music import music_on_hold
from appliance.signals.music_level import (
    NotMusic,
    looped,
    loudness_dbov,
    music_dbm0,
    telephone_music,
    trimmed,
)
from appliance.signals.music_pieces import PIECES, hertz_of
from appliance.signals.single_tone import tone_share

FULL = 32767.0


def sine(hertz: float, seconds: float, amplitude: float = FULL) -> np.ndarray:
    return amplitude * np.sin(2 * np.pi * hertz * np.arange(int(8000 * seconds)) / 8000)


def band(seconds: float, seed: int = 1) -> np.ndarray:
    """Noise between 400 and 2000 Hz, whose loudness comes and goes like music's."""
    noise = np.random.default_rng(seed).normal(0, 1, int(8000 * seconds))
    spectrum = np.fft.rfft(noise)
    hertz = np.fft.rfftfreq(len(noise), 1 / 8000)
    spectrum[(hertz < 400) | (hertz > 2000)] = 0
    swell = 1 + 0.7 * np.sin(2 * np.pi * 0.4 * np.arange(len(noise)) / 8000)
    line = np.fft.irfft(spectrum, len(noise)) * swell
    return np.asarray(line * 3000 / np.std(line))


def test_a_full_sine_has_the_level_that_g711_gives_it() -> None:
    assert music_dbm0(sine(1020, 5)) == pytest.approx(3.14, abs=0.02)
    assert music_dbm0(sine(1020, 5, FULL / 10)) == pytest.approx(-16.86, abs=0.02)


@pytest.mark.parametrize("amplitude", [3.0, 300.0, 32767.0, 200_000.0])
def test_whatever_its_level_it_comes_to_minus_20_dbm0(amplitude: float) -> None:
    for sound in (sine(700, 12, amplitude), band(12) * amplitude / 3000):
        heard = decode_alaw(encode_alaw(telephone_music(sound)))
        assert music_dbm0(heard) == pytest.approx(-20, abs=0.5)
        assert np.abs(heard.astype(int)).max() <= 32768 * 10 ** (-5.5 / 20)


def test_blows_are_held_under_the_limit_and_the_rest_stays_as_loud_as_it_should() -> None:
    sound = band(12)
    sound[::6000] = 300_000
    made = telephone_music(sound)
    assert np.abs(made.astype(int)).max() <= 16423
    assert music_dbm0(made) == pytest.approx(-20, abs=0.5)


def test_pauses_do_not_make_music_louder() -> None:
    """BS.1770's gate: what is not heard does not count."""
    piece = band(10)
    assert loudness_dbov(np.concatenate([piece, np.zeros(60_000)])) == pytest.approx(
        loudness_dbov(piece), abs=0.5
    )


def test_the_loop_goes_on_where_the_piece_does() -> None:
    """A tone of a period that the length is no multiple of: nothing may jump or sag at the seam."""
    made = telephone_music(sine(713.3, 11.037))
    assert len(made) % 160 == 0
    round_twice = np.concatenate([made, made]).astype(float)
    levels = frame_levels(round_twice.astype(np.int16), 160)
    assert np.abs(levels - np.median(levels)).max() < 1.5
    seam = round_twice[len(made) - 400 : len(made) + 400]
    steps = np.abs(np.diff(seam))
    assert steps.max() <= 1.3 * np.abs(np.diff(round_twice[20_000:28_000])).max()


def test_what_is_worked_on_piece_by_piece_has_no_joints() -> None:
    """70 s are three pieces of work, and the limiter has something to do in each of them."""
    sound = sine(703, 70)
    sound[40_000::50_000] *= 3
    made = telephone_music(sound)
    for start in range(0, len(made) - 8000, 8000):
        assert tone_share(made[start : start + 8000], 703) > 0.999


@pytest.mark.parametrize("seed", range(5))
def test_the_loop_of_music_neither_clicks_nor_sags(seed: int) -> None:
    made = telephone_music(band(15, seed))
    turn = np.concatenate([made[-8000:], made[:8000]]).astype(float)
    steps = np.abs(np.diff(turn))
    assert steps[7990:8010].max() <= np.abs(np.diff(made.astype(float))).max()
    assert frame_levels(turn.astype(np.int16), 1600).min() > -45


def test_the_end_of_a_loop_is_what_came_before_its_beginning() -> None:
    line = band(20)
    circle = looped(line)
    beyond = line[len(circle) : len(circle) + 40]
    # The first samples of the circle are the piece's own continuation of its last ones.
    assert circle[:40] == pytest.approx(beyond, abs=0.03 * np.abs(line).max())


def test_silence_at_the_ends_goes_and_silence_within_stays() -> None:
    piece = np.concatenate([sine(500, 4), np.zeros(8000), sine(500, 4)])
    padded = np.concatenate([np.zeros(24_000), piece, np.zeros(40_000)])
    assert len(trimmed(padded)) == pytest.approx(len(piece), abs=320)


def test_what_is_soft_is_not_silence() -> None:
    assert len(trimmed(band(10) / 1500)) > 70_000


@pytest.mark.parametrize(
    ("sound", "why"),
    [
        (np.zeros(80_000), "silence"),
        (np.zeros(0), "silence"),
        (np.full(80_000, 5000.0), "short"),
        (sine(700, 2.5), "short"),
        (np.concatenate([sine(700, 1), np.zeros(80_000)]), "short"),
    ],
)
def test_what_cannot_be_played_for_ever_is_refused(sound: np.ndarray, why: str) -> None:
    with pytest.raises(NotMusic, match=why):
        telephone_music(sound)


# --- what is shipped ------------------------------------------------------------------------------
@pytest.mark.parametrize("name", PIECES)
def test_shipped_pieces_are_alike_in_level_and_lie_in_the_telephones_band(name: str) -> None:
    made = PIECES[name]()
    assert len(made) % 160 == 0
    assert music_dbm0(made) == pytest.approx(-19.85, abs=0.1)
    spectrum = np.abs(np.fft.rfft(made)) ** 2
    hertz = np.fft.rfftfreq(len(made), 1 / 8000)
    assert spectrum[(hertz < 295) | (hertz > 3405)].sum() < spectrum.sum() * 1e-4
    assert frame_levels(made, 8000).min() > -45, "a caller never believes that the line is dead"
    steps = np.abs(np.diff(made.astype(int)))
    assert abs(int(made[0]) - int(made[-1])) <= np.percentile(steps, 99)


def test_shipped_pieces_are_three_and_differ() -> None:
    pieces = [piece().tobytes() for piece in PIECES.values()]
    assert set(PIECES) == {"default", "calm", "bright"} and len(set(pieces)) == 3
    assert music_on_hold().tobytes() in pieces


def test_sharp_notes_are_half_a_tone_higher() -> None:
    assert hertz_of("A4") == 440
    assert hertz_of("A#4") == pytest.approx(466.16, abs=0.01)
    assert hertz_of("F#5") == pytest.approx(739.99, abs=0.01)
