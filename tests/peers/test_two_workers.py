"""Two calls that were begun apart, on two media workers, become one: audio follows the legs.

linphone is at 8001 and takes a second call; then it joins the two by its own transfer key.
"""

import shutil
import time
import zlib

import pytest
from bakery import BAKERY
from baresip import Baresip
from capture import Capture, Stream
from desk_box import dial, wav_file
from heard import seconds_of, tones_in
from linphone import Linphone
from running_box import RunningBox, wait_for

pytestmark = pytest.mark.peer

if shutil.which("linphonec") is None:
    pytest.skip("linphonec is not installed (make test installs it)", allow_module_level=True)

BEN, CLEO = 700, 1000
"""Hertz: who says what."""
TRIES = 12


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two") / "var"
    folder.mkdir(mode=0o700)
    running = RunningBox(folder, workers=2)
    site = BAKERY.replace('name = "Anna"\nsecret', 'name = "Anna"\ncall_waiting = true\nsecret', 1)
    try:
        running.start()
        running.apply(site)
        yield running
    finally:
        running.stop()


@pytest.fixture
def phone_at(box, tmp_path):
    made = []

    def made_at(number, kind, **words):
        one = kind(tmp_path, box.sip_port, number, f"test-only-secret-of-{number}", **words)
        made.append(one)
        wait_for(lambda: any(line.name == number and line.is_up for line in box.live().lines), 20)
        return one

    yield made_at
    for one in made:
        one.stop()


def stages(box):
    return sorted(one.stage for one in box.live().calls)


def workers(box):
    """On which worker each call has its audio (daemons/control/media_room.py)."""
    return {zlib.crc32(one.call.encode()) % 2 for one in box.live().calls}


def second_call_elsewhere(box, cleo, anna):
    """Cleo calls Anna until her call is on the other worker than Anna's first one."""
    for count in range(1, TRIES):
        dial(box, cleo, "8001")
        wait_for(lambda: "ringing" in stages(box), 10, "Anna's second call")
        incoming = f"assigned id {count + 1}"
        wait_for(lambda told=incoming: told in anna.told(), 10, incoming)
        anna.say(f"answer {count + 1}")
        cleo.wait("CALL_ESTABLISHED", 10, count=count)
        wait_for(lambda: len(stages(box)) == 2, 10, "two calls")
        if len(workers(box)) == 2:
            return
        cleo.say("hangup")
        wait_for(lambda: len(stages(box)) == 1, 10, "one call")
    raise AssertionError("never on two workers")


def parts_of(stream):
    """The stream as it came from each port of the box: another worker counts time otherwise."""
    sources = {one[5] for one in stream.packets}
    return [Stream([one for one in stream.packets if one[5] == source]) for source in sources]


def test_calls_of_two_workers_become_one_and_both_hear_each_other(box, phone_at, tmp_path):
    ben = phone_at("8002", Baresip, answer="auto", says=wav_file(tmp_path, BEN))
    cleo = phone_at("8003", Baresip, says=wav_file(tmp_path, CLEO))
    anna = phone_at("8001", Linphone, says=wav_file(tmp_path, 440), answers=False)
    anna.say(f"call sip:8002@127.0.0.1:{box.sip_port}")
    ben.wait("CALL_ESTABLISHED")
    talks = "Media streams established with sip:8002@"
    wait_for(lambda: talks in anna.told() and stages(box) == ["talking"], 10, "the talk")
    anna.say("pause")
    wait_for(lambda: stages(box) == ["held"], 10, "the hold")
    second_call_elsewhere(box, cleo, anna)
    capture = Capture(tmp_path / "loopback.pcap")
    last = len(cleo.has("CALL_ESTABLISHED")) + 1
    anna.say(f"transfer 1 --to-call {last}")
    wait_for(lambda: stages(box) == ["talking"], 15, f"one call: {anna.told()[-500:]}")
    wait_for(lambda: not any(one.busy for one in box.live().lines if one.name == "8001"), 10)
    assert not ben.has("CALL_CLOSED")

    time.sleep(2.5)  # so long they talk
    streams = capture.streams()
    for phone, other in ((ben, CLEO), (cleo, BEN)):
        heard = [
            tones_in(part.audio(), (BEN, CLEO))
            for one in phone.rtp_ports
            if one in streams
            for part in parts_of(streams[one])
        ]
        assert any(seconds_of(one, other) > 1.0 for one in heard), f"{phone.number} heard nobody"
    cleo.say("hangup")
    ben.wait("CALL_CLOSED")
