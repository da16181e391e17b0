"""Every way out of a queue with real callers (sipp): by wait, by a full queue, by nobody there; to
a box, a phone, a number outside, a flow, another queue, a goodbye."""

import itertools

import pytest
from baresip import Baresip
from desk_box import DAY, desk_box
from running_box import wait_for
from sipp import ACK, ANSWERED, BYE, WAIT_BYE, Sipp, answers, invite, pause
from tone_prompts import text

pytestmark = pytest.mark.peer

WAYS = {
    "voicemail": 'to = "voicemail", box = "late"',
    "extension": 'to = "extension", extension = "8003"',
    "number": 'to = "number", number = "913800138000"',
    "flow": 'to = "flow", flow = "sorry"',
    "queue": 'to = "queue", queue = "office"',
    "hangup": 'to = "hangup"',
}
WHY = {
    "wait": ("max_wait_seconds = 1", "waited too long"),
    "full": ("max_waiting = 0", "queue full"),
    "unstaffed": ("overflow_when_unstaffed = true", "no agent"),
}
ENDS = {
    "voicemail": "please leave a message",
    "extension": "8003",
    "number": "13800138000",
    "flow": "came to told",
    "queue": "waits in Office",
    "hangup": "the box ended the call",
}
"""What the timeline tells behind the queue."""
QUEUE = """
[[queue]]
id = "{why}-{way}"
agents = ["{agent}"]
overflow = {{ {to} }}
{limit}

[[flow]]
id = "{why}-{way}"
start = "in"
[flow.node.in]
kind = "queue"
queue = "{why}-{way}"

[[route]]
trunk = "carrier"
number = "{number}"
flow = "{why}-{way}"
"""
SORRY = """
[[flow]]
id = "sorry"
start = "told"
[flow.node.told]
kind = "hangup"
text = "Sorry."
"""
CASES = list(itertools.product(WHY, WAYS))


def number_of(why, way):
    return f"0218889{CASES.index((why, way)):04d}"


def queues():
    for why, way in CASES:
        yield QUEUE.format(
            why=why,
            way=way,
            to=WAYS[way],
            limit=WHY[why][0],
            # 1002 starts signed in (his phone is off), 1003 does not
            agent="1003" if why == "unstaffed" else "1002",
            number=number_of(why, way),
        )


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    folder = tmp_path_factory.mktemp("overflows") / "var"
    prompts = [(text("Sorry."), 900, 0.3)]
    yield from desk_box(folder, carrier_port, SORRY, *queues(), prompts=prompts)


@pytest.fixture(scope="module")
def told(box, carrier_port, tmp_path_factory):
    """The timeline of one caller by each limit to each target."""
    folder = tmp_path_factory.mktemp("callers")
    phone = Baresip(folder, box.sip_port, "8003", "test-only-secret-of-8003", answer="auto")
    carrier = ("-p", str(carrier_port))
    mobile = Sipp(folder, box.sip_port, answers(50), WAIT_BYE, calls=len(WHY), extra=carrier)
    callers = {}
    try:
        wait_for(
            lambda: [one for one in box.live().lines if one.name == "8003" and one.is_up],
            20,
            "8003 to be registered",
        )
        for case in CASES:
            callers[case] = calls_in(box, folder, *case)
            if case[1] == "extension":
                callers[case].finish()  # there is one phone
        for one in callers.values():
            one.finish()
    finally:
        for one in (phone, mobile, *callers.values()):
            one.stop()
    wait_for(lambda: not box.live().calls, 20, "everybody to be gone")
    names = {one["called"]: one["call"] for one in box.linghe_json("calls", "--day", DAY)}
    return {
        case: box.linghe("calls", names[number_of(*case)], "--language", "en") for case in CASES
    }


def calls_in(box, folder, why, way):
    last = (WAIT_BYE,) if way in ("flow", "hangup") else (pause(3500), BYE)
    number = number_of(why, way)
    steps = (invite(number, caller=f"139{number[-8:]}"), ANSWERED, ACK, *last)
    return Sipp(folder, box.sip_port, *steps)


@pytest.mark.feature("overflow: by wait, full queue, no agent; to every target")
@pytest.mark.parametrize(("why", "way"), CASES)
def test_a_caller_leaves_the_queue_by_each_limit_and_comes_where_it_leads(told, why, way):
    says = "went to voicemail" if way == "voicemail" else WHY[why][1]
    assert says in told[why, way]
    assert ENDS[way] in told[why, way].partition(says)[2]
