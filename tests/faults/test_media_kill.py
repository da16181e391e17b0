"""kill -9 of the media worker in the middle of calls: what the people in them notice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lane import free_rtp_ports
from rtp_far_end import MediaLink, RtpFarEnd, worker_environment
from running_box import free_port

from appliance.engines.recording.frames import read_rows
from appliance.vocabulary.audio import Channel, LegAudio, PeerAudio, Track
from appliance.vocabulary.commands import SetAudio
from appliance.vocabulary.ids import CallId, LegId, RecordingId
from appliance.wire.media import FiguresAsked, WorkerFigures

CALLS = 10
LEGS = 2 * CALLS
KILLS = 5
BETWEEN_KILLS = 0.613
PACKET_SECONDS = 0.02
LATE_SECONDS = 5.0
"""So much later may the last kill come, on a machine where a new worker is long in coming."""
IN_FLIGHT_SECONDS = 0.05
"""A packet that was read and not yet sent when the kill came was sent to us just before it."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    fakes = Path(__file__).parent.parent / "fakes"
    ports = {"LINGHE_SIP_PORT": str(free_port()), "LINGHE_HTTP_PORT": str(free_port())}
    command = [sys.executable, str(fakes / "rtp_supervised.py")]
    environment = worker_environment(tmp_path, LINGHE_RTP_PORTS=free_rtp_ports(), **ports)
    supervisor = subprocess.Popen(command, env=environment)
    # The far ends need a core of their own: the worker runs before them, and a far end that
    # cannot speak would be taken for a gap.
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(supervisor.pid, cores[:1])
        os.sched_setaffinity(0, cores[1:])
    yield tmp_path
    os.sched_setaffinity(0, cores)
    supervisor.terminate()
    supervisor.wait()


class Calls:
    """Far ends that speak and listen, and when they heard what."""

    def __init__(self, link: MediaLink) -> None:
        self.ends = [RtpFarEnd(ssrc=1000 + leg) for leg in range(LEGS)]
        self.ports = [link.claim(f"leg{leg}") for leg in range(LEGS)]
        self.sent_at: dict[bytes, float] = {}
        self.heard_at: list[list[tuple[float, bytes, int]]] = [[] for _ in range(LEGS)]
        self._number = 0
        for leg, end in enumerate(self.ends):
            link.say(SetAudio(audio=self._audio(leg, end)))

    def _audio(self, leg: int, end: RtpFarEnd) -> LegAudio:
        channel = Channel.AGENT if leg % 2 else Channel.CALLER
        return LegAudio(
            leg=LegId(f"leg{leg}"),
            call=CallId(f"call{leg // 2}"),
            version=1,
            far=end.far(),
            hears=PeerAudio(leg=LegId(f"leg{leg ^ 1}")),
            track=Track(recording=RecordingId(f"recording{leg // 2}"), channel=channel),
        )

    def speak(self) -> None:
        """One packet from everybody."""
        self._number += 1
        for leg, end in enumerate(self.ends):
            content = leg.to_bytes(4, "big") + self._number.to_bytes(4, "big") + b"\x55" * 152
            self.sent_at[content] = time.monotonic()
            end.say(self.ports[leg], content)

    def listen(self) -> None:
        """Note what came, and when."""
        for leg, end in enumerate(self.ends):
            now, known = time.monotonic(), len(end.heard)
            self.heard_at[leg] += [(now, p.payload, p.sequence) for p in end.listen()[known:]]

    def talk(self, seconds: float, kills: list[float], pid_file: Path) -> list[float]:
        """Let everybody talk; kill at these times after the beginning; return when it was."""
        begin = time.monotonic()
        due, killed = list(kills), []
        spoken, before = 0, 0
        while (now := time.monotonic() - begin) < seconds or (due and now < seconds + LATE_SECONDS):
            if now >= spoken * PACKET_SECONDS:
                self.speak()
                spoken += 1
            if due and now >= due[0] and (pid := _who_lives(pid_file, before)):
                due.pop(0)
                before = pid
                os.kill(pid, signal.SIGKILL)
                killed.append(time.monotonic())
            self.listen()
            time.sleep(0.001)
        return killed


def _who_lives(pid_file: Path, before: int) -> int:
    """Return the worker to be killed; 0 as long as the supervisor has not noted the next one."""
    pid = int(pid_file.read_text() or 0)
    if pid == before or not Path(f"/proc/{pid}").exists():
        return 0
    return pid


@pytest.mark.alone
@pytest.mark.fault
def test_people_in_calls_lose_no_packet_when_the_media_worker_is_killed(
    folder: Path, measured: Callable[[str], None]
) -> None:
    link = MediaLink(folder / "run/media-0.sock", within=20)
    calls = Calls(link)
    link.say(FiguresAsked())
    link.wait_for(lambda event: isinstance(event, WorkerFigures))
    link.close()
    kills = [0.5 + number * BETWEEN_KILLS for number in range(KILLS)]
    killed = calls.talk(kills[-1] + 1.0, kills, folder / "run/media-0.pid")
    until = time.monotonic() + 2.0
    while sum(map(len, calls.heard_at)) < len(calls.sent_at) and time.monotonic() < until:
        calls.listen()
        time.sleep(0.01)

    heard = {content for leg in calls.heard_at for _, content, _ in leg}
    lost = [content for content in calls.sent_at if content not in heard]
    gaps = [
        later[0] - earlier[0]
        for leg in calls.heard_at
        for earlier, later in zip(leg, leg[1:], strict=False)
    ]
    rows = [read_rows(path.read_bytes()) for path in sorted(folder.glob("frames/*.lhf"))]
    recorded = {row.tobytes() for journal in rows for row in journal["payload"]}
    measured(
        f"{len(killed)} kills, {CALLS} calls: {len(lost)} of {len(calls.sent_at)} packets "
        f"lost, worst gap {max(gaps) * 1000:.0f} ms (20 is none, goal 100), "
        f"{len(heard - recorded)} of {len(heard)} heard frames missing from the recording"
    )
    assert len(killed) == KILLS
    assert not heard - recorded, "something was heard that the recording does not have"
    assert all(
        any(0 <= kill - calls.sent_at[content] <= IN_FLIGHT_SECONDS for kill in killed)
        for content in lost
    ), "packets were lost that were not in flight at a kill"
    assert len(lost) <= KILLS * LEGS // 4
    for leg in calls.heard_at:
        assert [
            (later - earlier) & 0xFFFF
            for (_, _, earlier), (_, _, later) in zip(leg, leg[1:], strict=False)
        ] == [
            int.from_bytes(later[4:8], "big") - int.from_bytes(earlier[4:8], "big")
            for (_, earlier, _), (_, later, _) in zip(leg, leg[1:], strict=False)
        ], "sequence numbers must go on as if nothing had happened"
