"""Emergency mode and missing holidays, as the pages show them."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import shop_day
from control_socket import ControlSocket
from msgspec.structs import replace
from web_stage import AGENT, Browser, Stage

from appliance.vocabulary.ids import CalendarId, FlowId, NodeName, Utc
from appliance.vocabulary.live import Live
from appliance.vocabulary.settings import Calendar, EmergencyMode, Flow
from appliance.vocabulary.verbs import SetEmergencyMode, Verb

DECEMBER = datetime(2026, 12, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
ON = "Emergency mode is on"


@pytest.fixture
def shown(full: Stage) -> Iterator[Callable[[Live], None]]:
    """Call it with the picture that control shows from the start."""
    made: list[ControlSocket] = []
    yield lambda live: made.append(ControlSocket(full.places.control_socket, live))
    for one in made:
        one.kill()


@pytest.fixture
def browser(full: Stage) -> Browser:
    """The owner, in English; the site follows China's holidays."""
    store = full.settings()
    site = store.current()
    calendar = Calendar(id=CalendarId("office"), holidays="cn")
    store.save(replace(site, calendar=(calendar,)), by="test", at=Utc(1.0))
    store.close()
    return full.logged_in(language="en")


CALM = shop_day.shop_live(DECEMBER)
FLOODED = replace(CALM, emergency_since=Utc(DECEMBER - 60))


def test_today_says_that_emergency_mode_is_on(
    browser: Browser, shown: Callable[[Live], None]
) -> None:
    shown(FLOODED)
    text = browser.get("/today/").text
    assert ON in text and "*09" in text


def test_today_is_silent_about_a_mode_that_is_off(
    browser: Browser, shown: Callable[[Live], None]
) -> None:
    shown(CALM)
    assert ON not in browser.get("/today/").text


@pytest.mark.parametrize(("live", "since"), [(CALM, None), (FLOODED, DECEMBER - 60)])
def test_the_live_picture_has_its_beginning(
    browser: Browser, shown: Callable[[Live], None], live: Live, since: float | None
) -> None:
    shown(live)
    assert json.loads(browser.get("/live/now").text)["emergency_since"] == since
    assert 'id="emergency"' in browser.get("/live/").text


@pytest.mark.parametrize(("at", "is_warned"), [(DECEMBER, True), (DECEMBER - 86400, False)])
def test_today_warns_in_december_of_the_year_that_is_missing(
    browser: Browser, shown: Callable[[Live], None], at: float, is_warned: bool
) -> None:
    shown(shop_day.shop_live(at))
    text = browser.get("/today/").text
    assert ("make-up workdays of 2027 are not built in" in text) is is_warned


# --- the switch, and the banner on every page ---
FLOW = Flow(id=FlowId("flood"), start=NodeName("told"), node={NodeName("told"): {"kind": "hangup"}})


@pytest.fixture
def prepared(full: Stage, browser: Browser) -> Browser:
    """The site has an emergency flow."""
    store = full.settings()
    site = store.current()
    mode = EmergencyMode(flow=FLOW.id, pin_digest="scrypt:a:b")
    store.save(replace(site, flow=(*site.flow, FLOW), emergency_mode=mode), by="test", at=Utc(1.0))
    store.close()
    return browser


class Switching(ControlSocket):
    """It does what it is asked, and tells its watchers nothing of itself: they have to ask."""

    def _problem_of(self, verb: Verb) -> str:
        problem = super()._problem_of(verb)
        if isinstance(verb, SetEmergencyMode) and not problem:
            since = Utc(DECEMBER) if verb.is_on else None
            self.live = replace(self.live, emergency_since=since, emergency_by=verb.by)
        return problem


def switched(browser: Browser, act: str, sure: str = "yes") -> str:
    answer = browser.post("/emergency/switch", {"act": act, "sure": sure}, page="/emergency/")
    assert answer.status_code == 302
    return browser.get(answer.location).text


def test_the_owner_switches_it_on_and_the_audit_log_says_so(full: Stage, prepared: Browser) -> None:
    control = Switching(full.places.control_socket, CALM)
    try:
        assert "Emergency mode is off" in prepared.get("/emergency/").text
        assert "every number leads to the emergency flow" in switched(prepared, "on")
        (verb,) = [one for one in control.verbs if isinstance(one, SetEmergencyMode)]
        assert (verb.by, verb.is_on) == ("owner", True)
    finally:
        control.kill()
    assert full.acts()[0] == "emergency_mode_on"


@pytest.mark.parametrize(("live", "act"), [(CALM, "on"), (FLOODED, "off")])
def test_the_page_after_the_switch_shows_what_was_switched(
    full: Stage, prepared: Browser, live: Live, act: str
) -> None:
    control = Switching(full.places.control_socket, live)
    try:
        prepared.get("/emergency/")
        text = switched(prepared, act)
    finally:
        control.kill()
    assert (ON in text) is (act == "on")
    assert ("Emergency mode is off" in text) is (act == "off")
    assert f'name="act" value="{"off" if act == "on" else "on"}"' in text


def test_without_saying_that_he_is_sure_nothing_is_changed(full: Stage, prepared: Browser) -> None:
    control = ControlSocket(full.places.control_socket, CALM)
    try:
        assert "say first that you are sure" in switched(prepared, "on", sure="")
        assert [one for one in control.verbs if isinstance(one, SetEmergencyMode)] == []
    finally:
        control.kill()
    assert "emergency_mode_on" not in full.acts()


def test_a_no_of_control_is_told_and_stands_in_no_audit_log(full: Stage, prepared: Browser) -> None:
    control = ControlSocket(full.places.control_socket, FLOODED)
    try:
        assert "Somebody was quicker" in switched(prepared, "on")
    finally:
        control.kill()
    assert "emergency_mode_on" not in full.acts()


def test_a_control_that_is_away_is_told(full: Stage, prepared: Browser) -> None:
    assert "does not answer now" in switched(prepared, "off")


@pytest.mark.parametrize("page", ["/today/", "/calls/", "/queues/", "/help/", "/account/"])
def test_every_page_says_that_it_is_on_since_when_and_by_whom(
    prepared: Browser, shown: Callable[[Live], None], page: str
) -> None:
    shown(replace(FLOODED, emergency_by="anna"))
    text = prepared.get(page).text
    assert text.count(ON) == 1
    assert "2026-12-01 08:59:00" in text and "Begun by anna" in text


def test_a_site_without_a_flow_is_told_how_to_have_one(browser: Browser) -> None:
    text = browser.get("/emergency/").text
    assert "no emergency flow yet" in text and '<form method="post" action="/emergency' not in text


def test_an_agent_sees_the_banner_and_no_switch(
    full: Stage, prepared: Browser, shown: Callable[[Live], None]
) -> None:
    shown(FLOODED)
    agent = full.logged_in(AGENT, language="en")
    text = agent.get("/calls/").text
    assert ON in text and "/emergency/" not in text
    assert agent.post("/emergency/switch", {"act": "on"}, page="/calls/").status_code == 403
