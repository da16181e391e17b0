"""Emergency mode on a running box: keyed in at a real phone, real callers, kill -9."""

import time

import pytest
from bakery import BAKERY
from running_box import RunningBox, free_port, wait_for
from sipp import ACK, ANSWERED, BYE, Sipp, invite, pause
from tone_prompts import lay, text

pytestmark = pytest.mark.peer

MODE = """
[emergency_mode]
flow = "flood"
pin = "2580"

[[flow]]
id = "flood"
start = "told"

[flow.node.told]
kind = "hangup"
text = "The shop is under water."
"""


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    folder = tmp_path_factory.mktemp("flooded") / "var"
    folder.mkdir(mode=0o700)
    lay(folder, [(text("The shop is under water."), 700, 3.0)])
    running = RunningBox(folder)
    try:
        running.start()
        running.apply(BAKERY.replace("port = 5090", f"port = {free_port()}") + MODE)
        yield running
    finally:
        running.stop()


def nodes_of(box, caller, folder):
    """What a caller of this number came through."""
    one = Sipp(folder, box.sip_port, invite("02188886666", caller=caller), ANSWERED, ACK,
               pause(300), BYE)  # fmt: skip
    try:
        one.finish()
    finally:
        one.stop()
    return wait_for(
        lambda: [
            call["nodes"]
            for call in box.linghe_json("calls", "--day", "2026-11-23")
            if call["caller"].get("number") == caller
        ],
        10,
        f"the call of {caller}",
    )[0]


def test_the_code_at_a_desk_phone_turns_all_callers_within_five_seconds_and_outlives_a_kill(
    box, phones, tmp_path
):
    assert nodes_of(box, "1390101", tmp_path)[0] == "hours"
    phone = phones("8003")
    begun = time.monotonic()
    phone.say("dial", f"sip:*092580@127.0.0.1:{box.sip_port}")
    wait_for(lambda: box.live().emergency_since is not None, 5, "emergency mode")
    took = time.monotonic() - begun
    assert took < 5.0, f"{took:.1f} s"
    phone.wait("CALL_CLOSED", 30)
    assert nodes_of(box, "1390102", tmp_path) == ["told"]
    assert "every number leads to flood" in box.linghe("hours", "--language", "en")
    since = box.live().emergency_since
    killed = box.kill("control")
    wait_for(lambda: box.pid("control") != killed and box.is_answering(), 20, "control again")
    assert box.live().emergency_since == since
    assert nodes_of(box, "1390103", tmp_path) == ["told"]
    phone.say("dial", f"sip:*092580@127.0.0.1:{box.sip_port}")
    wait_for(lambda: box.live().emergency_since is None, 10, "the end of emergency mode")
    assert nodes_of(box, "1390104", tmp_path)[0] == "hours"
    assert "*09" in box.linghe("calls", "--day", "2026-11-23")
    assert "2580" not in box.linghe("calls", "--day", "2026-11-23", "--json")
