"""Hard times for the whole box: a thousand callers, phones that vanish, a disk that is full."""

import os
import shutil
import signal
import subprocess
import threading
import time
import wave
from contextlib import contextmanager

import pytest
from bakery import BAKERY, MENU, NOTICE
from baresip import Baresip
from capture import Capture
from lane import CROWDED, media_port
from raw_phone import RawPhone
from running_box import RunningBox, wait_for
from sipp import ACK, ANSWERED, BYE, WAIT_BYE, Sipp, info_digit, invite, pause, play, voice
from tone_prompts import lay, loudest, text, tone

pytestmark = pytest.mark.peer


def wav_file(folder, hertz, seconds):
    file = folder / f"tone{hertz}-{seconds}.wav"
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(tone(hertz, seconds).tobytes())
    return file


@contextmanager
def shop(folder, site, **words):
    """A box of its own, with prompts and this site."""
    folder.mkdir(mode=0o700, exist_ok=True)
    lay(
        folder,
        [
            (text("Welcome to Bread and Co. This call is recorded."), NOTICE, 1.0),
            (text("For orders press 1, for the office press 2, for Anna press 3."), MENU, 3.0),
        ],
    )
    running = RunningBox(folder, **words)
    try:
        running.start()
        running.apply(site)
        yield running
    finally:
        running.stop()


def desk(folder, box, number, says=None):
    """A desk phone at that box that answers by itself."""
    phone = Baresip(
        folder, box.sip_port, number, f"test-only-secret-of-{number}", answer="auto", says=says
    )
    wait_for(lambda: any(one.name == number and one.is_up for one in box.live().lines), 20)
    return phone


def ping(box):
    """OPTIONS from a new port; the seconds until its 200."""
    probe = RawPhone(box.sip_port, "probe", "")
    began = time.monotonic()
    probe.send(probe.request("OPTIONS", f"sip:127.0.0.1:{box.sip_port}"))
    answer = probe.final(3)
    probe.close()
    assert answer is not None and answer.status == 200, "the box does not answer OPTIONS"
    return time.monotonic() - began


def record_of(box, number):
    found = [
        one
        for one in box.linghe_json("calls", "--number", number, "--limit", "500")
        if one["caller"]["number"] == number and one["ended"]
    ]
    return found[0] if found else None


# --- too many -----------------------------------------------------------------------------------
PRESS_1 = info_digit("1", 2)


def seconds_to_answer(box):
    """As `ping`, five times a second at most: 200 would be a flood, and are not answered."""
    time.sleep(0.2)
    return ping(box)


@pytest.mark.alone
@pytest.mark.slow
@pytest.mark.timeout(240)
def test_1000_callers_at_2_agents_are_all_answered_and_counted_once(tmp_path, carrier_port):
    site = BAKERY.replace("port = 5090", f"port = {carrier_port}")
    site = site.replace('id = "orders"', 'id = "orders"\nmax_waiting = 1000')
    with shop(tmp_path / "crowded", site, rtp=CROWDED) as box:
        agents = [desk(tmp_path, box, number) for number in ("8001", "8002")]
        callers = Sipp(
            tmp_path, box.sip_port, invite("02188886666", caller="1390009[call_number]"),
            ANSWERED, ACK, pause(2000), PRESS_1, pause(34000), BYE.replace("CSeq: 2", "CSeq: 3"),
            calls=1000, rate=50, extra=["-l", "1000"],
        )  # fmt: skip
        try:
            slowest, most = 0.0, 0
            while callers.process.poll() is None:
                slowest = max(slowest, seconds_to_answer(box))
                most = max(most, sum(one.waiting for one in box.live().queues))
            callers.finish()
            assert all(agent.has("CALL_ESTABLISHED") for agent in agents)
        finally:
            callers.stop()
            for agent in agents:
                agent.stop()
        assert most > 950
        assert slowest < 2.0
        calls = wait_for(lambda: counted(box, 1000), 30, "1000 calls in the ledger")
        assert len({one["line_call"] for one in calls}) == len(calls) == 1000
        outcomes = [one["outcome"] for one in calls]
        assert set(outcomes) == {"answered", "abandoned"}
        assert 2 <= outcomes.count("answered") <= 8
        assert wait_for(lambda: not box.live().calls, 10)


def counted(box, least):
    found = box.linghe_json("calls", "--number", "1390009", "--limit", "2000")
    ended = [one for one in found if one["ended"]]
    return ended if len(ended) >= least else None


# --- those who vanish ---------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_phone_or_a_caller_that_vanishes_ends_its_call_within_a_minute(
    box, phones, sipp, tmp_path
):
    speech = wav_file(tmp_path, 440, 90)
    file = voice(tmp_path / "long.pcap", tone(700, 100), [(2.5, "1")])
    dying = phones("8001", says=speech, answer="auto")
    left_alone = sipp(
        invite("02188886666", caller="13900006001"), ANSWERED, ACK, play(file), WAIT_BYE
    )
    dying.wait("CALL_ESTABLISHED")
    lasting = phones("8002", says=speech, answer="auto")
    vanishing = sipp(
        invite("02188886666", caller="13900006002"), ANSWERED, ACK, play(file), WAIT_BYE
    )
    lasting.wait("CALL_ESTABLISHED")
    wait_for(lambda: sum(one.stage == "talking" for one in box.live().calls) == 2, 10)
    os.kill(dying.process.pid, signal.SIGKILL)
    os.kill(vanishing.process.pid, signal.SIGKILL)
    gone_at = time.monotonic()
    ended = {}

    def watch(name, is_over):
        wait_for(is_over, 70, f"{name} to be told")
        ended[name] = time.monotonic() - gone_at

    watchers = [
        threading.Thread(
            target=watch, args=("caller", lambda: left_alone.process.poll() is not None)
        ),
        threading.Thread(target=watch, args=("agent", lambda: lasting.has("CALL_CLOSED"))),
    ]
    for one in watchers:
        one.start()
    for one in watchers:
        one.join()
    left_alone.finish()
    assert ended["caller"] < 60 and ended["agent"] < 60, ended
    for number in ("13900006001", "13900006002"):
        record = wait_for(lambda number=number: record_of(box, number), 5)
        assert (record["outcome"], record["cause"]) == ("answered", "audio_lost"), record
    states = {one.agent: one.state for one in box.live().agents}
    assert states["1002"] != "unreachable"
    wait_for(
        lambda: {one.agent: one.state for one in box.live().agents}["1001"] == "unreachable",
        70,
        "the vanished phone's agent to be unreachable",
    )


# --- a full disk --------------------------------------------------------------------------------
@pytest.fixture
def full_disk_box(tmp_path, carrier_port):
    """A box whose recording journal has room for about two seconds of a call."""
    if os.getuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk")
    folder = tmp_path / "full"
    frames = folder / "frames"
    frames.mkdir(mode=0o700, parents=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(frames)]).returncode:
        pytest.skip("this machine (a container?) may not mount")
    try:
        with shop(folder, BAKERY.replace("port = 5090", f"port = {carrier_port}")) as running:
            yield running
    finally:
        subprocess.run(["umount", str(frames)], check=True)


def test_a_full_disk_ends_no_call_and_stands_in_the_ledger(full_disk_box, tmp_path):
    box = full_disk_box
    agent = desk(tmp_path, box, "8001", says=wav_file(tmp_path, 440, 30))
    media = media_port()
    capture = Capture(tmp_path / "loopback.pcap")
    caller = None
    try:
        file = voice(tmp_path / "caller.pcap", tone(700, 20), [(1.5, "1")])
        caller = Sipp(
            tmp_path, box.sip_port, invite("02188886666", caller="13900005555"), ANSWERED, ACK,
            play(file), pause(11000), BYE, media=media,
        )  # fmt: skip
        caller.finish()
        heard = loudest(capture.streams()[media].audio())
    finally:
        agent.stop()
        if caller is not None:
            caller.stop()
    assert heard[-20:].count(440) >= 15, "the talk did not go on to its end"
    record = wait_for(
        lambda: (
            (found := record_of(box, "13900005555"))
            and found["recordings"]
            and found["recordings"][0]["failed"]
            and found
        ),
        10,
        "the refusal in the ledger",
    )
    assert record["outcome"] == "answered"
    assert "No space left" in record["recordings"][0]["failed"]
