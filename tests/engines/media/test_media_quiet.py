"""Silence that ends a voicemail message: speech, a line's noise, nothing at all, a restart."""

from collections.abc import Callable

import numpy as np
import pytest
from rtp_desk import Desk, far_end

from appliance.signals.g711 import encode_alaw
from appliance.vocabulary.audio import LegAudio
from appliance.vocabulary.events import FarEndQuiet
from appliance.vocabulary.ids import CallId, LegId

TIME = np.arange(160) / 8000
VOICE = encode_alaw((6000 * np.sin(2 * np.pi * 300 * TIME)).astype(np.int16)).tobytes()
NOISE = encode_alaw(np.random.default_rng(1).normal(0, 60, 160).astype(np.int16)).tobytes()
"""-55 dB: what a line makes of nobody."""


def listened(after: float | None = 3.0, memory: bytearray | None = None) -> Desk:
    desk = Desk(memory=memory)
    desk.leg("a", far=far_end())
    wish(desk, after, version=2)
    return desk


def wish(desk: Desk, after: float | None, version: int) -> None:
    audio = LegAudio(
        leg=LegId("a"), call=CallId("call"), version=version, far=far_end(), quiet_after=after
    )
    desk.engine.set_audio(audio, desk.tick, desk.now)


def sends(desk: Desk, seconds: float, payload: Callable[[], bytes] | bytes, first: int) -> int:
    count = int(seconds * 50)
    for number in range(first, first + count):
        desk.arrives("a", sequence=number, payload=payload() if callable(payload) else payload)
        desk.turn(2)
    return first + count


def told(desk: Desk) -> list[float]:
    return [event.silent_for for event in desk.events if isinstance(event, FarEndQuiet)]


@pytest.mark.parametrize("silence", [NOISE, b""])
def test_silence_behind_speech_is_told_once(silence: bytes) -> None:
    desk = listened()
    following = sends(desk, 4, VOICE, 0)
    assert told(desk) == [], "he speaks"
    if silence:
        sends(desk, 2.4, silence, following)
    else:
        desk.turn(240)
    assert told(desk) == [], "a pause is none"
    desk.turn(200)
    (seconds,) = told(desk)
    assert 3.0 <= seconds <= 3.6
    desk.turn(1000)
    assert len(told(desk)) == 1


def test_speech_after_a_pause_begins_the_count_anew() -> None:
    desk = listened()
    following = 0
    for _ in range(4):
        following = sends(desk, 2, VOICE, following)
        following = sends(desk, 2, NOISE, following)
    assert told(desk) == []


def test_nobody_listens_where_nobody_waits() -> None:
    desk = listened(None)
    desk.turn(2000)
    assert told(desk) == []
    wish(desk, 3.0, version=3)
    desk.turn(100)
    wish(desk, None, version=4)
    desk.turn(1000)
    assert told(desk) == []
