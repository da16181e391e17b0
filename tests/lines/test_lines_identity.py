"""Who calls and who sent the call on, in and out. RFC 3323, 3325, 5806, 7044; auto-answer."""

import pytest
from sip_desk import CARRIER, Desk

from appliance.protocols.sip.directory import TrunkRoute
from appliance.vocabulary.commands import DialTrunk
from appliance.vocabulary.events import LegOffered
from appliance.vocabulary.lines import Party
from appliance.vocabulary.settings import Extension, Site, Trunk

ANNA = 'P-Asserted-Identity: "Anna" <sip:02150001111@carrier.example>'


def offered(desk, *lines, phone=None):
    call = desk.call(phone or desk.carrier, "8001", *lines)
    (event,) = [one for one in call.events if isinstance(one, LegOffered)]
    return event


@pytest.mark.rfc("3325", "9.1")
@pytest.mark.parametrize(
    ("lines", "number", "name"),
    [
        ((), "139", ""),
        ((ANNA,), "02150001111", "Anna"),
        (("P-Asserted-Identity: <tel:+862150001111>",), "+862150001111", ""),
        ((f"{ANNA}, <tel:+862150001111>",), "02150001111", "Anna"),
        ((ANNA, "P-Asserted-Identity: <tel:+86>"), "02150001111", "Anna"),
        (("P-Asserted-Identity: <sip:carrier.example>, <tel:+86215>",), "+86215", ""),
        (("P-Preferred-Identity: <sip:555@carrier.example>",), "555", ""),
        (("P-Preferred-Identity: <sip:555@c>", ANNA), "02150001111", "Anna"),
        (("Remote-Party-ID: \"Bo\" <sip:777@c>;party=calling;privacy=off",), "777", "Bo"),
        (("P-Asserted-Identity: <broken",), "139", ""),
        (("P-Asserted-Identity: ",), "139", ""),
    ],
)  # fmt: skip
def test_the_number_that_a_carrier_vouches_for_comes_before_from(lines, number, name):
    caller = offered(Desk(), *lines).caller
    assert (caller.number, caller.name) == (number, name)


@pytest.mark.rfc("3325", "9.3")
@pytest.mark.parametrize(
    "line",
    ["Privacy: id", "Privacy: header;id;critical", "Privacy: USER",
     "Remote-Party-ID: <sip:777@c>;privacy=full"],
)  # fmt: skip
def test_a_caller_who_wants_privacy_stays_unknown(line):
    assert offered(Desk(), ANNA, line).caller == Party()


@pytest.mark.rfc("3325", "9.3")
def test_privacy_none_hides_nobody():
    assert offered(Desk(), ANNA, "Privacy: none").caller.number == "02150001111"


@pytest.mark.rfc("3325", "8")
def test_a_phone_does_not_say_who_it_is_by_itself():
    desk = Desk()
    event = offered(desk, "P-Asserted-Identity: <sip:boss@127.0.0.5>", phone=desk.phone)
    assert event.caller.number == "8001"


@pytest.mark.rfc("5806", "4")
@pytest.mark.parametrize(
    ("lines", "number"),
    [
        ((), ""),
        (("Diversion: <sip:8009@pbx>;reason=no-answer;counter=1",), "8009"),
        (("Diversion: <tel:8009>, <sip:8010@pbx>",), "8009"),
        (("Diversion: <sip:8009@pbx>", "Diversion: <sip:8010@pbx>"), "8009"),
        (("Diversion: nonsense",), ""),
        (("Diversion: <sip:8009@pbx>", "History-Info: <sip:1@p>;index=1, <sip:2@p>;index=1.1"),
         "8009"),
    ],
)  # fmt: skip
def test_who_sent_a_call_on_by_diversion(lines, number):
    event = offered(Desk(), *lines)
    assert event.diverted_from == number
    assert event.diversion is None if not number else event.diversion.number == number


@pytest.mark.rfc("5806", "4")
@pytest.mark.parametrize(
    ("parameters", "number", "reason"),
    [
        ("", "8009", "unknown"),
        (";reason=no-answer", "8009", "no_answer"),
        (';reason="USER-BUSY"', "8009", "busy"),
        (";reason=unconditional;privacy=off", "8009", "always"),
        (";reason=user-busy;privacy=full", "", "busy"),
        (";reason=made-up", "8009", "unknown"),
    ],
)
def test_why_it_was_sent_on_and_who_does_not_want_to_be_named(parameters, number, reason):
    event = offered(Desk(), f"Diversion: <sip:8009@pbx>{parameters}")
    assert (event.diversion.number, event.diversion.reason) == (number, reason)
    assert event.diverted_from == number


@pytest.mark.parametrize(
    "line", ["Diversion: <sip:110@pbx>", "History-Info: <sip:110@p>;index=1, <sip:2@p>;index=1.1"]
)
def test_a_phone_does_not_say_that_somebody_else_sent_its_call_on(line):
    desk = Desk()
    assert offered(desk, line, phone=desk.phone).diverted_from == ""


@pytest.mark.rfc("7044", "5.2")
@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("<sip:8009@p>;index=1", ""),
        ("<sip:8009@p>;index=1, <sip:8001@p>;index=1.1;rc=1", "8009"),
        ("<sip:8008@p>;index=1, <sip:8009@p>;index=1.1, <sip:8001@p>;index=1.2;mp=1", "8008"),
        ("<sip:8009@p?Reason=SIP%3Bcause%3D302>;index=1, <sip:8001@p>;index=1.1", "8009"),
        ("<sip:8001@a>;index=1, <sip:8001@b>;index=1.1;rc=1", ""),
        ("<sip:8009@p>;index=1, broken", ""),
    ],
)
def test_who_sent_a_call_on_by_its_history(value, number):
    assert offered(Desk(), f"History-Info: {value}").diverted_from == number


@pytest.mark.rfc("7044", "5.2")
@pytest.mark.parametrize(
    ("value", "number", "reason"),
    [
        ("<sip:8009@p?Reason=SIP%3Bcause%3D486>;index=1, <sip:8001@p>;index=1.1", "8009", "busy"),
        ("<sip:8009@p>;index=1, <sip:8001@p;cause=408>;index=1.1;mp=1", "8009", "no_answer"),
        ("<sip:8009@p?Privacy=history>;index=1, <sip:8001@p;cause=302>;index=1.1", "", "always"),
        ("<sip:8009@p?Reason=Q.850%3Bcause%3D1>;index=1, <sip:8001@p>;index=1.1", "8009",
         "unknown"),
    ],
)  # fmt: skip
def test_why_it_was_sent_on_by_its_history(value, number, reason):
    event = offered(Desk(), f"History-Info: {value}")
    assert (event.diversion.number, event.diversion.reason) == (number, reason)


def dialled_out(identity, *, caller="8001", caller_number="", diverted_from=""):
    site = Site(
        extension=(Extension(number="8001"),),
        trunk=(
            Trunk(id="carrier", host=CARRIER, identity=identity, caller_number=caller_number),
        ),
    )  # fmt: skip
    desk = Desk(site)
    desk.box.directory.routes["carrier"] = TrunkRoute(address=CARRIER)
    desk.do(
        DialTrunk(
            leg="out", trunk="carrier", number="13800138000", port=30000,
            caller=Party(number=caller), diverted_from=diverted_from,
        )
    )  # fmt: skip
    (invite,) = desk.carrier.collect()
    return invite


@pytest.mark.rfc("3325", "9.1")
@pytest.mark.parametrize(
    ("identity", "header", "value"),
    [
        ("from", "P-Asserted-Identity", None),
        ("pai", "P-Asserted-Identity", f"<sip:02188886666@{CARRIER}>"),
        ("pai", "Remote-Party-ID", None),
        (
            "rpid",
            "Remote-Party-ID",
            f"<sip:02188886666@{CARRIER}>;party=calling;screen=yes;privacy=off",
        ),
    ],
)
def test_a_trunk_is_told_the_number_where_it_looks_for_it(identity, header, value):
    invite = dialled_out(identity, caller_number="02188886666")
    assert invite.headers.get(header) == value
    assert invite.from_.uri.user == "02188886666"
    assert invite.headers.get("Privacy") is None


@pytest.mark.rfc("3325", "9.3")
def test_a_withheld_number_is_vouched_for_and_hidden():
    invite = dialled_out("pai", caller="", caller_number="02188886666")
    assert invite.from_.uri.user == "anonymous"
    assert invite.headers.get("P-Asserted-Identity") == f"<sip:02188886666@{CARRIER}>"
    assert invite.headers.get("Privacy") == "id"


@pytest.mark.rfc("5806", "4")
def test_a_forwarded_call_names_who_forwarded_it():
    invite = dialled_out("from", diverted_from="8001")
    assert invite.headers.get("Diversion") == f"<sip:8001@{CARRIER}>;reason=unknown"
    pen, invite = Desk().dialled("ours", diverted_from="8002")
    assert invite.headers.get("Diversion") == "<sip:8002@127.0.0.5>;reason=unknown"


def test_a_phone_is_asked_to_pick_up_by_itself_and_only_then():
    _, invite = Desk().dialled("ours", is_auto_answered=True)
    assert "answer-after=0" in invite.headers.get("Call-Info")
    assert "info=alert-autoanswer" in invite.headers.get("Alert-Info")
    _, invite = Desk().dialled("ours")
    assert "Call-Info" not in invite.headers and "Alert-Info" not in invite.headers
