"""How much of a sound is one sine of a known frequency: the single-bin DFT (Goertzel's bin)."""

import numpy as np
import numpy.typing as npt

RATE = 8000


def tone_share(samples: npt.NDArray[np.int16], hertz: float) -> float:
    """Return the share of the power that lies at one frequency, 0 to 1.

    A pure sine over whole periods has 1; over N samples the bin is about 8000/N Hz wide. Silence
    has 0. Example: 160 samples of 1000 Hz at any level: 1.0; of 700 Hz: below 0.02.
    """
    sound = samples.astype(np.float64)
    sound -= sound.mean() if len(sound) else 0.0
    power = float(np.mean(sound**2)) if len(sound) else 0.0
    if power == 0.0:
        return 0.0
    turns = np.exp(-2j * np.pi * hertz / RATE * np.arange(len(sound)))
    amplitude = 2 * abs(complex(np.mean(sound * turns)))
    return min(1.0, amplitude**2 / 2 / power)
