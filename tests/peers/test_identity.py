"""Who calls and who sent the call on, as carriers and phones tell each other, with real peers.

RFC 3325 (P-Asserted-Identity, Privacy), RFC 5806 (Diversion); a phone that picks up by itself.
"""

import pytest
from bakery import AT_ONCE
from running_box import free_port, wait_for
from sipp import ACK, ANSWERED, BYE, info_digit, invite, pause, sdp
from sipp_desk import HUNG_UP, has, heard, registers, reply, used

from appliance.vocabulary.verbs import Originate

pytestmark = pytest.mark.peer


def calls_of(box, number):
    calls = box.linghe_json("calls", "--day", "2026-11-23")
    return [one for one in calls if one["caller"].get("number", "") == number]


@pytest.fixture
def site(box, carrier_port):
    """Apply a changed bakery; the usual one is back at the end."""
    usual = AT_ONCE
    usual = usual.replace("port = 5090", f"port = {carrier_port}")

    def change(old, new):
        assert old in usual
        box.apply(usual.replace(old, new))

    yield change
    wait_for(lambda: not box.live().calls, 15, "all calls to end")
    box.apply(usual)


@pytest.mark.feature("P-Asserted-Identity in")
@pytest.mark.rfc("3325", "9.1")
def test_the_caller_is_who_the_carrier_vouches_for(box, sipp):
    sipp(
        invite("02188886666", caller="1390301",
               extra='P-Asserted-Identity: "Dora" <sip:02155550001@carrier.example>\n'),
        ANSWERED, ACK, BYE,
    ).finish()  # fmt: skip
    assert wait_for(lambda: calls_of(box, "02155550001"), 5)[0]["caller"]["name"] == "Dora"
    assert not calls_of(box, "1390301")


@pytest.mark.feature("P-Asserted-Identity in")
@pytest.mark.rfc("3325", "9.3")
def test_a_caller_who_wants_privacy_stays_unknown(box, sipp):
    sipp(
        invite("02188886666", caller="1390302",
               extra="P-Asserted-Identity: <sip:02155550002@carrier.example>\nPrivacy: id\n"),
        ANSWERED, ACK, BYE,
    ).finish()  # fmt: skip
    assert wait_for(lambda: calls_of(box, ""), 5)
    assert not calls_of(box, "1390302") and not calls_of(box, "02155550002")


@pytest.mark.feature("P-Asserted-Identity out")
@pytest.mark.rfc("3325", "9.1")
@pytest.mark.parametrize(
    ("identity", "header", "pattern"),
    [
        ("pai", "P-Asserted-Identity", "sip:02188886666@127.0.0.1"),
        ("rpid", "Remote-Party-ID", "sip:02188886666@127.0.0.1.*privacy=off"),
    ],
)
def test_a_trunk_is_told_our_number_where_it_looks_for_it(
    box, site, phones, sipp, carrier_port, identity, header, pattern
):
    site("channels = 1000", f'channels = 1000\nidentity = "{identity}"\n'
         'caller_number = "02188886666"')  # fmt: skip
    phone = phones("8001")
    carrier = sipp(
        heard("INVITE", has(pattern, header=header)), reply(200, "OK", body=sdp(), tag="[pid]T"),
        heard("ACK"), HUNG_UP, used("seen"), extra=("-p", str(carrier_port)),
    )  # fmt: skip
    phone.say("dial", f"sip:913800138000@127.0.0.1:{box.sip_port}")
    phone.wait("CALL_ESTABLISHED")
    phone.say("hangup")
    carrier.finish()


@pytest.mark.rfc("5806", "4")
def test_a_forwarded_call_names_who_forwarded_it(box, site, phones, sipp, carrier_port):
    site('secret = "test-only-secret-of-8003"',
         'secret = "test-only-secret-of-8003"\nforward_always = "913800138000"')  # fmt: skip
    phone = phones("8001")
    carrier = sipp(
        heard("INVITE", has("8003@", header="Diversion")),
        reply(200, "OK", body=sdp(), tag="[pid]T"),
        heard("ACK"), HUNG_UP, used("seen"), extra=("-p", str(carrier_port)),
    )  # fmt: skip
    phone.say("dial", f"sip:8003@127.0.0.1:{box.sip_port}")
    phone.wait("CALL_ESTABLISHED")
    phone.say("hangup")
    carrier.finish()


def test_a_phone_that_is_dialled_for_its_user_is_asked_to_pick_up_by_itself(box, phones, sipp):
    other = phones("8001", answer="auto")
    at = ("-p", str(free_port()))
    sipp(registers("8003"), extra=at).finish()
    phone = sipp(
        heard("INVITE", has("answer-after=0", header="Call-Info"),
              has("alert-autoanswer", header="Alert-Info", name="alert")),
        reply(180, "Ringing", tag="[pid]T"), reply(200, "OK", body=sdp(), tag="[pid]T"),
        heard("ACK"), HUNG_UP, used("seen", "alert"), extra=at,
    )  # fmt: skip
    assert not box.ask(Originate(ask="1", by="test", extension="8003", number="8001")).problem
    other.wait("CALL_ESTABLISHED")
    other.say("hangup")
    phone.finish()
    wait_for(lambda: not box.live().calls, 15, "all calls to end")
    sipp(registers("8003", 0), extra=at).finish()


@pytest.mark.feature("Diversion in", "History-Info in")
@pytest.mark.rfc("7044", "5.2")
@pytest.mark.parametrize(
    ("line", "caller", "said"),
    [
        ("Diversion: <sip:02155559999@carrier.example>;reason=no-answer", "1390303",
         "sent on by 02155559999: nobody answered"),
        ("History-Info: <sip:02155559999@c>;index=1, <sip:02188886666@c>;index=1.1;rc=1",
         "1390304", "sent on by 02155559999"),
    ],
    ids=["Diversion", "History-Info"],
)  # fmt: skip
def test_a_phone_is_told_who_sent_the_call_on(box, sipp, line, caller, said):
    """So are the ledger, the call's page in words, and programs."""
    at = ("-p", str(free_port()))
    sipp(registers("8001"), extra=at).finish()
    phone = sipp(
        heard("INVITE", has("02155559999@", header="Diversion")),
        reply(180, "Ringing", tag="[pid]T"), reply(200, "OK", body=sdp(), tag="[pid]T"),
        heard("ACK"), HUNG_UP, used("seen"), extra=at,
    )  # fmt: skip
    sipp(
        invite("02188886666", caller=caller, extra=f"{line}\n"), ANSWERED, ACK, pause(2500),
        info_digit("3", 5), pause(3000), BYE.replace("CSeq: 2 BYE", "CSeq: 6 BYE"),
    ).finish()  # fmt: skip
    phone.finish()
    wait_for(lambda: not box.live().calls, 15, "all calls to end")
    sipp(registers("8001", 0), extra=at).finish()
    (call,) = wait_for(lambda: calls_of(box, caller), 5, "the call in the ledger")
    assert call["diversion"]["number"] == "02155559999"
    assert any(row.endswith(f"  {said}") for row in box.linghe("calls", call["call"]).splitlines())
