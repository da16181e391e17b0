"""Headers of SIP's extensions with anything in them: a value or PeerError, and no dialog harmed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sip_desk import Desk, sdp

from appliance.protocols.sip.events import KeysInInfo
from appliance.protocols.sip.identity import asserted, diversion, is_withheld
from appliance.protocols.sip.info_requests import keys_in_info
from appliance.protocols.sip.message import Headers, Request, Response
from appliance.protocols.sip.refresh import Interval
from appliance.protocols.sip.replaces import Replaces
from appliance.vocabulary.commands import Answer, HangUp, Ring, TellTransfer, TransferStage
from appliance.vocabulary.errors import PeerError

TEXT = st.text(
    st.sampled_from('<>"@;,=:?%\\ \tsiptel0123456789abcR-_.*[]()') | st.characters(codec="utf-8"),
    max_size=60,
).filter(lambda text: text.isprintable() and "\n" not in text and "\r" not in text)
HEADERS = st.sampled_from(
    ["Replaces", "Refer-To", "Referred-By", "Refer-Sub", "RAck", "RSeq", "Session-Expires",
     "Min-SE", "Require", "Supported", "Allow", "P-Asserted-Identity", "P-Preferred-Identity",
     "Remote-Party-ID", "Privacy", "Diversion", "History-Info", "Event", "Reason"]
)  # fmt: skip
LINES = st.lists(
    st.tuples(HEADERS, TEXT).map(lambda pair: f"{pair[0]}: {pair[1]}")
    | st.sampled_from(
        ["Refer-To: <sip:8003@127.0.0.5>", "Event: refer", "Require: 100rel", "Supported: timer",
         "Session-Expires: 90", "Expires: 0"]
    ),
    max_size=4,
)  # fmt: skip


@pytest.mark.parametrize("parse", [Replaces.parse, Interval.parse])
@given(text=TEXT)
def test_any_text_is_a_value_or_a_peer_error(parse, text):
    try:
        parse(text)
    except PeerError:
        return


@given(header=HEADERS, text=TEXT)
def test_who_calls_is_read_from_anything(header, text):
    request = Request("INVITE", "sip:1@2", Headers([(header, text)]))
    number, name = asserted(request)
    assert number.isprintable() and name.isprintable()
    found = diversion(request)
    assert found is None or found.number.isprintable()
    assert isinstance(is_withheld(request), bool)


@given(header=st.sampled_from(["Accept", "Allow", "Recv-Info"]), text=TEXT)
def test_what_is_said_of_keys_is_read_from_anything(header, text):
    request = Request("INVITE", "sip:1@2", Headers([(header, text)]))
    assert isinstance(keys_in_info(request), KeysInInfo)


@settings(max_examples=150)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["INVITE", "UPDATE", "REFER", "PRACK", "NOTIFY", "INFO", "SUBSCRIBE"]),
            LINES,
            st.booleans(),
        ),
        max_size=5,
    ),
    opening=LINES,
    is_answered=st.booleans(),
    is_carrier=st.booleans(),
    stage=st.sampled_from(list(TransferStage)),
)
def test_no_request_of_a_dialog_harms_it(steps, opening, is_answered, is_carrier, stage):
    desk = Desk()
    caller = desk.carrier if is_carrier else desk.phone
    call = desk.call(caller, "8001", *opening)
    if call.leg is None:
        return
    if is_answered:
        answered(desk, call)
    else:
        desk.do(Ring(leg=call.leg))
        ringing = call.take()
        call.remote = call.remote if ringing is None else ringing.headers.get("To")
    for method, lines, has_body in steps:
        call.says(method, *lines, body=sdp() if has_body else b"")
        if method == "REFER":
            desk.do(TellTransfer(leg=call.leg, stage=stage))
    for leg in desk.lines.legs():
        desk.do(HangUp(leg=leg))
    desk.later(400)
    assert not desk.lines.legs()
    desk.box.write_down()
    assert not [name for name in desk.box.slots if name.startswith("dialog:")]
    assert desk.box.agent.wake_at() is None


def answered(desk, call):
    desk.do(Answer(leg=call.leg, port=30000))
    sent = [one for one in call.phone.collect() if isinstance(one, Response)]
    call.got += sent
    if any(one.status == 200 for one in sent):
        call.acknowledge()
