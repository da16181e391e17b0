"""Sound files of every kind that owners have, written bit by bit (libsndfile's OGG wants it)."""

import numpy
import soundfile


def sine(hertz, seconds, rate=44100, level=0.3):
    times = numpy.arange(int(seconds * rate)) / rate
    return level * numpy.sin(2 * numpy.pi * hertz * times)


def write(file, samples, rate=44100, **how):
    """Write one track, or columns of several; the kind is that of the file's name."""
    columns = samples if samples.ndim > 1 else samples[:, None]
    with soundfile.SoundFile(file, "w", rate, columns.shape[1], **how) as out:
        for start in range(0, len(columns), 4096):
            out.write(columns[start : start + 4096])
    return file
