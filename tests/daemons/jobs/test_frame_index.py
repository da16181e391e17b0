"""The index of the media workers' journals, on a disk that does not always answer."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from appliance.daemons.jobs.frame_index import FrameIndex
from appliance.engines.recording.frames import rows_of, track_of
from appliance.vocabulary.audio import Channel, Codec
from appliance.vocabulary.ids import RecordingId

PACKETS = 100


def journal() -> bytes:
    number = np.arange(PACKETS)
    rows = rows_of(
        np.repeat(track_of(RecordingId("talk"), Channel.CALLER, Codec.PCMA), PACKETS),
        payload=np.full((PACKETS, 160), 0x2A, np.uint8),
        length=np.full(PACKETS, 160),
        timestamp=number * 160,
        sequence=number,
        ssrc=np.full(PACKETS, 7),
        arrival_us=number * 20_000,
    )
    return rows.tobytes()


def fails(*_: int) -> bytes:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.mark.fault
def test_a_journal_that_could_not_be_read_once_is_read_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "0-1000.lhf").write_bytes(journal())
    index = FrameIndex(tmp_path)
    with monkeypatch.context() as disk:
        disk.setattr(os, "pread", fails)
        index.scan()
    assert index.unreadable == ["0-1000.lhf"]
    index.scan()
    assert not index.unreadable
    assert len(index.rows_of("talk")) == PACKETS
