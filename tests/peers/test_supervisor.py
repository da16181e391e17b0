"""Supervision with real phones: what each of the four hears is measured."""

import time

import numpy
import pytest
from capture import Capture, read
from desk_box import desk_box, dial, filed, one_call_of, talking, wav_file
from heard import seconds_of, tones_in
from lane import media_port
from running_box import wait_for
from sipp import ACK, ANSWERED, WAIT_BYE, invite, play, voice
from test_api_calls import Api
from test_recording_control import channels
from tone_prompts import tone

from appliance.store.places import Paths
from appliance.store.settings import SettingsStore
from appliance.vocabulary.facts_handling import SupervisionWay
from appliance.vocabulary.verbs import EndCall, Supervise

pytestmark = pytest.mark.peer

CUSTOMER, ANNA, BOSS = 700, 440, 1000
"""Hertz: who says what."""
VOICES = (CUSTOMER, ANNA, BOSS)
LEVEL = 8000
"""Amplitude of each."""


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    boss = ('pin = "4713"\n', 'pin = "4713"\nrole = "supervisor"\nsigned_in = true\n')
    folder = tmp_path_factory.mktemp("supervisor") / "var"
    yield from desk_box(folder, carrier_port, changes=[boss])


class Talk:
    """A customer and Anna, with everything that goes over the wire."""

    captures = []

    def __init__(self, box, phones, sipp, folder, number):
        self.anna = phones("8001", answer="auto", says=wav_file(folder, ANNA))
        self.boss = phones("8003", says=wav_file(folder, BOSS))
        self.capture = Capture(folder / "loopback.pcap")
        self.captures.append(self.capture)
        self.media = media_port()
        speech = voice(folder / f"{number}.pcap", tone(CUSTOMER, 90), [(1.2, "3")])
        self.caller = sipp(
            invite("02188886666", caller=number), ANSWERED, ACK, play(speech), WAIT_BYE,
            media=self.media,
        )  # fmt: skip
        self.anna.wait("CALL_ESTABLISHED")
        self.call = talking(box, "8001").call

    def ends(self, phone):
        """Who talks with the customer hangs up."""
        phone.say("hangup")
        self.caller.finish()

    def heard(self):
        """Who heard what: the customer, Anna, the supervisor."""
        streams = self.capture.streams()

        def by(phone):
            ports = [port for port in phone.rtp_ports if port in streams]
            heard = [tones_in(streams[port].audio(), VOICES) for port in ports]
            return max(heard, key=lambda one: sum(map(bool, one)), default=[])

        return tones_in(streams[self.media].audio(), VOICES), by(self.anna), by(self.boss)


@pytest.fixture(autouse=True)
def captures_end():
    """No test leaves its tcpdump running."""
    yield
    while Talk.captures:
        Talk.captures.pop().stop()


@pytest.mark.feature("listen, by code", "whisper, by code", "whisper: not in the caller's ear")
def test_listening_and_whispering_are_not_in_the_callers_ear(box, phones, sipp, tmp_path):
    talk = Talk(box, phones, sipp, tmp_path, "13900000401")
    dial(box, talk.boss, "*851001")
    talk.boss.wait("CALL_ESTABLISHED")
    time.sleep(2.0)  # listening
    talk.boss.say("sndcode", "5")
    time.sleep(2.5)  # whispering
    talk.boss.say("hangup")
    talk.ends(talk.anna)
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


@pytest.mark.feature("barge, by code", "take over, by code")
def test_barging_in_all_hear_him_and_taking_over_splits_the_talk(box, phones, sipp, tmp_path):
    talk = Talk(box, phones, sipp, tmp_path, "13900000402")
    dial(box, talk.boss, "*851001")
    talk.boss.wait("CALL_ESTABLISHED")
    talk.boss.say("sndcode", "6")
    time.sleep(2.5)  # all three
    talk.boss.say("sndcode", "7")
    talk.anna.wait("CALL_CLOSED")
    time.sleep(2.0)  # so long he talks on alone
    talk.ends(talk.boss)
    talk.boss.wait("CALL_CLOSED")
    call = one_call_of(box, "13900000402")
    assert [one["agent"] for one in call["talks"]] == ["1001", "1003"]
    assert call["talk"] == pytest.approx(sum(one["talk"] for one in call["talks"]), abs=0.01)
    customer, anna, _ = talk.heard()
    assert seconds_of(customer, ANNA, BOSS) > 1.5
    assert seconds_of(customer, BOSS) > 1.0
    assert seconds_of(anna, CUSTOMER, BOSS) > 1.5


@pytest.mark.feature("force release, by code", "supervisor: audited")
def test_forced_release_ends_the_call_and_says_who_did(box, phones, sipp, tmp_path):
    talk = Talk(box, phones, sipp, tmp_path, "13900000403")
    dial(box, talk.boss, "*851001")
    talk.boss.wait("CALL_ESTABLISHED")
    talk.boss.say("sndcode", "9")
    talk.anna.wait("CALL_CLOSED")
    talk.boss.wait("CALL_CLOSED")
    call = one_call_of(box, "13900000403")
    assert "1003 ended the call for all" in box.linghe("calls", call["call"])


@pytest.mark.feature(
    "whisper: not in the caller's channel of the recording",
    "whisper: not in the caller's ear",
)
def test_a_whisper_is_not_in_the_callers_channel_of_the_file(box, phones, sipp, tmp_path):
    talk = Talk(box, phones, sipp, tmp_path, "13900000405")
    dial(box, talk.boss, "*851001")
    talk.boss.wait("CALL_ESTABLISHED")
    talk.boss.say("sndcode", "5")

    def hears_it():
        whole = read(talk.capture.file)
        mine = [whole[port].audio() for port in talk.anna.rtp_ports if port in whole]
        return any(seconds_of(tones_in(one, VOICES), CUSTOMER, BOSS) > 3.0 for one in mine)

    wait_for(hears_it, 15, "the whisper in the agent's ear")
    talk.ends(talk.anna)
    (note,) = filed(box, "13900000405", 1)["recordings"]
    customer, ours = (tones_in(one, VOICES) for one in channels(box, note))
    assert seconds_of(customer, CUSTOMER) > 2.0
    assert seconds_of(ours, ANNA) > 2.0
    assert not any(BOSS in one for one in [*customer, *ours])
    assert not any(BOSS in one for one in talk.heard()[0])


@pytest.mark.feature("supervisor: the caller hears no click")
def test_the_caller_hears_no_click_when_he_is_listened_to_and_when_not(box, phones, sipp, tmp_path):
    """Coming, each change of what he does and leaving: the caller's stream has no gap in it, and
    the agent's tone no step that it does not have itself."""
    talk = Talk(box, phones, sipp, tmp_path, "13900000406")
    for key in ("", "5", "4", "5"):
        if key:
            talk.boss.say("sndcode", key)
        else:
            dial(box, talk.boss, "*851001")
            talk.boss.wait("CALL_ESTABLISHED")
        packets = heard_packets(talk)
        wait_for(lambda so_far=packets: heard_packets(talk) > so_far + 50, 10, "a second")
    talk.boss.say("hangup")
    talk.boss.wait("CALL_CLOSED")
    talk.ends(talk.anna)
    stream = talk.capture.streams()[talk.media]
    assert stream.lost() == 0
    samples = stream.audio()
    tones = tones_in(samples, VOICES)
    begun = next(place for place, one in enumerate(tones) if ANNA in one)
    end = len(tones) - tones[::-1].index({ANNA})
    while_anna_speaks = samples[(begun + 1) * 800 : (end - 1) * 800].astype(int)
    assert len(while_anna_speaks) > 3 * 8000
    own = 2 * numpy.pi * ANNA / 8000 * LEVEL
    step = int(numpy.abs(numpy.diff(while_anna_speaks)).max())
    print(f"largest step {step}, the tone's own {own:.0f}")
    assert step <= 1.35 * own


def heard_packets(talk):
    """How much the caller has been sent."""
    found = read(talk.capture.file).get(talk.media)
    return 0 if found is None else len(found.packets)


@pytest.mark.feature("supervisor: the role is checked, by code")
def test_a_phone_without_the_role_hears_nothing_of_it(box, phones, sipp, tmp_path):
    """Agent 1002 is signed in at 8002, and no supervisor; 8001's own agent may not either."""
    talk = Talk(box, phones, sipp, tmp_path, "13900000407")
    ben = phones("8002")
    dial(box, ben, "*851001")
    ben.wait("CALL_CLOSED")
    talk.ends(talk.anna)
    told = box.linghe("calls", one_call_of(box, "13900000407")["call"])
    assert not any(word in told for word in ("listens to", "whispers to")), told
    streams = talk.capture.streams()
    heard = [tones_in(streams[port].audio(), VOICES) for port in ben.rtp_ports if port in streams]
    assert not any(CUSTOMER in one or ANNA in one for stream in heard for one in stream)


@pytest.fixture(scope="module")
def api(box):
    program = Api(box)
    yield program
    program.close()


def audited(box):
    """What the audit log has of programs' supervision, newest first."""
    store = SettingsStore(Paths(box.folder).settings)
    try:
        return [
            line for line in store.audit.latest() if "supervise" in f"{line.what} {line.detail}"
        ]
    finally:
        store.close()


@pytest.mark.feature(
    "listen, by API",
    "whisper, by API",
    "barge, by API",
    "take over, by API",
    "supervisor: the role is checked, by API",
    "supervisor: audited",
)
def test_by_api_each_way_is_heard_refused_without_the_role_and_audited(
    box, api, phones, sipp, tmp_path
):
    talk = Talk(box, phones, sipp, tmp_path, "13900000408")
    verb = f"/calls/{talk.call}/supervise"
    assert api.refusal(verb, {"extension": "8001", "way": "listen"}) == "not_allowed"
    ways = (
        ("listen", talk.boss, {CUSTOMER, ANNA}),
        ("whisper", talk.anna, {CUSTOMER, BOSS}),
        ("barge", None, {ANNA, BOSS}),
        ("take_over", None, {BOSS}),
    )
    for way, phone, sounds in ways:
        api.does(verb, {"extension": "8003", "way": way})
        if way == "listen":
            talk.boss.wait("CALL_INCOMING")
            talk.boss.say("accept")
            talk.boss.wait("CALL_ESTABLISHED")
        ports = [talk.media] if phone is None else phone.rtp_ports

        def is_heard(ports=ports, sounds=sounds):
            whole = read(talk.capture.file)
            last = [whole[one].audio()[-8000:] for one in ports if one in whole]
            return any(seconds_of(tones_in(one, VOICES), *sounds) > 0.5 for one in last)

        wait_for(is_heard, 10, f"{way}: {sounds}")
    talk.anna.wait("CALL_CLOSED")
    told = api.told(talk.call, *["supervised"] * 4)
    assert [one["way"] for one in told if one["event"] == "supervised"][:4] == [
        way for way, _, _ in ways
    ]
    api.does(f"/calls/{talk.call}/hangup")
    talk.boss.wait("CALL_CLOSED")
    lines = [f"{one.by} {one.what} {one.detail}" for one in audited(box)]
    for way, _, _ in ways:
        assert any(way in line and "crm" in line for line in lines), (way, lines)
    assert any("not_allowed" in line for line in lines), lines


@pytest.mark.feature("force release, by API")
def test_forced_release_by_api_ends_the_call_for_all(box, api, phones, sipp, tmp_path):
    talk = Talk(box, phones, sipp, tmp_path, "13900000409")
    dial(box, talk.boss, "*851001")
    talk.boss.wait("CALL_ESTABLISHED")
    api.does(f"/calls/{talk.call}/hangup")
    talk.anna.wait("CALL_CLOSED")
    talk.boss.wait("CALL_CLOSED")

    def released():
        moments = api.get(f"/calls/{talk.call}/timeline")["moments"]
        return "ForcedRelease" in [one["kind"] for one in moments]

    wait_for(released, 5, "who ended it in the timeline")


def test_by_verb_the_supervisors_phone_rings_and_he_listens(box, phones, sipp, tmp_path):
    talk = Talk(box, phones, sipp, tmp_path, "13900000404")
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
