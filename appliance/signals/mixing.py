"""Sums of voices, for all listeners at once: conference, listen, whisper, barge.

Who hears whom is a sparse matrix of ones: for each listener the rows of the voices that he hears,
one behind the other. Sums are made in int32 and clipped once, at the end (G.711 clips a single
loud voice, too; scaling would make everybody quieter whenever someone joins).
"""

import numpy as np
import numpy.typing as npt

from appliance.signals.g711 import Linear

Rows = npt.NDArray[np.intp]
"""Row numbers of a matrix of voices."""


def mixed(voices: Linear, heard: Rows, starts: Rows) -> Linear:
    """Return what each listener hears: int16 (listeners, samples), saturated.

    voices: (n, samples). heard: rows of voices, listener after listener; starts: where each
    listener's rows begin in it. A listener without any voice hears silence.
    """
    sums = np.zeros((len(starts), voices.shape[1]), np.int32)
    ends = np.append(starts[1:], len(heard))
    hears = np.flatnonzero(ends > starts)
    if len(hears):
        # reduceat would give a listener without voices his neighbour's first one.
        chosen = voices.take(heard, axis=0).astype(np.int32)
        sums[hears] = np.add.reduceat(chosen, starts[hears], axis=0)
    clipped: Linear = np.clip(sums, -32768, 32767).astype(np.int16)
    return clipped


def crossed(before: Linear, after: Linear) -> Linear:
    """Go over from one sound to the other, evenly over the last axis: neither begins with a click.

    What both have in common is unchanged.
    """
    share = (np.arange(before.shape[-1], dtype=np.float32) + 1) / (before.shape[-1] + 1)
    step = (after.astype(np.float32) - before) * share
    over: Linear = np.rint(before + step).astype(np.int16)
    return over


def matching_lag(sound: Linear, least: int, most: int, width: int) -> int:
    """Return how far back, from `least` to `most` samples, the end of a sound is most like itself.

    A splice over this lag falls on the same phase of the voice's pitch, so it makes no click and
    is hardly heard (the similarity of WSOLA: Verhelst and Roelands, ICASSP 1993). `sound` must be
    at least most + width long; the last `width` samples are compared. Silence gives `least`.
    """
    end = sound[-width:].astype(np.float64)
    past = sound[len(sound) - width - most : len(sound) - least].astype(np.float64)
    windows = np.lib.stride_tricks.sliding_window_view(past, width)
    power = np.square(windows).sum(axis=1)
    likeness = windows @ end / np.sqrt(np.maximum(power, 1.0))
    # The first window lies `most` back; of equals the shortest lag is taken.
    best = int(np.argmax(likeness[::-1]))
    return least + best
