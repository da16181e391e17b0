"""The node say with a real caller: values that no prompt was made for, heard by their pieces."""

import numpy
import pytest
from capture import Capture
from desk_box import desk_box, one_call_of
from lane import media_port
from sipp import ACK, ANSWERED, WAIT_BYE, invite

pytestmark = pytest.mark.peer

NUMBER = "02188880009"
FLOW = f"""
[[route]]
trunk = "carrier"
number = "{NUMBER}"
flow = "balance"

[[flow]]
id = "balance"
start = "known"

[flow.node.known]
kind = "set"
variable = "balance"
value = "22.05"
next = "who"

[flow.node.who]
kind = "say"
value = "{{caller}}"
read_as = "digits"
next = "amount"

[flow.node.amount]
kind = "say"
value = "{{balance}}"
read_as = "amount"
currency = "PLN"
language = "pl"
next = "day"

[flow.node.day]
kind = "say"
value = "{{balance}}"
read_as = "date"
next = "sorry"
otherwise = "end"

[flow.node.sorry]
kind = "hangup"

[flow.node.end]
kind = "hangup"
"""


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    yield from desk_box(tmp_path_factory.mktemp("say") / "var", carrier_port, FLOW)


@pytest.mark.feature("flow node: say")
def test_a_caller_hears_his_number_and_an_amount_that_nobody_rendered(box, sipp, tmp_path):
    media = media_port()
    capture = Capture(tmp_path / "loopback.pcap")
    sipp(
        invite(NUMBER, caller="13900017777"), ANSWERED, ACK, WAIT_BYE, media=media
    ).finish()  # fmt: skip
    audio = capture.streams()[media].audio().astype(float)
    loud = numpy.abs(audio[: len(audio) // 160 * 160]).reshape(-1, 160).max(axis=1) > 500
    # six pieces of the number, "dwadzieścia dwa", "złote", "pięć", "groszy", the goodbye
    assert loud.sum() * 0.02 > 5.0, "seconds of speech"
    call = one_call_of(box, "13900017777")
    assert call["nodes"] == ["known", "who", "amount", "day", "end"]
    told = box.linghe("calls", call["call"], "--language", "en")
    assert "13900017777" in told and "22.05" in told
    assert "prompt missing" not in told
