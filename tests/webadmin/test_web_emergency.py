"""Emergency mode and missing holidays, as the pages show them."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import shop_day
from control_socket import ControlSocket
from msgspec.structs import replace
from web_stage import Browser, Stage

from appliance.vocabulary.ids import CalendarId, Utc
from appliance.vocabulary.live import Live
from appliance.vocabulary.settings import Calendar

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
    found = full.logged_in()
    found.client.set_cookie("linghe_language", "en")
    return found


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
