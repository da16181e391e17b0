"""Trunks with real peers: the box registers out with digest; a site changes in mid-call."""

import pytest
from bakery import AT_ONCE, BAKERY
from running_box import free_port, wait_for
from sipp import ACK, ANSWERED, BYE, REFUSED_ACK, Sipp, expect, invite, pause, play, voice
from tone_prompts import tone

pytestmark = pytest.mark.peer

REGISTRAR = """<recv request="REGISTER"></recv>
<send><![CDATA[

SIP/2.0 401 Unauthorized
[last_Via:]
[last_From:]
[last_To:];tag=[pid]R[call_number]
[last_Call-ID:]
[last_CSeq:]
WWW-Authenticate: Digest realm="carrier.test", nonce="47364c23432d2e131a5fb210812c", qop="auth", algorithm=MD5
Content-Length: 0

]]></send>
<recv request="REGISTER">
  <action>
    <ereg regexp=".*" search_in="hdr" header="Authorization:" assign_to="given"/>
    <verifyauth assign_to="is_right" username="shop-account" password="trunk-password"/>
  </action>
</recv>
<Reference variables="given"/>
<nop hide="true" test="is_right" next="right"/>
<send><![CDATA[

SIP/2.0 403 Forbidden
[last_Via:]
[last_From:]
[last_To:];tag=[pid]R[call_number]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
<nop next="end"/>
<label id="right"/>
<send><![CDATA[

SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[pid]R[call_number]
[last_Call-ID:]
[last_CSeq:]
[last_Contact:];expires=120
Content-Length: 0

]]></send>
<label id="end"/>
"""  # noqa: E501 - a header is one line


def with_account(port):
    return BAKERY.replace("port = 5090", f"port = {port}").replace(
        'trusted_addresses = ["127.0.0.1"]\n',
        'register = true\nusername = "shop-account"\nsecret = "trunk-password"\n'
        'realm = "carrier.test"\n',
    )


def test_the_box_registers_at_a_carrier_and_takes_its_calls(box, tmp_path):
    port = free_port()
    registrar = Sipp(tmp_path, box.sip_port, REGISTRAR, extra=("-p", str(port)))
    before = box.linghe("export")
    try:
        box.apply(with_account(port))
        registrar.finish()
        line = wait_for(
            lambda: next(
                (one for one in box.live().lines if one.kind == "trunk" and one.is_up), None
            ),
            10,
            "the trunk's lamp",
        )
        assert line.name == "carrier"
        caller = Sipp(
            tmp_path, box.sip_port,
            invite("02188886666", caller="1390031"), ANSWERED, ACK, pause(500), BYE,
            extra=("-p", str(port)),
        )  # fmt: skip
        caller.finish()
    finally:
        registrar.stop()
        assert "carrier" in before
        box.apply(AT_ONCE)


def test_an_unknown_number_is_404_and_a_stranger_without_codec_488(box, tmp_path):
    unknown = Sipp(tmp_path, box.sip_port, invite("5555"), expect(100, optional="true"),
                   expect(404), REFUSED_ACK)  # fmt: skip
    unknown.finish()
    body = (
        "v=0\no=x 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [local_ip]\nt=0 0\n"
        "m=audio [media_port] RTP/AVP 18\na=rtpmap:18 G729/8000\n"
    )
    odd = Sipp(tmp_path, box.sip_port, invite("02188886666", body=body),
               expect(100, optional="true"), expect(488), REFUSED_ACK)  # fmt: skip
    odd.finish()


def test_applying_a_change_in_mid_call_drops_nobody(box, phones, sipp, tmp_path):
    agent = phones("8001", answer="auto")
    caller = sipp(
        invite("02188886666", caller="1390033"), ANSWERED, ACK,
        play(voice(tmp_path / "key.pcap", tone(300, 8, 500), [(1.2, "1")])), pause(6000), BYE,
    )  # fmt: skip
    wait_for(lambda: any(one.talking_since for one in box.live().calls), 10, "the talk")
    site = AT_ONCE
    box.apply(site.replace('name = "Orders"', 'name = "Bestellungen"'))
    assert any(one.talking_since for one in box.live().calls)
    caller.finish()
    agent.wait("CALL_CLOSED")
    box.apply(site)
