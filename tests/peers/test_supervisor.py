"""Supervision with real phones: what each of the four hears is measured."""

import time

import pytest
from capture import Capture
from desk_box import desk_box, dial, filed, one_call_of, talking, wav_file
from heard import seconds_of, tones_in
from running_box import free_port, wait_for
from sipp import ACK, ANSWERED, BYE, invite, pause, play, voice
from tone_prompts import tone

from appliance.vocabulary.facts_handling import SupervisionWay
from appliance.vocabulary.verbs import EndCall, Supervise

pytestmark = pytest.mark.peer

CUSTOMER, ANNA, BOSS = 700, 440, 1000
"""Hertz: who says what."""
VOICES = (CUSTOMER, ANNA, BOSS)


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    boss = ('pin = "4713"\n', 'pin = "4713"\nrole = "supervisor"\nsigned_in = true\n')
    folder = tmp_path_factory.mktemp("supervisor") / "var"
    yield from desk_box(folder, carrier_port, changes=[boss])


class Talk:
    """A customer and Anna, with everything that goes over the wire."""

    def __init__(self, box, phones, sipp, folder, number, milliseconds=14000):
        self.anna = phones("8001", answer="auto", says=wav_file(folder, ANNA))
        self.boss = phones("8003", says=wav_file(folder, BOSS))
        self.capture = Capture(folder / "loopback.pcap")
        self.media = free_port()
        seconds = milliseconds / 1000 + 1
        speech = voice(folder / f"{number}.pcap", tone(CUSTOMER, seconds), [(1.2, "3")])
        self.caller = sipp(
            invite("02188886666", caller=number), ANSWERED, ACK, play(speech),
            pause(milliseconds), BYE, media=self.media,
        )  # fmt: skip
        self.anna.wait("CALL_ESTABLISHED")
        self.call = talking(box, "8001").call

    def heard(self):
        """Who heard what: the customer, Anna, the supervisor."""
        streams = self.capture.streams()

        def by(phone):
            ports = [port for port in phone.rtp_ports if port in streams]
            heard = [tones_in(streams[port].audio(), VOICES) for port in ports]
            return max(heard, key=lambda one: sum(map(bool, one)), default=[])

        return tones_in(streams[self.media].audio(), VOICES), by(self.anna), by(self.boss)


def test_listening_and_whispering_are_not_in_the_callers_ear(box, phones, sipp, tmp_path):
    talk = Talk(box, phones, sipp, tmp_path, "13900000401")
    dial(box, talk.boss, "*851001")
    talk.boss.wait("CALL_ESTABLISHED")
    time.sleep(2.0)  # listening
    talk.boss.say("sndcode", "5")
    time.sleep(2.5)  # whispering
    talk.boss.say("hangup")
    talk.caller.finish()
    call = one_call_of(box, "13900000401")
    told = box.linghe("calls", call["call"])
    assert "supervisor 1003 listens to 1001" in told
    assert "supervisor 1003 whispers to 1001" in told
    assert len(filed(box, "13900000401", 1)["recordings"]) == 1
    assert len(call["talks"]) == 1
    customer, anna, boss = talk.heard()
    assert not any(BOSS in one for one in customer)
    assert seconds_of(boss, CUSTOMER, ANNA) > 3.0
    assert seconds_of(anna, CUSTOMER, BOSS) > 1.5
    talk_of_anna = [place for place, one in enumerate(customer) if ANNA in one]
    first, last = talk_of_anna[0], talk_of_anna[-1]
    assert last - first > 40
    assert len(talk_of_anna) >= last - first, "the caller heard the agent all the time"


def test_barging_in_all_hear_him_and_taking_over_splits_the_talk(box, phones, sipp, tmp_path):
    talk = Talk(box, phones, sipp, tmp_path, "13900000402")
    dial(box, talk.boss, "*851001")
    talk.boss.wait("CALL_ESTABLISHED")
    talk.boss.say("sndcode", "6")
    time.sleep(2.5)  # all three
    talk.boss.say("sndcode", "7")
    talk.anna.wait("CALL_CLOSED")
    talk.caller.finish()
    talk.boss.wait("CALL_CLOSED")
    call = one_call_of(box, "13900000402")
    assert [one["agent"] for one in call["talks"]] == ["1001", "1003"]
    assert call["talk"] == pytest.approx(sum(one["talk"] for one in call["talks"]), abs=0.01)
    customer, anna, _ = talk.heard()
    assert seconds_of(customer, ANNA, BOSS) > 1.5
    assert seconds_of(customer, BOSS) > 1.0
    assert seconds_of(anna, CUSTOMER, BOSS) > 1.5


def test_forced_release_ends_the_call_and_says_who_did(box, phones, sipp, tmp_path):
    talk = Talk(box, phones, sipp, tmp_path, "13900000403", milliseconds=6000)
    dial(box, talk.boss, "*851001")
    talk.boss.wait("CALL_ESTABLISHED")
    talk.boss.say("sndcode", "9")
    talk.anna.wait("CALL_CLOSED")
    talk.boss.wait("CALL_CLOSED")
    call = one_call_of(box, "13900000403")
    assert "1003 ended the call for all" in box.linghe("calls", call["call"])


def test_by_verb_the_supervisors_phone_rings_and_he_listens(box, phones, sipp, tmp_path):
    talk = Talk(box, phones, sipp, tmp_path, "13900000404", milliseconds=9000)
    asked = Supervise(
        ask="1", by="test", call=talk.call, extension="8003", way=SupervisionWay.LISTEN
    )
    assert not box.ask(asked).problem
    talk.boss.wait("CALL_INCOMING")
    talk.boss.say("accept")
    talk.boss.wait("CALL_ESTABLISHED")
    refused = Supervise(
        ask="2", by="test", call=talk.call, extension="8001", way=SupervisionWay.LISTEN
    )
    assert box.ask(refused).problem == "not_allowed"
    told = wait_for(
        lambda: "supervisor 1003 listens" in box.linghe("calls", talk.call), 5, "his joining"
    )
    assert told
    assert not box.ask(EndCall(ask="3", by="test", call=talk.call)).problem
    talk.anna.wait("CALL_CLOSED")
