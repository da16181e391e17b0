"""The recording journal: what was written is read back, and nothing else is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.engines.recording import frames
from appliance.engines.recording.frames import (
    PAYLOAD,
    ROW,
    WIDTH,
    read_rows,
    row_offsets,
    rows_of,
    track_of,
)
from appliance.vocabulary.audio import Channel, Codec
from appliance.vocabulary.ids import RecordingId


def written(count: int, *, length: int = 160, recording: str = "r-1", first: int = 0) -> bytes:
    """The journal of `count` packets of one leg."""
    rng = np.random.default_rng(first + count)
    number = np.arange(first, first + count)
    rows = rows_of(
        np.repeat(track_of(RecordingId(recording), Channel.CALLER, Codec.PCMA), count),
        payload=rng.integers(0, 256, (count, 320), dtype=np.uint8),
        length=np.full(count, length),
        timestamp=(1000 + number * length) & 0xFFFFFFFF,
        sequence=number & 0xFFFF,
        ssrc=np.full(count, 0xFEEDBEEF),
        arrival_us=number * 20_000,
    )
    return rows.tobytes()


def test_a_row_tells_all_that_was_known_of_its_packet() -> None:
    payload = np.arange(160, dtype=np.uint8)[None]
    rows = read_rows(
        rows_of(
            track_of(RecordingId("r" * 32), Channel.AGENT, Codec.PCMU),
            payload=payload,
            length=np.array([80]),
            timestamp=np.array([0xFFFFFFFF]),
            sequence=np.array([65535]),
            ssrc=np.array([0x80000001]),
            arrival_us=1 << 50,
        ).tobytes()
    )
    [row] = rows
    assert row["track"]["recording"] == b"r" * 32
    assert (row["track"]["channel"], row["track"]["codec"]) == (frames.AGENT, frames.PCMU)
    assert (row["timestamp"], row["sequence"], row["ssrc"]) == (0xFFFFFFFF, 65535, 0x80000001)
    assert row["arrival_us"] == 1 << 50
    assert row["track"]["payload_length"] == 80
    assert row["payload"][:80].tolist() == list(range(80))
    assert not row["payload"][80:].any(), "what the buffer held before is not written"


def test_a_packet_of_30_ms_is_two_rows_and_one_of_20_between_stays_in_order() -> None:
    payload = np.tile(np.arange(240, dtype=np.uint8), (3, 1))
    rows = rows_of(
        np.repeat(track_of(RecordingId("r-30"), Channel.CALLER, Codec.PCMA), 3),
        payload=payload,
        length=np.array([240, 160, 240]),
        timestamp=np.array([0, 240, 0xFFFFFFF0]),
        sequence=np.array([1, 2, 3]),
        ssrc=np.zeros(3, np.int64),
        arrival_us=np.array([10, 20, 30]),
    )
    assert rows["sequence"].tolist() == [1, 1, 2, 3, 3]
    assert rows["track"]["payload_length"].tolist() == [160, 80, 160, 160, 80]
    assert rows["timestamp"].tolist() == [0, 160, 240, 0xFFFFFFF0, 144]
    assert rows["payload"][1][:80].tolist() == list(range(160, 240))
    assert len(read_rows(rows.tobytes())) == 5


@pytest.mark.parametrize(
    ("length", "pieces"),
    [(160, [160]), (320, [160, 160]), (480, [160] * 3), (500, [160, 160, 160, 20])],
)
def test_a_long_packet_is_recorded_to_its_last_byte(length: int, pieces: list[int]) -> None:
    payload = (np.arange(3 * 500) % 251).astype(np.uint8).reshape(3, 500)
    rows = rows_of(
        np.repeat(track_of(RecordingId("r-60"), Channel.CALLER, Codec.PCMA), 3),
        payload=payload,
        length=np.array([length, 80, length]),
        timestamp=np.array([0, 1000, 0xFFFFFFF0]),
        sequence=np.array([1, 2, 3]),
        ssrc=np.zeros(3, np.int64),
        arrival_us=np.array([10, 20, 30]),
    )
    assert rows["track"]["payload_length"].tolist() == [*pieces, 80, *pieces]
    offsets = list(range(0, length, PAYLOAD))
    assert rows["offset"].tolist() == [*offsets, 0, *offsets]
    assert rows["timestamp"][-len(pieces) :].tolist() == [
        (0xFFFFFFF0 + offset) & 0xFFFFFFFF for offset in offsets
    ]
    own = [row["payload"][: row["track"]["payload_length"]].tolist() for row in rows]
    assert sum(own[: len(pieces)], []) == payload[0, :length].tolist()
    assert sum(own[-len(pieces) :], []) == payload[2, :length].tolist()
    assert len(read_rows(rows.tobytes())) == len(rows)


@pytest.mark.parametrize("recording", ["", "r" * 33, "é", "a b", "../x", ".x", "a\0"])
def test_a_recording_that_could_not_be_a_file_is_refused(recording: str) -> None:
    with pytest.raises(ValueError, match="recording id"):
        track_of(RecordingId(recording), Channel.CALLER, Codec.PCMA)


def test_every_prefix_of_the_last_rows_reads_as_the_rows_that_are_whole() -> None:
    whole = written(5)
    for cut in range(len(whole) + 1):
        assert len(read_rows(whole[:cut])) == cut // WIDTH, f"cut at byte {cut}"


def test_a_row_with_any_byte_changed_is_not_taken() -> None:
    whole = written(1)
    for place in range(WIDTH):
        for bit in (0x01, 0x80):
            torn = bytearray(whole)
            torn[place] ^= bit
            assert len(read_rows(bytes(torn))) == 0, f"byte {place}"


@pytest.mark.fault
@given(lost=st.sets(st.integers(0, 15)))
@settings(max_examples=60)
def test_sectors_that_the_disk_dropped_cost_only_the_rows_in_them(lost: set[int]) -> None:
    whole = written(16 * 512 // WIDTH + 1)
    image = bytearray(whole)
    for sector in lost:
        piece = slice(sector * 512, min(sector * 512 + 512, len(image)))
        image[piece] = bytes(len(image[piece]))
    touched = {
        row
        for sector in lost
        for row in range(sector * 512 // WIDTH, (sector * 512 + 511) // WIDTH + 1)
    }
    expected = [row for row in range(len(whole) // WIDTH) if row not in touched]
    assert read_rows(bytes(image))["sequence"].tolist() == expected


def test_rows_behind_a_short_write_are_found_again() -> None:
    content = written(3) + written(1)[:100] + written(4, first=3)
    assert read_rows(content)["sequence"].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert row_offsets(content)[3] == 3 * WIDTH + 100


@given(garbage=st.binary(max_size=2000))
@settings(max_examples=200)
def test_garbage_is_no_rows_and_no_error(garbage: bytes) -> None:
    assert len(read_rows(garbage)) == 0
    magic = garbage[:500] + frames.MAGIC + garbage[500:]
    assert len(read_rows(magic)) == 0


def test_the_form_on_the_disk_stays_as_it_is() -> None:
    """Journals are read by the version after an update, too."""
    assert WIDTH == 232
    assert PAYLOAD == 160
    assert ROW.fields is not None
    assert {name: ROW.fields[name][1] for name in ROW.names or ()} == {
        "check": 0,
        "track": 8,
        "arrival_us": 48,
        "timestamp": 56,
        "ssrc": 60,
        "sequence": 64,
        "offset": 66,
        "spare": 68,
        "payload": 72,
    }
    row = written(1)
    assert row[8:12] == b"LHF\x01"
    words = np.frombuffer(row, "<u8")
    weight, total = 1, 0
    for word in words[1:]:
        weight = weight * 0x9E3779B97F4A7C15 % (1 << 64)
        total = (total + weight * int(word)) % (1 << 64)
    assert total == words[0]
