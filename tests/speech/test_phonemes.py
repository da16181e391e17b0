"""Pinyin and espeak's IPA in the signs that the voices know."""

import pytest

from appliance.daemons.speech.kokoro import SIGNS
from appliance.speech.mandarin import READINGS, letters_phonemes, punctuation, syllable_phonemes
from appliance.speech.polish import kokoro_signs


@pytest.mark.parametrize(
    ("pinyin", "phonemes"),
    [
        ("zhong1", "ꭧʊ→ŋ"),
        ("hao4", "xau↘"),
        ("ling2", "li↗ŋ"),
        ("yao1", "jau→"),
        ("wei4", "wei↘"),
        ("nin2", "ni↗n"),
        ("fu2", "fu↗"),
        ("wu4", "u↘"),
        ("shi2", "ʂɨ↗"),
        ("zi4", "ʦɨ↘"),
        ("qu4", "ʨʰy↘"),
        ("xue2", "ɕɥe↗"),
        ("jun1", "ʨy→n"),
        ("lv3", "ly↓"),
        ("yuan2", "ɥɛ↗n"),
        ("er4", "ɚ↘"),
        ("de5", "tɤ"),
        ("liu4", "ljou↘"),
        ("dui4", "twei↘"),
        ("cun2", "ʦʰwə↗n"),
    ],
)
def test_a_syllable_has_its_phonemes(pinyin: str, phonemes: str) -> None:
    assert syllable_phonemes(pinyin) == phonemes
    assert set(phonemes) <= set(SIGNS)


def test_what_is_no_syllable_is_refused() -> None:
    with pytest.raises(KeyError):
        syllable_phonemes("vip1")


def test_readings_of_the_telephone_are_syllables() -> None:
    for word, reading in READINGS.items():
        assert len(word) == len(reading.split())
        assert all(syllable_phonemes(syllable) for syllable in reading.split())


def test_latin_letters_are_spelled_with_signs_that_exist() -> None:
    assert letters_phonemes("VIP") == "vˈi ˈI pˈi"
    spelled = letters_phonemes("abcdefghijklmnopqrstuvwxyz")
    assert set(spelled) <= set(SIGNS)
    assert set(punctuation("您好，请按。（一）！？")) & set(",.()!?") == set(",.()!?")


def test_polish_sounds_become_the_nearest_signs() -> None:
    assert kokoro_signs("t^ʃɛkˈajɔ̃ tʃˈɨ") == "ʧɛkˈajɔw tʃˈɪ"
    assert kokoro_signs("sˈɔ̃") == "sˈɔw"
    assert kokoro_signs("vˈɔ̃ʃ") == "vˈɔwʃ"
    assert kokoro_signs("zˈɔ̃b") == "zˈɔmb"
    assert kokoro_signs("d^ʑɛɲ") == "ʥɛɲ"
