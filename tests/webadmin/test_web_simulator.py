"""The page "Simulator": the last week's callers, a what-if, and both days beside each other."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from waiting import wait_until
from web_stage import AGENT, Browser, Stage
from werkzeug.test import TestResponse

from appliance.reports.days import day_at
from appliance.vocabulary.ids import Utc
from webadmin import simulations
from webadmin.pages.simulator import fields
from webadmin.pages.simulator.chart import chart_of
from webadmin.simulations import Simulations

DAY_AFTER = Utc(datetime(2025, 11, 21, 9, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())
FORM = {
    "arrivals:sales": "09:00-10:30 45",
    "arrivals:repair": "9:00 - 10:00 6,5",
    "shift": "1001 08:30-11:00\n1002 08:30-11:00",
    "patience": "90",
    "talk": "150",
    "seed": "7",
}


@pytest.fixture
def owner(full: Stage) -> Browser:
    return full.logged_in(language="en")


def compared(browser: Browser, **what_if: str) -> TestResponse:
    """Send the form and wait for its result, 100 s at most."""
    begun = browser.post("/simulator/", {**FORM, **what_if}, page="/simulator/")
    assert begun.status_code == 302, begun.text
    name = begun.location.partition("run=")[2]
    way = f"/simulator/way?run={name}"
    wait_until(lambda: browser.get(way).json["is_over"], "the simulation ends", 100.0, every=0.1)
    return browser.get(begun.location)


def figures(page: TestResponse, name: str) -> tuple[str, str]:
    found = re.search(
        rf'<th scope="row">{name}</th><td[^>]*>([^<]*)</td><td[^>]*>([^<]*)</td>', page.text
    )
    assert found is not None, page.text
    return found[1], found[2]


def test_one_more_agent_shortens_the_wait_of_the_very_same_callers(owner: Browser) -> None:
    page = compared(
        owner, **{"agents:0": "+2", "queue:0": "sales", "from:0": "09:00", "to:0": "10:30"}
    )
    callers, same = figures(page, "Callers")
    assert callers == same and int(callers) > 30
    before, after = (float(one.split()[0]) for one in figures(page, "Mean wait"))
    assert after < before / 2
    worked, more = (float(one) for one in figures(page, "Agents’ hours"))
    assert more == pytest.approx(worked + 3.0, abs=0.3)
    assert 'class="days-chart"' in page.text and page.text.count('class="then"') > 3
    assert 'value="+2"' in page.text, "the form is as it was sent"


def test_one_agent_less_and_a_long_wrap_up_are_seen_too(owner: Browser) -> None:
    page = compared(owner, new_wrap_up="120", new_patience="30", **{"strategy:sales": "random"})
    before, after = (int(one) for one in figures(page, "Abandoned"))
    assert after > before
    page = compared(owner, **{"agents:0": "-1", "queue:0": "sales", "to:0": "24:00"})
    worked, less = (float(one) for one in figures(page, "Agents’ hours"))
    assert less < worked


def test_an_unchanged_day_is_the_same_day(owner: Browser) -> None:
    page = compared(owner)
    assert 'class="differs"' not in page.text


def test_the_form_begins_with_the_callers_of_the_last_week(
    owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fields, "today", lambda: day_at(DAY_AFTER, "Asia/Shanghai"))
    text = owner.get("/simulator/").text
    assert "from the calls of the last seven days" in text
    found = re.search(r'name="arrivals:sales"[^>]*>([^<]*)</textarea>', text)
    assert found is not None and re.search(r"\d\d:00-\d\d:00 \d", found[1])
    assert re.search(r'name="shift"[^>]*>1001 \d\d:00-\d\d:00', text)


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("arrivals:sales", "in the morning: many", "Write callers as"),
        ("arrivals:sales", "10:00-09:00 5", "is not after"),
        ("arrivals:sales", "09:00-25:00 5", "no time of day"),
        ("arrivals:sales", "09:00-10:00 99999", "At most"),
        ("shift", "9999 09:00-10:00", "no agent with a phone"),
        ("shift", "1001 09:00-10:00\n1001 09:30-11:00", "twice at once"),
        ("talk", "0", "Expected a number"),
        ("agents:0", "201", "Expected a number"),
        ("new_patience", "-3", "Expected a number"),
    ],
)
def test_what_cannot_be_read_is_said_and_the_form_kept(
    owner: Browser, field: str, text: str, said: str
) -> None:
    sent = {**FORM, field: text}
    answer = owner.post("/simulator/", sent, page="/simulator/")
    assert answer.status_code == 400
    assert said in answer.text and FORM["arrivals:repair"] in answer.text


def test_a_day_without_callers_is_no_day(owner: Browser) -> None:
    empty = {**FORM, "arrivals:sales": "", "arrivals:repair": ""}
    answer = owner.post("/simulator/", empty, page="/simulator/")
    assert answer.status_code == 400 and "Nobody calls" in answer.text


def test_only_one_comparison_is_at_work(
    full: Stage, owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Simulations, "_run", lambda self, wanted: None)
    first = owner.post("/simulator/", FORM, page="/simulator/")
    assert first.status_code == 302
    assert "The days pass" in owner.get(first.location).text
    second = owner.post("/simulator/", FORM, page="/simulator/")
    assert second.status_code == 409 and "Another simulation" in second.text


def test_what_takes_too_long_is_ended(owner: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulations, "LONGEST_S", 0.01)
    assert "took too long" in compared(owner).text


def test_an_agent_may_not_simulate(full: Stage) -> None:
    agent = full.logged_in(AGENT)
    assert agent.post("/simulator/", FORM, page="/live/").status_code == 403
    assert agent.get("/simulator/way?run=x").status_code == 403


def test_a_day_of_nobody_has_an_empty_picture() -> None:
    assert chart_of((), ()).pairs == ()


def test_the_form_says_that_its_numbers_are_averages(owner: Browser) -> None:
    assert "The numbers of callers are averages" in owner.get("/simulator/").text


def test_from_of_a_change_is_a_time_and_no_caller_in_chinese(owner: Browser) -> None:
    owner.client.set_cookie("linghe_language", "zh")
    text = owner.get("/simulator/").text
    assert "<span>从</span>" in text and "<span>主叫</span>" not in text
