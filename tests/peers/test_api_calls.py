"""The REST API, its event stream and a webhook with real phones and a carrier.

A program that knows nothing but its token lets phones dial, transfers, holds, hangs up, masks a
recording, joins a supervisor; it is told of all that in order, and so is a webhook's receiver that
answers 500 at first.
"""

import json
import threading
import urllib.error
import urllib.request

import numpy
import pytest
from bakery import AT_ONCE
from running_box import wait_for
from sipp import ACK, ANSWERED, WAIT_BYE, Sipp, answers, invite, play, voice
from tone_prompts import tone
from webhook_receiver import SECRET, WebhookReceiver

from appliance.signals.g711 import decode_alaw
from appliance.store.webhooks import WebhookStates

pytestmark = pytest.mark.peer

SCOPES = (
    *("calls:read", "calls:control", "agents:control"),
    *("recordings:read", "reports:read", "events:read"),
)
SITE = (
    AT_ONCE.replace('pin = "4713"', 'pin = "4713"\nrole = "supervisor"')
    + """
[[webhook]]
id = "crm"
url = "{url}"
secret = "{secret}"

[[webhook]]
id = "self"
url = "http://localhost:{own}/api/v1/calls"
"""
)
DORA = "13900001111"


class Api:
    """A program with a token; keeps all events that it is told."""

    def __init__(self, box):
        self.box = box
        self.base = f"http://127.0.0.1:{box.http_port}/api/v1"
        scopes = [word for scope in SCOPES for word in ("--scope", scope)]
        self.token = box.linghe("token", "add", "crm", *scopes).strip()
        self.events = []
        self._stream = urllib.request.urlopen(self._request("/events"), timeout=60)
        threading.Thread(target=self._listen, daemon=True).start()

    def _request(self, path, body=None, method=None):
        headers = {"Authorization": f"Bearer {self.token}"}
        sent = None if body is None else json.dumps(body).encode()
        if sent is not None:
            headers["Content-Type"] = "application/json"
        return urllib.request.Request(
            self.base + path,
            data=sent,
            headers=headers,
            method=method or ("POST" if sent else None),
        )

    def _listen(self):
        try:
            for line in self._stream:
                if line.startswith(b"data: "):
                    self.events.append(json.loads(line.removeprefix(b"data: ")))
        except (OSError, ValueError, AttributeError):
            return

    def get(self, path):
        with urllib.request.urlopen(self._request(path), timeout=20) as answer:
            return json.load(answer)

    def audio(self, path):
        with urllib.request.urlopen(self._request(path), timeout=20) as answer:
            return answer.read()

    def does(self, path, body=None):
        """POST; return what was answered."""
        asked = self._request(path, body, method="POST")
        try:
            with urllib.request.urlopen(asked, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.code} {error.read().decode()}") from error

    def refusal(self, path, body=None):
        """POST; return the key of the problem."""
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(self._request(path, body, method="POST"), timeout=20)
        return json.load(refused.value)["key"]

    def told(self, call, *names):
        """Return a call's events once the last of these names has come; all must be in order."""

        def there():
            seen = [one["event"] for one in self.events if one.get("call") == call]
            rest = iter(seen)
            return all(name in rest for name in names)

        wait_for(there, 20, f"{names}, saw {self.names(call)}")
        return [one for one in self.events if one.get("call") == call]

    def names(self, call):
        return [one["event"] for one in self.events if one.get("call") == call]

    def talking(self, **fields):
        """Return the id of a call in which is talked, as soon as there is one."""

        def there():
            # Control itself is asked again and again; a program would be told to wait.
            return [one.call for one in self.box.live().calls if one.talking_since is not None]

        wait_for(there, 20, "a call that is talked in")
        return next(
            call["call"]
            for call in self.get("/calls/live")["calls"]
            if all(call[name] == value for name, value in fields.items())
        )

    def close(self):
        self._stream.close()


@pytest.fixture(scope="module")
def receiver():
    receiver = WebhookReceiver(500, 500)
    yield receiver
    receiver.stop()


@pytest.fixture(scope="module")
def api(box, carrier_port, receiver):
    site = SITE.replace("port = 5090", f"port = {carrier_port}")
    site = site.replace("{url}", receiver.url).replace("{secret}", SECRET)
    box.apply(site.replace("{own}", str(box.http_port)))
    api = Api(box)
    yield api
    api.close()


@pytest.fixture
def dora(sipp, tmp_path):
    """Dora calls, presses 1, and talks until she is hung up."""
    made = []

    def call(number=DORA):
        said = play(voice(tmp_path / f"dora{number}.pcap", tone(700, 40), [(1.5, "1")]))
        made.append(sipp(invite("02188886666", caller=number), ANSWERED, ACK, said, WAIT_BYE))
        return made[-1]

    yield call
    for one in made:
        one.stop()


@pytest.mark.feature("API: originate", "API: hang up", "force release, by API")
def test_phone_is_let_dial_another_and_both_are_hung_up(box, phones, api):
    anna, ben = phones("8001", answer="auto"), phones("8002", answer="auto")
    call = api.does("/calls", {"extension": "8001", "number": "8002"})["call"]
    anna.wait("CALL_ESTABLISHED")
    ben.wait("CALL_ESTABLISHED")
    assert api.talking() == call
    assert api.refusal("/calls", {"extension": "8001", "number": "8002"}) == "busy"
    assert api.refusal("/calls", {"extension": "8003", "number": "8002"}) == "not_reachable"
    assert api.does(f"/calls/{call}/hangup")["call"] == call
    anna.wait("CALL_CLOSED")
    ben.wait("CALL_CLOSED")
    told = api.told(call, "offered", "ringing", "answered", "ended")
    assert told[0]["called"] == "8002"
    assert api.refusal(f"/calls/{call}/hangup") == "call_unknown"
    timeline = api.get(f"/calls/{call}/timeline")["moments"]
    assert "ForcedRelease" in [one["kind"] for one in timeline]


@pytest.mark.feature("API: originate")
def test_phone_is_let_dial_out_through_the_carrier(box, phones, api, carrier_port, tmp_path):
    anna = phones("8001", answer="auto")
    carrier = Sipp(
        tmp_path, box.sip_port, answers(ring_ms=300), WAIT_BYE, extra=("-p", str(carrier_port))
    )
    call = api.does("/calls", {"extension": "8001", "number": "913800138000"})["call"]
    anna.wait("CALL_ESTABLISHED")
    assert api.talking(called="913800138000") == call
    api.does(f"/calls/{call}/hangup")
    carrier.finish()
    anna.wait("CALL_CLOSED")
    answered = next(
        one for one in api.told(call, "answered", "ended") if one["event"] == "answered"
    )
    assert answered["direction"] == "outbound"


@pytest.mark.feature("API: hold", "event stream")
def test_calls_life_is_told_in_order_with_its_hold(box, phones, api, dora):
    anna = phones("8001", answer="auto")
    caller = dora()
    anna.wait("CALL_ESTABLISHED")
    call = api.talking(caller=DORA)
    api.does(f"/calls/{call}/hold")
    api.told(call, "held")
    assert api.refusal(f"/calls/{call}/hold") == "already"
    api.does(f"/calls/{call}/retrieve")
    api.told(call, "held", "retrieved")
    api.does(f"/calls/{call}/hangup")
    caller.finish()
    order = ("offered", "ringing", "answered", "held", "retrieved", "ended", "recording_filed")
    told = api.told(call, *order)
    assert [one["event"] for one in told if one["event"] in order] == list(order)
    ids = [one["id"] for one in told]
    assert ids == sorted(ids)
    answered = next(one for one in told if one["event"] == "answered")
    assert (answered["caller"], answered["queue"], answered["agent"]) == (DORA, "orders", "1001")
    states = [one["state"] for one in api.events if one["event"] == "agent_state"]
    assert {"ringing", "talking", "ready"} <= set(states)


def test_caller_is_handed_on_after_the_phone_has_asked_there(box, phones, api, dora):
    anna = phones("8001", answer="auto")
    caller = dora("13900003340")
    anna.wait("CALL_ESTABLISHED")
    ben = phones("8002")  # only now: the queue might have rung him first
    call = api.talking(caller="13900003340")
    api.does(f"/calls/{call}/transfer", {"to": "8002", "way": "attended"})
    ben.wait("CALL_INCOMING")
    ben.say("accept")
    ben.wait("CALL_ESTABLISHED")
    wait_for(lambda: [one.stage for one in box.live().calls] == ["consult"], 10, "the asking")
    api.does(f"/calls/{call}/consultation", {"wish": "return"})
    ben.wait("CALL_CLOSED")
    assert api.talking(caller="13900003340") == call, "back with the one who answered"
    api.does(f"/calls/{call}/transfer", {"to": "8002", "way": "attended"})
    ben.wait("CALL_INCOMING", count=2)
    ben.say("accept")
    ben.wait("CALL_ESTABLISHED", count=2)
    wait_for(lambda: [one.stage for one in box.live().calls] == ["consult"], 10, "the asking")
    api.does(f"/calls/{call}/consultation", {"wish": "complete"})
    anna.wait("CALL_CLOSED")
    told = api.told(call, "answered", "transferred")
    assert next(one for one in told if one["event"] == "transferred")["to"] == "8002"
    api.does(f"/calls/{call}/hangup")
    caller.finish()
    ben.wait("CALL_CLOSED", count=2)
    talks = wait_for(lambda: api.get(f"/calls/{call}")["talks"], 5)
    assert [one["extension"] for one in talks][0] == "8001"
    assert [one["extension"] for one in talks][-1] == "8002"


@pytest.mark.feature("API: transfer")
def test_caller_is_transferred_to_another_phone(box, phones, api, dora):
    anna = phones("8001", answer="auto")
    caller = dora("13900003333")
    anna.wait("CALL_ESTABLISHED")
    call = api.talking(caller="13900003333")
    ben = phones("8002", answer="auto")
    api.does(f"/calls/{call}/transfer", {"to": "8002"})
    ben.wait("CALL_ESTABLISHED")
    anna.wait("CALL_CLOSED")
    told = api.told(call, "answered", "transferred")
    assert next(one for one in told if one["event"] == "transferred")["to"] == "8002"
    assert api.talking(caller="13900003333") == call, "one call id for all of it"
    api.does(f"/calls/{call}/hangup")
    caller.finish()
    ben.wait("CALL_CLOSED")
    talks = wait_for(lambda: api.get(f"/calls/{call}")["talks"], 5)
    assert [one["extension"] for one in talks] == ["8001", "8002"]


@pytest.mark.feature(
    "recording: pause by API, silence measured",
    "recording: a mark in the timeline",
    "API: recording",
)
def test_masked_piece_of_a_recording_is_silent(box, phones, api, dora, tmp_path):
    anna = phones("8001", answer="auto")
    caller = dora("13900004444")
    anna.wait("CALL_ESTABLISHED")
    call = api.talking(caller="13900004444")
    began = box.live().at
    api.does(f"/calls/{call}/recording", {"wish": "pause"})
    assert api.refusal(f"/calls/{call}/recording", {"wish": "pause"}) == "already"
    wait_for(lambda: box.live().at - began > 2.0, 10)
    api.does(f"/calls/{call}/recording", {"wish": "resume"})
    unmasked = box.live().at
    wait_for(lambda: box.live().at - unmasked > 1.5, 10)
    api.does(f"/calls/{call}/hangup")
    caller.finish()
    (filed,) = [
        one for one in api.told(call, "recording_filed") if one["event"] == "recording_filed"
    ]
    audio = api.audio(filed["audio"].removeprefix("/api/v1"))
    loud = _loud_tenths(audio, tmp_path)
    assert loud.count(False) >= 15 and loud.count(True) >= 10, loud
    kinds = [one["kind"] for one in api.get(f"/calls/{call}/timeline")["moments"]]
    assert kinds.index("RecordingMasked") < kinds.index("RecordingUnmasked")


@pytest.mark.feature("API: agent state")
def test_agent_is_sent_to_a_break_and_back(box, phones, api):
    phones("8002")

    def state():
        return next(one.state for one in box.live().agents if one.agent == "1002")

    api.does("/agents/1002/state", {"state": "not_ready", "reason": "3"})
    wait_for(lambda: state() == "not_ready", 5)
    api.does("/agents/1002/state", {"state": "signed_out"})
    wait_for(lambda: state() == "signed_out", 5)
    api.does("/agents/1002/state", {"state": "signed_in"})
    wait_for(lambda: state() not in ("signed_out", "not_ready"), 5)
    assert api.refusal("/agents/77/state", {"state": "ready"}) == "agent_unknown"

    def told():
        ben = [one for one in api.events if one.get("agent") == "1002"]
        states = [one["state"] for one in ben if one["event"] == "agent_state"]
        rest = iter(states)
        return all(state in rest for state in ("not_ready", "signed_out", "ready"))

    wait_for(told, 10, "break, end of the day and return in the stream")


@pytest.mark.feature("listen, by API")
def test_supervisor_joins_a_talk_and_changes_the_way(box, phones, api, dora):
    anna = phones("8001", answer="auto")
    cleo = phones("8003", answer="auto")
    api.does("/agents/1003/state", {"state": "signed_in", "extension": "8003"})
    caller = dora("13900005555")
    anna.wait("CALL_ESTABLISHED")
    call = api.talking(caller="13900005555")
    wish = {"extension": "8003", "way": "listen"}
    api.does(f"/calls/{call}/supervise", wish)
    cleo.wait("CALL_ESTABLISHED")
    api.told(call, "supervised")
    api.does(f"/calls/{call}/supervise", {**wish, "way": "whisper"})
    told = api.told(call, "supervised", "supervised")
    ways = [one["way"] for one in told if one["event"] == "supervised"]
    assert ways == ["listen", "whisper"]
    assert {one["agent"] for one in told if one["event"] == "supervised"} == {"1001"}
    api.does(f"/calls/{call}/hangup")
    caller.finish()
    cleo.wait("CALL_CLOSED")
    api.told(call, "ended")


def test_box_does_not_tell_itself(box, api):
    states = WebhookStates(box.folder / "webhooks.db", is_writer=False)
    wait_for(lambda: (state := states.state("self")) and state.last, 20)
    assert states.state("self").last.error == "this is a port of the box itself"
    assert states.state("self").delivered == 0
    states.close()


@pytest.mark.feature("webhook: signed", "webhook: retried")
def test_webhook_was_told_all_of_it_in_order_though_it_refused_at_first(api, receiver):
    """The last of this file: everything above went to the receiver too."""
    wait_for(lambda: len(receiver.got) > 2 and receiver.got[-1], 20)
    last = api.get("/events/past?after=0&limit=1000")["events"][-1]["id"]

    def told():
        return [receiver.checked(headers, body) for headers, body in list(receiver.got)]

    wait_for(lambda: told()[-1]["id"] == last, 20, "the webhook to be at the end")
    ids = [one["id"] for one in told()]
    assert ids[0] == ids[1] == ids[2], "the first was refused twice"
    assert ids[2:] == sorted(set(ids)), "then each once, in order"

    def is_the_same():
        past = api.get(f"/events/past?after={ids[0] - 1}&limit=1000")["events"]
        return told()[2:] == past

    # Another event may come between the two looks.
    wait_for(is_the_same, 20, "the same events as the stream's")


def _loud_tenths(audio, folder):
    """Say of each tenth of a second whether the caller's channel has her tone."""
    body = numpy.frombuffer(audio[audio.index(b"data") + 8 :], numpy.uint8)
    left = decode_alaw(body[0::2]).astype(float)
    tenths = left[: len(left) // 800 * 800].reshape(-1, 800)
    return [bool(one) for one in numpy.sqrt((tenths**2).mean(axis=1)) > 200]
