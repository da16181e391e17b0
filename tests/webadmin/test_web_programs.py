"""The page "API and events": webhooks with their lamps, the test button, the reference."""

import re
import time
from collections.abc import Iterator

import pytest
import shop_day
from msgspec.structs import replace
from web_stage import OWNER, Browser, Stage

from appliance.store.webhooks import Attempt, GivenUp, HookState, HookTest, WebhookStates
from appliance.vocabulary.ids import Utc, WebhookId
from appliance.vocabulary.public_events import PUBLIC_EVENTS
from appliance.vocabulary.settings import Webhook
from webadmin.api.operations import OPERATIONS

CRM, WALL = WebhookId("crm"), WebhookId("wall")
PAGE = "/programs/"


@pytest.fixture
def states(full: Stage) -> Iterator[WebhookStates]:
    store = full.settings()
    hooks = (
        Webhook(id=CRM, url="http://192.168.1.20/linghe", events=("ended",)),
        Webhook(id=WALL, url="https://wall.example/"),
        Webhook(id=WebhookId("old"), url="http://10.0.0.9/", enabled=False),
    )
    store.save(replace(shop_day.SITE, webhook=hooks), by="test", at=Utc(time.time()))
    store.close()
    states = WebhookStates(full.places.webhooks, is_writer=True)
    yield states
    states.close()


def _english(full: Stage) -> Browser:
    return full.logged_in(OWNER, language="en")


def _hook(text: str, name: str) -> str:
    """Return what the page says of one webhook, without its markup."""
    part = text[text.index(f'id="webhook-{name}"') :].partition("</article>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


def test_each_webhook_has_its_lamp_and_how_far_it_is(full: Stage, states: WebhookStates) -> None:
    now = Utc(time.time())
    states.put(
        HookState(webhook=CRM, row=0, delivered=12, last=Attempt(at=now, status=204, error=""))
    )
    failed = Attempt(at=now, error="no answer within 5 s")
    states.put(
        HookState(
            webhook=WALL,
            row=0,
            failing_since=now,
            attempts=3,
            next_try=Utc(now + 60),
            last=failed,
            given_up=1,
        )
    )
    event = GivenUp(row=3, name="ended", at=now, error="answered 500", body="{}")
    states.give_up(WALL, event)
    text = _english(full).get(PAGE).text
    assert re.findall(r"lamp lamp-(\w+)", text) == ["good", "bad", "off"]
    crm, wall = _hook(text, "crm"), _hook(text, "wall")
    # Of some hundred rows of the busy day only the ends of calls are wanted.
    assert "Delivered 12" in crm and "Waiting 58" in crm
    assert "no answer within 5 s" in wall and "after 3 in vain" in wall
    assert "ended 3 · answered 500" in wall


def test_test_is_asked_for_and_its_result_shown(full: Stage, states: WebhookStates) -> None:
    browser = _english(full)
    answer = browser.post("/programs/test", {"webhook": "crm"}, page=PAGE)
    assert answer.location == "/programs/?test=1#webhook-crm"
    waiting = browser.get("/programs/?test=1").text
    assert "on its way" in waiting and 'data-look-again="1"' in waiting
    assert waiting.count("http-equiv") == waiting.count('<noscript><meta http-equiv="refresh"') == 1
    attempt = Attempt(at=Utc(time.time()), status=204, seconds=0.034)
    states.tested(HookTest(number=1, webhook=CRM, attempt=attempt))
    told = browser.get("/programs/?test=1").text
    assert "taken with 204 in 34 ms" in _hook(told, "crm") and "http-equiv" not in told
    assert "look-again" not in told and "look_again" not in told
    assert full.acts()[0] == "webhook_tested"


def test_test_of_a_webhook_that_is_not_there_is_refused(full: Stage) -> None:
    browser = _english(full)
    browser.post("/programs/test", {"webhook": "nobody"}, page=PAGE)
    assert "There is no such webhook." in browser.get(PAGE).text
    assert "webhook_tested" not in full.acts()


def test_reference_has_every_operation_and_event(full: Stage) -> None:
    text = _english(full).get("/programs/reference").text
    for operation in OPERATIONS:
        assert f'id="{operation.name}"' in text
        assert f"/api/v1{operation.path}" in text
    for event in PUBLIC_EVENTS:
        assert f'id="event-{event}"' in text
    assert "//cdn" not in text and "https://" not in text, "it works with the internet dead"


def test_document_of_the_page_is_that_of_the_api(full: Stage) -> None:
    told = _english(full).get("/programs/openapi.json").get_json()
    assert told["openapi"] == "3.1.0"
    assert {f"{path}" for path in told["paths"]} >= {one.path for one in OPERATIONS}


@pytest.mark.parametrize("address", [PAGE, "/programs/reference", "/programs/openapi.json"])
def test_agents_do_not_see_it(full: Stage, address: str) -> None:
    assert full.logged_in("wangfang").get(address).status_code == 403


@pytest.mark.parametrize("number", ["9" * 15, "9" * 40, "-1", "٣", "x"])
def test_test_that_never_was_is_no_error(full: Stage, states: WebhookStates, number: str) -> None:
    assert _english(full).get(f"{PAGE}?test={number}").status_code == 200
