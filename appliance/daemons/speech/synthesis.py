"""One door to all engines: text in a language, samples out; or a clear word why not.

Mandarin and Polish by Kokoro, English by hibari. A language whose models are not installed is
refused: never another language's voice, which callers could not understand (speech.md).
"""

import importlib.util
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from appliance.daemons.speech.kokoro import RATE, Kokoro, Samples
from appliance.speech.delivery import sentences_of, spoken_together
from appliance.speech.mandarin import (
    READINGS,
    WORDS,
    letters_phonemes,
    punctuation,
    syllable_phonemes,
)
from appliance.speech.normaliser import speakable
from appliance.speech.polish import kokoro_signs
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.settings import Language

DEFAULT_VOICES: Final = {
    Language.ZH: "zf_xiaoxiao",
    Language.EN: "heart",
    Language.PL: "ef_dora",
}
SPEEDS: Final = {Language.ZH: 0.9, Language.EN: 1.0, Language.PL: 0.95}
"""Measured at 8 kHz A-law, toneless syllables misheard in "工号dddd为您服务" and in sentences:
zf_xiaoxiao 0.9: 5 % and 4 %; at 1.0: 13 % and 4 %; zf_xiaoyi 0.9: 33 % and 9 %; 1.0: 43 %, 13 %."""
VOICES: Final = {
    Language.ZH: ("zf_xiaoxiao", "zf_xiaoyi", "zm_yunjian"),
    Language.EN: ("heart",),
    Language.PL: ("ef_dora",),
}
PACKAGES: Final = {
    Language.ZH: ("onnxruntime", "pypinyin", "jieba"),
    Language.EN: ("onnxruntime", "hibari"),
    Language.PL: ("onnxruntime",),
}
"""Importable names that a language needs (setup.cfg's extra `speech`)."""
KOKORO_MODEL: Final = "kokoro-v1.0.int8.onnx"
_HAN_OR_NOT = re.compile("[\u4e00-\u9fff]+|[^\u4e00-\u9fff]+")
_WORD = re.compile("[A-Za-z]+")


class Synthesis:
    """The engines, each loaded when it is first needed."""

    def __init__(self, models: Path) -> None:
        self._models = models
        self._kokoro: Kokoro | None = None
        self._hibari: Callable[[str], Samples] | None = None

    def lacking(self, language: Language) -> list[str]:
        """Return what is not installed for this language; empty when it can speak."""
        lacks = [name for name in PACKAGES[language] if importlib.util.find_spec(name) is None]
        if language is not Language.EN:
            voice = f"voices/{DEFAULT_VOICES[language]}.bin"
            lacks += [name for name in (KOKORO_MODEL, voice) if not (self._models / name).exists()]
        if language is Language.PL and shutil.which("espeak-ng") is None:
            lacks.append("espeak-ng (apt-get install espeak-ng)")
        return lacks

    def synthesise(self, text: str, language: Language, voice: str = "") -> tuple[Samples, int]:
        """Return samples in -1..1 and their rate; silence trimmed.

        Raises RefusedError when the language's models are not installed or the voice is unknown,
        EquipmentError when the engine fails.
        """
        if lacks := self.lacking(language):
            raise RefusedError(
                "speech_not_installed",
                f"Speech for {language} is not installed: {', '.join(lacks)} missing.",
                f"Run: linghe speech install --language {language}, or upload recordings.",
            )
        voice = voice or DEFAULT_VOICES[language]
        if voice not in VOICES[language]:
            raise RefusedError(
                "voice_unknown",
                f"There is no voice {voice} for {language}.",
                f"Voices: {', '.join(VOICES[language])}.",
            )
        speak = {
            Language.ZH: self._mandarin,
            Language.EN: self._english,
            Language.PL: self._polish,
        }[language]
        words = speakable(text, language)
        if not any(letter.isalpha() for letter in words):
            raise RefusedError("nothing_to_say", f"Nothing in {text!r} can be said in {language}.")
        sentences = [speak(sentence, voice) for sentence in sentences_of(words)]
        samples = spoken_together(sentences, RATE)
        if not len(samples):
            raise EquipmentError(f"The voice of {language} stayed silent for {text!r}")
        return samples, RATE

    def made_by(self, language: Language, voice: str = "") -> str:
        """Return engine, voice and speed for the prompt index."""
        engine = "hibari-0.2.1" if language is Language.EN else "kokoro-v1.0-int8"
        return f"{engine}/{voice or DEFAULT_VOICES[language]}/{SPEEDS[language]}"

    def _mandarin(self, sentence: str, voice: str) -> Samples:
        return self._loaded_kokoro().speak(mandarin_phonemes(sentence), voice, SPEEDS[Language.ZH])

    def _polish(self, sentence: str, voice: str) -> Samples:
        return self._loaded_kokoro().speak(polish_phonemes(sentence), voice, SPEEDS[Language.PL])

    def _english(self, sentence: str, voice: str) -> Samples:
        if self._hibari is None:
            from hibari import Hibari

            engine = Hibari(voice=voice)

            def speak(text: str) -> Samples:
                # The seed fixes the breath's noise: the same text gives the same prompt.
                return np.asarray(engine(text, speed=SPEEDS[Language.EN], seed=0), np.float32)

            self._hibari = speak
        return self._hibari(sentence)

    def _loaded_kokoro(self) -> Kokoro:
        if self._kokoro is None:
            self._kokoro = Kokoro(self._models / KOKORO_MODEL, self._models / "voices")
        return self._kokoro


@cache
def _dictionary() -> Callable[[str], list[str]]:
    """Return jieba's cutting of text into words, taught the words of telephony."""
    import jieba
    from pypinyin import load_phrases_dict
    from pypinyin.contrib.tone_convert import to_tone

    jieba.setLogLevel("WARNING")
    # jieba would unmarshal a cache with a known name in /tmp, which anybody could have laid there
    cache_folder = Path(tempfile.mkdtemp(prefix="linghe-words-"))
    jieba.dt.tmp_dir = str(cache_folder)
    try:
        jieba.initialize()
    finally:
        shutil.rmtree(cache_folder, ignore_errors=True)
    for word in (*WORDS, *READINGS):
        jieba.add_word(word)
    load_phrases_dict(
        {
            word: [[to_tone(syllable)] for syllable in reading.split()]
            for word, reading in READINGS.items()
        }
    )

    def words(text: str) -> list[str]:
        return [str(word) for word in jieba.cut(text, cut_all=False)]

    return words


def mandarin_phonemes(sentence: str) -> str:
    """Return a sentence's phonemes, words apart: pinyin by pypinyin, words by jieba."""
    from pypinyin import Style, lazy_pinyin

    cut = _dictionary()
    pieces: list[str] = []
    for run in _HAN_OR_NOT.findall(punctuation(sentence)):
        if not "\u4e00" <= run[0] <= "\u9fff":
            pieces.append(_WORD.sub(lambda word: letters_phonemes(word[0]), run))
            continue
        words = (
            lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True) for word in cut(run)
        )
        pieces.append(" ".join("".join(map(syllable_phonemes, word)) for word in words))
    return "".join(pieces).strip()


def polish_phonemes(sentence: str) -> str:
    """Return a sentence's phonemes: each clause by espeak-ng, its punctuation kept.

    Raises EquipmentError when espeak-ng fails.
    """
    pieces: list[str] = []
    for clause in re.findall(r"[^,.;:!?…–—]+|[,.;:!?…–—]+", sentence):
        if not any(letter.isalnum() for letter in clause):
            pieces.append(clause.strip().replace("–", "—")[:1] + " ")
            continue
        try:
            ran = subprocess.run(
                ["espeak-ng", "-v", "pl", "-q", "--ipa", "--tie=^", "--", clause.strip()],
                capture_output=True,
                text=True,
                timeout=20,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise EquipmentError(f"espeak-ng failed: {error}") from error
        pieces.append(kokoro_signs(ran.stdout))
    return "".join(pieces).strip()
