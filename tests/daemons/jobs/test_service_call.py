"""A flow asks a service over HTTP: a real server on loopback, and what it may do wrong."""

import socket
import time

import pytest
from crm_server import CrmServer

from appliance.daemons.jobs.lookups import AnswerCache
from appliance.daemons.jobs.service_call import MOST_BYTES, called
from appliance.vocabulary.ids import Seconds, ServiceId
from appliance.vocabulary.lookups import Answer, LookupResult, ServiceQuestion
from appliance.vocabulary.settings import Service

CRM = ServiceId("crm")


@pytest.fixture
def crm():
    server = CrmServer()
    yield server
    server.stop()


def ask(crm, path="orders/7", *, own_ports=frozenset(), seconds=5.0, secret="", **words):
    words.setdefault("fields", {"status": "order.status", "sum": "order.lines.0.sum"})
    question = ServiceQuestion(service=CRM, path=path, **words)
    service = Service(id=CRM, url=crm.url, header="X-Key")
    return called(service, question, secret, own_ports=own_ports, seconds=seconds)


def test_fields_of_the_answer_become_values_as_they_were_written(crm):
    crm.pages["/api/orders/7"] = (
        200,
        '{"order": {"status": "已\\n发货", "lines": [{"sum": 12.50}]}}'.encode(),
    )
    answer = ask(crm, secret="Bearer 1234")
    assert answer == Answer(result=LookupResult.FOUND, values={"status": "已 发货", "sum": "12.50"})
    [(method, path, headers, body)] = crm.got
    assert (method, path, body) == ("GET", "/api/orders/7", b"")
    assert headers["X-Key"] == "Bearer 1234"
    assert headers["Accept"] == "application/json"


def test_a_post_carries_json(crm):
    crm.answer("find", {"order": {"status": True}})
    answer = ask(crm, "find", method="POST", body='{"by":"139"}')
    assert answer.values == {"status": "yes"}
    [(method, _, headers, body)] = crm.got
    assert (method, headers["Content-Type"], body) == ("POST", "application/json", b'{"by":"139"}')


@pytest.mark.parametrize("told", [{}, {"order": None}, {"order": {"lines": []}}, [], "text"])
def test_an_answer_without_the_fields_is_not_found(crm, told):
    crm.answer("orders/7", told)
    assert ask(crm).result is LookupResult.NOT_FOUND


def test_404_is_not_found_and_every_other_trouble_is_a_failure_in_words(crm):
    assert ask(crm).result is LookupResult.NOT_FOUND
    crm.answer("orders/7", {}, status=500)
    assert ask(crm).text == "answered 500"
    crm.pages["/api/orders/7"] = (200, b"<html>")
    assert ask(crm).text == "answered something that is no JSON"
    crm.pages["/api/orders/7"] = (200, b"[" * 60_000)
    assert ask(crm).text == "answered something that is no JSON"
    crm.pages["/api/orders/7"] = (200, b" " * (MOST_BYTES + 1))
    assert ask(crm).text == "answered more than 64 kB"


def test_no_redirect_is_followed(crm):
    crm.answer("orders/7", {}, status=302)
    crm.headers["Location"] = f"{crm.url}/elsewhere"
    assert ask(crm).text == "answered 302"
    assert len(crm.got) == 1


def test_the_boxs_own_ports_are_not_asked(crm):
    assert ask(crm, own_ports=frozenset({crm.port})).text == "this is a port of the box itself"
    assert crm.got == []


def test_nobody_waits_for_longer_than_allowed(crm):
    crm.may_answer.clear()
    assert ask(crm, seconds=0.3).text == "no answer within 0.3 s"
    crm.may_answer.set()
    crm.drips = True
    begun = time.monotonic()
    assert ask(crm, seconds=0.5).text == "no answer within 0.5 s"
    assert time.monotonic() - begun < 10.0


def test_a_service_that_is_not_there_is_a_failure():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    question = ServiceQuestion(service=CRM)
    for url in (f"http://127.0.0.1:{port}/", "http://no-such-name.invalid/"):
        answer = called(Service(id=CRM, url=url), question, "", own_ports=frozenset(), seconds=2.0)
        assert answer.result is LookupResult.FAILED
        assert answer.text


def test_an_answer_serves_again_only_as_long_as_the_flow_says():
    cache = AnswerCache()
    question = ServiceQuestion(service=CRM, path="a", cache=Seconds(60))
    found = Answer(result=LookupResult.FOUND, values={"a": "1"})
    cache.keep(question, found, 1000.0)
    assert cache.answer(question, 1060.0) == found
    assert cache.answer(question, 1060.1) is None
    assert cache.answer(ServiceQuestion(service=CRM, path="b", cache=Seconds(60)), 1000.0) is None
    cache.keep(question, Answer(result=LookupResult.FAILED), 1070.0)
    assert cache.answer(question, 1070.0) is None, "a failure is tried again"
