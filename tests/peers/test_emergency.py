"""Emergency numbers with real peers: past rights, a full trunk, a dead trunk; in the ledger."""

import pytest
from desk_box import calls_of, desk_box, dial
from running_box import free_port, wait_for
from sipp import WAIT_BYE, answers

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def second_port():
    return free_port()


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port, second_port):
    trunk = f'[[trunk]]\nid = "second"\nhost = "127.0.0.1"\nport = {second_port}\n'
    poor = [
        ("channels = 1000", "channels = 1"),
        ('allow = ["local", "national"]', "allow = []"),
        ('name = "Anna"\nsecret', 'name = "Anna"\nmay_dial = []\ndo_not_disturb = true\nsecret'),
    ]
    folder = tmp_path_factory.mktemp("emergency") / "var"
    yield from desk_box(folder, carrier_port, trunk, changes=poor)


@pytest.mark.feature("numbers: emergency")
def test_it_goes_out_without_any_right_when_the_first_trunk_is_dead(box, phones, sipp, second_port):
    anna = phones("8001")
    second = sipp(answers(), WAIT_BYE, extra=("-p", str(second_port)))
    dial(box, anna, "110")
    anna.wait("CALL_ESTABLISHED", 40)
    anna.say("hangup")
    second.finish()
    call = wait_for(lambda: [one for one in calls_of(box, "8001") if one.get("ended")], 5)[0]
    assert (call["called"], call["is_emergency"]) == ("110", True)
    told = box.linghe("calls", call["call"])
    assert "emergency number 110" in told


@pytest.mark.feature("numbers: emergency")
def test_it_goes_out_through_a_trunk_whose_channels_are_all_in_use(box, phones, sipp, carrier_port):
    anna, ben = phones("8001"), phones("8002")
    carrier = sipp(answers(), WAIT_BYE, calls=2, extra=("-p", str(carrier_port)))
    dial(box, ben, "119")
    ben.wait("CALL_ESTABLISHED")
    dial(box, anna, "9120")
    anna.wait("CALL_ESTABLISHED")
    assert not ben.has("CALL_CLOSED")
    for phone in (anna, ben):
        phone.say("hangup")
    carrier.finish()
