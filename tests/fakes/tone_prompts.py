"""Prompts that a test can tell apart by ear: each sentence is a tone of its own frequency."""

import numpy

from appliance.daemons.paths import Paths
from appliance.daemons.prompts import add_to_index, store_prompt
from appliance.signals.g711 import encode_alaw
from appliance.vocabulary.speech import PhraseKey, Utterance


def tone(hertz, seconds, level=8000):
    times = numpy.arange(int(seconds * 8000)) / 8000
    return (level * numpy.sin(2 * numpy.pi * hertz * times)).astype(numpy.int16)


def text(words, language="en"):
    return Utterance(language=language, text=words)


def phrase(key, language="en", **values):
    return Utterance(language=language, phrase=PhraseKey(key), values=values)


def lay(folder, sounds):
    """`sounds`: utterance, hertz, seconds. Returns utterance.index_key to hertz."""
    paths = Paths(folder)
    rows = {}
    for utterance, hertz, seconds in sounds:
        alaw = encode_alaw(tone(hertz, seconds)).tobytes()
        rows[utterance.index_key] = store_prompt(paths, alaw, made_by="test")
    add_to_index(paths, rows)


def loudest(samples, window=800):
    """Return the loudest frequency of each 0.1 s, 0 where it is silent."""
    found = []
    for start in range(0, len(samples) - window + 1, window):
        part = samples[start : start + window].astype(float)
        if numpy.abs(part).mean() < 200:
            found.append(0)
            continue
        spectrum = numpy.abs(numpy.fft.rfft(part * numpy.hanning(window)))
        found.append(int(numpy.argmax(spectrum) * 8000 / window))
    return found
