"""What went over loopback: tcpdump's file, read back as RTP streams with their audio."""

import getpass
import struct
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy
from lane import lane
from running_box import wait_for

from appliance.signals.g711 import decode_alaw, decode_ulaw


@dataclass
class Stream:
    """RTP packets to one port, in order of arrival."""

    packets: list = field(default_factory=list)
    """(time, payload type, sequence, timestamp, payload, source port)"""

    def audio(self):
        """The samples, placed by timestamp; silence in gaps."""
        voice = [one for one in self.packets if one[1] in (0, 8)]
        if not voice:
            return numpy.zeros(0, numpy.int16)
        first = voice[0][3]
        last = max((one[3] - first) & 0xFFFFFFFF for one in voice)
        out = numpy.zeros(min(last, 8000 * 600) + 240, numpy.int16)
        for _, kind, _, stamp, payload, _ in voice:
            at = (stamp - first) & 0xFFFFFFFF
            raw = numpy.frombuffer(payload, numpy.uint8)
            samples = decode_alaw(raw) if kind == 8 else decode_ulaw(raw)
            if at + len(samples) <= len(out):
                out[at : at + len(samples)] = samples
        return out

    def lost(self):
        """Sequence numbers that never came."""
        numbers = [one[2] for one in self.packets]
        if not numbers:
            return 0
        span = ((numbers[-1] - numbers[0]) & 0xFFFF) + 1
        return span - len(set(numbers)) if len(numbers) < 60000 else 0

    def jumps(self, seconds=4.0):
        """Where its time leaps further than that, or back: (second, samples, the sender's port)."""
        voice = [one for one in self.packets if one[1] in (0, 8)]
        leaps = [
            (round(b[0] - voice[0][0], 2), (b[3] - a[3] + (1 << 31)) % (1 << 32) - (1 << 31), b[5])
            for a, b in zip(voice, voice[1:], strict=False)
        ]
        return [one for one in leaps if not 0 <= one[1] <= seconds * 8000]

    def worst_gap(self):
        """Longest time between two packets, in seconds."""
        times = [one[0] for one in self.packets]
        return max((b - a for a, b in zip(times, times[1:], strict=False)), default=0.0)


class Capture:
    """tcpdump on loopback, UDP only; what goes on in other lanes is none of its business."""

    def __init__(self, file: Path, ports: str = ""):
        own = lane().ports
        ports = ports or f"portrange {own[0]}-{own[-1]}"
        self.file = file
        self.process = subprocess.Popen(
            [
                # It ends with a test that fails: as long as it stays the user it is, for a process
                # that becomes another one is told nothing of its parent's death (prctl(2)).
                *("setpriv", "--pdeathsig", "TERM", "tcpdump", "-Z", getpass.getuser()),
                # At once: else what it had not looked at yet, a second or so, ends with it.
                *("-i", "lo", "-U", "--immediate-mode"),
                *("-s", "512", "-B", "8192", "-w", str(file)),
                *("udp", "and", *ports.split()),
            ],
            stderr=subprocess.PIPE,
        )
        wait_for(file.exists, 10, "tcpdump to begin")

    def stop(self):
        self.process.terminate()
        self.process.wait(10)

    def streams(self) -> dict[int, Stream]:
        """Return the streams by destination port."""
        self.stop()
        return read(self.file)


def read(file: Path) -> dict[int, Stream]:
    data = file.read_bytes()
    found: dict[int, Stream] = {}
    seen: set[tuple[int, int, int]] = set()
    at = 24
    while at + 16 <= len(data):
        seconds, micros, kept, _ = struct.unpack_from("<IIII", data, at)
        frame = data[at + 16 : at + 16 + kept]
        at += 16 + kept
        is_ipv6 = frame[12:14] == b"\x86\xdd"
        if not is_ipv6 and frame[12:14] != b"\x08\x00" or len(frame) < 54:
            continue
        header = 14 + (40 if is_ipv6 else (frame[14] & 15) * 4)
        source = int.from_bytes(frame[header : header + 2], "big")
        port = int.from_bytes(frame[header + 2 : header + 4], "big")
        rtp = frame[header + 8 :]
        if len(rtp) < 12 or rtp[0] >> 6 != 2:
            continue
        sequence, stamp, ssrc = struct.unpack_from(">HII", rtp, 2)
        if (port, sequence, ssrc) in seen and len(seen) < 60000:
            continue
        seen.add((port, sequence, ssrc))
        found.setdefault(port, Stream()).packets.append(
            (seconds + micros / 1e6, rtp[1] & 127, sequence, stamp, bytes(rtp[12:]), source)
        )
    return found
