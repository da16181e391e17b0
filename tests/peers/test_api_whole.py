"""The whole of the API with real phones: each kind of event in the stream and at the webhook, the
recording's wishes, what a token without a scope may not do; schemathesis over a box in a call."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from desk_box import desk_box, dial, filed, talking, wav_file
from running_box import ROOT, free_port, wait_for
from sipp import ACK, ANSWERED, WAIT_BYE, invite, play, voice
from test_api_calls import Api
from tone_prompts import tone
from webhook_receiver import SECRET, WebhookReceiver

from appliance.daemons.supervisor.units import WEB_WORKER
from appliance.vocabulary.public_events import PUBLIC_EVENTS
from appliance.vocabulary.tokens import Scope
from webadmin.api.operations import OPERATIONS

pytestmark = pytest.mark.peer

HOOK = """
[[webhook]]
id = "crm"
url = "{url}"
secret = "{secret}"

[parking]
slots = "701-703"
"""


ELSEWHERE = {"flow_told", "callback", "rated", "emergency_mode", "message_left"}
"""Events that no talk has: what a flow tells (test_flow_lookups), and those whose facts have their
real callers in test_callback, test_survey and test_emergency_mode."""


@pytest.fixture(scope="module")
def receiver():
    one = WebhookReceiver()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port, receiver):
    boss = ('pin = "4713"\n', 'pin = "4713"\nrole = "supervisor"\nsigned_in = true\n')
    folder = tmp_path_factory.mktemp("api") / "var"
    hook = HOOK.format(url=receiver.url, secret=SECRET)
    yield from desk_box(folder, carrier_port, hook, changes=[boss])


@pytest.fixture(scope="module")
def api(box):
    program = Api(box)
    yield program
    program.close()


def customer(sipp, folder, number):
    """A customer who presses 3 (Anna) and talks until he is hung up."""
    speech = play(voice(folder / f"{number}.pcap", tone(700, 40), [(1.2, "3")]))
    return sipp(invite("02188886666", caller=number), ANSWERED, ACK, speech, WAIT_BYE)


@pytest.mark.feature("each kind of event", "event stream", "webhook: signed")
def test_each_kind_of_event_is_told_in_the_stream_and_at_the_webhook(
    box, api, receiver, phones, sipp, tmp_path
):
    anna, ben = phones("8001", answer="auto"), phones("8002", answer="auto")
    cleo = phones("8003", answer="auto")
    caller = customer(sipp, tmp_path, "13900000901")
    anna.wait("CALL_ESTABLISHED")
    call = talking(box, "8001").call
    api.does(f"/calls/{call}/hold")
    api.does(f"/calls/{call}/retrieve")
    api.does(f"/calls/{call}/supervise", {"extension": "8003", "way": "listen"})
    cleo.wait("CALL_ESTABLISHED")
    api.told(call, "supervised")
    anna.say("sndcode", "*7")
    api.told(call, "parked")
    dial(box, ben, "701")
    talking(box, "8002")
    api.does(f"/calls/{call}/transfer", {"to": "8001"})
    api.told(call, "transferred")
    talking(box, "8001")
    api.does(f"/calls/{call}/hangup")
    caller.finish()
    api.does("/agents/1002/state", {"state": "not_ready", "reason": "1"})
    api.told(call, "ended", "recording_filed")

    wanted = set(PUBLIC_EVENTS) - ELSEWHERE

    def all_kinds(events):
        return {one["event"] for one in events} >= wanted

    wait_for(lambda: all_kinds(api.events), 10, f"{wanted} in the stream")

    def at_the_webhook():
        return [receiver.checked(headers, body) for headers, body in list(receiver.got)]

    wait_for(
        lambda: all_kinds(at_the_webhook()), 20,
        f"{wanted} at the webhook, got {[one['event'] for one in at_the_webhook()]}",
    )  # fmt: skip
    mine = [one for one in at_the_webhook() if one.get("call") == call]
    wait_for(lambda: [one["id"] for one in api.told(call, "ended")] and mine, 5)
    in_stream = {one["id"]: one for one in api.events}
    assert all(in_stream[one["id"]] == one for one in mine), "one object for both"


@pytest.mark.feature("recording: on and off by API", "API: recording")
def test_a_recording_is_switched_off_and_on_by_api(box, api, phones, sipp, tmp_path):
    anna = phones("8001", answer="auto", says=wav_file(tmp_path, 440))
    caller = customer(sipp, tmp_path, "13900000902")
    anna.wait("CALL_ESTABLISHED")
    call = talking(box, "8001").call

    def is_recorded():
        return any(one.is_recorded for one in box.live().calls)

    def goes_by():
        began = box.live().at
        wait_for(lambda: box.live().at - began > 1.0, 10, "a second of the box's clock")

    wait_for(is_recorded, 5, "the recording")
    goes_by()
    api.does(f"/calls/{call}/recording", {"wish": "off"})
    wait_for(lambda: not is_recorded(), 5, "no recording")
    api.does(f"/calls/{call}/recording", {"wish": "on"})
    wait_for(is_recorded, 5, "the recording again")
    goes_by()
    api.does(f"/calls/{call}/hangup")
    caller.finish()
    told = filed(box, "13900000902", 2)
    assert {one["recording"] for one in told["recordings"]} == {
        one["recording"] for one in api.get(f"/calls/{call}/recordings")["recordings"]
    }


def answer_to(box, token, operation):
    """Status and key of the problem: this operation asked of nothing that is there."""
    path = operation.path.replace("{call}", "none").replace("{recording}", "none")
    request = urllib.request.Request(
        f"http://127.0.0.1:{box.http_port}/api/v1{path.replace('{agent}', '77')}",
        data=b"{}" if operation.method == "POST" else None,
        method=operation.method,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as error:
        return error.code, json.load(error).get("key")


@pytest.mark.feature("API: scopes")
@pytest.mark.parametrize("scope", list(Scope))
def test_a_token_does_what_its_scope_says_and_nothing_else(box, scope):
    token = box.linghe("token", "add", f"only-{scope.replace(':', '-')}", "--scope", scope).strip()
    wrong = {}
    for operation in OPERATIONS:
        status, key = answer_to(box, token, operation)
        is_missing = (status, key) == (403, "scope_missing")
        if is_missing == (operation.scope is scope):
            wrong[f"{operation.method} {operation.path}"] = (status, key)
    assert wrong == {}


SEED, TRIES = "20261122", "5"
REJECTED = "[400, 401, 403, 404, 405, 406, 409, 414, 415, 422, 428, 429, 431]"


@pytest.fixture
def generous_web(box):
    """Another web server over the same box, that lets a program ask a thousand things a minute."""
    port = free_port()
    program = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "--worker-class", WEB_WORKER, "--threads", "32"),
            *("--graceful-timeout", "1", "--log-level", "warning"),
            *("--bind", f"127.0.0.1:{port}", "--pythonpath", str(ROOT / "tests" / "webadmin")),
            "generous:create_app()",
        ],
        cwd=ROOT,
        env={**os.environ, "LINGHE_DATA": str(box.folder)},
    )

    def answers():
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1) as answer:
                return answer.status == 200
        except OSError:
            return False

    try:
        wait_for(answers, 20, "gunicorn")
        yield f"http://127.0.0.1:{port}/api/v1"
    finally:
        program.terminate()
        program.wait(10)


@pytest.mark.feature("API: schemathesis finds nothing")
@pytest.mark.slow
@pytest.mark.timeout(400)
def test_schemathesis_finds_nothing_at_a_box_in_a_call(
    box, api, phones, sipp, generous_web, tmp_path
):
    """Its verbs reach real phones; where it ends the call itself, its further ones are refused."""
    anna = phones("8001", answer="auto")
    customer(sipp, tmp_path, "13900000903")
    anna.wait("CALL_ESTABLISHED")
    call = talking(box, "8001").call
    pid = box.pid("control")
    config = tmp_path / "schemathesis.toml"
    config.write_text(
        f'[parameters]\n"path.call" = "{call}"\n"path.agent" = "1001"\n'
        f"[checks.negative_data_rejection]\nexpected-statuses = {REJECTED}\n"
    )
    done = subprocess.run(
        [
            *(str(Path(sys.executable).parent / "schemathesis"), "--config-file", str(config)),
            *("run", f"{generous_web}/openapi.json", "--url", generous_web),
            *("--header", f"Authorization: Bearer {api.token}", "--exclude-path", "/events"),
            *("--seed", SEED, "--max-examples", TRIES, "--generation-database", "none"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=350,
    )
    if done.returncode != 0:
        pytest.fail(done.stdout + done.stderr, pytrace=False)
    assert box.pid("control") == pid and box.is_answering()
