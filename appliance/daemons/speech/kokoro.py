"""Kokoro-82M (int8 ONNX) on onnxruntime: phonemes and a voice vector in, 24 kHz samples out.

Inputs of the graph: `tokens` (signs as numbers with 0 before and after), `style` (256 numbers,
which depend on how many signs there are), `speed`. One thread: a second gains nothing, and calls
need the other core.
"""

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

RATE: Final = 24000
LONGEST: Final = 500
"""Signs that the model takes at once."""
_NUMBERED: Final = (
    (1, ";:,.!?"), (9, '—…"()“” ̃ʣʥʦʨᵝꭧAI'), (31, "O"), (33, "Q"), (35, "ST"), (39, "W"),
    (41, "Yᵊabcdef"), (50, "hijklmnopqrstuvwxyzɑɐɒæ"), (75, "βɔɕç"), (80, "ɖðʤə"), (85, "ɚɛɜ"),
    (90, "ɟ"), (92, "ɡ"), (99, "ɥ"), (101, "ɨɪʝ"), (110, "ɯɰŋɳɲɴ"), (116, "ø"), (118, "ɸθœ"),
    (123, "ɹ"), (125, "ɾɻ"), (128, "ʁɽʂʃʈʧ"), (135, "ʊʋ"), (138, "ʌɣɤ"), (142, "χʎ"), (147, "ʒʔ"),
    (156, "ˈˌː"), (162, "ʰ"), (164, "ʲ"), (169, "↓"), (171, "→↗↘"), (177, "ᵻ"),
)  # fmt: skip
SIGNS: Final = {
    sign: first + place for first, signs in _NUMBERED for place, sign in enumerate(signs)
}
"""The model's vocabulary (config.json of hexgrad/Kokoro-82M, Apache-2.0)."""


class Kokoro:
    """The model, loaded once; voices are loaded as they are asked for."""

    def __init__(self, model: Path, voices: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # A spinning thread would take a core from calls while it waits.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._graph = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )
        self._voices_folder = voices
        self._voices: dict[str, Samples] = {}

    def speak(self, phonemes: str, voice: str, speed: float = 1.0) -> Samples:
        """Return one sentence's samples, with the silence that the model puts around."""
        numbers = [SIGNS[sign] for sign in phonemes if sign in SIGNS][:LONGEST]
        if not numbers:
            return np.zeros(0, np.float32)
        style = self._voice(voice)
        answer = self._graph.run(
            None,
            {
                "tokens": np.array([[0, *numbers, 0]], np.int64),
                "style": style[min(len(numbers), len(style)) - 1].reshape(1, 256),
                "speed": np.array([speed], np.float32),
            },
        )
        return np.asarray(answer[0], np.float32).ravel()

    def _voice(self, name: str) -> Samples:
        if name not in self._voices:
            content = np.fromfile(self._voices_folder / f"{name}.bin", np.float32)
            self._voices[name] = content.reshape(-1, 256)
        return self._voices[name]
