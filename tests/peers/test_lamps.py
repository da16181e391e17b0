"""Lamps and waiting messages on real phones: a key panel by sipp, the message lamp by baresip."""

import pytest
from running_box import wait_for

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
<send><![CDATA[

SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
"""
OUT = "state=.full. entity=.[^&gt;]*&gt;&lt;/dialog-info"
EARLY, CONFIRMED = "&lt;state&gt;early&lt;", "&lt;state&gt;confirmed&lt;"


def key(resource, *states):
    """A lamp key: it subscribes, and must be told these states in this order."""
    return (
        SUBSCRIBE.format(resource=resource, cseq=1, credential=""),
        '<recv response="401" auth="true"></recv>\n',
        SUBSCRIBE.format(resource=resource, cseq=2, credential=CREDENTIAL),
        '<recv response="200"></recv>\n',
        *(TOLD.format(state=state, number=number) for number, state in enumerate(states)),
        '<Reference variables="1"/>\n',
    )


def is_told(folder, number):
    """Wait until the panel was told so often."""
    wait_for(lambda: (folder / f"told-{number}").exists(), 10, f"NOTIFY number {number}")


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


@pytest.mark.rfc("3842", "5.2")
def test_a_phone_is_told_of_its_messages(box, phones):
    phone = phones("8001", config="module_app mwi.so", account=";mwi=yes")
    # baresip 1.0 prints it and tells nobody else.
    wait_for(
        lambda: "Messages-Waiting: no" in (phone.folder / "output").read_text(errors="replace"),
        30,
        "baresip to be told of its messages",
    )
