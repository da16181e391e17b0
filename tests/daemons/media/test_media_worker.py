"""The media worker as a process: over real sockets, spoken to as call control speaks to it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lane import RTP_BLOCK, free_rtp_ports
from msgspec.structs import replace
from rtp_far_end import MediaLink, RtpFarEnd, start_worker

from appliance.engines.recording.frames import read_rows
from appliance.vocabulary.audio import (
    Channel,
    Echo,
    FarEnd,
    Hears,
    LegAudio,
    PeerAudio,
    Playlist,
    Silence,
    Track,
)
from appliance.vocabulary.commands import ClaimAudio, ReleaseAudio, SetAudio
from appliance.vocabulary.events import (
    AudioClaimed,
    AudioRefused,
    DigitHeard,
    PlayEnded,
    RecordingStarted,
)
from appliance.vocabulary.ids import (
    CallId,
    Instant,
    LegId,
    PlayId,
    PromptHash,
    RecordingId,
)
from appliance.wire.media import FiguresAsked, Sync, TrackClosed, WorkerFigures

PROMPT = PromptHash("ab" * 32)


class Box:
    """A worker, and control's link to it."""

    def __init__(self, folder: Path, **more: str) -> None:
        self.folder = folder
        (folder / "prompts").mkdir(exist_ok=True)
        (folder / "prompts" / f"{PROMPT}.alaw").write_bytes(b"\x2a" * 800)
        ports = more.setdefault("LINGHE_RTP_PORTS", free_rtp_ports())
        self.ports = range(*map(int, ports.split("-")))
        self.worker: subprocess.Popen[bytes] = start_worker(folder, **more)
        self.link = MediaLink(folder / "run/media-0.sock")

    def set(self, name: str, far: FarEnd | None, hears: Hears, **more: object) -> None:
        wanted: dict[str, object] = {"version": 1, "track": None, **more}
        self.link.say(
            SetAudio(
                audio=LegAudio(
                    leg=LegId(name),
                    call=CallId("call"),
                    far=far,
                    hears=hears,
                    **wanted,
                )
            )
        )

    def figures(self) -> WorkerFigures:
        """Ask for figures: by then all that was said before is done."""
        self.link.say(FiguresAsked())
        figures = self.link.wait_for(lambda event: isinstance(event, WorkerFigures))
        assert isinstance(figures, WorkerFigures)
        return figures

    def call_again(self) -> None:
        """Control dies and comes back."""
        self.link.close()
        self.link = MediaLink(self.folder / "run/media-0.sock")

    def end(self) -> None:
        self.link.close()
        self.worker.kill()
        self.worker.wait()


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path)
    yield made
    made.end()


def until(condition: Callable[[], bool], within: float = 5.0) -> None:
    """Wait for what other processes do."""
    limit = time.monotonic() + within
    while not condition():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.002)


def track(channel: Channel = Channel.CALLER) -> Track:
    return Track(recording=RecordingId("recording"), channel=channel)


def test_a_claim_is_answered_with_an_even_port_and_the_same_one_again(box: Box) -> None:
    port = box.link.claim("a")
    assert port % 2 == 0
    assert port in box.ports
    assert box.link.claim("b") != port
    assert box.link.claim("a") == port


def test_a_leg_too_many_is_refused_and_a_released_one_makes_room(box: Box) -> None:
    legs = [LegId(f"leg{number}") for number in range(RTP_BLOCK // 2 + 1)]
    box.link.say(*(ClaimAudio(leg=leg, call=CallId("call")) for leg in legs))
    refused = box.link.wait_for(lambda event: isinstance(event, AudioRefused), within=20)
    assert isinstance(refused, AudioRefused)
    assert refused.leg == legs[-1]
    box.link.say(ReleaseAudio(leg=legs[0]))
    assert box.link.claim(legs[-1]) > 0


def test_two_people_talk_and_are_recorded(box: Box) -> None:
    caller, agent = RtpFarEnd(ssrc=1), RtpFarEnd(ssrc=2)
    to_caller, to_agent = box.link.claim("caller"), box.link.claim("agent")
    box.set("caller", caller.far(), PeerAudio(leg=LegId("agent")), track=track())
    box.set("agent", agent.far(), PeerAudio(leg=LegId("caller")), track=track(Channel.AGENT))
    box.figures()
    for number in range(20):
        caller.say(to_caller, bytes([number]) * 160)
        agent.say(to_agent, bytes([100 + number]) * 160)
    until(lambda: len(agent.listen()) == 20 and len(caller.listen()) == 20)
    assert [p.payload[0] for p in agent.heard] == list(range(20))
    assert [p.payload[0] for p in caller.heard] == list(range(100, 120))
    box.link.wait_for(lambda event: isinstance(event, RecordingStarted))
    box.link.say(ReleaseAudio(leg=LegId("caller")))
    closed = box.link.wait_for(lambda event: isinstance(event, TrackClosed))
    assert closed == TrackClosed(leg=LegId("caller"), recording="recording")
    [journal] = (box.folder / "frames").glob("0-*.lhf")
    rows = read_rows(journal.read_bytes())
    assert sorted(rows["payload"][:, 0].tolist()) == [*range(20), *range(100, 120)]
    assert set(rows["track"]["recording"]) == {b"recording"}


def test_packets_of_60_ms_are_recorded_to_their_last_byte(box: Box) -> None:
    caller = RtpFarEnd(frame=480)
    port = box.link.claim("caller")
    box.set("caller", caller.far(), Echo(), track=track())
    box.figures()
    said = bytes(number % 251 for number in range(480))
    for count in (1, 2, 3):
        caller.say(port, said)
        until(lambda count=count: len(caller.listen()) == count)
    [journal] = (box.folder / "frames").glob("0-*.lhf")
    rows = read_rows(journal.read_bytes())
    assert rows["payload"].tobytes() == 3 * said


def test_a_prompt_comes_from_its_file_in_time(box: Box) -> None:
    caller = RtpFarEnd()
    box.link.claim("caller")
    now = Instant(time.monotonic())
    hears = Playlist(play=PlayId("p"), prompts=(PROMPT,), since=now)
    box.set("caller", caller.far(), hears)
    box.link.wait_for(lambda event: event == PlayEnded(leg=LegId("caller"), play=PlayId("p")))
    assert b"".join(p.payload for p in caller.listen()) == b"\x2a" * 800


def test_strangers_are_refused_and_get_nothing_back(box: Box) -> None:
    caller, stranger = RtpFarEnd(), RtpFarEnd(address="127.0.0.66", ssrc=666)
    port = box.link.claim("caller")
    box.set("caller", caller.far(), Echo(), track=track())
    box.figures()
    for _ in range(5):
        stranger.say(port, b"\x66" * 160)
    caller.say(port)
    until(lambda: len(caller.listen()) == 1)
    for _ in range(5):
        stranger.say(port, b"\x66" * 160)
    for _ in range(3):
        caller.say(port)
    until(lambda: len(caller.listen()) == 4)
    # Those behind the lock are dropped by the system, unseen and uncounted.
    assert 5 <= box.figures().packets_refused <= 10
    assert not stranger.listen()
    assert box.figures().recorded_frames == 4


def test_a_far_end_set_anew_is_heard_from_its_new_port_and_no_longer_from_the_old(box: Box) -> None:
    before, after = RtpFarEnd(ssrc=1), RtpFarEnd(ssrc=2)
    port = box.link.claim("caller")
    box.set("caller", before.far(), Echo())
    box.figures()
    for count in (1, 2, 3):
        before.say(port)
        until(lambda count=count: len(before.listen()) == count)
    box.set("caller", after.far(), Echo(), version=2)
    box.figures()
    for count in (1, 2, 3):
        after.say(port)
        until(lambda count=count: len(after.listen()) == count)
        before.say(port)
    ticks = box.figures().ticks
    until(lambda: box.figures().ticks > ticks + 3)
    assert len(before.listen()) == 3
    assert len(after.listen()) == 3
    assert box.figures().packets_in == 6


def test_behind_nat_the_signallings_address_is_learnt_and_then_nobody_else_is_heard(
    box: Box,
) -> None:
    inside, phone = RtpFarEnd(address="127.0.0.7"), RtpFarEnd(ssrc=2)
    port = box.link.claim("caller")
    far = replace(inside.far(), signalling_address=phone.address)
    box.set("caller", far, Echo())
    box.figures()
    for count in range(1, 9):
        phone.say(port)
        until(lambda count=count: len(phone.listen()) == count)
    inside.say(port)
    phone.say(port)
    until(lambda: len(phone.listen()) == 9)
    assert not inside.listen()


def test_a_far_end_that_listens_elsewhere_than_it_speaks_from_is_served(box: Box) -> None:
    ears, mouth = RtpFarEnd(), RtpFarEnd(ssrc=2)
    port = box.link.claim("caller")
    box.set("caller", ears.far(), Echo())
    box.figures()
    for count in range(1, 5):
        mouth.say(port)
        until(lambda count=count: len(ears.listen()) == count)


def test_a_machine_of_several_addresses_is_heard_at_each(tmp_path: Path) -> None:
    box = Box(tmp_path, LINGHE_BIND="0.0.0.0")
    caller = RtpFarEnd()
    try:
        port = box.link.claim("caller")
        box.set("caller", caller.far(), Echo())
        box.figures()
        for count in range(1, 6):
            # The system would answer from 127.0.0.1: connected to that, it would hear nothing.
            caller.say(port, to="127.0.0.9")
            until(lambda count=count: len(caller.listen()) == count)
    finally:
        box.end()


def test_media_goes_on_without_control_and_keeps_the_news_for_it(box: Box) -> None:
    caller = RtpFarEnd()
    port = box.link.claim("caller")
    now = Instant(time.monotonic())
    hears = Playlist(play=PlayId("p"), prompts=(PROMPT,), since=now, loop=True)
    box.set("caller", caller.far(), hears)
    box.figures()
    box.link.close()
    known = len(caller.listen())
    caller.press(port, 7, timestamp=1)
    until(lambda: len(caller.listen()) > known + 3)
    box.link = MediaLink(box.folder / "run/media-0.sock")
    digit = box.link.wait_for(lambda event: isinstance(event, DigitHeard))
    assert isinstance(digit, DigitHeard)
    assert digit.digit == "7"
    assert box.link.claim("caller") == port


def test_a_control_that_was_killed_is_told_again_what_it_may_have_missed(box: Box) -> None:
    box.link.claim("caller")
    hears = Playlist(play=PlayId("p"), prompts=(PROMPT,), since=Instant(time.monotonic()))
    box.set("caller", RtpFarEnd().far(), hears)
    box.link.wait_for(lambda event: isinstance(event, PlayEnded))
    far = RtpFarEnd().far()
    box.set("caller", far, hears, version=2)
    box.figures()
    assert not any(isinstance(event, PlayEnded) for event in box.link.events), "told already"
    box.call_again()
    box.set("caller", far, hears, version=2)
    box.link.wait_for(lambda event: isinstance(event, PlayEnded))


def test_sync_drops_the_legs_it_does_not_name(box: Box) -> None:
    for name in ("a", "b", "c"):
        box.link.claim(name)
    box.link.say(Sync(legs=(LegId("b"),)))
    assert box.figures().legs == 1


def test_nonsense_on_the_wire_costs_its_connection_and_nothing_else(box: Box) -> None:
    caller = RtpFarEnd()
    port = box.link.claim("caller")
    box.set("caller", caller.far(), Echo())
    box.figures()
    box.link.socket.sendall(b"good morning\n")
    with pytest.raises(ConnectionError):
        for _ in range(100):
            box.link.listen(1.0)
    caller.say(port)
    until(lambda: len(caller.listen()) == 1)
    box.call_again()
    assert box.link.claim("caller") == port


def test_a_worker_that_is_stopped_and_started_takes_its_legs_up_again(tmp_path: Path) -> None:
    box = Box(tmp_path)
    caller = RtpFarEnd()
    port = box.link.claim("caller")
    box.set("caller", caller.far(), Echo())
    box.figures()
    box.worker.terminate()
    assert box.worker.wait(timeout=10) == 0
    box.link.close()
    again = Box(tmp_path)
    try:
        caller.say(port)
        until(lambda: len(caller.listen()) == 1)
        again.link.say(ClaimAudio(leg=LegId("caller"), call=CallId("call")))
        claimed = again.link.wait_for(lambda event: isinstance(event, AudioClaimed))
        assert claimed == AudioClaimed(leg=LegId("caller"), port=port)
    finally:
        again.end()


def test_a_machine_that_stops_lets_call_control_say_goodbye_first(box: Box) -> None:
    """systemd stops both at the same moment; a worker that went first would cut the goodbye off."""
    caller = RtpFarEnd()
    port = box.link.claim("caller")
    box.set("caller", caller.far(), Echo())
    box.figures()
    box.worker.terminate()
    caller.say(port)
    until(lambda: len(caller.listen()) == 1)
    box.link.say(ReleaseAudio(leg=LegId("caller")))
    assert box.worker.wait(timeout=10) == 0


def test_without_call_control_a_worker_stops_at_once_even_while_somebody_talks(box: Box) -> None:
    caller = RtpFarEnd()
    box.link.claim("caller")
    box.set("caller", caller.far(), Echo())
    box.figures()
    box.link.close()
    box.worker.terminate()
    assert box.worker.wait(timeout=10) == 0


@pytest.mark.fault
def test_a_worker_comes_back_with_its_legs_where_no_fresh_journal_can_be_made(
    tmp_path: Path,
) -> None:
    box = Box(tmp_path)
    caller = RtpFarEnd()
    port = box.link.claim("caller")
    box.set("caller", caller.far(), Echo())
    box.figures()
    box.end()
    (tmp_path / "state" / "media-0.new").mkdir()
    again = Box(tmp_path)
    try:
        caller.say(port)
        until(lambda: len(caller.listen()) == 1)
        assert again.link.claim("late") not in (0, port)
    finally:
        again.end()


def test_a_dead_far_end_does_not_disturb_the_others(box: Box) -> None:
    ends = [RtpFarEnd(ssrc=number) for number in range(3)]
    ports = [box.link.claim(f"leg{number}") for number in range(3)]
    for number, end in enumerate(ends):
        box.set(f"leg{number}", end.far(), Echo())
    box.figures()
    for _ in range(3):
        for port, end in zip(ports, ends, strict=True):
            end.say(port)
    until(lambda: all(len(end.listen()) == 3 for end in ends))
    box.set("leg0", ends[0].far(), PeerAudio(leg=LegId("leg1")), version=2)
    box.figures()
    ends[0].close()
    for _ in range(20):
        ends[1].say(ports[1])
        ends[2].say(ports[2])
    until(lambda: len(ends[1].listen()) == 23 and len(ends[2].listen()) == 23)


def test_a_full_disk_refuses_the_recording_and_not_the_call(box: Box) -> None:
    caller = RtpFarEnd()
    port = box.link.claim("caller")
    frames = box.folder / "frames"
    frames.rename(box.folder / "gone")
    box.set("caller", caller.far(), Echo(), track=track())
    box.figures()
    caller.say(port)
    until(lambda: len(caller.listen()) == 1)
    box.link.wait_for(lambda event: type(event).__name__ == "RecordingRefused")


def test_an_unknown_number_of_worker_is_refused_with_a_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "appliance.daemons.media", "--worker", "one"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "usage" in done.stderr


def test_silence_sends_nothing(box: Box) -> None:
    caller = RtpFarEnd()
    port = box.link.claim("caller")
    box.set("caller", caller.far(), Silence())
    ticks = box.figures().ticks
    caller.say(port)
    until(lambda: box.figures().ticks > ticks + 5)
    assert box.figures().packets_out == 0
