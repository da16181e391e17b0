"""Which tones sound at the same time in what somebody heard: who was in the mix."""

import time

import numpy
from capture import read
from running_box import wait_for
from tone_prompts import loudest

QUIET = 1000.0
"""Amplitude of 16-bit samples; the tests' voices have 8000."""


def tones_in(samples, hertz, window=800):
    """Return for each 0.1 s which of these frequencies (Hz) are heard in it."""
    found = []
    shape = numpy.hanning(window)
    for start in range(0, len(samples) - window + 1, window):
        part = samples[start : start + window].astype(float)
        spectrum = 2 * numpy.abs(numpy.fft.rfft(part * shape)) / shape.sum()
        found.append({one for one in hertz if spectrum[round(one * window / 8000)] > QUIET})
    return found


def seconds_of(heard, *tones):
    """Return how long exactly these sounded."""
    return sum(one == set(tones) for one in heard) / 10


def wait_to_hear(capture, port, hertz, seconds=20.0, *, tenths=25):
    """Wait until so many tenths of a second of this tone went to a port; return what was heard,
    the loudest tone of each tenth. The capture goes on."""

    def heard():
        time.sleep(0.2)  # the whole file is read each time
        found = read(capture.file).get(port)
        tones = loudest(found.audio()) if found is not None else []
        return tones if tones.count(hertz) >= tenths else None

    return wait_for(heard, seconds, f"{hertz} Hz to be heard at port {port}")
