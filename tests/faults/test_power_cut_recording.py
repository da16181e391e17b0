"""The power goes while calls are recorded: at most the last second is lost, the rest is readable.

The media worker's own recorder writes in real time under strace; ../shared/tools/powercut.py
makes disks as they may look afterwards (everything since the last sync kept, dropped or torn by
sector). What it is started with here is this file itself, as a program.

Beside it the box's mark of life is written, by which the ledger ends the talk: it may not be far
from the recording's end on any of those disks.
"""

import importlib.util
import queue
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from appliance.engines.recording.assembly import assembled
from appliance.engines.recording.frames import Rows, read_rows

POWERCUT = Path(__file__).parents[3] / "shared" / "tools" / "powercut.py"
LEGS = 20
SECONDS = 5.0
IMAGES = 300

pytestmark = [
    pytest.mark.alone,
    pytest.mark.fault,
    pytest.mark.skipif(not POWERCUT.exists(), reason="../shared/tools/powercut.py is not there"),
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]


def record(folder: Path) -> None:
    """Be a media worker that records ten calls for a while, and is never closed."""
    from appliance.daemons.control.alive_mark import AliveMark
    from appliance.daemons.media.recorder import Recorder
    from appliance.engines.media.engine import Tracked
    from appliance.engines.media.legs import Leg
    from appliance.engines.media.rtp import Batch
    from appliance.vocabulary.audio import Channel, Codec, FarEnd, LegAudio, Track
    from appliance.vocabulary.ids import CallId, Instant, LegId, RecordingId

    recorder = Recorder(folder, 0, np.zeros((LEGS, 40), np.uint8), np.zeros(LEGS, np.bool_))
    for place in range(LEGS):
        call, leg = CallId(f"c-{place // 2}"), LegId(f"l-{place}")
        track = Track(recording=RecordingId(f"r-{place // 2}"), channel=list(Channel)[place % 2])
        far = FarEnd(address="127.0.0.1", port=4000, codec=Codec.PCMA, payload_type=8)
        audio = LegAudio(leg=leg, call=call, version=1, far=far, track=track)
        recorder.track(place, Leg(leg=leg, call=call, place=place, port=5000, audio=audio))
    recorder.start()
    batch, places = Batch(LEGS), np.arange(LEGS)
    batch.filled(list(range(LEGS)), [172] * LEGS)
    batch.payload[:, :160] = np.arange(160)
    begin = time.monotonic()
    mark, marks = AliveMark(folder / "alive"), queue.SimpleQueue[float | None]()
    marking = threading.Thread(target=lambda: _write_marks(mark, marks))
    marking.start()
    for number in range(int(SECONDS * 50)):
        time.sleep(max(0.0, begin + number * 0.02 - time.monotonic()))
        if number % 50 == 0:
            marks.put(time.monotonic())
        batch.sequence[:] = number
        batch.timestamp[:] = number * 160
        tracked = Tracked(places, places, np.full(LEGS, 160))
        failure = recorder.write(batch, tracked, Instant(time.monotonic()))
        if failure is not None:
            marks.put(None)
            sys.exit(failure)
    marks.put(None)
    marking.join()


def _write_marks(mark: Any, marks: "queue.SimpleQueue[float | None]") -> None:
    """Be the ledger's thread."""
    while (at := marks.get()) is not None:
        mark.write(at)


def _powercut() -> Any:
    spec = importlib.util.spec_from_file_location("powercut", POWERCUT)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    arguments, sys.argv = sys.argv, ["powercut.py"]
    try:
        spec.loader.exec_module(tool)
    finally:
        sys.argv = arguments
    return tool


def _without_duplicates(trace: str) -> str:
    """Put calls that were interrupted in one line, and name a duplicated descriptor by its
    original: the tool knows only what was opened."""
    original: dict[str, str] = {}
    begun: dict[str, str] = {}
    lines = []
    for line in trace.splitlines():
        thread, _, call = line.partition(" ")
        if call.endswith("<unfinished ...>"):
            begun[thread] = line.removesuffix("<unfinished ...>").rstrip()
            continue
        resumed = re.search(r"<\.\.\. \w+ resumed>(.*)$", call)
        if resumed:
            # strace pads the answer into a column, which the tool does not expect of openat
            line = begun.pop(thread, thread + " ") + re.sub(r"\)\s+= ", ") = ", resumed[1])
        duplicated = re.search(r"fcntl\((\d+), F_DUPFD_CLOEXEC, \d+\)\s+= (\d+)", line)
        if duplicated:
            original[duplicated[2]] = duplicated[1]
            continue
        synced = re.search(r"(fdatasync|close)\((\d+)", line)
        if synced and synced[2] in original:
            if synced[1] == "close":
                del original[synced[2]]
                continue
            line = line.replace(f"fdatasync({synced[2]}", f"fdatasync({original[synced[2]]}")
        lines.append(line)
    return "\n".join(lines)


def test_a_power_cut_costs_at_most_the_last_second(tmp_path: Path) -> None:
    folder, trace = tmp_path / "frames", tmp_path / "trace"
    folder.mkdir()
    calls = "trace=openat,write,pwrite64,fdatasync,fsync,ftruncate,close,unlink,fcntl"
    subprocess.run(
        ["strace", "-f", "-xx", "-s", "200000", "-e", calls, "-o", str(trace),
         sys.executable, __file__, str(folder)],
        check=True, timeout=60,
    )  # fmt: skip
    trace.write_text(_without_duplicates(trace.read_text(errors="replace")))
    tool = _powercut()
    operations = tool.parse(str(trace), str(folder))
    writes = [place for place, operation in enumerate(operations) if operation[0] == "a"]
    syncs = [
        place
        for place, operation in enumerate(operations)
        if operation[0] == "s" and not operation[1].endswith("alive")
    ]
    assert len(writes) == SECONDS * 50
    assert len(syncs) >= SECONDS * 2 * 0.6, "the sync thread did not keep its rhythm"
    rng = random.Random(20261121)
    cuts = [rng.randrange(writes[0] + 1, len(operations) + 1) for _ in range(IMAGES)]
    images = [_what_is_left(operations, cut, tool.crash, rng) for cut in cuts]
    worst = max(lost for lost, _ in images)
    apart = max(apart for _, apart in images)
    slowest = _longest_without_sync(operations, syncs)
    print(
        f"{IMAGES} power cuts: worst loss {worst:.2f} s, mark and recording {apart:.2f} s apart, "
        f"a disk that took {slowest:.2f} s once"
    )
    # A disk that others keep busy syncs late, and no program can be faster than it.
    assert worst <= max(1.0, slowest + 0.02)
    assert apart <= max(2.0, slowest + 1.02)


def _longest_without_sync(operations: list[Any], syncs: list[int]) -> float:
    """Return how many seconds of rows at most lie between two completed syncs."""
    ends = [0, *syncs, len(operations)]
    spans = []
    for begin, end in zip(ends, ends[1:], strict=False):
        written = b"".join(one[2] for one in operations[begin:end] if one[0] == "a")
        rows = read_rows(written)
        if len(rows):
            spans.append(float(rows["arrival_us"].max() - rows["arrival_us"].min()) / 1e6)
    return max(spans)


def _what_is_left(
    operations: list[Any], upto: int, crash: Callable[..., Any], rng: random.Random
) -> tuple[float, float]:
    """Cut the power; read what is left; return how old the oldest lost row was, and how far the
    mark of life is from the recording's end."""
    files, _, _ = crash(operations, upto, rng)
    mark = next((image for name, image in files.items() if name.endswith("alive")), b"")
    files = {name: image for name, image in files.items() if not name.endswith("alive")}
    written = read_rows(b"".join(one[2] for one in operations[:upto] if one[0] == "a"))
    left: Rows = np.concatenate([read_rows(image) for image in files.values()])
    assert np.isin(_names(left), _names(written)).all(), "a row was read that nobody wrote"
    lost = written[~np.isin(_names(written), _names(left))]
    for recording in np.unique(left["track"]["recording"]):
        made = assembled(left[left["track"]["recording"] == recording])
        assert made is not None
        assert made.wav.startswith(b"RIFF")
    ended = float(left["arrival_us"].max()) / 1e6 if len(left) else None
    # Before the first of either there is nothing to compare: the ledger goes by its last entry.
    apart = abs(ended - float(mark)) if ended is not None and mark.strip() else 0.0
    if not len(lost):
        return 0.0, apart
    return float(written["arrival_us"].max() - lost["arrival_us"].min()) / 1e6, apart


def _names(rows: Rows) -> Any:
    """The check words: one for each different row."""
    return rows["check"]


if __name__ == "__main__":
    record(Path(sys.argv[1]))
