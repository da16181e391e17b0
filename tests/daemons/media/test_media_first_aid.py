"""First aid after a kill: what is passed on without the engine is as the engine would have done."""

import mmap
import os
import select
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rtp_packet import Packet, build, parse

from appliance.daemons import notify
from appliance.daemons.media.first_aid import FirstAid
from appliance.daemons.media.first_rows import row
from appliance.daemons.paths import Paths
from appliance.engines.media.columns import Columns
from appliance.engines.media.layout import TRACK_BYTES, bytes_for
from appliance.engines.recording import frames
from appliance.vocabulary.audio import Channel, Codec
from appliance.vocabulary.ids import RecordingId

CAPACITY = 64
SPEAKER, LISTENER = 3, 7
TRACK = frames.track_of(RecordingId("recording"), Channel.CALLER, Codec.PCMA).tobytes()


@given(
    payload=st.binary(min_size=1, max_size=160),
    timestamp=st.integers(0, 2**32 - 1),
    sequence=st.integers(0, 2**16 - 1),
    ssrc=st.integers(0, 2**32 - 1),
    arrival_us=st.integers(0, 2**62),
)
def test_a_row_of_first_aid_is_a_row_of_the_recorder(
    payload: bytes, timestamp: int, sequence: int, ssrc: int, arrival_us: int
) -> None:
    known = frames.rows_of(
        np.frombuffer(TRACK, frames.TRACK),
        payload=np.frombuffer(payload.ljust(160, b"\0"), np.uint8)[None, :],
        length=np.array([len(payload)]),
        timestamp=np.array([timestamp]),
        sequence=np.array([sequence]),
        ssrc=np.array([ssrc]),
        arrival_us=arrival_us,
    )
    ours = row(
        TRACK, payload, timestamp=timestamp, sequence=sequence, ssrc=ssrc, arrival_us=arrival_us
    )
    assert ours == known.tobytes()


def test_a_track_fits_its_column() -> None:
    assert frames.TRACK.itemsize == TRACK_BYTES


class Bridge:
    """What a killed worker left: two connected sockets, their far ends, and the columns."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        Paths(folder).make()
        memory = os.memfd_create("columns")
        os.ftruncate(memory, bytes_for(CAPACITY))
        self.kept = {"columns": [memory]}
        self.columns = self._columns(memory)
        self.ends: dict[int, socket.socket] = {}
        self.ports: dict[int, int] = {}
        self.sockets = [self._leg(SPEAKER), self._leg(LISTENER)]
        self._connect()
        monkeypatch.setattr(notify, "_inherited", self.kept)
        monkeypatch.setenv("LINGHE_DATA", str(folder))

    def _columns(self, memory: int) -> Columns:
        return Columns(memoryview(mmap.mmap(memory, bytes_for(CAPACITY))), CAPACITY)

    def _leg(self, place: int) -> socket.socket:
        ours, theirs = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for opened in (ours, theirs):
            opened.bind(("127.0.0.1", 0))
            opened.setblocking(False)
        ours.connect(theirs.getsockname())
        c, port = self.columns, ours.getsockname()[1]
        self.ends[place], self.ports[place] = theirs, port
        self.kept[f"rtp-{port}"] = [ours.fileno()]
        c.port[place], c.is_connected[place], c.has_ssrc[place] = port, True, True
        c.in_ssrc[place], c.in_type[place], c.out_type[place] = place, 8, 8
        c.event_type[place], c.may_send[place], c.frame[place] = 101, True, 160
        return ours

    def _connect(self) -> None:
        c = self.columns
        c.sole_listener[SPEAKER] = LISTENER + 1
        c.is_joined[LISTENER], c.from_ssrc[LISTENER] = True, SPEAKER
        c.out_ssrc[LISTENER], c.out_sequence[LISTENER] = 0xABCD, 5
        c.sequence_delta[LISTENER], c.timestamp_delta[LISTENER] = 0xFFFF, 1000
        c.is_tracked[SPEAKER] = True
        c.track[SPEAKER] = np.frombuffer(TRACK, np.uint8)

    def say(self, sequence: int, *, kind: int = 8, ssrc: int = SPEAKER, size: int = 160) -> bytes:
        """The speaker's far end sends one packet; return its audio."""
        payload = bytes([sequence & 0xFF]) * size
        packet = build(
            Packet(
                payload_type=kind,
                is_marked=False,
                sequence=sequence,
                timestamp=sequence * 160,
                ssrc=ssrc,
                payload=payload,
            )
        )
        self.ends[SPEAKER].sendto(packet, ("127.0.0.1", self.ports[SPEAKER]))
        return payload

    def heard(self) -> list[Packet]:
        """Return what has come at the listener's far end."""
        packets = []
        while select.select([self.ends[LISTENER]], [], [], 0)[0]:
            packets.append(parse(self.ends[LISTENER].recv(2048)))
        return packets

    def recorded(self) -> list[bytes]:
        """Return the audio that stands in the journal."""
        rows = [frames.read_rows(path.read_bytes()) for path in self.folder.glob("frames/0-*.lhf")]
        return [one["payload"].tobytes() for journal in rows for one in journal]


@pytest.fixture
def bridge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bridge]:
    made = Bridge(tmp_path, monkeypatch)
    yield made
    for opened in [*made.sockets, *made.ends.values()]:
        opened.close()


def test_what_waited_is_passed_on_and_recorded_and_the_counters_go_on(bridge: Bridge) -> None:
    said = [bridge.say(sequence) for sequence in (6, 7, 8)]
    first_aid = FirstAid("0")
    first_aid.begin()
    first_aid.finish()
    heard = bridge.heard()
    assert [packet.payload for packet in heard] == said == bridge.recorded()
    assert [packet.sequence for packet in heard] == [5, 6, 7]
    assert [packet.timestamp for packet in heard] == [n * 160 + 1000 for n in (6, 7, 8)]
    assert {packet.ssrc for packet in heard} == {0xABCD}
    assert bridge.columns.out_sequence[LISTENER] == 8
    assert bridge.columns.out_timestamp[LISTENER] == 8 * 160 + 1000
    assert (first_aid.passed_on, first_aid.recorded, first_aid.waiting) == (3, 3, [])


@pytest.mark.parametrize(("variable", "rights"), [("1", 0o660), ("", 0o600)])
def test_what_first_aid_records_is_the_groups_only_where_a_group_is_the_box(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch, variable: str, rights: int
) -> None:
    """The folder's own bit says nothing: a folder of a project has it as well."""
    monkeypatch.setenv("LINGHE_SHARED", variable)
    (bridge.folder / "frames").chmod(0o2770)
    bridge.say(6)
    first_aid = FirstAid("0")
    before = os.umask(0o007)
    try:
        first_aid.begin()
    finally:
        os.umask(before)
        first_aid.finish()
    made = [one.stat().st_mode & 0o777 for one in bridge.folder.glob("frames/0-*.lhf")]
    assert made == [rights]


def test_between_two_imports_packets_flow(bridge: Bridge) -> None:
    first_aid = FirstAid("0")
    first_aid.begin()
    said = bridge.say(6)
    first_aid._next_at = 0.0
    with pytest.raises(ImportError):
        import appliance.there_is_no_such_module  # noqa: F401
    assert [packet.payload for packet in bridge.heard()] == [said]
    first_aid.finish()


@pytest.mark.parametrize(
    "odd", [{"kind": 101, "size": 4}, {"kind": 13, "size": 1}, {"ssrc": 99}, {"size": 240}]
)
def test_what_is_out_of_the_ordinary_waits_for_the_engine_and_so_does_all_behind_it(
    bridge: Bridge, odd: dict[str, int]
) -> None:
    first = bridge.say(6)
    kept = bridge.say(7, **odd)
    bridge.say(8)
    first_aid = FirstAid("0")
    first_aid.begin()
    first_aid.finish()
    assert [packet.payload for packet in bridge.heard()] == [first] == bridge.recorded()
    [(place, packet)] = first_aid.waiting
    assert (place, parse(packet).payload) == (SPEAKER, kept)
    assert parse(bridge.sockets[0].recv(2048)).sequence == 8


@pytest.mark.parametrize(
    "column", ["is_connected", "has_ssrc", "is_joined", "may_send", "from_ssrc", "track", "law"]
)
def test_a_leg_in_an_uncommon_state_is_left_to_the_engine(bridge: Bridge, column: str) -> None:
    for place in (SPEAKER, LISTENER):
        getattr(bridge.columns, column)[place] = 0
    if column == "law":
        bridge.columns.law[LISTENER] = 1
    bridge.say(6)
    first_aid = FirstAid("0")
    first_aid.begin()
    first_aid.finish()
    assert not bridge.heard() and not bridge.recorded() and not first_aid.waiting
    assert parse(bridge.sockets[0].recv(2048)).sequence == 6


def test_audio_that_may_hold_tones_is_kept_for_listening(bridge: Bridge) -> None:
    bridge.columns.wants_inband[SPEAKER] = True
    said = bridge.say(6)
    first_aid = FirstAid("0")
    first_aid.begin()
    first_aid.finish()
    assert first_aid.overheard == [(SPEAKER, said)]


def test_a_full_disk_stops_no_call(bridge: Bridge) -> None:
    (bridge.folder / "frames").rmdir()
    said = bridge.say(6)
    first_aid = FirstAid("0")
    first_aid.begin()
    first_aid.finish()
    assert [packet.payload for packet in bridge.heard()] == [said]
    assert (first_aid.passed_on, first_aid.recorded) == (1, 0)


def test_memory_of_another_form_is_not_touched(bridge: Bridge) -> None:
    [memory] = bridge.kept["columns"]
    os.pwrite(memory, b"\1", 0)
    bridge.say(6)
    first_aid = FirstAid("0")
    first_aid.begin()
    first_aid.finish()
    assert not bridge.heard() and not bridge.recorded()
