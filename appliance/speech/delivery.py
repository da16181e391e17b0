"""A synthesiser's sentences into one prompt: silence trimmed, sentences set apart. Pure numpy."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

PAUSE_SECONDS: Final = 0.28
"""Between sentences."""
MARGIN_SECONDS: Final = 0.04
"""Kept before and after what is audible, so that no consonant loses its beginning."""
_WINDOW_SECONDS: Final = 0.01
_AUDIBLE: Final = 0.018
"""-35 dB below the loudest 10 ms: fainter is breath and the model's hiss."""
_FADE_SECONDS: Final = 0.008
_LONGEST_SENTENCE: Final = 60
"""Characters of Mandarin: some twelve seconds, 0.8 GB of memory."""
_SENTENCE_END = re.compile(r"(?<=[。！？!?；;])|(?<=\.)\s+|\n+")
_CLAUSE_END = re.compile(r"(?<=[，,])")


def sentences_of(text: str, longest: int = _LONGEST_SENTENCE) -> list[str]:
    """Return the sentences of a text; one that is too long is cut at its commas."""
    sentences: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        if len(sentence) <= longest:
            sentences.append(sentence)
            continue
        part = ""
        for clause in _CLAUSE_END.split(sentence):
            if part and len(part) + len(clause) > longest:
                sentences.append(part)
                part = ""
            part += clause
        sentences.append(part)
    return [sentence.strip() for sentence in sentences if sentence.strip()]


def trimmed(samples: Samples, rate: int) -> Samples:
    """Return the samples without the silence before and after, faded at both ends."""
    window = int(rate * _WINDOW_SECONDS)
    count = len(samples) // window
    if count == 0:
        return samples
    level = np.sqrt((samples[: count * window].reshape(count, window) ** 2).mean(axis=1))
    loud = np.flatnonzero(level > _AUDIBLE * level.max())
    if len(loud) == 0 or level.max() == 0.0:
        return samples[:0]
    margin = int(rate * MARGIN_SECONDS)
    first = max(0, int(loud[0]) * window - margin)
    last = min(len(samples), (int(loud[-1]) + 1) * window + margin)
    kept = samples[first:last].astype(np.float32)
    fade = np.linspace(0.0, 1.0, int(rate * _FADE_SECONDS), dtype=np.float32)[: len(kept)]
    kept[: len(fade)] *= fade
    kept[len(kept) - len(fade) :] *= fade[::-1]
    return kept


def spoken_together(sentences: Sequence[Samples], rate: int) -> Samples:
    """Return trimmed sentences one after the other with a breath between."""
    pause = np.zeros(int(rate * PAUSE_SECONDS), np.float32)
    pieces: list[Samples] = []
    for sentence in sentences:
        kept = trimmed(sentence, rate)
        if len(kept):
            pieces += [pause, kept]
    return np.concatenate(pieces[1:]) if pieces else np.zeros(0, np.float32)
