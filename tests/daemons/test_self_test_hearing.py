"""The test phone's ear and mouth, without a box: what it sends is what the box's detector hears."""

import numpy as np
import pytest

from appliance.daemons.self_test.hearing import (
    AUDIBLE_DBFS,
    KEYPAD,
    OWN_TONE_HERTZ,
    Ear,
    is_own,
    key_tones,
    linear,
    sines,
)
from appliance.signals.dtmf import HOP, DtmfBank


@pytest.mark.parametrize("key", KEYPAD)
def test_the_boxs_own_detector_hears_each_key_in_8_bits(key: str) -> None:
    bank = DtmfBank(1)
    sound = linear(key_tones(key))
    heard = [
        found.digit
        for at in range(0, len(sound) // HOP * HOP, HOP)
        for found in bank.feed(np.array([0]), sound[at : at + HOP].reshape(1, -1))
        if found.began
    ]
    assert heard == [key]


def test_the_ear_tells_its_own_tone_from_a_prompt_and_from_silence() -> None:
    ear = Ear()
    own = ear.hear(sines((OWN_TONE_HERTZ,), 0.3))
    prompt = ear.hear(sines((600.0,), 0.2))
    silence = ear.hear(b"\x80" * 800)
    assert [is_own(*one) for one in own] == [True] * 3
    assert [is_own(*one) for one in prompt] == [False] * 2
    assert all(level > AUDIBLE_DBFS for level, _ in own + prompt)
    assert all(level < AUDIBLE_DBFS for level, _ in silence)


def test_pieces_of_any_size_make_the_same_windows() -> None:
    sound = sines((600.0,), 0.5)
    whole, piecewise = Ear(), Ear()
    pieces = [one for at in range(0, len(sound), 37) for one in piecewise.hear(sound[at : at + 37])]
    assert pieces == whole.hear(sound)
