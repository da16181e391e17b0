"""Emergency mode on a running box: keyed in at a real phone, real callers, kill -9."""

import re
import time

import pytest
from bakery import BAKERY
from running_box import RunningBox, free_port, wait_for
from sipp import ACK, ANSWERED, BYE, Sipp, invite, pause, play, voice
from test_api_calls import Api
from tone_prompts import lay, text, tone
from webhook_receiver import SECRET, WebhookReceiver

from appliance.vocabulary.verbs import AskId, SetEmergencyMode

pytestmark = pytest.mark.peer

MODE = """
[emergency_mode]
flow = "flood"
pin = "2580"

[[flow]]
id = "flood"
start = "told"

[flow.node.told]
kind = "voicemail"
box = "flood"
text = "The shop is under water."

[[webhook]]
id = "crm"
url = "{url}"
secret = "{secret}"
events = ["emergency_mode", "message_left"]
"""


@pytest.fixture(scope="module")
def receiver():
    one = WebhookReceiver()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def box(tmp_path_factory, receiver):
    folder = tmp_path_factory.mktemp("flooded") / "var"
    folder.mkdir(mode=0o700)
    lay(folder, [(text("The shop is under water."), 700, 3.0)])
    running = RunningBox(folder)
    try:
        running.start()
        mode = MODE.replace("{url}", receiver.url).replace("{secret}", SECRET)
        running.apply(BAKERY.replace("port = 5090", f"port = {free_port()}") + mode)
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
    # in words, not in the digits of a time
    words = re.findall(r'"([^"]*)"', box.linghe("calls", "--day", "2026-11-23", "--json"))
    assert words and not [one for one in words if one == "2580" or "092580" in one]


@pytest.fixture(scope="module")
def api(box):
    program = Api(box)
    yield program
    program.close()


def told_to_both(receiver, api, count, name, since):
    """So many events of this name at the webhook and in the stream, the same objects in both."""

    def at_the_webhook():
        all_of_them = [receiver.checked(headers, body) for headers, body in list(receiver.got)]
        return [one for one in all_of_them if one["event"] == name and one["id"] > since]

    def in_the_stream():
        return [one for one in list(api.events) if one["event"] == name and one["id"] > since]

    wait_for(lambda: len(at_the_webhook()) >= count, 20, f"{count} {name} at the webhook")
    wait_for(lambda: len(in_the_stream()) >= count, 20, f"{count} {name} in the stream")
    assert at_the_webhook() == in_the_stream()
    return in_the_stream()


@pytest.mark.feature("emergency mode: on the page, told by webhook and stream")
def test_the_owners_switch_and_a_message_left_are_told_by_webhook_and_stream(
    box, api, receiver, tmp_path
):
    since = max((one["id"] for one in api.get("/events/past")["events"]), default=0)

    def switched(is_on):
        return box.ask(SetEmergencyMode(ask=AskId("1"), by="jan", is_on=is_on)).problem

    assert switched(True) == ""
    assert box.live().emergency_by == "jan"
    spoken = play(voice(tmp_path / "message.pcap", tone(700, 9.0)))
    caller = Sipp(tmp_path, box.sip_port, invite("02188886666", caller="1390105"), ANSWERED, ACK,
                  spoken, pause(9000), BYE)  # fmt: skip
    try:
        caller.finish()
    finally:
        caller.stop()
    assert switched(False) == ""
    on, off = told_to_both(receiver, api, 2, "emergency_mode", since)
    assert (on["is_on"], on["by"], on["extension"], on["flow"]) == (True, "jan", "", "flood")
    assert (off["is_on"], off["by"]) == (False, "jan") and off["seconds"] > 5
    (left,) = told_to_both(receiver, api, 1, "message_left", since)
    assert (left["box"], left["caller"]) == ("flood", "1390105") and left["seconds"] > 1
    sound = api.audio(left["audio"].removeprefix("/api/v1"))
    assert sound.startswith(b"RIFF")
