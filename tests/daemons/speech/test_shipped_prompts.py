"""The shipped prompts as callers hear them: complete, equally loud, tight, within the band."""

import hashlib
import zipfile
from functools import cache

import numpy as np
import pytest

from appliance.daemons.prompts import MUSIC_SET, SHIPPED
from appliance.daemons.speech.catalogues import catalogues
from appliance.signals.g711 import decode_alaw
from appliance.signals.levels import active_level, frame_levels
from appliance.speech.composed import clips_of, may_be_absent
from appliance.speech.defaults import default_clips, default_sentences
from appliance.speech.index import ShippedIndex, music_key, shipped_from
from appliance.vocabulary.settings import Language
from appliance.vocabulary.speech import PhraseKey, Utterance

LANGUAGES = list(Language)
LONGEST_SILENCE_MS = 150
HIGHEST_HZ = 3800


@cache
def shipped(name: str) -> tuple[ShippedIndex, dict[str, np.ndarray]]:
    with zipfile.ZipFile(SHIPPED / f"{name}.zip") as archive:
        index = shipped_from(archive.read("index.json"))
        sounds = {
            row.hash: archive.read(f"{row.hash}.alaw")
            for row in (*index.rows.values(), *index.clips.values())
        }
    for prompt, sound in sounds.items():
        assert hashlib.sha256(sound).hexdigest() == prompt
    linear = {key: decode_alaw(np.frombuffer(sound, np.uint8)) for key, sound in sounds.items()}
    return index, linear


def named_sounds(language: str) -> list[tuple[str, np.ndarray]]:
    index, sounds = shipped(language)
    rows = {**index.rows, **index.clips}
    return [(key, sounds[row.hash]) for key, row in rows.items()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_and_clip_is_shipped(language: Language) -> None:
    index, _ = shipped(language)
    assert set(index.rows) == set(default_sentences(language, catalogues()))
    assert set(index.clips) == set(default_clips(language, catalogues()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_agent_number_can_be_put_together(language: Language) -> None:
    index, _ = shipped(language)
    for phrase in (PhraseKey.AGENT_NUMBER, PhraseKey.SIGNED_IN):
        for agent in ("7", "42", "801", "1001", "90210"):
            names = clips_of(Utterance(language=language, phrase=phrase, values={"agent": agent}))
            assert names
            assert all(name in index.clips or may_be_absent(name) for name in names)


@pytest.mark.parametrize("language", LANGUAGES)
def test_lengths_in_the_index_are_true(language: Language) -> None:
    index, sounds = shipped(language)
    for key, row in {**index.rows, **index.clips}.items():
        assert row.seconds == pytest.approx(len(sounds[row.hash]) / 8000)
        assert 0.3 < row.seconds < 12, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_are_equally_loud_and_none_clips(language: Language) -> None:
    for key, sound in named_sounds(language):
        assert active_level(sound) == pytest.approx(-20, abs=1), key
        # A-law's step is a sixteenth there: half a decibel over -6 dBFS is rounding, not clipping
        assert np.abs(sound.astype(int)).max() <= 32768 * 10 ** (-5.5 / 20), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_none_begins_or_ends_with_silence(language: Language) -> None:
    for key, sound in named_sounds(language):
        loud = np.flatnonzero(frame_levels(sound, 80) > -45)
        frames = len(sound) // 80
        assert loud[0] * 10 <= LONGEST_SILENCE_MS, key
        assert (frames - 1 - loud[-1]) * 10 <= LONGEST_SILENCE_MS, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_none_has_direct_current_or_sound_beyond_the_telephone(language: Language) -> None:
    for key, sound in named_sounds(language):
        assert abs(sound.mean()) < 30, key
        spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
        hertz = np.fft.rfftfreq(len(sound), 1 / 8000)
        beyond = spectrum[hertz > HIGHEST_HZ].sum() / spectrum.sum()
        assert 10 * np.log10(beyond) < -35, key


def test_three_pieces_of_music_are_shipped_and_gentle() -> None:
    index, sounds = shipped(MUSIC_SET)
    assert set(index.rows) == {music_key(name, 0) for name in ("default", "calm", "bright")}
    for row in index.rows.values():
        assert row.seconds > 30
        assert active_level(sounds[row.hash]) < -20


def test_shipped_sets_stay_small() -> None:
    # Whole words of numbers, days and hours in three languages take 4 MB: syllables alone would be
    # smaller, and are not understood (a third of single digits wrong, composed.py).
    # How long a wait will be and was, in twelve steps each, half a megabyte in all.
    # Voicemail, callbacks and surveys: some 30 sentences more, a quarter of a megabyte a language.
    assert sum(file.stat().st_size for file in SHIPPED.glob("*.zip")) <= 15 * 2**20
