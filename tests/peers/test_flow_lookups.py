"""Flows that look things up for real callers (sipp): a table that `linghe table` took, a service
over HTTP, a webhook; kill -9 of who asks and of who answers."""

import itertools

import pytest
from crm_server import CrmServer
from desk_box import desk_box, one_call_of
from running_box import free_port, wait_for
from sipp import ACK, ANSWERED, WAIT_BYE, Sipp, info_digit, invite, pause
from tone_prompts import text
from webhook_receiver import SECRET, WebhookReceiver

pytestmark = pytest.mark.peer

TABLE_NUMBER, ORDER_NUMBER = "02188880011", "02188880012"
SITE = """
[[table]]
id = "clients"
key = "phone"

[[service]]
id = "crm"
url = "{crm}"
header = "X-Key"
secret = "test-only-key"

[[webhook]]
id = "shop"
url = "{hook}"
secret = "{secret}"
events = ["ended"]

[[route]]
trunk = "carrier"
number = "02188880011"
flow = "known"

[[route]]
trunk = "carrier"
number = "02188880012"
flow = "order"

[[flow]]
id = "known"
start = "who"

[flow.node.who]
kind = "lookup"
table = "clients"
columns = {{ level = "级别" }}
found = "level"
not_found = "stranger"

[flow.node.level]
kind = "branch"
on = "level"
cases = {{ "金" = "gold" }}
otherwise = "stranger"

[flow.node.gold]
kind = "hangup"
text = "Good-bye, dear friend."

[flow.node.stranger]
kind = "hangup"
text = "Good-bye, stranger."

[[flow]]
id = "order"
start = "ask"

[flow.node.ask]
kind = "collect"
text = "Order number?"
variable = "order"
max_digits = 4
next = "look"

[flow.node.look]
kind = "http"
service = "crm"
path = "orders/{{order}}"
fields = {{ status = "order.status" }}
timeout_seconds = 8
found = "tell"
not_found = "unknown"
otherwise = "sorry"

[flow.node.tell]
kind = "webhook"
webhook = "shop"
what = "order_asked"
values = {{ order = "{{order}}", status = "{{status}}" }}
next = "gold"

[flow.node.gold]
kind = "hangup"
text = "Good-bye, dear friend."

[flow.node.unknown]
kind = "hangup"
text = "Good-bye, stranger."

[flow.node.sorry]
kind = "hangup"
text = "Sorry."
"""
PROMPTS = [
    (text("Order number?"), 700, 0.3),
    (text("Good-bye, dear friend."), 800, 0.3),
    (text("Good-bye, stranger."), 900, 0.3),
    (text("Sorry."), 1000, 0.3),
]


@pytest.fixture(scope="module")
def crm():
    server = CrmServer()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def hook():
    server = WebhookReceiver()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def box(tmp_path_factory, crm, hook):
    folder = tmp_path_factory.mktemp("lookups") / "var"
    site = SITE.format(crm=crm.url, hook=hook.url, secret=SECRET)
    yield from desk_box(folder, free_port(), site, prompts=PROMPTS)


NUMBERS = itertools.count(1)


def somebody():
    """A caller's number that nobody has had yet."""
    return f"1390011{next(NUMBERS):04d}"


def keys(digits):
    return [
        step
        for cseq, digit in enumerate(digits, 2)
        for step in (info_digit(digit, cseq), pause(150))
    ]


def calls(box, folder, number, caller, digits=""):
    """One calls, keys the digits in and is said good-bye to; return the nodes he came to."""
    one = Sipp(folder, box.sip_port, invite(number, caller=caller), ANSWERED, ACK,
               pause(300), *keys(digits), WAIT_BYE)  # fmt: skip
    try:
        one.finish()
    finally:
        one.stop()
    return path_of(box, caller)


def path_of(box, caller):
    lines = box.linghe("calls", one_call_of(box, caller)["call"], "--language", "en").splitlines()
    return [line.split()[-1] for line in lines if " came to " in line]


@pytest.mark.feature("flow node: lookup")
def test_a_table_is_taken_in_while_the_box_runs_and_knows_a_caller(box, tmp_path):
    known, stranger, later = somebody(), somebody(), somebody()
    file = tmp_path / "客户.csv"
    file.write_bytes(f"phone,级别\r\n{known[:3]}-{known[3:]},金\r\n".encode("gb18030"))
    assert "1 row, by phone" in box.linghe("table", "put", "clients", str(file))
    assert calls(box, tmp_path, TABLE_NUMBER, known) == ["who", "level", "gold"]
    assert calls(box, tmp_path, TABLE_NUMBER, stranger) == ["who", "stranger"]
    file.write_text(f"phone,级别\n{later},金\n,x\n", encoding="utf-8")
    refused = box.linghe("table", "put", "clients", str(file), "--json", check=False)
    assert '"line": 3' in refused
    assert calls(box, tmp_path, TABLE_NUMBER, later) == ["who", "stranger"]


@pytest.mark.feature("flow node: http")
@pytest.mark.feature("flow node: webhook")
def test_a_service_is_asked_and_a_webhook_told(box, crm, hook, tmp_path):
    crm.answer("orders/2077", {"order": {"status": "sent"}})
    asked, caller = len(crm.got), somebody()
    path = calls(box, tmp_path, ORDER_NUMBER, caller, "2077")
    assert path == ["ask", "look", "tell", "gold"]
    [(_, _, headers, _)] = crm.got[asked:]
    assert headers["X-Key"] == "test-only-key"

    def told_of_him():
        told = [hook.checked(*one) for one in list(hook.got)]
        return [one for one in told if one["event"] == "flow_told" and one["caller"] == caller]

    [told] = wait_for(told_of_him, 20, "the webhook to be told")
    assert (told["what"], told["values"]) == ("order_asked", {"order": "2077", "status": "sent"})
    assert calls(box, tmp_path, ORDER_NUMBER, somebody(), "2078") == ["ask", "look", "unknown"]


@pytest.mark.fault
@pytest.mark.parametrize("killed", ["control", "jobs"])
def test_who_asks_or_answers_is_killed_and_the_caller_is_served(box, crm, tmp_path, killed):
    crm.answer("orders/2077", {"order": {"status": "sent"}})
    asked, caller = len(crm.got), somebody()
    crm.may_answer.clear()
    one = Sipp(tmp_path, box.sip_port, invite(ORDER_NUMBER, caller=caller), ANSWERED, ACK,
               pause(300), *keys("2077"), WAIT_BYE)  # fmt: skip
    try:
        crm.wait_for(asked + 1)
        box.kill(killed)
        if killed == "jobs":
            crm.wait_for(asked + 2)  # asked again by the next one
        else:
            wait_for(lambda: box.is_answering() and box.live().calls, 20, "the call to go on")
        crm.may_answer.set()
        one.finish()
    finally:
        crm.may_answer.set()
        one.stop()
    assert path_of(box, caller) == ["ask", "look", "tell", "gold"]
