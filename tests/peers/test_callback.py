"""Called back instead of waiting, with a real caller, a desk phone and the customer's telephone."""

import pytest
from desk_box import desk_box, one_call_of, talking
from running_box import wait_for
from sipp import (
    ACK,
    ANSWERED,
    BYE,
    WAIT_BYE,
    answers,
    info_digit,
    invite,
    pause,
)
from team_site import (
    CALLED_BACK,
    PROMPTS_CALLED_BACK,
    PROMPTS_CLOSED,
    TEAM,
    called_back_later,
    straight_to_the_team,
)
from tone_prompts import phrase

CUSTOMERS = (f"139000055{number:02}" for number in range(100))
pytestmark = [pytest.mark.peer, pytest.mark.timeout(240)]

NUMBER, NIGHT = "02188885501", "02188885502"
SITE = "".join(
    [
        *(TEAM, 'agents = ["1001"]\n', CALLED_BACK),
        straight_to_the_team(NUMBER),
        called_back_later(NIGHT),
    ]
)
PROMPTS = [
    *PROMPTS_CALLED_BACK,
    (phrase("callback_whisper"), 950, 0.5),
    (phrase("callback_missed"), 1000, 0.5),
    *PROMPTS_CLOSED,
]


BUSY = """<recv request="INVITE" crlf="true"></recv>
<send retrans="500"><![CDATA[

SIP/2.0 486 Busy Here
[last_Via:]
[last_From:]
[last_To:];tag=[pid]T[call_number]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
<recv request="ACK"></recv>
"""


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    folder = tmp_path_factory.mktemp("back") / "var"
    yield from desk_box(folder, carrier_port, SITE, prompts=PROMPTS)


@pytest.fixture(autouse=True)
def nobody_is_left_to_be_called_back(box):
    yield
    for one in box.linghe_json("callbacks"):
        box.linghe("callbacks", "cancel", one["callback"], check=False)


@pytest.fixture
def customer():
    """Another one for each test, and each try of it."""
    return next(CUSTOMERS)


def callback_of(box, number):
    return next((one for one in box.live().callbacks if one.number == number), None)


def phase_of(box, number):
    one = callback_of(box, number)
    return str(one.phase) if one is not None else None


def asks(box, sipp, number, called=NUMBER):
    """A caller presses 1 while he waits (or is asked by a flow), confirms his number by 1, and is
    let go by the box."""
    keys = [info_digit("1", 2), pause(700)] if called == NUMBER else []
    sipp(
        invite(called, caller=number), ANSWERED, ACK,
        pause(1500), *keys, pause(1000), info_digit("1", 3), WAIT_BYE,
    ).finish()  # fmt: skip
    wait_for(lambda: phase_of(box, number) == "pending", 10, "the callback to be pending")


@pytest.mark.feature("callback: asked for by key, number confirmed, place kept")
@pytest.mark.feature("callback: agent first, then the customer")
def test_who_waits_is_called_back_agent_first(box, phones, sipp, customer, carrier_port):
    asks(box, sipp, customer)
    assert one_call_of(box, customer)["outcome"] == "callback"
    mobile = sipp(answers(50), WAIT_BYE, extra=("-p", str(carrier_port)))
    phone = phones("8001")
    phone.wait("CALL_INCOMING", 30)
    assert mobile.process.poll() is None and phase_of(box, customer) == "running"
    phone.say("accept")
    talking(box, "8001")
    wait_for(lambda: phase_of(box, customer) == "done", 10, "the customer to be called back")
    phone.say("hangup")
    mobile.finish()
    row = callback_of(box, customer)
    (back,) = wait_for(
        lambda: [
            one
            for one in box.linghe_json("calls", "--direction", "outbound")
            if one["called"] == customer and one.get("ended")
        ],
        10,
        "the callback's own call in the ledger",
    )
    assert (back["outcome"], back["agent"], back["first"]) == ("answered", "1001", row.first)


@pytest.mark.feature("callback: tried again, over kill -9 of control; cancelled")
def test_a_customer_who_is_busy_is_tried_later_and_a_kill_forgets_nothing(
    box, phones, sipp, customer, carrier_port
):
    asks(box, sipp, customer)
    mobile = sipp(BUSY, extra=("-p", str(carrier_port)))
    phone = phones("8001")
    phone.wait("CALL_INCOMING", 30)
    phone.say("accept")
    mobile.finish()
    phone.wait("CALL_CLOSED", 20)
    wait_for(lambda: phase_of(box, customer) == "pending", 10, "another try to be due")
    before = callback_of(box, customer)
    assert [one.result for one in before.tries] == ["busy"]
    box.kill("control")
    wait_for(box.is_answering, 20, "control to be back")
    assert callback_of(box, customer) == before
    [listed] = box.linghe_json("callbacks")
    assert listed["number"] == customer and listed["tries"][0]["agent"] == "1001"
    box.linghe("callbacks", "cancel", before.callback)
    assert phase_of(box, customer) == "cancelled"
    assert box.linghe_json("callbacks") == []


@pytest.mark.feature("flow node: callback")
def test_a_flow_registers_a_callback_and_lets_go_who_does_not_want_it(box, sipp, customer):
    asks(box, sipp, customer, NIGHT)
    assert one_call_of(box, customer)["outcome"] == "callback"
    sipp(
        invite(NIGHT, caller=(unwilling := next(CUSTOMERS))), ANSWERED, ACK,
        pause(2500), info_digit("*", 2), WAIT_BYE,
    ).finish()  # fmt: skip
    assert phase_of(box, unwilling) is None
    gone = next(CUSTOMERS)
    sipp(invite(NIGHT, caller=gone), ANSWERED, ACK, pause(1200), BYE).finish()
    assert one_call_of(box, gone)["outcome"] == "ivr"
