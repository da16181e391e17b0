"""Lamps and waiting messages on real phones: a key panel by sipp, the message lamp by baresip."""

import itertools
import json
import re
import urllib.request

import pytest
from bakery import BAKERY
from box_log import times_told
from running_box import wait_for
from sipp import ACK, ANSWERED, BYE, OK, WAIT_BYE, info_digit, invite, pause, play, voice
from tone_prompts import tone

pytestmark = pytest.mark.peer

SUBSCRIBE = """<send retrans="500"><![CDATA[

SUBSCRIBE sip:{resource}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:8003@[remote_ip]>;tag=[pid]S[call_number]
To: <sip:{resource}@[remote_ip]>
Call-ID: [call_id]
CSeq: {cseq} SUBSCRIBE
Contact: <sip:8003@[local_ip]:[local_port]>
Event: dialog
Accept: application/dialog-info+xml
Expires: 120
Max-Forwards: 70
{credential}Content-Length: 0

]]></send>
"""
CREDENTIAL = "[authentication username=8003 password=test-only-secret-of-8003]\n"
TOLD = """<recv request="NOTIFY">
<action><ereg regexp="{state}" search_in="body" check_it="true" assign_to="1"/>
<exec command="touch told-{number}"/></action>
</recv>
{ok}"""
OUT = "state=.full. entity=.[^&gt;]*&gt;&lt;/dialog-info"
MENU_BEGINS_MS = 1500
"""The notice is a second long."""
EARLY, CONFIRMED = "&lt;state&gt;early&lt;", "&lt;state&gt;confirmed&lt;"


def key(resource, *states):
    """A lamp key: it subscribes, and must be told these states in this order."""
    return (
        SUBSCRIBE.format(resource=resource, cseq=1, credential=""),
        '<recv response="401" auth="true"></recv>\n',
        SUBSCRIBE.format(resource=resource, cseq=2, credential=CREDENTIAL),
        '<recv response="200"></recv>\n',
        *(TOLD.format(state=state, number=number, ok=OK) for number, state in enumerate(states)),
        '<Reference variables="1"/>\n',
    )


def is_told(folder, number):
    """Wait until the panel was told so often."""
    wait_for(lambda: (folder / f"told-{number}").exists(), 10, f"NOTIFY number {number}")


@pytest.mark.feature("busy lamps")
@pytest.mark.rfc("4235", "4.1")
def test_a_busy_lamp_blinks_is_lit_and_goes_out(box, phones, sipp, tmp_path):
    caller, called = phones("8001"), phones("8002")
    panel = sipp(*key("8002", OUT, EARLY, CONFIRMED, OUT))
    is_told(tmp_path, 0)
    caller.say("dial", f"sip:8002@127.0.0.1:{box.sip_port}")
    called.wait("CALL_INCOMING")
    wait_for(lambda: caller.has("CALL_RINGING"), 10, "ringing at the caller")
    called.say("accept")
    caller.wait("CALL_ESTABLISHED")
    called.say("hangup")
    caller.wait("CALL_CLOSED")
    panel.finish(20)


@pytest.mark.feature("agents on lamps")
@pytest.mark.rfc("4235", "4.1")
def test_the_lamp_of_an_agent_is_lit_while_he_takes_a_break(box, phones, sipp, tmp_path):
    """Agent 1001 sits at 8001 and is ready; *82 and *83 are his pauses."""
    phone = phones("8001")
    panel = sipp(*key("1001", OUT, CONFIRMED, OUT))
    is_told(tmp_path, 0)
    for code in ("*831", "*82"):
        phone.say("dial", f"sip:{code}@127.0.0.1:{box.sip_port}")
        count = 1 if code == "*831" else 2
        phone.wait("CALL_CLOSED", count=count)
    panel.finish(20)


@pytest.mark.feature("agents on lamps")
@pytest.mark.rfc("4235", "4.1")
def test_the_lamp_of_an_agent_blinks_while_he_is_rung_and_is_lit_while_he_talks(
    box, phones, sipp, tmp_path
):
    """The queue rings 1001 for a caller who keys in 1; nobody else is at his phone."""
    phone = phones("8001")
    panel = sipp(*key("1001", OUT, EARLY, CONFIRMED, OUT))
    is_told(tmp_path, 0)
    keyed = (pause(MENU_BEGINS_MS), info_digit("1", 2))
    caller = sipp(invite("02188886666"), ANSWERED, ACK, *keyed, WAIT_BYE)
    phone.wait("CALL_INCOMING")
    is_told(tmp_path, 1)
    talks = times_told(box, "talking: 1001")
    phone.say("accept")
    is_told(tmp_path, 2)
    # Who hangs up while the caller hears his number has not taken the call.
    wait_for(lambda: times_told(box, "talking: 1001") > talks, 10, "the talk to begin")
    phone.say("hangup")
    caller.finish(20)
    panel.finish(20)


NUMBERS = ("8001", "8002", "8003")
ANSWERING_MACHINE = """
[[flow]]
id = "machine"
start = "message"

[flow.node.message]
kind = "voicemail"
box = "shop"
text = "We are closed. Please leave a message."

[[route]]
trunk = "carrier"
number = "02188886601"
flow = "machine"
"""


def messages_told(phone):
    """What baresip was told, one after the other: whether messages wait, new/old.

    baresip 1.0 prints it and tells nobody else.
    """
    printed = (phone.folder / "output").read_text(errors="replace")
    found = re.findall(r"Messages-Waiting: (\w+).*?Voice-Message: (\d+/\d+)", printed, re.DOTALL)
    return [one for one, _ in itertools.groupby(found)]


def is_told_of_messages(phone, *told):
    wait_for(lambda: messages_told(phone) == list(told), 30, f"{told} at {phone.number}")


def shop_with_a_machine(box, carrier_port):
    """Phones 8001 and 8002 have the lamp of its box; 8003 has not."""
    site = BAKERY.replace("port = 5090", f"port = {carrier_port}") + ANSWERING_MACHINE
    for number in ("8001", "8002"):
        secret = f'secret = "test-only-secret-of-{number}"\n'
        site = site.replace(secret, f'{secret}voicemail_box = "shop"\n')
    box.apply(site)


def leaves_a_message(sipp, folder, number):
    """Hear the greeting (1 s) and the beep, speak, hang up."""
    said = play(voice(folder / f"message-{number}.pcap", tone(700, 6)))
    steps = (ANSWERED, ACK, said, pause(5000), BYE)
    sipp(invite("02188886601", caller=number), *steps).finish()


def asked(box, token, path):
    """Return the API's answer to a program."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{box.http_port}/api/v1{path}",
        headers={"Authorization": f"Bearer {token}"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read()


@pytest.mark.feature("message waiting lamp")
@pytest.mark.rfc("3842", "5.2")
def test_the_message_lamp_is_lit_until_the_message_was_heard(
    box, phones, sipp, carrier_port, tmp_path
):
    shop_with_a_machine(box, carrier_port)
    made = [phones(one, has_message_lamp=True) for one in NUMBERS]
    anna, ben, cleo = made
    for phone in made:
        is_told_of_messages(phone, ("no", "0/0"))
    leaves_a_message(sipp, tmp_path, "13900000901")
    lit = (("no", "0/0"), ("yes", "1/0"))
    is_told_of_messages(anna, *lit)
    is_told_of_messages(ben, *lit)

    box.kill("control")
    wait_for(box.is_answering, 30, "control to be back")
    token = box.linghe("token", "add", "m", "--scope", "calls:read", "--scope", "recordings:read")
    calls = json.loads(asked(box, token.strip(), "/calls?number=13900000901"))["calls"]
    (message,) = calls[0]["recordings"]
    audio = message["audio"].removeprefix("/api/v1")
    assert asked(box, token.strip(), audio)[:4] == b"RIFF"
    is_told_of_messages(anna, *lit, ("no", "0/1"))
    is_told_of_messages(ben, *lit, ("no", "0/1"))
    assert messages_told(cleo) == [("no", "0/0")]
