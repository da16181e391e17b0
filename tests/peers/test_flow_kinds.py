"""Every kind of node with a real caller (sipp), those that test_flow_nodes.py does not have."""

import itertools

import pytest
from capture import Capture
from desk_box import desk_box, one_call_of
from lane import media_port
from running_box import free_port, wait_for
from sipp import ACK, ANSWERED, BYE, WAIT_BYE, info_digit, invite, pause, play, voice
from tone_prompts import loudest, text, tone

from appliance.vocabulary.verbs import AskId, ListMessages

pytestmark = pytest.mark.peer

REVIEW, VOICE = 1300, 1700
"""Hertz of a text, and of a caller."""
PROMPTS = [
    (text("All calls are recorded."), 500, 0.3),
    (text("One for orders."), 700, 1.0),
    (text("Nine if you mind."), 900, 0.3),
    (text("A holiday. Good-bye."), 1000, 0.3),
    (text("Whom? Key in the name."), 1100, 0.5),
    (text("Say your name."), 1200, 0.3),
    (text("One keeps it, two plays it."), REVIEW, 0.6),
    (text("Leave a message."), 1400, 0.3),
    (text("Good-bye."), 1500, 0.3),
]
SITE = """
[[calendar]]
id = "feast"
open = [{ days = "mon-sun", from = "00:00", to = "24:00" }]
closed_dates = ["11-23"]
"""
FLOWS = {
    "02188880021": """
id = "long"
start = "hours"
[flow.node.hours]
kind = "hours"
calendar = "shop"
open = "notice"
closed = "bye"
[flow.node.notice]
kind = "play"
text = "All calls are recorded."
next = "set"
[flow.node.set]
kind = "set"
variable = "way"
value = "by {called}"
next = "menu"
[flow.node.menu]
kind = "menu"
text = "One for orders."
keys = { "1" = "consent" }
otherwise = "bye"
[flow.node.consent]
kind = "consent"
text = "Nine if you mind."
wait_seconds = 1
next = "which"
[flow.node.which]
kind = "branch"
on = "way"
cases = { "by 021*" = "orders" }
otherwise = "bye"
[flow.node.orders]
kind = "queue"
queue = "orders"
[flow.node.bye]
kind = "hangup"
text = "Good-bye."
""",
    "02188880022": """
id = "feast"
start = "hours"
[flow.node.hours]
kind = "hours"
calendar = "feast"
open = "closed"
closed = "closed"
holiday = "feast"
[flow.node.feast]
kind = "hangup"
text = "A holiday. Good-bye."
[flow.node.closed]
kind = "hangup"
text = "Good-bye."
""",
    "02188880023": """
id = "phone"
start = "cleo"
[flow.node.cleo]
kind = "extension"
extension = "8003"
""",
    "02188880024": """
id = "names"
start = "who"
[flow.node.who]
kind = "directory"
text = "Whom? Key in the name."
""",
    "02188880025": """
id = "speak"
start = "name"
[flow.node.name]
kind = "record"
text = "Say your name."
box = "names"
review_text = "One keeps it, two plays it."
next = "bye"
[flow.node.bye]
kind = "hangup"
text = "Good-bye."
""",
    "02188880026": """
id = "letter"
start = "box"
[flow.node.box]
kind = "voicemail"
box = "letters"
text = "Leave a message."
""",
}
LONG, FEAST, PHONE, NAMES, SPEAK, LETTER = FLOWS
ROUTE = '\n[[route]]\ntrunk = "carrier"\nnumber = "{number}"\nflow = "{flow}"\n'
CALLERS = itertools.count(1)


def somebody():
    """A caller's number that nobody has had yet."""
    return f"1390014{next(CALLERS):04d}"


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    routes = [
        ROUTE.format(number=number, flow=flow.split('"')[1]) + "[[flow]]" + flow
        for number, flow in FLOWS.items()
    ]
    folder = tmp_path_factory.mktemp("kinds") / "var"
    yield from desk_box(folder, free_port(), SITE, *routes, prompts=PROMPTS)


def path_of(box, caller):
    """The nodes that he came to, when his call is over."""
    lines = box.linghe("calls", one_call_of(box, caller)["call"], "--language", "en").splitlines()
    return [line.split()[-1] for line in lines if " came to " in line]


def keys(digits, first=2):
    return [
        step
        for cseq, digit in enumerate(digits, first)
        for step in (info_digit(digit, cseq), pause(150))
    ]


@pytest.mark.feature("flow node: hours")
@pytest.mark.feature("flow node: play")
@pytest.mark.feature("flow node: set")
@pytest.mark.feature("flow node: consent")
@pytest.mark.feature("flow node: queue")
def test_hours_a_notice_a_variable_a_menu_consent_and_a_queue(box, sipp):
    caller = somebody()
    one = sipp(
        invite(LONG, caller=caller), ANSWERED, ACK, pause(900), *keys("1"), pause(2500), BYE,
    )  # fmt: skip
    wait_for(lambda: [call for call in box.live().calls if call.stage == "queued"], 15, "a queue")
    one.finish()
    assert path_of(box, caller) == ["hours", "notice", "set", "menu", "consent", "which", "orders"]


@pytest.mark.feature("flow node: hours, on a holiday")
def test_a_holiday_has_a_place_of_its_own(box, sipp):
    caller = somebody()
    sipp(invite(FEAST, caller=caller), ANSWERED, ACK, WAIT_BYE).finish()
    assert path_of(box, caller) == ["hours", "feast"]


@pytest.mark.feature("flow node: extension")
@pytest.mark.feature("flow node: directory")
@pytest.mark.parametrize(("number", "pressed"), [(PHONE, ""), (NAMES, "2536#")])
def test_a_phone_rings_by_the_sites_word_and_by_its_users_name(box, phones, sipp, number, pressed):
    phone = phones("8003", answer="auto")
    caller = somebody()
    one = sipp(
        invite(number, caller=caller), ANSWERED, ACK, pause(300), *keys(pressed), pause(2500), BYE,
    )  # fmt: skip
    phone.wait("CALL_ESTABLISHED")
    one.finish()
    assert one_call_of(box, caller)["talk"] > 0


@pytest.mark.feature("flow node: record")
def test_a_caller_hears_what_he_said_and_keeps_it(box, sipp, tmp_path):
    caller, media = somebody(), media_port()
    capture = Capture(tmp_path / "loopback.pcap")
    said = play(voice(tmp_path / "voice.pcap", tone(VOICE, 4.5)))
    sipp(
        invite(SPEAK, caller=caller), ANSWERED, ACK, said,
        pause(3700), *keys("#"), pause(900), *keys("2", 3), pause(5500), *keys("1", 4), WAIT_BYE,
        media=media,
    ).finish()  # fmt: skip
    heard = [one for one, _ in itertools.groupby(loudest(capture.streams()[media].audio()))]
    order = [one for one in heard if one in (REVIEW, VOICE)]
    assert order[:3] == [REVIEW, VOICE, REVIEW]

    def in_the_box():
        boxes = box.ask(ListMessages(ask=AskId("l"), by="test")).boxes
        return [one for told in boxes if told.box == "names" for one in told.new]

    [message] = [one for one in wait_for(in_the_box, 20, "a message") if one.caller == caller]
    assert 2 < message.seconds < 5
    assert path_of(box, caller) == ["name", "bye"]


@pytest.mark.feature("flow node: voicemail")
def test_a_caller_leaves_a_message(box, sipp, tmp_path):
    caller = somebody()
    said = play(voice(tmp_path / "voice.pcap", tone(VOICE, 3.0)))
    sipp(invite(LETTER, caller=caller), ANSWERED, ACK, said, pause(3000), BYE).finish()
    assert one_call_of(box, caller)["outcome"] == "voicemail"
    assert path_of(box, caller) == ["box"]
