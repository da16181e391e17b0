"""A far end of RTP on loopback, and control's side of a media worker's wire, for tests."""

import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from even_port import even_socket
from rtp_packet import Packet, build, parse

from appliance.vocabulary.audio import Codec, FarEnd
from appliance.vocabulary.commands import ClaimAudio
from appliance.vocabulary.events import AudioClaimed
from appliance.vocabulary.ids import CallId, LegId
from appliance.vocabulary.shape import Command, Event
from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.media import FromMedia


class RtpFarEnd:
    """One phone's audio socket: sends packets one after another, keeps what it hears."""

    def __init__(self, *, address: str = "127.0.0.1", ssrc: int = 0x1234, frame: int = 160) -> None:
        self.socket = even_socket(address)
        self.socket.setblocking(False)
        self.address: str = address
        self.port: int = self.socket.getsockname()[1]
        self.ssrc, self.frame = ssrc, frame
        self.sequence, self.timestamp = 65_530, 4_294_967_000
        self.heard: list[Packet] = []

    def far(
        self, *, codec: Codec = Codec.PCMA, dtmf: int | None = 101, sends: bool = True
    ) -> FarEnd:
        """Return it as call control would describe it."""
        return FarEnd(
            address=self.address,
            port=self.port,
            codec=codec,
            payload_type=8 if codec is Codec.PCMA else 0,
            ptime_ms=self.frame // 8,
            dtmf_payload_type=dtmf,
            signalling_address=self.address,
            sends=sends,
        )

    def say(
        self,
        port: int,
        payload: bytes | None = None,
        *,
        payload_type: int = 8,
        to: str = "127.0.0.1",
    ) -> bytes:
        """Send the next packet of audio to the worker's port; return it."""
        packet = self.packet(payload, payload_type=payload_type)
        self.socket.sendto(packet, (to, port))
        return packet

    def packet(self, payload: bytes | None = None, *, payload_type: int = 8) -> bytes:
        """Return the next packet of audio without sending it."""
        packet = build(
            Packet(
                payload_type=payload_type,
                is_marked=False,
                sequence=self.sequence,
                timestamp=self.timestamp,
                ssrc=self.ssrc,
                payload=bytes((0x55,)) * self.frame if payload is None else payload,
            )
        )
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.timestamp = (self.timestamp + self.frame) & 0xFFFFFFFF
        return packet

    def press(self, port: int, event: int, *, timestamp: int, is_end: bool = False) -> None:
        """Send one packet of a telephone event."""
        flags = 0x80 if is_end else 0
        packet = Packet(
            payload_type=101,
            is_marked=not is_end,
            sequence=self.sequence,
            timestamp=timestamp,
            ssrc=self.ssrc,
            payload=bytes((event, flags | 10, 1, 64)),
        )
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.socket.sendto(build(packet), ("127.0.0.1", port))

    def listen(self) -> list[Packet]:
        """Take what has come; return everything heard so far."""
        while True:
            try:
                self.heard.append(parse(self.socket.recv(2048)))
            except BlockingIOError:
                return self.heard

    def close(self) -> None:
        """Hang up without a word."""
        self.socket.close()


class MediaLink:
    """Control's end of run/media-N.sock."""

    def __init__(self, path: Path, within: float = 10.0) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        until = time.monotonic() + within
        while True:
            try:
                self.socket.connect(str(path))
                break
            except OSError:
                if time.monotonic() > until:
                    raise
                select.select([], [], [], 0.02)
        self._decoder: LineDecoder[FromMedia] = LineDecoder(FromMedia)
        self.events: list[Event] = []

    def say(self, *commands: Command) -> None:
        """Send commands."""
        self.socket.sendall(b"".join(line_of(command) for command in commands))

    def listen(self, seconds: float = 0.0) -> list[Event]:
        """Wait so long for something; return all events so far."""
        if select.select([self.socket], [], [], seconds)[0]:
            received = self.socket.recv(1 << 16)
            if not received:
                raise ConnectionError("the worker hung up")
            self.events += self._decoder.feed(received)
        return self.events

    def wait_for(self, wanted: Callable[[Event], bool], within: float = 5.0) -> Event:
        """Return the first event (past or coming) that is wanted, and forget it."""
        until = time.monotonic() + within
        while True:
            for place, event in enumerate(self.events):
                if wanted(event):
                    return self.events.pop(place)
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"not among {self.events}")
            self.listen(left)

    def claim(self, leg: str, call: str = "call") -> int:
        """Claim a port and return it."""
        self.say(ClaimAudio(leg=LegId(leg), call=CallId(call)))
        claimed = self.wait_for(lambda e: isinstance(e, AudioClaimed) and e.leg == leg)
        assert isinstance(claimed, AudioClaimed)
        return claimed.port

    def close(self) -> None:
        """Die without a word."""
        self.socket.close()


def worker_environment(folder: Path, **more: str) -> dict[str, str]:
    """Return the variables of a worker whose data lie in `folder`."""
    wanted = {"LINGHE_DATA": str(folder), "LINGHE_BIND": "127.0.0.1", "LINGHE_WORKERS": "1"}
    return {**os.environ, "LINGHE_RTP_PORTS": "21000-22999", **wanted, **more}


def start_worker(folder: Path, **more: str) -> "subprocess.Popen[bytes]":
    """Start worker 0 as a process of its own, without a service manager."""
    command = [sys.executable, "-m", "appliance.daemons.media", "--worker", "0"]
    return subprocess.Popen(command, env=worker_environment(folder, **more))
