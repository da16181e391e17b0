"""A power cut as far as processes go: supervisor and all die at one moment, in the middle of a
call, and the last bytes that nobody had forced to the disk are lost. What people had keyed in at
their phones (forwarding, do not disturb, who is signed in) holds when the phones ring again, and
the call that was cut stands ended in the ledger, with its recording, and as long as that.
"""

import shutil

import pytest
from baresip import Baresip
from box_log import times_told, tracebacks
from desk_box import desk_box, dial, filed
from ledger_checks import WrittenDown, not_reconciled, talks_that_do_not_add_up, unpaired
from power_cut import cut_the_power, lose_the_last_bytes
from running_box import free_port, wait_for
from sipp import ACK, ANSWERED, WAIT_BYE, Sipp, info_digit, invite, pause, play, voice
from tone_prompts import tone

pytestmark = [pytest.mark.fault, pytest.mark.peer, pytest.mark.timeout(180)]

NUMBERS = ("8001", "8002", "8003")
MENU_BEGINS_MS = 1200
TALK_SECONDS = 5.0
AGREE_SECONDS = 2.0
"""Talk in the ledger against audio in the file: a mark of life a second, and a slow disk."""


@pytest.fixture
def box(tmp_path):
    if shutil.which("sipp") is None or shutil.which("baresip") is None:
        pytest.skip("sipp or baresip is not installed (make test installs them)")
    for running in desk_box(tmp_path / "var", free_port()):
        yield running
        assert not tracebacks(running)


class Shop:
    """Three phones and whoever calls; all of them lose their power too."""

    def __init__(self, box, folder):
        self.box, self.folder = box, folder
        self.phones, self.callers = {}, []

    def switch_on(self):
        for number in NUMBERS:
            phone = Baresip(self.folder, self.box.sip_port, number, f"test-only-secret-of-{number}")
            self.phones[number] = phone
        wait_for(self.are_registered, 30, "all phones to be registered")

    def are_registered(self):
        lines = {line.name: line for line in self.box.live().lines if line.is_up}
        return all(
            number in lines and f":{phone.sip_port}" in lines[number].text
            for number, phone in self.phones.items()
        )

    def switch_off(self):
        for one in (*self.phones.values(), *self.callers):
            one.stop()

    def keys_in(self, number, code):
        """Key a code in and hear the box out."""
        phone = self.phones[number]
        before = len(phone.has("CALL_CLOSED"))
        dial(self.box, phone, code)
        phone.wait("CALL_CLOSED", count=before + 1)

    def calls_anna(self, number):
        """A customer who presses 3, and speaks until he is hung up."""
        speech = play(voice(self.folder / f"{number}.pcap", tone(700, 60)))
        steps = (ANSWERED, ACK, speech, pause(MENU_BEGINS_MS), info_digit("3", 2), WAIT_BYE)
        caller = Sipp(self.folder, self.box.sip_port, invite("02188886666", caller=number), *steps)
        self.callers.append(caller)
        return caller

    def agent(self, name):
        return next(one for one in self.box.live().agents if one.agent == name)


@pytest.fixture
def shop(box, tmp_path):
    made = Shop(box, tmp_path)
    try:
        made.switch_on()
        yield made
    finally:
        made.switch_off()


@pytest.mark.feature("wishes outlive a power cut")
def test_what_was_keyed_in_holds_after_a_power_cut_in_the_middle_of_a_call(shop, box):
    shop.keys_in("8001", "*728003")
    shop.keys_in("8002", "*78")
    shop.keys_in("8003", "*801003*4713")
    assert shop.agent("1003").state == "ready"
    shop.calls_anna("13900000801")
    cleo = shop.phones["8003"]
    cleo.wait("CALL_INCOMING")
    talks = times_told(box, "talking:")
    cleo.say("accept")
    wait_for(lambda: times_told(box, "talking:") > talks, 10, "the talk to begin")
    is_told = last_told(box)
    wait_for(lambda: marked(box) >= is_told + TALK_SECONDS, 30, "the talk to last a while")

    cut_the_power(box)
    shop.switch_off()
    lose_the_last_bytes(box)
    box.start()
    shop.switch_on()

    anna, ben, cleo = (shop.phones[number] for number in NUMBERS)
    assert (shop.agent("1003").state, shop.agent("1003").extension) == ("ready", "8003")
    caller = shop.calls_anna("13900000802")
    cleo.wait("CALL_INCOMING")
    cleo.say("accept")
    cleo.wait("CALL_ESTABLISHED")
    cleo.say("hangup")
    caller.finish(20)
    dial(box, anna, "8002")
    anna.wait("CALL_CLOSED")
    assert not anna.has("CALL_ESTABLISHED")
    assert not [*anna.has("CALL_INCOMING"), *ben.has("CALL_INCOMING")]
    cut = filed(box, "13900000801", 1)
    (recording,) = cut["recordings"]
    assert cut["cause"] == "box_restarted"
    assert cut["talk"] >= TALK_SECONDS - 1.0
    assert abs(cut["talk"] - recording["seconds"]) <= AGREE_SECONDS, cut
    assert cut["talks"][0]["talk"] == cut["talk"]
    assert not wrong(box)


def last_told(box):
    """When the ledger's last entry was written, by the box's clock."""
    return max(one.at for one in WrittenDown(box).entries)


def marked(box):
    """Until when the box is known to have been alive, by its mark on the disk."""
    return float((box.folder / "state" / "alive").read_bytes()[:20])


def wrong(box):
    written = WrittenDown(box)
    return [
        *unpaired(written),
        *talks_that_do_not_add_up(written),
        *not_reconciled(written),
    ]
