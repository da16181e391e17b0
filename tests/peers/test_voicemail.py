"""Voicemail on a running box: left by sipp, heard and deleted at a baresip phone, e-mailed."""

import io
import itertools
import time
import wave

import numpy
import pytest
from capture import Capture, read
from desk_box import DAY, calls_of, channels, desk_box, dial, filed, one_call_of
from mail_server import MailServer
from running_box import wait_for
from sipp import ACK, ANSWERED, BYE, WAIT_BYE, answers, invite, pause, play, voice
from tone_prompts import loudest, phrase, text, tone

from appliance.signals.g711 import decode_alaw
from appliance.vocabulary.say import SayKind
from appliance.vocabulary.settings import Language
from appliance.vocabulary.speech import Utterance
from appliance.vocabulary.verbs import AskId, DeleteMessage, ListMessages

pytestmark = pytest.mark.peer

NUMBER = "02188886601"
CALLERS = [f"139000009{number:02}" for number in range(20)]
_callers = iter(CALLERS)
GREETING, SAVED, PIN, NEW, ONE, MESSAGE, TIME = 500, 560, 900, 1000, 1050, 1100, 1350
OF, DIGITS, AT, DATE, KEYS, DELETED, LAST, MENU, WRONG = (
    1150, 1200, 1250, 1300, 1400, 1500, 1600, 1700, 1800,
)  # fmt: skip
VOICE = 700
"""Hertz."""
SITE = f"""
[[route]]
trunk = "carrier"
number = "{NUMBER}"
flow = "machine"

[[flow]]
id = "machine"
start = "message"

[flow.node.message]
kind = "voicemail"
box = "shop"

[[voicemail_box]]
id = "shop"
name = "Shop"
number = "70"
pin = "4711"
greeting = "Day and night."
calendar = "week"
silence_seconds = 3
email = ["anna@bakery.test"]

[[calendar]]
id = "week"
open = [{{ days = "mon-sun", from = "00:00", to = "23:59" }}]

[mail]
server = "127.0.0.1"
port = MAIL_PORT
security = "none"
from = "box@bakery.test"
"""


def said(kind, value):
    return Utterance(language=Language.EN, said=kind, text=value)


PROMPTS = (
    (text("Day and night."), GREETING, 0.6),
    (phrase("message_saved"), SAVED, 0.6),
    (phrase("mailbox_pin"), PIN, 2.0),
    (phrase("mailbox_new"), NEW, 0.6),
    (said(SayKind.NUMBER, "1"), ONE, 0.6),
    (phrase("mailbox_message_new"), MESSAGE, 0.6),
    (phrase("mailbox_caller"), OF, 0.6),
    *((said(SayKind.DIGITS, one), DIGITS, 0.6) for one in CALLERS),
    (phrase("mailbox_received"), AT, 0.6),
    (said(SayKind.DATE, DAY), DATE, 0.6),
    *((said(SayKind.TIME, f"10:{minute:02}"), TIME, 0.6) for minute in range(60)),
    (phrase("mailbox_keys"), KEYS, 3.0),
    (phrase("mailbox_deleted"), DELETED, 0.6),
    (phrase("mailbox_last"), LAST, 0.6),
    (phrase("mailbox_menu"), MENU, 3.0),
    (phrase("mailbox_wrong_pin"), WRONG, 0.6),
    (phrase("mailbox_calling"), 1900, 0.6),
)


@pytest.fixture(scope="module")
def post():
    server = MailServer().start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port, post):
    secrets = [f'secret = "test-only-secret-of-{number}"\n' for number in ("8001", "8002")]
    yield from desk_box(
        tmp_path_factory.mktemp("voicemail") / "var",
        carrier_port,
        SITE.replace("MAIL_PORT", str(post.port)),
        changes=[(one, f'{one}voicemail_box = "shop"\n') for one in secrets],
        prompts=PROMPTS,
    )


@pytest.fixture(autouse=True)
def empty_box(box):
    """What another test, or a first try, has left is gone."""
    asked = ListMessages(ask=AskId("l"), by="test")
    for one in (note for told in box.ask(asked).boxes for note in (*told.new, *told.old)):
        box.ask(DeleteMessage(ask=AskId("d"), by="test", recording=one.recording))


def leaves(sipp, folder, caller, seconds, *more):
    """Hear greeting (0.6 s) and beep, and speak for so long; hang up, or wait for the box to."""
    sound = tone(VOICE, 1.2 + seconds)
    steps = more or (pause(int(1200 + seconds * 1000)), BYE)
    said = play(voice(folder / f"{caller}.pcap", sound))
    return sipp(invite(NUMBER, caller=caller), ANSWERED, ACK, said, *steps)


def new_messages(box):
    lines = [line for line in box.live().lines if line.name == "8001"]
    return lines[0].new_messages


def heard(capture, phone):
    """Every tone that the phone was sent for 0.3 s at least, in order, and for how long."""
    ports = set(phone.rtp_ports)
    found = [stream for port, stream in read(capture.file).items() if port in ports]
    tones = loudest(max(found, key=lambda one: len(one.packets)).audio()) if found else []
    runs = [(hertz, len(list(run)) / 10) for hertz, run in itertools.groupby(tones)]
    whole = [(hertz, seconds) for hertz, seconds in runs if hertz and seconds >= 0.3]
    return [  # a tenth of a second that was misheard makes no two of one
        (hertz, sum(seconds for _, seconds in same))
        for hertz, same in itertools.groupby(whole, key=lambda run: run[0])
    ]


def wait_to_hear(capture, phone, hertz, seconds=30, count=1):
    def has_come():
        time.sleep(0.2)  # the whole file is read each time
        return [one for one, _ in heard(capture, phone)].count(hertz) >= count

    wait_for(has_come, seconds, f"{hertz} Hz at {phone.number}")


@pytest.mark.feature(
    "voicemail: greeting by the box, beep, message",
    "voicemail: heard by phone with a PIN",
    "voicemail: caller and time told",
    "voicemail: deleted by phone, lamp out",
)
def test_a_message_is_left_and_heard_at_a_phone_with_its_pin_and_deleted(
    box, phones, sipp, tmp_path
):
    caller = next(_callers)
    leaves(sipp, tmp_path, caller, 4).finish()
    wait_for(lambda: new_messages(box) == 1, 20, "the lamp")
    (recording,) = filed(box, caller, 1)["recordings"]
    file = box.folder / "recordings" / recording["file"]
    assert file.exists()

    phone = phones("8001")
    capture = Capture(tmp_path / "phone.pcap")
    dial(box, phone, "*97")
    wait_to_hear(capture, phone, PIN)
    phone.say("sndcode", "4711#")
    wait_to_hear(capture, phone, KEYS, 60)
    assert new_messages(box) == 0, "it was heard"
    phone.say("sndcode", "3")
    wait_to_hear(capture, phone, MENU)
    phone.say("hangup")
    phone.wait("CALL_CLOSED")
    order = [hertz for hertz, _ in heard(capture, phone)]
    capture.stop()
    before = [PIN, NEW, ONE, MESSAGE, OF, DIGITS, AT, DATE, TIME]
    assert order == [*before, VOICE, KEYS, DELETED, LAST, MENU]
    (seconds,) = (span for hertz, span in heard(capture, phone) if hertz == VOICE)
    assert 3.0 <= seconds <= 5.5, "the message itself, from its beginning to its end"

    wait_for(lambda: not file.exists(), 10, "the sound to be removed")
    assert new_messages(box) == 0
    call = one_call_of(box, caller)
    timeline = box.linghe("calls", call["call"], "--language", "en")
    assert "8001 heard the message" in timeline and "8001 deleted the message" in timeline


@pytest.mark.feature("voicemail: three wrong PINs")
def test_three_wrong_pins_end_the_call_and_open_nothing(box, phones, sipp, tmp_path):
    leaves(sipp, tmp_path, next(_callers), 3).finish()
    wait_for(lambda: new_messages(box) == 1, 20, "the lamp")
    phone = phones("8003")
    capture = Capture(tmp_path / "phone.pcap")
    dial(box, phone, "*9870")
    for count in (1, 2, 3):
        wait_to_hear(capture, phone, PIN, count=count)
        phone.say("sndcode", "1234#")
    phone.wait("CALL_CLOSED", 30)
    order = [hertz for hertz, _ in heard(capture, phone)]
    capture.stop()
    assert order.count(WRONG) == 3 and NEW not in order and VOICE not in order
    assert new_messages(box) == 1
    last = wait_for(lambda: calls_of(box, "8003"), 10, "the call of 8003")[0]
    timeline = box.linghe("calls", last["call"], "--language", "en")
    assert timeline.count("8003 keyed in a wrong PIN for the box shop") == 3
    assert "1234" not in timeline


@pytest.mark.feature("voicemail: calls back who left it")
def test_the_phone_that_heard_a_message_calls_back_who_left_it(
    box, phones, sipp, carrier_port, tmp_path
):
    caller = next(_callers)
    leaves(sipp, tmp_path, caller, 3).finish()
    wait_for(lambda: new_messages(box) == 1, 20, "the lamp")
    phone = phones("8001")
    carrier = sipp(answers(), WAIT_BYE, extra=("-p", str(carrier_port)))
    capture = Capture(tmp_path / "phone.pcap")
    dial(box, phone, "*97")
    wait_to_hear(capture, phone, PIN)
    phone.say("sndcode", "4711#")
    wait_to_hear(capture, phone, MESSAGE)
    phone.say("sndcode", "5")
    phone.wait("CALL_CLOSED", 30)
    capture.stop()
    phone.wait("CALL_INCOMING", 20)
    phone.say("accept")
    wait_for(
        lambda: [one for one in box.live().calls if one.stage == "talking"], 20, "the talk with him"
    )
    phone.say("hangup")
    carrier.finish(20)
    (called,) = [one for one in calls_of(box, "8001") if one["called"] == f"9{caller}"]
    timeline = box.linghe("calls", called["call"], "--language", "en")
    assert f"8001 calls back who left a message, 9{caller}" in timeline


@pytest.mark.feature("voicemail: silence ends a message")
def test_silence_ends_a_message_where_the_caller_does_not_hang_up(box, sipp, tmp_path):
    caller = next(_callers)
    leaves(sipp, tmp_path, caller, 2.5, WAIT_BYE).finish()
    (recording,) = filed(box, caller, 1)["recordings"]
    assert 2.0 <= recording["seconds"] <= 9.0
    assert "heard that the message is saved" in box.linghe(
        "calls", one_call_of(box, caller)["call"], "--language", "en"
    )


@pytest.mark.feature("voicemail: by e-mail with the sound")
def test_the_message_comes_by_e_mail_with_its_sound_once_over_a_kill_of_jobs(
    box, sipp, post, tmp_path
):
    caller = next(_callers)
    leaves(sipp, tmp_path, caller, 3).finish()
    box.kill("jobs")
    letters = wait_for(
        lambda: [one for one in post.taken if caller in one["Subject"]], 30, "the letter"
    )
    (sound,) = letters[0].iter_attachments()
    with wave.open(io.BytesIO(sound.get_content())) as file:
        samples = numpy.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert loudest(samples).count(VOICE) >= 20, "of three seconds"
    assert letters[0]["To"] == "anna@bakery.test"
    filed(box, caller, 1)
    assert "mail" in box.linghe("doctor", check=False)
    assert len({one["Message-ID"] for one in post.taken}) == len(post.taken), "none twice"


@pytest.mark.feature("voicemail: outlives kill -9 while it is spoken")
def test_a_message_outlives_kills_of_control_and_media_while_it_is_spoken(box, sipp, tmp_path):
    caller = next(_callers)
    before = new_messages(box)
    speaking = leaves(sipp, tmp_path, caller, 7)
    wait_for(lambda: [one for one in box.live().calls if one.is_recorded], 15, "it begins")
    box.kill("control")
    box.kill("media-0")
    speaking.finish()
    wait_for(box.is_answering, 30, "the box to be back")
    wait_for(lambda: new_messages(box) == before + 1, 30, "the message")
    (recording,) = filed(box, caller, 1)["recordings"]
    said, _ = channels(box, recording) if is_stereo(box, recording) else (mono(box, recording), 0)
    assert loudest(said).count(VOICE) >= 45, "of seven seconds"
    assert len(calls_of(box, caller)) == 1


def is_stereo(box, recording):
    return (box.folder / "recordings" / recording["file"]).read_bytes()[22] == 2


def mono(box, recording):
    data = (box.folder / "recordings" / recording["file"]).read_bytes()
    return decode_alaw(numpy.frombuffer(data[data.index(b"data") + 8 :], numpy.uint8))
