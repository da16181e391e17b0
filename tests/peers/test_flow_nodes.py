"""Menus with a real caller (sipp) and a real phone: numbers keyed in, languages, branches."""

import pytest
from capture import Capture
from desk_box import desk_box, one_call_of
from lane import media_port
from sipp import ACK, ANSWERED, BYE, WAIT_BYE, answers, info_digit, invite, pause
from tone_prompts import loudest, text

pytestmark = pytest.mark.peer

NUMBER = "02188880001"
HELLO_EN, HELLO_PL, ASK_PL, REFUSED, THANKS, EXTENSION = 700, 1050, 1250, 1350, 1550, 1650
"""Hertz of the texts."""
PROMPTS = [
    (text("One for orders, two for extensions, nine for Polish."), HELLO_EN, 2.0),
    (text("Jeden: zamówienia.", "pl"), HELLO_PL, 2.0),
    (text("Numer zamówienia?", "pl"), ASK_PL, 2.0),
    (text("No such order."), REFUSED, 0.6),
    (text("Thank you."), THANKS, 0.8),
    (text("The extension?"), EXTENSION, 2.0),
]
FLOW = f"""
[[route]]
trunk = "carrier"
number = "{NUMBER}"
flow = "front"

[[flow]]
id = "front"
start = "who"

[flow.node.who]
kind = "branch"
on = "caller"
cases = {{ "1390002*" = "extension" }}
otherwise = "welcome"

[flow.node.welcome]
kind = "menu"
text = "One for orders, two for extensions, nine for Polish."
texts = {{ pl = "Jeden: zamówienia." }}
keys = {{ "1" = "order", "2" = "extension", "9" = "polish" }}
otherwise = "extension"

[flow.node.polish]
kind = "language"
language = "pl"
next = "welcome"

[flow.node.order]
kind = "subflow"
flow = "orders"
next = "which"

[flow.node.which]
kind = "branch"
on = "order"
cases = {{ "2077" = "thanks" }}
otherwise = "extension"

[flow.node.thanks]
kind = "hangup"
text = "Thank you."

[flow.node.extension]
kind = "dial"
text = "The extension?"
max_digits = 4

[[flow]]
id = "orders"
start = "ask"

[flow.node.ask]
kind = "collect"
text = "Order number?"
texts = {{ pl = "Numer zamówienia?" }}
refused_text = "No such order."
variable = "order"
allowed = ["20*"]
next = "back"

[flow.node.back]
kind = "return"
"""

OWNER = """
[[route]]
trunk = "carrier"
number = "02188880002"
flow = "owner"

[[flow]]
id = "owner"
start = "mobile"

[flow.node.mobile]
kind = "outside"
number = "913800138000"
"""


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    folder = tmp_path_factory.mktemp("nodes") / "var"
    yield from desk_box(folder, carrier_port, FLOW, OWNER, prompts=PROMPTS)


def keys(digits, first=2):
    """They press them one after the other, as SIP INFO."""
    return [
        step
        for cseq, digit in enumerate(digits, first)
        for step in (info_digit(digit, cseq), pause(150))
    ]


def nodes_of(box, call):
    """The names of the nodes that the call came to."""
    lines = box.linghe("calls", call["call"], "--language", "en").splitlines()
    return [line.split()[-1] for line in lines if " came to " in line]


@pytest.mark.feature("flow node: branch")
@pytest.mark.feature("flow node: menu")
@pytest.mark.feature("flow node: language")
@pytest.mark.feature("flow node: subflow, return")
@pytest.mark.feature("flow node: collect")
@pytest.mark.feature("flow node: hangup")
def test_a_caller_changes_the_language_and_keys_in_an_order_number(box, sipp, tmp_path):
    media = media_port()
    capture = Capture(tmp_path / "loopback.pcap")
    sipp(
        invite(NUMBER, caller="13900010001"), ANSWERED, ACK,
        pause(700), *keys("9"), pause(700), *keys("1", 3), pause(700),
        *keys("1999#", 4), pause(900), *keys("2077#", 9), WAIT_BYE,
        media=media,
    ).finish()  # fmt: skip
    heard = loudest(capture.streams()[media].audio())
    order = [one for one in dict.fromkeys(heard) if one]
    wanted = [HELLO_EN, HELLO_PL, ASK_PL, REFUSED, THANKS]
    assert [one for one in order if one in wanted] == wanted
    call = one_call_of(box, "13900010001")
    assert nodes_of(box, call) == [
        *("who", "welcome", "polish", "welcome"),
        *("order", "ask", "back", "which", "thanks"),
    ]


@pytest.mark.feature("flow node: dial")
def test_a_known_caller_is_led_straight_to_the_extension_that_he_keys_in(box, phones, sipp):
    phone = phones("8002", answer="auto")
    caller = sipp(
        invite(NUMBER, caller="13900020002"), ANSWERED, ACK,
        pause(700), *keys("8002"), pause(2500), BYE,
    )  # fmt: skip
    phone.wait("CALL_ESTABLISHED")
    caller.finish()
    call = one_call_of(box, "13900020002")
    assert nodes_of(box, call) == ["who", "extension"]
    assert call["talk"] > 0


@pytest.mark.feature("flow node: outside")
def test_a_menu_rings_the_owners_mobile_through_the_trunk(box, sipp, carrier_port):
    mobile = sipp(answers(50), WAIT_BYE, extra=("-p", str(carrier_port)))
    sipp(
        invite("02188880002", caller="13900030003"), ANSWERED, ACK, pause(2000), BYE,
    ).finish()  # fmt: skip
    mobile.finish()
    call = one_call_of(box, "13900030003")
    assert (call["outcome"], nodes_of(box, call)) == ("direct", ["mobile"])
