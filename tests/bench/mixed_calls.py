"""What the media worker pays for calls that are no plain relay: conferences and transcoded calls.

    python tests/bench/mixed_calls.py [--calls 20] [--seconds 5]

Each kind runs with so many calls at once, recorded, 50 packets a second a leg, through the real
worker; CPU is the worker's own (user and system), less what the same worker takes on its ticks
with one silent leg. The generator is this program, so it shares the machine: idle cores matter.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "fakes"))

from msgspec.structs import replace
from rtp_far_end import MediaLink, RtpFarEnd, start_worker

from appliance.signals.coder import coder
from appliance.signals.g711 import encode_alaw
from appliance.vocabulary.audio import (
    Channel,
    Codec,
    LegAudio,
    Mix,
    PeerAudio,
    Track,
)
from appliance.vocabulary.commands import ReleaseAudio, SetAudio
from appliance.vocabulary.ids import CallId, LegId, RecordingId
from appliance.wire.media import FiguresAsked, WorkerFigures

A, G722, OPUS = Codec.PCMA, Codec.G722, Codec.OPUS
KINDS = {
    "plain relay": (A, A),
    "G.722 with G.711": (G722, A),
    "Opus with G.711": (OPUS, A),
    "Opus with G.722": (OPUS, G722),
    "Opus with Opus": (OPUS, OPUS),
    "conference of three": (A, A, A),
    "conference of three, one in Opus": (A, A, OPUS),
}
TYPES = {A: 8, G722: 9, OPUS: 107}
PACKETS = 50


class Leg:
    """One far end and the packets that it says over and over."""

    def __init__(self, link: MediaLink, name: str, codec: Codec) -> None:
        self.name, self.codec = LegId(name), codec
        self.end = RtpFarEnd(frame=960 if codec is OPUS else 160)
        self.port = link.claim(name, "bench")
        at = np.arange(PACKETS * 160) / 8000
        sound = (5000 * np.sin(2 * np.pi * 440 * at) * (1 + np.sin(9 * at)) / 2).astype(np.int16)
        own = coder(codec)
        pieces = [sound[start : start + 160] for start in range(0, len(sound), 160)]
        self.packets = [own.encode(p) if own else encode_alaw(p).tobytes() for p in pieces]

    def audio(self, others: list["Leg"]) -> LegAudio:
        far = replace(self.end.far(), codec=self.codec, payload_type=TYPES[self.codec], ptime_ms=20)
        names = tuple(other.name for other in others)
        channel = Channel.CALLER if len(others) == 1 and self.name > names[0] else Channel.AGENT
        return LegAudio(
            leg=self.name, call=CallId("bench"), version=1, far=far,
            hears=PeerAudio(leg=names[0]) if len(names) == 1 else Mix(legs=names),
            track=Track(recording=RecordingId("r" + self.name[:24]), channel=channel),
        )  # fmt: skip


def cpu(link: MediaLink) -> float:
    link.say(FiguresAsked())
    told = link.wait_for(lambda event: isinstance(event, WorkerFigures))
    assert isinstance(told, WorkerFigures)
    return told.cpu_seconds


def talk(legs: list[Leg], seconds: float) -> None:
    """Everybody talks; the legs' packets are spread over the 20 ms."""
    begin, number = time.monotonic(), 0
    while number < seconds * 50:
        for place, leg in enumerate(legs):
            due = begin + (number + place / len(legs)) / 50
            while (delay := due - time.monotonic()) > 0:
                time.sleep(delay)
            leg.end.say(leg.port, leg.packets[number % PACKETS], payload_type=TYPES[leg.codec])
            if place % 8 == 0:
                leg.end.listen()
        number += 1


def measure(link: MediaLink, kind: tuple[Codec, ...], calls: int, seconds: float) -> float:
    """Return CPU seconds a second that all the calls of a kind take."""
    legs = []
    for call in range(calls):
        mine = [Leg(link, f"{call}-{side}-{len(kind)}", codec) for side, codec in enumerate(kind)]
        link.say(*(SetAudio(audio=leg.audio([o for o in mine if o is not leg])) for leg in mine))
        legs += mine
    talk(legs, 1.0)
    before = cpu(link)
    talk(legs, seconds)
    after = cpu(link)
    for leg in legs:
        link.say(ReleaseAudio(leg=leg.name))
        leg.end.close()
    return (after - before) / seconds


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=5.0)
    wanted = parser.parse_args()
    print(f"{wanted.calls} calls at once, {wanted.seconds} s each kind")
    for name, kind in KINDS.items():
        with tempfile.TemporaryDirectory() as folder:
            worker = start_worker(Path(folder), LINGHE_RTP_PORTS="22000-22999")
            link = MediaLink(Path(folder) / "run/media-0.sock")
            try:
                silent = measure(link, (A, A), 1, 2.0)
                taken = measure(link, kind, wanted.calls, wanted.seconds)
            finally:
                link.close()
                worker.terminate()
                subprocess.Popen.wait(worker)
        each = (taken - silent) / wanted.calls * 100
        print(f"{name:34s} {each:6.3f} % of a core a call ({taken * 100:.1f} % in all)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
