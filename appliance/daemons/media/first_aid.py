"""What a restarted worker does for the calls while it is still importing: relay, and record.

Theory of operation. Everything needed to pass on an ordinary packet of a plain bridge survives a
kill: the sockets are kept (connected, so the system checks source and knows target), the columns
lie in a memory file. So with the standard library alone packets flow 25 ms after the start, and
`tick` is called between any two imports (a finder that finds nothing, first on sys.meta_path)
until the engine takes over. No thread, so nothing can happen at the same time.

Only what is exactly as usual is passed on, row in the journal first, packet then. Any other packet
(a key, another stream, a longer one) is kept for the engine, and its leg left alone from there on,
so that order is kept. Legs that are not in a plain bridge wait in the kernel's buffers.

Light on purpose: nothing but builtins, `notify` and what that needs anyway.
"""

import mmap
import os
import select
import struct
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from time import monotonic
from types import ModuleType

from appliance.daemons import notify
from appliance.daemons.media.first_rows import PAYLOAD, row
from appliance.engines.media.layout import FORM, HEAD_BYTES, bytes_for, column, width
from appliance.store.shared import file_mode

COLUMNS = "columns"
SOCKET = "rtp-"
"""Names of what the service manager keeps for us; see `memory` and `ports`."""
TICK_SECONDS = 0.006
MOST_SECONDS = 0.004
"""Of one tick: with very many calls the import must go on too."""
_HEADER = struct.Struct(">BBHII")

Kept = tuple[int, bytes]
"""Place and packet."""


class FirstAid:
    """Relays plain bridges until `finish`; also the finder that makes time for it."""

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self.waiting: list[Kept] = []
        """Taken from the sockets and for the engine to deal with, oldest first."""
        self.overheard: list[Kept] = []
        """Audio that was passed on and may hold a key's tones."""
        self.passed_on = self.recorded = 0
        self.journal: int | None = None
        self._poll = select.epoll()
        self._place_of: dict[int, int] = {}
        self._socket_of: dict[int, int] = {}
        self._rows: list[bytes] = []
        self._leaving: list[Kept] = []
        self._next_at = 0.0
        self._memory = self._kept_memory()
        if self._memory is not None:
            self._attach(self._memory)

    # --- what was left to us ----------------------------------------------------------------
    def _kept_memory(self) -> memoryview | None:
        for descriptor in notify.inherited().get(COLUMNS, []):
            size = os.fstat(descriptor).st_size
            if size > HEAD_BYTES:
                kept = memoryview(mmap.mmap(descriptor, size))
                form, capacity = struct.unpack_from("=qq", kept)
                if form == FORM and bytes_for(capacity) == size:
                    self._capacity = capacity
                    return kept
        return None

    def _column(self, memory: memoryview, name: str) -> memoryview:
        code, at, length = column(name, self._capacity)
        return memory[at : at + length].cast(code)  # type: ignore[call-overload, no-any-return]  # any code

    def _attach(self, memory: memoryview) -> None:
        code, at, length = column("heard_at", self._capacity)
        self._heard_at = memory[at : at + length].cast("d")
        self._out_tick = self._column(memory, "out_tick")
        self._in_ssrc = self._column(memory, "in_ssrc")
        self._from_ssrc = self._column(memory, "from_ssrc")
        self._out_ssrc = self._column(memory, "out_ssrc")
        self._out_timestamp = self._column(memory, "out_timestamp")
        self._timestamp_delta = self._column(memory, "timestamp_delta")
        self._out_sequence = self._column(memory, "out_sequence")
        self._sequence_delta = self._column(memory, "sequence_delta")
        self._sole_listener = self._column(memory, "sole_listener")
        self._in_type = self._column(memory, "in_type")
        self._out_type = self._column(memory, "out_type")
        self._is_tracked = self._column(memory, "is_tracked")
        self._wants_inband = self._column(memory, "wants_inband")
        self._has_event = self._column(memory, "has_event")
        self._track = self._column(memory, "track")
        self._choose(memory)

    def _choose(self, memory: memoryview) -> None:
        """Take the legs in hand whose packets need nothing but new headers."""
        place_of_port = {port: at for at, port in enumerate(self._column(memory, "port")) if port}
        is_connected = self._column(memory, "is_connected")
        for name, descriptors in notify.inherited().items():
            port = name.removeprefix(SOCKET)
            if name.startswith(SOCKET) and port.isdecimal():
                place = place_of_port.get(int(port))
                if place is not None and is_connected[place]:
                    self._socket_of[place] = descriptors[0]
        has_ssrc, is_joined = self._column(memory, "has_ssrc"), self._column(memory, "is_joined")
        law, may_send = self._column(memory, "law"), self._column(memory, "may_send")
        for place, descriptor in self._socket_of.items():
            to = self._sole_listener[place] - 1
            if (
                to in self._socket_of
                and has_ssrc[place]
                and has_ssrc[to]
                and is_joined[to]
                and self._from_ssrc[to] == self._in_ssrc[place]
                and law[place] == law[to]
                and may_send[to]
                and (self._track_of(place) or not self._is_tracked[place])
            ):
                self._place_of[descriptor] = place
                self._poll.register(descriptor, select.EPOLLIN)

    def _track_of(self, place: int) -> bytes:
        """Return what the leg's rows begin with; nothing when it was not known at the kill."""
        each = width("track")
        track = bytes(self._track[place * each : (place + 1) * each])
        return track if any(track) else b""

    # --- the tick ---------------------------------------------------------------------------
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find no module; it is only a moment between two imports."""
        if self._place_of and monotonic() >= self._next_at:
            self.tick()
        return None

    def tick(self) -> None:
        """Pass on what has come."""
        now = monotonic()
        while self._place_of and (ready := self._poll.poll(0)):
            for descriptor, _ in ready:
                try:
                    packet = os.read(descriptor, 2048)
                except OSError:
                    continue
                if not self._takes(self._place_of[descriptor], packet, now):
                    self._leave_alone(descriptor, packet)
            if self._rows:
                self._record(now)
                self._rows.clear()
            for to, packet in self._leaving:
                self._send(to, packet)
            self.passed_on += len(self._leaving)
            self._leaving.clear()
            if monotonic() > now + MOST_SECONDS:
                break
        self._next_at = monotonic() + TICK_SECONDS

    def _takes(self, place: int, packet: bytes, now: float) -> bool:
        """Book and rewrite one packet, if it is an ordinary one."""
        if not _HEADER.size < len(packet) <= _HEADER.size + PAYLOAD:
            return False
        first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(packet)
        is_usual = first == 0x80 and second & 0x7F == self._in_type[place]
        if not is_usual or ssrc != self._in_ssrc[place]:
            return False
        payload = packet[_HEADER.size :]
        if self._is_tracked[place]:
            self._rows.append(
                row(
                    self._track_of(place),
                    payload,
                    timestamp=timestamp,
                    sequence=sequence,
                    ssrc=ssrc,
                    arrival_us=int(now * 1e6),
                )
            )
        if self._wants_inband[place] and not self._has_event[place]:
            self.overheard.append((place, payload))
        self._heard_at[place] = now
        to = self._sole_listener[place] - 1
        sequence = (sequence + self._sequence_delta[to]) & 0xFFFF
        timestamp = (timestamp + self._timestamp_delta[to]) & 0xFFFFFFFF
        self._note_sent(to, sequence, timestamp, now)
        second = second & 0x80 | self._out_type[to]
        header = _HEADER.pack(0x80, second, sequence, timestamp, self._out_ssrc[to])
        self._leaving.append((to, header + payload))
        return True

    def _note_sent(self, to: int, sequence: int, timestamp: int, now: float) -> None:
        """Remember where the stream stands; a packet that came late sets nothing back."""
        following = (sequence + 1) & 0xFFFF
        if 0 < (following - self._out_sequence[to]) & 0xFFFF < 0x8000:
            self._out_sequence[to] = following
            self._out_timestamp[to] = timestamp
            self._out_tick[to] = int(now * 100)

    def _send(self, to: int, packet: bytes) -> None:
        for _ in range(2):
            try:
                os.write(self._socket_of[to], packet)
                return
            except ConnectionRefusedError:
                # Told of an earlier packet; this one was not sent, and the port may be open again.
                continue
            except OSError:
                return

    def _record(self, now: float) -> None:
        try:
            if self.journal is None:
                # As paths.Paths.frames, which would take longer to import than all of this.
                folder = os.path.join(os.environ.get("LINGHE_DATA", "var"), "frames")
                path = os.path.join(folder, f"{self._worker}-{int(now * 1e6)}.lhf")
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
                self.journal = os.open(path, flags, file_mode(folder))
            os.write(self.journal, b"".join(self._rows))
            self.recorded += len(self._rows)
        except OSError:
            # A full disk never stops a call. The engine will meet it too, and tell.
            return

    def _leave_alone(self, descriptor: int, packet: bytes) -> None:
        self._poll.unregister(descriptor)
        self.waiting.append((self._place_of.pop(descriptor), packet))

    # --- begin and end ----------------------------------------------------------------------
    def begin(self) -> None:
        """Pass on what waits, and from now on at every import."""
        if self._place_of:
            self.tick()
            sys.meta_path.insert(0, self)

    def finish(self) -> None:
        """The engine takes over."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
            self.tick()
        self._poll.close()
        self._place_of.clear()
