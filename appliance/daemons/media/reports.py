"""RTCP of every leg, and how good its audio was: a step of the media engine (RFC 3550).

Each leg is sent a report every five seconds, the first after half of that (section 6.2), so that
a short call costs no socket; what its far end reports is read as it comes, on the
port beside the audio's, or on the very same where that was negotiated (RFC 5761). Reports of
anybody but the leg's own far end are dropped. These sockets are not kept over a kill: a report
that is lost then is followed by the next.

When packets really came is asked of the kernel (SIOCGSTAMPNS), for a sample of them.
"""

import errno
import select
import socket
import sys
from collections import deque
from collections.abc import Callable
from fcntl import ioctl
from time import time
from typing import Final

import numpy as np

from appliance.engines.media import reception
from appliance.engines.media.engine import MediaEngine
from appliance.engines.media.intake import Intake
from appliance.engines.media.legs import Leg
from appliance.engines.media.relay import Departures
from appliance.engines.media.rtp import Batch, Places
from appliance.protocols.rtp import rtcp
from appliance.signals.emodel import mos
from appliance.vocabulary.audio import Codec, FarEnd, Quality
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import Instant

EVERY_TICKS: Final = int(rtcp.INTERVAL_SECONDS * 100)
FIRST_TICKS: Final = EVERY_TICKS // 2
SIOCGSTAMPNS: Final = 0x80108907
"""When the packet that was last read from a socket came (64-bit form, Linux 5.1). Asked once, the
kernel notes it for this socket from then on."""
MOST_AT_ONCE: Final = 16
"""Reports read in a tick; the rest waits."""
LONGEST: Final = 1500
CLOCKS: Final = {Codec.PCMA: 8000, Codec.PCMU: 8000, Codec.G722: 8000, Codec.OPUS: 48000}
"""RTP clock rates."""
INNER_CLOCK: Final = 8000
"""What timestamps count at within the worker, whatever the codec."""

Sealed = Callable[[bytes, int], bytes]
Opened = Callable[[bytes, int], bytes | None]
"""A packet and a place: what SRTCP makes of it; None: not theirs."""


class _Reported:
    """What the far end said of us, and what we remember of our own reports to it."""

    __slots__ = (
        "arrived_at",
        "expected",
        "far_lost",
        "last_report",
        "packets",
        "sent",
        "trip_sum",
        "trips",
    )

    def __init__(self) -> None:
        self.last_report, self.arrived_at = 0, 0.0
        self.expected = self.packets = 0
        """At our last report."""
        self.sent = 0
        self.trips, self.trip_sum = 0, 0.0
        """Round trips that were measured, and the seconds they took in all."""
        self.far_lost: int | None = None

    def round_trip_ms(self) -> float | None:
        """Return the mean; None while nothing was measured."""
        return round(self.trip_sum / self.trips * 1000, 1) if self.trips else None


class Reports:
    """The step. `sealed` and `opened` do nothing for legs without keys."""

    def __init__(
        self, engine: MediaEngine, socket_of: Callable[[int], socket.socket | None], name: str
    ) -> None:
        self._engine = engine
        self._columns = engine.columns
        self._socket_of = socket_of
        self._name = name
        """CNAME."""
        self._poll = select.epoll()
        self._own: dict[int, socket.socket] = {}
        """Place to the socket beside its audio's."""
        self._place_of: dict[int, int] = {}
        self._reported: dict[int, _Reported] = {}
        self._sent_sequence: dict[int, int] = {}
        self._next: dict[int, int] = {}
        """Place to the tick of its leg's next report."""
        self._first: deque[tuple[int, int]] = deque()
        """Ticks and places, in order: first reports …"""
        self._further: deque[tuple[int, int]] = deque()
        """… and those after them. What `_next` does not know is of a leg that is gone."""
        self.sealed: Sealed = lambda packet, place: packet
        self.opened: Opened = lambda packet, place: packet
        reception.begin_anew(self._columns, np.arange(self._columns.capacity))

    # --- the step's doors ---
    def unwrap(self, batch: Batch, rows: Places, now: Instant) -> None:
        """Nothing here depends on what makes a leg special."""

    def wrap(self, departures: Departures) -> Departures:
        """Reports are no audio."""
        return departures

    def wrap_one(self, packet: bytes, place: int) -> bytes:
        """Reports are no audio."""
        return packet

    def hear(self, batch: Batch, taken: Intake, tick: int) -> None:
        """Count what came; ask of some when."""
        reception.note(self._columns, batch, taken)
        if len(taken.rows) < batch.count:
            self._multiplexed(batch, taken)
        for at in reception.to_sample(self._columns, taken, tick).tolist():
            self._sample(int(taken.place[at]), int(batch.timestamp[taken.rows[at]]))

    def due(self, tick: int, now: Instant) -> list[tuple[bytes, int]]:
        """Read what came, and make the reports whose turn it is."""
        if self._own:
            for descriptor, _ in self._poll.poll(0, MOST_AT_ONCE):
                self._receive(self._place_of[descriptor])
        made: list[tuple[bytes, int]] = []
        for place in self._whose_turn(tick):
            leg = self._engine.board.by_place[place]
            far = _far(leg)
            if leg is None or far is None:
                continue
            packet = self.sealed(self._report(place, far, tick), place)
            if far.rtcp_port == far.port:
                made.append((packet, place))
            else:
                self._send(leg, far, packet)
        return made

    def _whose_turn(self, tick: int) -> list[int]:
        places: list[int] = []
        for turns in (self._first, self._further):
            while turns and turns[0][0] <= tick:
                at, place = turns.popleft()
                if self._next.get(place) == at:
                    places.append(place)
        for place in places:
            self._next[place] = tick + EVERY_TICKS
            self._further.append((tick + EVERY_TICKS, place))
        return places

    # --- legs ---
    def quality(self, leg: Leg) -> Quality | None:
        """Return how good the leg was; None where nothing was ever received from it."""
        far = _far(leg)
        got = reception.received(self._columns, leg.place)
        if far is None or not got.packets:
            return None
        reported = self._reported.get(leg.place)
        round_trip_ms = reported.round_trip_ms() if reported is not None else None
        jitter_ms = round(got.jitter_ms, 2)
        return Quality(
            codec=far.codec,
            packets=got.packets,
            lost=got.lost,
            jitter_ms=jitter_ms,
            round_trip_ms=round_trip_ms,
            far_lost=reported.far_lost if reported is not None else None,
            mos=mos(
                far.codec,
                packets=got.packets,
                lost=got.lost,
                jitter_ms=jitter_ms,
                round_trip_ms=round_trip_ms,
                packet_ms=far.ptime_ms,
            ),
        )

    def begin(self, place: int, tick: int) -> None:
        """A leg takes this place: nothing was sent to it yet."""
        self._sent_sequence[place] = int(self._columns.out_sequence[place])
        self._next[place] = tick + FIRST_TICKS
        self._first.append((tick + FIRST_TICKS, place))

    def resume(self, places: list[int], tick: int) -> None:
        """These had legs before us: their turns are spread over the interval."""
        self._next = {place: tick + place % EVERY_TICKS for place in places}
        self._further = deque(sorted((at, place) for place, at in self._next.items()))

    def forget(self, place: int) -> None:
        """The leg is gone."""
        self._reported.pop(place, None)
        self._sent_sequence.pop(place, None)
        self._next.pop(place, None)
        own = self._own.pop(place, None)
        if own is not None:
            self._poll.unregister(own.fileno())
            del self._place_of[own.fileno()]
            own.close()

    # --- what is sent ---
    def _report(self, place: int, far: FarEnd, tick: int) -> bytes:
        c, reported = self._columns, self._reported.setdefault(place, _Reported())
        sequence = int(c.out_sequence[place])
        newly = (sequence - self._sent_sequence.get(place, sequence)) & 0xFFFF
        self._sent_sequence[place] = sequence
        reported.sent += newly
        now = time()
        sent: rtcp.Sent | None = None
        if newly:
            clock = CLOCKS[far.codec]
            passed = (tick - int(c.out_tick[place])) * clock // 100
            sent = rtcp.Sent(
                ntp_seconds=now,
                # Within the worker all timestamps count at 8 kHz (see engines/media/transcoding).
                timestamp=int(c.out_timestamp[place]) * (clock // INNER_CLOCK) + passed,
                packets=reported.sent,
                octets=reported.sent * int(c.frame[place]),  # as G.711, which it mostly is
            )
        blocks = (self._block(place, reported, now),) if c.has_ssrc[place] else ()
        report = rtcp.Report(int(c.out_ssrc[place]), sent, blocks)
        return rtcp.build(report, self._name)

    def _block(self, place: int, reported: _Reported, now: float) -> rtcp.ReportBlock:
        got = reception.received(self._columns, place)
        expected, packets = got.expected - reported.expected, got.packets - reported.packets
        reported.expected, reported.packets = got.expected, got.packets
        lost = max(0, expected - packets)
        far = _far(self._engine.board.by_place[place])
        clock = CLOCKS[far.codec] if far is not None else 8000
        since = int((now - reported.arrived_at) * rtcp.NTP_UNITS) if reported.last_report else 0
        return rtcp.ReportBlock(
            ssrc=int(self._columns.in_ssrc[place]),
            fraction_lost=min(255, lost * 256 // expected) if expected > 0 else 0,
            lost=got.expected - got.packets,
            highest_sequence=got.highest_sequence,
            jitter=int(got.jitter_ms * clock / 1000),
            last_report=reported.last_report,
            delay_since=min(since, 0xFFFFFFFF),
        )

    def _send(self, leg: Leg, far: FarEnd, packet: bytes) -> None:
        own = self._own.get(leg.place) or self._open(leg)
        target = self._engine.board.target(leg.place)
        if own is None or target is None:
            return
        is_as_described = target == (far.address, far.port)
        port = far.rtcp_port if is_as_described and far.rtcp_port else target[1] + 1
        host = target[0]
        if own.family == socket.AF_INET6 and ":" not in host:
            host = f"::ffff:{host}"
        try:
            own.sendto(packet, (host, port))
        except OSError:
            return  # the next report tries again

    def _open(self, leg: Leg) -> socket.socket | None:
        audio = self._socket_of(leg.place)
        if audio is None or leg.port >= 0xFFFF:
            return None
        own = socket.socket(audio.family, socket.SOCK_DGRAM)
        own.setblocking(False)
        try:
            own.bind((audio.getsockname()[0], leg.port + 1))
        except OSError:
            own.close()
            return None
        self._own[leg.place] = own
        self._place_of[own.fileno()] = leg.place
        self._poll.register(own.fileno(), select.EPOLLIN)
        return own

    # --- what comes ---
    def _receive(self, place: int) -> None:
        own = self._own[place]
        try:
            datagram, source = own.recvfrom(LONGEST)
        except OSError:
            return
        target = self._engine.board.target(place)
        if target is not None and source[0].removeprefix("::ffff:") == target[0]:
            self._take(datagram, place, _arrival(own))

    def _multiplexed(self, batch: Batch, taken: Intake) -> None:
        """Rows that were not accepted as audio, whose source was checked all the same."""
        accepted = set(taken.rows.tolist())
        for row in range(batch.count):
            size = int(batch.size[row])
            if row in accepted or size < 8 or int(batch.second[row]) not in rtcp.TYPES:
                continue
            place = int(batch.place[row])
            audio = self._socket_of(place)
            if audio is not None:
                self._take(bytes(batch.views[row][:size]), place, _arrival(audio))

    def _take(self, datagram: bytes, place: int, arrived_at: float | None) -> None:
        plain = self.opened(datagram, place)
        if plain is None:
            return
        try:
            report = rtcp.parse(plain)
        except PeerError:
            return
        now = arrived_at or time()
        reported = self._reported.setdefault(place, _Reported())
        if report.sent is not None:
            reported.last_report = rtcp.middle_of(report.sent.ntp_seconds)
            reported.arrived_at = now
        for block in report.blocks:
            if block.ssrc != int(self._columns.out_ssrc[place]):
                continue
            reported.far_lost = max(0, block.lost)
            trip = rtcp.round_trip_seconds(block, now)
            if trip is not None:
                reported.trips += 1
                reported.trip_sum += trip

    def _sample(self, place: int, timestamp: int) -> None:
        audio, far = self._socket_of(place), _far(self._engine.board.by_place[place])
        arrived_at = _arrival(audio) if audio is not None else None
        if arrived_at is not None and far is not None:
            reception.sampled(self._columns, place, arrived_at, timestamp, INNER_CLOCK)


def _far(leg: Leg | None) -> FarEnd | None:
    return leg.audio.far if leg is not None and leg.audio is not None else None


def _arrival(opened: socket.socket) -> float | None:
    """Return when the packet that was last read came; None where the kernel does not know yet."""
    stamp = bytearray(16)
    try:
        ioctl(opened.fileno(), SIOCGSTAMPNS, stamp)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTTY, errno.EINVAL):
            return None
        raise
    return int.from_bytes(stamp[:8], sys.byteorder) + int.from_bytes(stamp[8:], sys.byteorder) / 1e9
