"""The active speech level as ITU-T P.56 measures it (method B): a meter of its own, for tests."""

import numpy

MARGIN_DB = 15.9
TIME_CONSTANT = 0.03
HANGOVER_SECONDS = 0.2


def active_level_dbov(samples, rate=8000):
    """samples: int16 units. Returns dB over the overload point (a square wave of full scale)."""
    sound = numpy.asarray(samples, float) / 32768
    fade = numpy.exp(-1 / (rate * TIME_CONSTANT))
    envelope, first, second = numpy.empty(len(sound)), 0.0, 0.0
    for place, sample in enumerate(numpy.abs(sound)):
        first = fade * first + (1 - fade) * sample
        second = fade * second + (1 - fade) * first
        envelope[place] = second
    energy = float(numpy.sum(sound**2))
    hangover = int(HANGOVER_SECONDS * rate)
    best = None
    for power in range(15):
        threshold = 2.0**-power / 2
        above = envelope >= threshold
        last = numpy.maximum.accumulate(numpy.where(above, numpy.arange(len(sound)), -hangover - 1))
        active = int(numpy.sum(numpy.arange(len(sound)) - last <= hangover))
        if not active:
            continue
        level = 10 * numpy.log10(max(energy / active, 1e-12))
        distance = level - 20 * numpy.log10(threshold)
        if best is not None and best[0] < MARGIN_DB <= distance:
            share = (MARGIN_DB - best[0]) / (distance - best[0])
            return best[1] + share * (level - best[1])
        best = (distance, level)
    return best[1]


def spoken(seconds=4.0, rate=44100, level=0.2, lead=0.0, seed=3):
    """Bursts with peaks and pauses, as a voice has them, in floats; `lead`: silence around it."""
    draw = numpy.random.default_rng(seed)
    parts, length = [], 0
    while length < seconds * rate:
        size = int(rate * draw.uniform(0.12, 0.3))
        times = numpy.arange(size) / rate
        pitch = draw.uniform(110, 220)
        tones = sum(numpy.sin(2 * numpy.pi * pitch * n * times) / n for n in range(1, 15))
        parts.append(level * draw.uniform(0.3, 1) * tones * numpy.hanning(size))
        parts.append(numpy.zeros(int(rate * draw.uniform(0.03, 0.25))))
        length += len(parts[-1]) + len(parts[-2])
    quiet = numpy.zeros(int(lead * rate))
    return numpy.concatenate([quiet, *parts, quiet])
