"""Call-progress tones: frequency, cadence, level, and no click where they repeat."""

import numpy as np
import pytest

from appliance.signals.g711 import ALAW_SILENCE, decode_alaw
from appliance.signals.levels import dbfs
from appliance.signals.tones import CADENCES, tone, tone_names
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.settings import Country

EVERY_TONE = [(country, name) for country in CADENCES for name in tone_names(country)]


def test_every_country_of_a_site_has_its_tones() -> None:
    assert {str(country) for country in Country} == set(CADENCES)
    for country in CADENCES:
        assert {"dial", "ringback", "busy", "congestion", "unobtainable", "beep"} == set(
            tone_names(country)
        )


@pytest.mark.parametrize(("country", "name"), EVERY_TONE)
def test_a_period_is_whole_ticks_and_joins_itself_without_a_click(country: str, name: str) -> None:
    period = tone(name, country)
    assert len(period) % 80 == 0
    line = decode_alaw(np.frombuffer(period, np.uint8)).astype(np.int64)
    steps = np.abs(np.diff(line))
    seam = abs(int(line[0]) - int(line[-1]))
    assert seam <= steps.max()
    # A sine at its steepest moves by 2·pi·f/8000 of its amplitude; 10 % for A-law's steps.
    assert steps.max() <= 1.1 * 2 * np.pi * 1800 / 8000 * np.abs(line).max()


@pytest.mark.parametrize(
    ("country", "name", "beats_ms"),
    [
        ("cn", "ringback", [1000, 4000]),
        ("cn", "busy", [350, 350]),
        ("cn", "congestion", [700, 700]),
        ("cn", "unobtainable", [100, 100, 100, 100, 100, 100, 400, 400]),
        ("pl", "busy", [500, 500]),
        ("pl", "ringback", [1000, 4000]),
        ("gb", "ringback", [400, 200, 400, 2000]),
        ("us", "ringback", [2000, 4000]),
    ],
)
def test_the_cadence_is_the_country_s(country: str, name: str, beats_ms: list[int]) -> None:
    codes = np.frombuffer(tone(name, country), np.uint8)
    heard = [(codes[at : at + 80] != ALAW_SILENCE).any() for at in range(0, len(codes), 80)]
    expected = [place % 2 == 0 for place, ms in enumerate(beats_ms) for _ in range(ms // 10)]
    assert heard == expected


@pytest.mark.parametrize(
    ("country", "hertz", "dbm0"),
    [("cn", {450}, -10), ("pl", {425}, -10), ("gb", {350, 440}, -13), ("us", {350, 440}, -13)],
)
def test_dial_tone_has_its_frequencies_at_its_level(
    country: str, hertz: set[int], dbm0: float
) -> None:
    line = decode_alaw(np.frombuffer(tone("dial", country), np.uint8)).astype(np.float64)
    spectrum = np.abs(np.fft.rfft(line)) / len(line) * 2
    assert set(np.flatnonzero(spectrum > spectrum.max() / 10).tolist()) == hertz
    for own in hertz:
        level = 20 * np.log10(spectrum[own] / 32256) + 3.14
        assert abs(level - dbm0) < 0.3


def test_the_beep_is_one_burst_that_can_be_heard() -> None:
    beep = decode_alaw(np.frombuffer(tone("beep", "cn"), np.uint8))
    assert len(beep) == 4000
    assert -17 < dbfs(beep[:3200]) < -15
    assert dbfs(beep[3200:]) < -60


def test_an_unknown_tone_or_country_is_refused_in_words() -> None:
    with pytest.raises(RefusedError, match="no tone 'howler'"):
        tone("howler", "cn")
    with pytest.raises(RefusedError, match="country 'xx'"):
        tone("busy", "xx")
