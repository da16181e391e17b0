"""A flow is published, and taken back, while real callers (sipp) are in it."""

import socket

import pytest
from capture import Capture
from desk_box import desk_box, one_call_of
from lane import media_port
from running_box import wait_for
from sipp import ACK, PROVISIONAL, WAIT_BYE, invite
from tone_prompts import loudest, text

from appliance.wire.control import FlowsInUse, FlowsInUseAsked

pytestmark = pytest.mark.peer

NUMBER = "02188880003"
OLD, OLD_BYE, NEW, NEW_BYE = 700, 1050, 1350, 1650
"""Hertz of the texts."""
PROMPTS = [
    (text("Old menu."), OLD, 0.8),
    (text("Old goodbye."), OLD_BYE, 0.8),
    (text("New menu."), NEW, 0.8),
    (text("New goodbye."), NEW_BYE, 0.8),
]
FLOW = """
[[flow]]
id = "front"
start = "ask-{0}"

[flow.node.ask-{0}]
kind = "menu"
text = "{1} menu."
keys = {{ "1" = "bye-{0}" }}
timeout_seconds = 60
attempts = 10

[flow.node.bye-{0}]
kind = "hangup"
text = "{1} goodbye."
"""
ROUTE = f'[[route]]\ntrunk = "carrier"\nnumber = "{NUMBER}"\nflow = "front"\n'
KEPT = "".join(
    f'<ereg regexp=".*" search_in="hdr" header="{name}:" assign_to="{name}"/>'
    for name in ("From", "To")
)
ANSWERED = f'{PROVISIONAL}<recv response="200" rrs="true"><action>{KEPT}</action></recv>\n'
TOLD_TO_GO_ON = '<recv request="INFO" crlf="true"></recv>\n'
KEY_1 = """<send retrans="500"><![CDATA[

INFO [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
[routes]
From: [$From]
To: [$To]
Call-ID: [call_id]
CSeq: 2 INFO
Max-Forwards: 70
Content-Type: application/dtmf-relay
Content-Length: [len]

Signal=1
Duration=160
]]></send>
<recv response="200"></recv>
"""


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    folder = tmp_path_factory.mktemp("versions") / "var"
    more = (ROUTE, FLOW.format("old", "Old"))
    yield from desk_box(folder, carrier_port, *more, prompts=PROMPTS)


class Caller:
    """Rings, listens, and presses 1 when he is told to."""

    def __init__(self, sipp, number):
        self.call_id, self.number = f"caller-{number}", number
        self.media = media_port()
        steps = (invite(NUMBER, caller=number), ANSWERED, ACK, TOLD_TO_GO_ON, KEY_1, WAIT_BYE)
        self.sipp = sipp(*steps, media=self.media, extra=("-cid_str", self.call_id))

    def presses_1(self):
        """sipp goes on in its scenario by a message of ours, whenever the story wants it."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            here = f"127.0.0.1:{self.sipp.local_port}"
            lines = (
                f"INFO sip:{self.number}@{here} SIP/2.0",
                f"Via: SIP/2.0/UDP {here};branch=z9hG4bK-story",
                "From: <sip:story@127.0.0.1>;tag=1",
                f"To: <sip:{self.number}@{here}>;tag=2",
                f"Call-ID: {self.call_id}",
                "CSeq: 1 INFO",
                "Content-Length: 0",
            )
            message = "\r\n".join([*lines, "", ""]).encode()
            out.sendto(message, ("127.0.0.1", self.sipp.local_port))
        self.sipp.finish()


def in_use(box):
    told = box.ask(FlowsInUseAsked())
    assert isinstance(told, FlowsInUse)
    return {one.version: one.calls for one in told.flows if one.flow == "front"}


def nodes_of(box, caller):
    call = one_call_of(box, caller.number)
    lines = box.linghe("calls", call["call"], "--language", "en").splitlines()
    return [line.split()[-1] for line in lines if " came to " in line]


def tones_of(capture, caller):
    heard = loudest(capture.streams()[caller.media].audio())
    return [one for one in dict.fromkeys(heard) if one in (OLD, OLD_BYE, NEW, NEW_BYE)]


@pytest.mark.feature("flow: calls in it finish on their version")
@pytest.mark.feature("flow: new calls take what is published")
@pytest.mark.feature("flow: rolled back in one step")
@pytest.mark.feature("flow: its version over kill -9")
def test_a_caller_finishes_on_his_version_over_two_kills_and_the_next_ones_take_theirs(
    box, sipp, tmp_path
):
    capture = Capture(tmp_path / "loopback.pcap")
    first = Caller(sipp, "13900070001")
    wait_for(lambda: in_use(box) == {1: 1}, 20, "the first caller in the old menu")
    file = tmp_path / "front.toml"
    file.write_text(FLOW.format("new", "New"))
    box.linghe("flow", "front", "--draft", str(file), "--why", "a new shop")
    assert in_use(box) == {1: 1}
    assert "version 2 holds" in box.linghe("flow", "front", "--publish", "--no-prompts")

    before = box.status().restarts
    box.kill("control")
    wait_for(lambda: box.is_answering() and box.status().restarts > before, 30, "control is back")
    assert in_use(box) == {1: 1}
    second = Caller(sipp, "13900070002")
    wait_for(lambda: in_use(box) == {1: 1, 2: 1}, 20, "the second caller in the new menu")
    killed = box.kill("media-0")
    wait_for(lambda: box.pid("media-0") != killed and box.is_answering(), 30, "media is back")
    second.presses_1()
    assert nodes_of(box, second) == ["ask-new", "bye-new"]

    assert "version 3 holds" in box.linghe("flow", "front", "--rollback", "--no-prompts")
    third = Caller(sipp, "13900070003")
    wait_for(lambda: in_use(box) == {1: 1, 3: 1}, 20, "the third caller in the old menu again")
    first.presses_1()
    third.presses_1()
    assert nodes_of(box, first) == nodes_of(box, third) == ["ask-old", "bye-old"]
    assert in_use(box) == {}
    assert tones_of(capture, first) == tones_of(capture, third) == [OLD, OLD_BYE]
    assert tones_of(capture, second)[-1] == NEW_BYE and OLD not in tones_of(capture, second)

    versions = box.linghe_json("flow", "front", "--versions")["versions"]
    assert [(one["version"], one["why"], one["back_to"]) for one in versions] == [
        *((3, "", 1), (2, "a new shop", 0), (1, "", 0)),
    ]
    assert box.linghe("flow", "front", "--diff", "2", "3").splitlines()[0] == (
        "the flow begins at 'ask-old' now (was 'ask-new')"
    )
