"""The DTMF detector measured: accuracy table, talk-off in false keys an hour, cost a frame.

    python tests/bench/dtmf.py [--minutes 60]

Talk-off is on speech by espeak-ng (24 voices and speeds, three languages), through A-law. It is
synthetic speech, no Bellcore or Mitel tape: repeat it with real calls before believing it whole.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parents[1] / "signals"))

from test_dtmf import DIGITS, LEGS, TALK, Keypads

from appliance.signals.dtmf import HOP, DtmfBank
from appliance.signals.g711 import decode_alaw, encode_alaw
from appliance.signals.resample import telephone_chain

KEYS = (
    ("40/40 ms", {"on_ms": 40, "off_ms": 40}),
    ("50/50 ms, SNR 15 dB", {"on_ms": 50, "off_ms": 50, "snr_db": 15}),
    ("80/80 ms, SNR 6 dB", {"on_ms": 80, "off_ms": 80, "snr_db": 6}),
    ("40/40 ms, twist +4 dB", {"on_ms": 40, "off_ms": 40, "twist_db": 4}),
    ("40/40 ms, twist -8 dB", {"on_ms": 40, "off_ms": 40, "twist_db": -8}),
    ("50/50 ms, +1.5 %", {"on_ms": 50, "off_ms": 50, "detune": 0.015}),
    ("50/50 ms, -1.5 %", {"on_ms": 50, "off_ms": 50, "detune": -0.015}),
    ("50/50 ms, amplitude 300", {"on_ms": 50, "off_ms": 50, "amplitude": 300}),
)
REJECTED = (
    ("50/50 ms, +3.5 %", {"on_ms": 50, "off_ms": 50, "detune": 0.035}),
    ("50/50 ms, -3.5 %", {"on_ms": 50, "off_ms": 50, "detune": -0.035}),
    ("23/40 ms", {"on_ms": 23, "off_ms": 40}),
)
SENTENCES = {
    "en": TALK,
    "pl": (
        "Dziękujemy za telefon. Wszyscy konsultanci są teraz zajęci, proszę czekać na połączenie. "
        "Chciałbym zamówić niebieski rower i odebrać go we wtorek między dziewiątą a jedenastą. "
    ),
    "cmn": "您好，感谢您的来电。现在所有坐席都在忙，请稍候。我想星期二上午取一辆蓝色的自行车。",
}
VOICES = tuple(
    (voice, speed, pitch)
    for voice in ("en", "en+f2", "en-us+m3", "pl", "pl+f4", "pl+m5", "cmn", "cmn+f3")
    for speed, pitch in ((120, 25), (165, 50), (220, 85))
)


def spoken(voice: str, speed: int, pitch: int, minutes: float) -> npt.NDArray[np.int16]:
    """Return about so many minutes of one voice at 8 kHz, through A-law."""
    text = SENTENCES[voice.split("+")[0].split("-")[0]]
    pieces: list[npt.NDArray[np.int16]] = []
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "talk.wav"
        options = ["-v", voice, "-s", str(speed), "-p", str(pitch), "-w", str(wav)]
        subprocess.run(["espeak-ng", *options, text * 8], check=True)
        with wave.open(str(wav)) as talk:
            rate, frames = talk.getframerate(), talk.readframes(talk.getnframes())
    whole = np.frombuffer(frames, np.int16)
    rng = np.random.default_rng(speed)
    while sum(map(len, pieces)) < minutes * 480_000:
        # Another rate of the tape each time: the same sentence at other frequencies.
        told_rate = int(rate * rng.uniform(0.88, 1.12) / 50) * 50
        pieces.append(telephone_chain(whole, told_rate))
    line = np.concatenate(pieces)
    return decode_alaw(encode_alaw(line))[: len(line) // HOP * HOP]


def talk_off(minutes: float) -> Iterator[tuple[str, float, str]]:
    """Yield voice, hours and the keys it pressed."""
    for voice, speed, pitch in VOICES:
        line = spoken(voice, speed, pitch, minutes / len(VOICES))
        keys = DtmfBank(1).feed(np.array([0]), line[None])
        pressed = "".join(key.digit for key in keys if key.began)
        yield f"{voice} {speed} {pitch}", len(line) / 8000 / 3600, pressed


def cost(legs: int, is_busy: bool) -> float:
    """Return µs of CPU a 20 ms frame, decoding from A-law included."""
    rng = np.random.default_rng(8)
    bank, rows = DtmfBank(legs), np.arange(legs)
    coded = encode_alaw(rng.normal(0, 2000, (50, legs, 160)).astype(np.int16))
    if is_busy:
        keypads = Keypads(80, 80).samples[:, 1600 : 1600 + 8000]
        lines = np.tile(keypads, (-(-legs // LEGS), 1))[:legs]
        coded = encode_alaw(lines.reshape(legs, 50, 160).transpose(1, 0, 2).copy())
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        for frame in coded:
            bank.feed(rows, decode_alaw(frame))
        best = min(best, (time.process_time() - start) / (50 * legs) * 1e6)
    return best


def main() -> None:
    """Print the three tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=60.0, help="of speech for the talk-off")
    minutes = options.parse_args().minutes
    print(
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, "
        f"numpy {np.__version__}"
    )
    print(f"\n{LEGS} legs x {DIGITS} keys, all 16, random alignment, through A-law")
    for name, keypads in KEYS:
        print(f"  {name:26} {Keypads(**keypads).accuracy():8.2%} heard")
    for name, keypads in REJECTED:
        heard = len("".join(Keypads(**keypads).heard())) / (LEGS * DIGITS)
        print(f"  {name:26} {heard:8.2%} heard (must be 0)")
    print("\ncost, µs of CPU a 20 ms frame (decode + detect)")
    for legs in (100, 400, 1000):
        print(f"  {legs:5} legs: {cost(legs, False):5.2f} talking, {cost(legs, True):5.2f} keying")
    if shutil.which("espeak-ng") is None:
        print("\ntalk-off: espeak-ng is not installed")
        return
    print("\ntalk-off")
    hours, keys = 0.0, ""
    for voice, own_hours, pressed in talk_off(minutes):
        hours += own_hours
        keys += pressed
        if pressed:
            print(f"  {voice}: {pressed}")
    print(f"  {len(keys)} false keys in {hours:.2f} h = {len(keys) / hours:.2f} an hour")


if __name__ == "__main__":
    if "OPENBLAS_NUM_THREADS" not in os.environ:
        # As the media worker runs: a second thread only spins on products this small.
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.argv])
    main()
