"""One frequency's share of a sound."""

import numpy as np
import pytest

from appliance.signals.single_tone import tone_share


def sine(hertz: float, count: int = 800, level: float = 8000.0) -> np.ndarray:
    return np.rint(level * np.sin(2 * np.pi * hertz * np.arange(count) / 8000)).astype(np.int16)


@pytest.mark.parametrize("level", [100.0, 8000.0, 32000.0])
def test_a_pure_tone_is_all_share_at_any_level(level: float) -> None:
    assert tone_share(sine(1000, level=level), 1000) == pytest.approx(1.0, abs=0.001)


def test_other_tones_silence_and_steady_voltage_have_none() -> None:
    assert tone_share(sine(700), 1000) < 0.02
    assert tone_share(np.zeros(800, np.int16), 1000) == 0.0
    assert tone_share(np.full(800, 5000, np.int16), 1000) == 0.0
    assert tone_share(np.zeros(0, np.int16), 1000) == 0.0


def test_of_two_equal_tones_each_has_half() -> None:
    both = sine(1000) + sine(440)
    assert tone_share(both, 1000) == pytest.approx(0.5, abs=0.01)
