"""linghe-jobs on a real folder, with a control that says what is wanted and hears what is told."""

import hashlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from appliance.daemons.jobs.__main__ import SPENT_AFTER, Sealer
from appliance.daemons.jobs.frame_index import FrameIndex
from appliance.daemons.paths import Paths
from appliance.engines.recording.assembly import assembled
from appliance.engines.recording.frames import WIDTH, read_rows, rows_of, track_of
from appliance.vocabulary.audio import Channel, Codec
from appliance.vocabulary.events import RecordingSealed
from appliance.vocabulary.ids import RecordingId
from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.control import (
    Done,
    Refused,
    Sealed,
    Sealings,
    SealingWanted,
    ToControl,
    WatchSealings,
)


class ControlStandIn:
    """Control's side of run/control.sock, as wire/control.py describes it."""

    def __init__(self, path: Path, *wanted: str) -> None:
        self.wanted = {name: f"call-of-{name}" for name in wanted}
        self.told: list[RecordingSealed] = []
        self.refuses_once = False
        self.openings = 0
        self._changed = threading.Condition()
        self._path = path
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen()
        self._line: socket.socket | None = None
        threading.Thread(target=self._serve, daemon=True).start()

    def want(self, *names: str) -> None:
        """A call ended: its recording is wanted."""
        with self._changed:
            self.wanted |= {name: f"call-of-{name}" for name in names}
            self._list()

    def stop(self) -> None:
        """Die, as far as the other side can see."""
        self._server.close()
        if self._line is not None:
            self._line.shutdown(socket.SHUT_RDWR)
            self._line.close()
        self._path.unlink()

    def wait_until_told(self, count: int, seconds: float = 20.0) -> None:
        with self._changed:
            enough = self._changed.wait_for(lambda: len(self.told) >= count, seconds)
        assert enough, f"told {len(self.told)} of {count}"

    def _list(self) -> None:
        if self._line is not None:
            wanted = [SealingWanted(recording=r, call=c) for r, c in self.wanted.items()]
            self._line.sendall(line_of(Sealings(wanted=tuple(wanted))))

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._listen, args=(line,), daemon=True).start()

    def _listen(self, line: socket.socket) -> None:
        """One of jobs' lines: it has others for other ends."""
        decoder: LineDecoder[ToControl] = LineDecoder(ToControl)
        try:
            while received := line.recv(65536):
                for message in decoder.feed(received):
                    self._hear(message, line)
        except OSError:
            return

    def _hear(self, message: ToControl, line: socket.socket) -> None:
        with self._changed:
            match message:
                case WatchSealings():
                    self._line = line
                    self.openings += 1
                    self._list()
                case Sealed(sealed=sealed) if self.refuses_once:
                    self.refuses_once = False
                    line.sendall(line_of(Refused(key="busy", sentence="not now")))
                    self._list()
                case Sealed(sealed=sealed):
                    self.told.append(sealed)
                    self.wanted.pop(sealed.recording, None)
                    line.sendall(line_of(Done()))
            self._changed.notify_all()


def journal_of(*recordings: str, packets: int = 100, first: int = 0) -> bytes:
    """Both sides of several calls at once, as one worker writes them."""
    count = 2 * len(recordings)
    tracks = np.concatenate(
        [
            track_of(RecordingId(name), channel, Codec.PCMA)
            for name in recordings
            for channel in Channel
        ]
    )
    rng = np.random.default_rng(5)
    ticks = []
    for number in range(first, first + packets):
        rows = rows_of(
            tracks,
            payload=rng.integers(0, 256, (count, 160), dtype=np.uint8),
            length=np.full(count, 160),
            timestamp=np.full(count, number * 160),
            sequence=np.full(count, number & 0xFFFF),
            ssrc=np.arange(count),
            arrival_us=5_000_000 + number * 20_000,
        )
        ticks.append(rows.tobytes())
    return b"".join(ticks)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths(tmp_path)
    made.make()
    return made


@contextmanager
def control(paths: Paths, *wanted: str) -> Iterator[ControlStandIn]:
    stand_in = ControlStandIn(paths.control_socket, *wanted)
    try:
        yield stand_in
    finally:
        stand_in.stop()


def turns_until(sealer: Sealer, stand_in: ControlStandIn, count: int) -> None:
    limit = time.monotonic() + 20
    while len(stand_in.told) < count and time.monotonic() < limit:
        sealer.turn(wait=0.05)
    assert len(stand_in.told) >= count


def expected_wav(paths: Paths, recording: str) -> bytes:
    rows = np.concatenate([read_rows(path.read_bytes()) for path in paths.frames.glob("*.lhf")])
    made = assembled(rows[rows["track"]["recording"] == recording.encode()])
    assert made is not None
    return made.wav


def test_a_finished_call_becomes_a_file_with_its_proof(paths: Paths) -> None:
    (paths.frames / "0-1000.lhf").write_bytes(journal_of("r-1", "r-2"))
    with control(paths) as stand_in:
        sealer = Sealer(paths)
        sealer.turn(wait=0.1)
        stand_in.want("r-2")
        asked = time.monotonic()
        turns_until(sealer, stand_in, 1)
        assert time.monotonic() - asked < 2.0
        sealer.close()
    [told] = stand_in.told
    wav = (paths.recordings / told.file).read_bytes()
    assert wav == expected_wav(paths, "r-2")
    assert (told.recording, told.call, told.seconds) == ("r-2", "call-of-r-2", 2.0)
    assert told.sha256 == hashlib.sha256(wav).hexdigest()
    assert told.missing_frames == 0
    sidecar = json.loads((paths.recordings / told.file).with_suffix(".json").read_text())
    assert sidecar["call"] == "call-of-r-2"
    assert sidecar["sha256"] == told.sha256
    assert sidecar["sealed_at"] - sidecar["began_at"] >= 1.9
    assert told.file.startswith(time.strftime("%Y-%m-%d/", time.localtime(sidecar["began_at"])))
    assert not list(paths.recordings.glob("*/r-1.*")), "only what is wanted is sealed"


def test_a_recording_that_goes_over_several_journals_is_one_file(paths: Paths) -> None:
    (paths.frames / "0-1000.lhf").write_bytes(journal_of("a", packets=30))
    (paths.frames / "0-2000.lhf").write_bytes(journal_of("b", "a", packets=30, first=30))
    with control(paths, "a") as stand_in:
        sealer = Sealer(paths)
        turns_until(sealer, stand_in, 1)
        sealer.close()
    assert stand_in.told[0].seconds == 60 * 0.02


def test_rows_written_after_the_first_look_are_in_the_file(paths: Paths) -> None:
    whole = journal_of("a", packets=200)
    cut = 150 * WIDTH * 2 + 77
    journal = paths.frames / "0-1000.lhf"
    journal.write_bytes(whole[:cut])
    with control(paths) as stand_in:
        sealer = Sealer(paths)
        sealer.turn(wait=0.05)
        with journal.open("ab") as file:
            file.write(whole[cut:])
        stand_in.want("a")
        turns_until(sealer, stand_in, 1)
        sealer.close()
    assert stand_in.told[0].seconds == 4.0
    assert (paths.recordings / stand_in.told[0].file).read_bytes() == expected_wav(paths, "a")


def test_a_refused_recording_without_audio_is_told_as_nothing(paths: Paths) -> None:
    with control(paths, "never") as stand_in:
        sealer = Sealer(paths)
        turns_until(sealer, stand_in, 1)
        sealer.close()
    [told] = stand_in.told
    assert (told.file, told.seconds, told.sha256) == ("", 0.0, "")


def test_a_name_that_is_no_name_touches_no_file(paths: Paths) -> None:
    with control(paths, "../../etc/passwd") as stand_in:
        sealer = Sealer(paths)
        turns_until(sealer, stand_in, 1)
        sealer.close()
    assert stand_in.told[0].file == ""
    assert list(paths.recordings.iterdir()) == []


def test_control_that_forgot_is_told_again_from_the_sidecar(paths: Paths) -> None:
    journal = paths.frames / "0-1000.lhf"
    journal.write_bytes(journal_of("a"))
    sealer = Sealer(paths)
    with control(paths, "a") as before:
        turns_until(sealer, before, 1)
    journal.unlink()
    with control(paths, "a") as after:
        turns_until(sealer, after, 1)
    sealer.close()
    assert after.told == before.told


def test_control_that_refuses_is_told_again(paths: Paths) -> None:
    (paths.frames / "0-1000.lhf").write_bytes(journal_of("a"))
    with control(paths, "a") as stand_in:
        stand_in.refuses_once = True
        sealer = Sealer(paths)
        turns_until(sealer, stand_in, 1)
        sealer.close()
    assert stand_in.told[0].seconds == 2.0


def test_a_store_that_refuses_keeps_the_recording_wanted(paths: Paths) -> None:
    journal = paths.frames / "0-1000.lhf"
    journal.write_bytes(journal_of("a"))
    obstacle = paths.recordings / time.strftime("%Y-%m-%d")
    obstacle.write_text("a file where the day's folder should be")
    with control(paths, "a") as stand_in:
        sealer = Sealer(paths)
        for _ in range(5):
            sealer.turn(wait=0.05)
        sealer.close()
        assert stand_in.told == []
        assert journal.exists()
        obstacle.unlink()
        sealer = Sealer(paths)
        turns_until(sealer, stand_in, 1)
        sealer.close()
    assert stand_in.told[0].seconds == 2.0


def test_a_journal_goes_when_all_in_it_is_sealed_and_no_worker_writes_it(paths: Paths) -> None:
    spent, newest = paths.frames / "0-1000.lhf", paths.frames / "0-2000.lhf"
    held, fresh = paths.frames / "1-1000.lhf", paths.frames / "1-2000.lhf"
    for path, name in ((spent, "a"), (newest, "a"), (held, "b"), (fresh, "a")):
        path.write_bytes(journal_of(name))
    long_ago = time.time() - SPENT_AFTER - 60
    for age, path in enumerate((newest, spent, held)):
        os.utime(path, (long_ago - age, long_ago - age))
    with control(paths, "a") as stand_in:
        first = Sealer(paths)
        turns_until(first, stand_in, 1)
        first.close()
        # A restarted process finds by the sidecar that "a" holds nothing any longer.
        second = Sealer(paths)
        second.turn(wait=0.05)
        second.close()
    assert sorted(path.name for path in paths.frames.iterdir()) == [
        "0-2000.lhf",
        "1-1000.lhf",
        "1-2000.lhf",
    ]


def test_a_recording_that_nobody_asks_for_is_sealed_after_a_day(paths: Paths) -> None:
    journal = paths.frames / "0-1000.lhf"
    journal.write_bytes(journal_of("lost"))
    (paths.frames / "0-2000.lhf").write_bytes(b"")
    two_days_ago = time.time() - 2 * 86400
    os.utime(journal, (two_days_ago, two_days_ago))
    sealer = Sealer(paths)
    sealer.turn(wait=0)
    sealer.close()
    [sidecar] = paths.recordings.glob("*/lost.json")
    assert json.loads(sidecar.read_text())["seconds"] == 2.0
    assert sidecar.parent.name == time.strftime("%Y-%m-%d", time.localtime(two_days_ago - 2))
    assert not journal.exists()


def test_the_index_reads_each_byte_once(paths: Paths) -> None:
    journal = paths.frames / "0-1000.lhf"
    index = FrameIndex(paths.frames)
    total = b""
    for first in range(0, 500, 50):
        piece = journal_of("a", "b", packets=50, first=first)
        total += piece
        with journal.open("ab") as file:
            file.write(piece)
        index.scan()
    [file] = index.files.values()
    offsets = np.sort(np.concatenate([piece for own in file.held.values() for piece in own]))
    assert offsets.tolist() == list(range(0, len(total), WIDTH))
    assert len(index.rows_of("a")) == len(index.rows_of("b")) == 1000


@pytest.mark.fault
def test_killed_at_any_moment_and_run_again_the_files_are_the_same(paths: Paths) -> None:
    names = [f"r-{number}" for number in range(40)]
    (paths.frames / "0-1000.lhf").write_bytes(journal_of(*names, packets=250))
    expected = {name: expected_wav(paths, name) for name in names}
    rng = random.Random(9)
    kills = 0
    environment = {**os.environ, "LINGHE_DATA": str(paths.root)}
    command = [sys.executable, "-m", "appliance.daemons.jobs"]
    with control(paths, *names) as stand_in:
        while stand_in.wanted and kills < 60:
            openings, told = stand_in.openings, len(stand_in.told)
            jobs = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
            try:
                # Kill it once it has told a few more, then a little into the next.
                limit = time.monotonic() + 20
                while stand_in.openings == openings and time.monotonic() < limit:
                    time.sleep(0.005)
                if kills < 4:
                    stand_in.wait_until_told(min(told + rng.randrange(1, 4), len(names)))
                    time.sleep(rng.uniform(0, 0.02))
                else:
                    stand_in.wait_until_told(len(names))
            finally:
                jobs.send_signal(signal.SIGKILL)
                jobs.wait()
            kills += 1
    assert kills >= 5
    assert {told.recording for told in stand_in.told} == set(names)
    for told in stand_in.told:
        wav = (paths.recordings / told.file).read_bytes()
        assert wav == expected[told.recording]
        assert hashlib.sha256(wav).hexdigest() == told.sha256
    assert len(list(paths.recordings.glob("*/*.wav"))) == len(names)


def test_it_stops_in_order_when_told_to(paths: Paths) -> None:
    environment = {**os.environ, "LINGHE_DATA": str(paths.root)}
    with control(paths) as stand_in:
        jobs = subprocess.Popen(
            [sys.executable, "-m", "appliance.daemons.jobs"],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        limit = time.monotonic() + 20
        while stand_in.openings == 0 and time.monotonic() < limit:
            time.sleep(0.01)
        jobs.terminate()
        _, said = jobs.communicate(timeout=10)
    assert jobs.returncode == 0, said
    assert "Traceback" not in said
