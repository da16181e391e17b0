"""The yardstick of the bench: a relay as one writes it first, a datagram at a time on asyncio.

`python rtp_naive_relay.py FOLDER`: reads lines "port far_port peer_index" until "go", relays each
port's packets to its peer's far end with a rewritten header, and appends each payload to a file.
"""

import asyncio
import struct
import sys
from pathlib import Path
from typing import BinaryIO, cast


class NaiveLeg(asyncio.DatagramProtocol):
    """One port; knows where its own far end is, and who its peer is."""

    def __init__(self, far: tuple[str, int], recording: BinaryIO) -> None:
        self.far, self.recording = far, recording
        self.peer: NaiveLeg | None = None
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        first, second, sequence, timestamp, _ = struct.unpack_from(">BBHII", data)
        header = struct.pack(
            ">BBHII", first, second, sequence, (timestamp + 77) & 0xFFFFFFFF, self.far[1]
        )
        self.recording.write(data[12:])
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.sendto(header + data[12:], self.peer.far)


async def main() -> None:
    """Open all ports, say "ready", relay until standard input ends."""
    folder = Path(sys.argv[1])
    loop = asyncio.get_running_loop()
    wanted = [tuple(map(int, line.split())) for line in iter(sys.stdin.readline, "go\n")]
    legs = []
    for port, far_port, _ in wanted:
        leg = NaiveLeg(("127.0.0.1", far_port), (folder / f"{port}.alaw").open("wb"))
        await loop.create_datagram_endpoint(lambda leg=leg: leg, local_addr=("127.0.0.1", port))
        legs.append(leg)
    for leg, (_, _, peer) in zip(legs, wanted, strict=True):
        leg.peer = legs[peer]
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)


if __name__ == "__main__":
    asyncio.run(main())
