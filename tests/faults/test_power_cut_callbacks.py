"""A power cut while somebody is to be called back: he keeps his place, and is called once."""

import shutil

import pytest
from baresip import Baresip
from box_log import tracebacks
from desk_box import desk_box, talking
from power_cut import cut_the_power, lose_the_last_bytes
from running_box import free_port, wait_for
from sipp import ACK, ANSWERED, WAIT_BYE, Sipp, answers, info_digit, invite, pause
from team_site import CALLED_BACK, PROMPTS_CALLED_BACK, TEAM, straight_to_the_team
from tone_prompts import phrase

pytestmark = [pytest.mark.fault, pytest.mark.peer, pytest.mark.timeout(300)]

NUMBER = "02188885701"
CUSTOMERS = ("13900005701", "13900005702")
SITE = "".join([TEAM, 'agents = ["1001"]\n', CALLED_BACK, straight_to_the_team(NUMBER)])
PROMPTS = [*PROMPTS_CALLED_BACK, (phrase("callback_whisper"), 950, 0.5)]


@pytest.fixture
def carrier_port():
    return free_port()


@pytest.fixture
def box(tmp_path, carrier_port):
    if shutil.which("sipp") is None or shutil.which("baresip") is None:
        pytest.skip("sipp or baresip is not installed (make test installs them)")
    for running in desk_box(tmp_path / "var", carrier_port, SITE, prompts=PROMPTS):
        yield running
        assert not tracebacks(running)


def phases(box):
    return {one.number: str(one.phase) for one in box.live().callbacks}


@pytest.mark.feature("callback: pending over a power cut, made once")
def test_who_waits_to_be_called_back_is_called_once_after_a_power_cut(box, tmp_path, carrier_port):
    for place, number in enumerate(CUSTOMERS, 1):
        Sipp(
            tmp_path, box.sip_port, invite(NUMBER, caller=number), ANSWERED, ACK,
            pause(1500), info_digit("1", 2), pause(1700), info_digit("1", 3), WAIT_BYE,
        ).finish()  # fmt: skip
        wait_for(lambda wanted=place: len(phases(box)) == wanted, 10, "the callback")
    before = {one.number: (one.callback, one.since) for one in box.live().callbacks}
    assert set(phases(box).values()) == {"pending"}

    cut_the_power(box)
    lose_the_last_bytes(box)
    box.start()
    after = {one.number: (one.callback, one.since) for one in box.live().callbacks}
    assert after == before and set(phases(box).values()) == {"pending"}

    mobile = Sipp(
        tmp_path, box.sip_port, answers(50), WAIT_BYE, calls=2, extra=("-p", str(carrier_port))
    )
    phone = Baresip(tmp_path, box.sip_port, "8001", "test-only-secret-of-8001")
    try:
        for count, number in enumerate(CUSTOMERS, 1):
            # An attempt without a phone that is there comes again a minute later.
            phone.wait("CALL_INCOMING", 100, count=count)
            phone.say("accept")
            wait_for(lambda one=number: phases(box).get(one) == "done", 20, f"{number} called")
            talking(box, "8001")
            phone.say("hangup")
            phone.wait("CALL_CLOSED", 20, count=count)
        mobile.finish()
    finally:
        phone.stop()
        mobile.stop()
    wait_for(lambda: not box.live().calls, 20, "all calls to end")
    outside = [
        one["called"]
        for one in box.linghe_json("calls", "--direction", "outbound")
        if one["called"] in CUSTOMERS
    ]
    assert sorted(outside) == sorted(CUSTOMERS), "each of them once, in their order"
    assert box.linghe_json("callbacks") == []
