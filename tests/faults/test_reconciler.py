"""The reconciler on a real box: control is killed with -9, and what it kept is not what is true.

Each test loses or spoils slots in the file that the next control takes up (tests/fakes/kept_state):
a leg, an agent, a phone, a visit, a call. Within ten seconds nobody may be stuck: far ends that no
call has are hung up, the media worker holds nothing, the agent is rung for the next caller, a line
of the log says what was mended, and the ledger adds up.
"""

import os
import shutil
import signal
import time
from pathlib import Path

import pytest
from baresip import Baresip
from box_log import times_told, tracebacks
from desk_box import desk_box
from kept_state import altered
from ledger_checks import (
    WrittenDown,
    gaps_of_agents,
    not_reconciled,
    talks_that_do_not_add_up,
    unpaired,
)
from rtp_far_end import MediaLink
from running_box import free_port, wait_for
from sipp import ACK, PROVISIONAL, WAIT_BYE, Sipp, invite

pytestmark = [pytest.mark.fault, pytest.mark.peer, pytest.mark.timeout(180)]

HEALED_SECONDS = 10.0
STRAIGHT = """
[[flow]]
id = "straight"
start = "notice"

[flow.node.notice]
kind = "play"
text = "Welcome to Bread and Co. This call is recorded."
next = "orders"

[flow.node.orders]
kind = "queue"
queue = "orders"

[[route]]
trunk = "carrier"
number = "4001"
flow = "straight"
"""
ONE_AGENT = ('agents = ["1001", "1002"]', 'agents = ["1001"]')


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    if shutil.which("sipp") is None or shutil.which("baresip") is None:
        pytest.skip("sipp or baresip is not installed (make test installs them)")
    folder = tmp_path_factory.mktemp("reconciler") / "var"
    for running in desk_box(folder, free_port(), STRAIGHT, changes=[ONE_AGENT]):
        yield running
        assert not tracebacks(running)


class Shop:
    """One agent at his phone, and callers."""

    def __init__(self, box, folder):
        self.box, self.folder = box, folder
        self.phone = Baresip(folder, box.sip_port, "8001", "test-only-secret-of-8001")
        self.callers = []
        self.rung = 0
        """Calls that came to the phone, the one that was picked up last included."""
        self.log_from = 0
        self.fault_at = 0.0
        wait_for(lambda: self.agent() == "ready", 20, "agent 1001 to be ready")

    # --- people ---
    def calls(self, number):
        """A caller, who waits for the box's BYE."""
        answered = f'{PROVISIONAL}<recv response="200" rrs="true"></recv>\n'
        steps = (invite("4001", caller=number), answered, ACK, WAIT_BYE)
        one = Sipp(self.folder, self.box.sip_port, *steps)
        self.callers.append(one)
        return one

    def talks(self, number):
        """A caller who talks with the agent: he and the call."""
        caller = self.calls(number)
        self.picks_up()
        (call,) = self.box.live().calls
        return caller, call

    def picks_up(self):
        count = len(self.phone.has("CALL_ESTABLISHED")) + 1
        talks = times_told(self.box, "talking: 1001")
        wait_for(lambda: self.rings(), 20, "the agent's phone to ring")
        self.rung = len(self.phone.has("CALL_INCOMING"))
        self.phone.say("accept")
        self.phone.wait("CALL_ESTABLISHED", count=count)
        wait_for(lambda: times_told(self.box, "talking: 1001") > talks, 10, "the talk to begin")

    def is_served(self, number):
        """The next caller is rung through, answered, and hung up by the agent."""
        caller = self.calls(number)
        self.picks_up()
        self.phone.say("hangup")
        caller.finish(20)

    # --- what is to be seen ---
    def rings(self):
        return self.agent() == "ringing" and len(self.phone.has("CALL_INCOMING")) > self.rung

    def agent(self):
        return next(one.state for one in self.box.live().agents if one.agent == "1001")

    def fault(self):
        """The block spoils what the killed control kept."""
        self.log_from = len(self.log())
        self.fault_at = time.monotonic()
        return altered(self.box)

    def log(self):
        return Path(self.box.log.name).read_text(errors="replace")

    def told(self, what):
        """Wait until the log says that it was mended."""

        def lines():
            return [one for one in self.log()[self.log_from :].splitlines() if "mended:" in one]

        wait_for(lambda: any(what in one for one in lines()), HEALED_SECONDS, f"{what} in the log")
        return lines()

    def within_ten_seconds(self, is_healed, what):
        wait_for(is_healed, HEALED_SECONDS, what)
        assert time.monotonic() - self.fault_at < HEALED_SECONDS, what

    def has_no_audio(self):
        (worker,) = self.box.status().workers
        return worker.is_up and worker.legs == 0

    def all_quiet(self):
        """No call, no stream in the media worker, nobody on the agent's phone."""
        quiet = len(self.phone.has("CALL_CLOSED")) == len(self.phone.has("CALL_INCOMING"))
        return quiet and not self.box.live().calls and self.has_no_audio()

    def close(self):
        for one in (self.phone, *self.callers):
            one.stop()


@pytest.fixture
def shop(box, tmp_path):
    made = Shop(box, tmp_path)
    try:
        yield made
        wait_for(made.all_quiet, 10, "nothing to be left")
    finally:
        made.close()
    wait_for(lambda: not wrong(box), 10, f"the ledger to add up: {wrong(box)}")


def wrong(box):
    written = WrittenDown(box)
    return [
        *unpaired(written),
        *talks_that_do_not_add_up(written),
        *not_reconciled(written),
        *gaps_of_agents(written),
    ]


def slots_of(kept, call, role):
    """The leg's slot and its dialog's."""
    legs = kept.of(f"call:{call.call}")["legs"]
    leg = next(one["leg"] for one in legs if one["role"] == role)
    return f"line:{leg}", f"dialog:{kept.of(f'line:{leg}')['dialog']}"


@pytest.mark.feature("reconciler heals within 10 s, and says so")
@pytest.mark.parametrize("role", ["called", "caller"])
def test_a_lost_leg_ends_the_talk_at_both_ends(shop, role):
    caller, call = shop.talks("13900000701")
    with shop.fault() as kept:
        kept.lose(slots_of(kept, call, role)[0])
    shop.within_ten_seconds(shop.all_quiet, "nobody to be in a call")
    caller.finish(5)
    who = "8001" if role == "called" else "the caller"
    shop.told(f"the leg of {who} had no far end any more")
    shop.told("a far end was in no call; it was hung up")
    shop.is_served("13900000702")


@pytest.mark.feature("reconciler heals within 10 s, and says so")
def test_a_lost_dialog_is_a_far_end_that_is_gone(shop):
    """The box cannot tell that phone any more; everybody else is told."""
    caller, call = shop.talks("13900000703")
    with shop.fault() as kept:
        kept.lose(slots_of(kept, call, "called")[1])
    shop.within_ten_seconds(lambda: not shop.box.live().calls, "the call to be over")
    caller.finish(5)
    shop.told("the leg of 8001 had no far end any more; it counts as hung up")
    shop.phone.say("hangup")
    shop.phone.wait("CALL_CLOSED")
    shop.is_served("13900000704")


@pytest.mark.feature("reconciler heals within 10 s, and says so")
def test_a_lost_call_leaves_nobody_on_the_line(shop):
    caller, call = shop.talks("13900000705")
    with shop.fault() as kept:
        kept.lose(f"call:{call.call}")
    shop.within_ten_seconds(shop.all_quiet, "nobody to be in a call")
    caller.finish(5)
    shop.told(f"agent 1001 was talking in call {call.call}, which is over; he is out of it")
    lines = shop.told("a far end was in no call; it was hung up")
    assert sum("a far end was in no call" in one for one in lines) == 2
    shop.is_served("13900000706")


@pytest.mark.feature("reconciler heals within 10 s, and says so")
def test_an_agent_who_was_forgotten_while_he_talks_is_not_rung(shop):
    caller, call = shop.talks("13900000707")
    with shop.fault() as kept:
        kept.lose("agent:1001")
    shop.told("agent 1001 was in a call and taken for free")
    assert shop.agent() == "talking"
    second = shop.calls("13900000708")
    wait_for(lambda: len(shop.box.live().calls) == 2, 10, "the second caller")
    wait_for(lambda: any(one.waiting for one in shop.box.live().queues), 10, "him to wait")
    assert len(shop.phone.has("CALL_INCOMING")) == 1
    shop.phone.say("hangup")
    caller.finish(10)
    shop.picks_up()
    shop.phone.say("hangup")
    second.finish(10)


@pytest.mark.feature("reconciler heals within 10 s, and says so")
@pytest.mark.parametrize("has_answered", [True, False])
def test_an_agent_in_a_call_that_is_no_more_is_rung_again(shop, has_answered):
    with shop.fault() as kept:
        kept.change(
            "agent:1001", call="c-gone", queue="orders", has_answered=has_answered, visit=None
        )
    shop.within_ten_seconds(lambda: shop.agent() == "ready", "the agent to be free")
    shop.told("agent 1001 was ringing for nobody" if not has_answered else "in call c-gone, which")
    shop.is_served("13900000709")


@pytest.mark.feature("reconciler heals within 10 s, and says so")
def test_an_agent_in_another_call_than_his_own_is_put_right(shop):
    """The call is there, and he has no leg in it: an echo test of another phone."""
    other = Baresip(shop.folder, shop.box.sip_port, "8003", "test-only-secret-of-8003")
    try:
        wait_for(lambda: line_is_up(shop.box, "8003"), 20, "8003 to be registered")
        other.say("dial", f"sip:*43@127.0.0.1:{shop.box.sip_port}")
        other.wait("CALL_ESTABLISHED")
        (echo,) = shop.box.live().calls
        with shop.fault() as kept:
            kept.change("agent:1001", call=echo.call, queue="orders", has_answered=True, visit=None)
        shop.within_ten_seconds(lambda: shop.agent() == "ready", "the agent to be free")
        shop.told("agent 1001 was talking in a call without him; he is out of it")
        assert not other.has("CALL_CLOSED")
        shop.is_served("13900000710")
    finally:
        other.stop()


def line_is_up(box, number):
    return any(line.name == number and line.is_up for line in box.live().lines)


@pytest.mark.feature("reconciler heals within 10 s, and says so")
def test_a_phone_busy_with_a_dead_call_is_free(shop):
    with shop.fault() as kept:
        kept.change("phone:8001", calls={"c-gone": False})
    shop.within_ten_seconds(lambda: shop.agent() == "ready", "the agent to be free")
    shop.told("phone 8001 was busy with call c-gone, which is over; it is free")
    shop.is_served("13900000711")


@pytest.mark.feature("reconciler heals within 10 s, and says so")
def test_a_visit_without_its_call_keeps_nobody_from_the_next_caller(shop):
    caller = shop.calls("13900000712")
    shop.phone.wait("CALL_INCOMING")
    with shop.fault() as kept:
        (visit,) = kept.names("visit:")
        ghost = kept.of(visit) | {"visit": "v-ghost", "call": "c-gone", "agent": None}
        ghost |= {"entered_at": ghost["entered_at"] - 60.0, "ring_until": None, "beside": []}
        kept.put("visit:v-ghost", ghost)
    shop.told("a caller waited in orders whose call c-gone is over; he was taken out")
    shop.picks_up()
    shop.phone.say("hangup")
    caller.finish(10)


@pytest.mark.feature("reconciler heals within 10 s, and says so")
def test_a_caller_whose_visit_was_lost_waits_again_and_is_served(shop):
    caller = shop.calls("13900000713")
    shop.phone.wait("CALL_INCOMING")
    with shop.fault() as kept:
        kept.lose(*kept.names("visit:"))
    shop.told("a caller waited in no queue; he waits in orders again")
    assert time.monotonic() - shop.fault_at < HEALED_SECONDS
    wait_for(lambda: len(shop.phone.has("CALL_INCOMING")) == 2, 10, "his phone to ring again")
    shop.picks_up()
    shop.phone.say("hangup")
    caller.finish(10)


@pytest.mark.feature("reconciler heals within 10 s, and says so")
def test_audio_that_control_knows_nothing_of_is_ended(shop):
    """Somebody spoke to the media worker in control's place: a stream of his is left there."""
    caller, _ = shop.talks("13900000714")
    shop.log_from = len(shop.log())
    control = shop.box.pid("control")
    os.kill(control, signal.SIGSTOP)
    try:
        link = MediaLink(shop.box.folder / "run" / "media-0.sock")
        link.claim("l-ghost", "c-ghost")
        link.close()
    finally:
        os.kill(control, signal.SIGCONT)
    shop.told("leg=l-ghost mended: audio that no call had; it was ended")
    wait_for(lambda: shop.box.status().workers[0].legs == 2, 10, "two streams: the talk's")
    shop.phone.say("hangup")
    caller.finish(10)
