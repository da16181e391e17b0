"""The pages in a real Chromium: hostile names, live pictures, phones, recordings."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import shop_day
from chromium import Chromium, Web, needs_chromium
from control_socket import ControlSocket
from msgspec.structs import replace
from waiting import wait_until
from web_stage import CODE, PASSWORD, Stage

from appliance.vocabulary.journal import MISSED_CODE
from webadmin.pages import PAGES

pytestmark = pytest.mark.peer

AT = shop_day.NINE + 5000
GBK = "王芳".encode("gbk").decode("utf-8", "replace")
HOSTILE = [
    "<script>window.hit=1</script>",
    '"><img src=x onerror=window.hit=1>',
    "'-window.hit=1-'",
    "</script><svg onload=window.hit=1>",
    "javascript:window.hit=1",
    "{{7*7}}${7*7}",
    GBK,
    "\u202ecba\u0000\u001b[31m",
    "x" * 10_000,
]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    needs_chromium()
    return Stage(tmp_path_factory.mktemp("box") / "data").full()


@pytest.fixture(scope="module")
def control(stage: Stage) -> Iterator[ControlSocket]:
    control = ControlSocket(stage.places.control_socket, shop_day.shop_live(AT))
    yield control
    control.kill()


@pytest.fixture(scope="module")
def web(stage: Stage, control: ControlSocket) -> Iterator[Web]:
    web = Web(stage)
    yield web
    web.close()


@pytest.fixture(scope="module")
def browser(web: Web, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    browser = Chromium(tmp_path_factory.mktemp("chromium"))
    browser.logs_in(web)
    yield browser
    browser.close()


def _waits(browser: Chromium, text: str) -> None:
    wait_until(lambda: text in browser.text("#waiting"), f"{text!r} stands among the waiting")


def test_hostile_callers_are_harmless_text_on_the_live_page(
    browser: Chromium, web: Web, control: ControlSocket
) -> None:
    browser.opens(f"{web.address}/live/")
    for number, name in enumerate(HOSTILE):
        sign = f"sign-{number}"
        control.show(shop_day.shop_live(AT + number, name=name, number=sign))
        _waits(browser, sign)
        shown = browser.says("document.querySelector('#waiting small')?.textContent ?? ''")
        assert shown == (name if len(name) <= 80 else name[:79] + "…")
        assert (
            browser.says("document.querySelectorAll('#live script, #live img, #live svg').length")
            == 0
        )
    assert browser.says("window.hit === undefined")
    assert browser.complaints() == []


def test_hostile_callers_are_harmless_text_in_lists_and_details(
    browser: Chromium, web: Web
) -> None:
    for address in (f"/calls/?day={shop_day.DAY}", "/calls/message-1"):
        browser.opens(web.address + address)
        assert "<script>alert(1)</script>" in browser.text("main")
        assert browser.says("document.querySelectorAll('main script, main img').length") == 0
    assert browser.complaints() == []


def test_live_page_follows_within_two_seconds(
    browser: Chromium, web: Web, control: ControlSocket
) -> None:
    browser.opens(f"{web.address}/live/")
    _waits(browser, "+48221234567")
    begun = time.monotonic()
    control.show(shop_day.shop_live(AT + 50, number="55501234"))
    _waits(browser, "55501234")
    assert time.monotonic() - begun < 2.0
    first = browser.text("#waiting .waits")
    wait_until(lambda: browser.text("#waiting .waits") != first, "the seconds count on")


def test_live_page_says_in_words_that_an_agent_is_told_he_is_not_ready(
    browser: Chromium, web: Web, control: ControlSocket
) -> None:
    live = shop_day.shop_live(AT + 60)
    control.show(replace(live, calls=(replace(live.calls[3], called=MISSED_CODE), *live.calls)))
    browser.opens(f"{web.address}/live/")
    wait_until(lambda: "told: not ready" in browser.text("#calls"), "the words stand there")
    assert MISSED_CODE not in browser.text("#calls")


def test_live_page_shows_where_messages_wait(browser: Chromium, web: Web) -> None:
    browser.opens(f"{web.address}/live/")
    _waits(browser, "+48221234567")
    lines = "Array.from(document.querySelectorAll('#lines .line'), (line) => line.textContent)"
    shown = [line for line in browser.says(lines) if "new messages" in line]
    assert len(shown) == 1 and shown[0].startswith("8002") and "new messages: 2" in shown[0]


def test_live_page_shows_who_wants_no_calls_and_who_forwards(browser: Chromium, web: Web) -> None:
    browser.opens(f"{web.address}/live/")
    _waits(browser, "+48221234567")
    lines = browser.says(
        "Array.from(document.querySelectorAll('#lines .line'), (one) => one.textContent)"
    )
    assert [line[:4] for line in lines if "do not disturb" in line] == ["8002"]
    assert [line[:4] for line in lines if "forwards to 8001" in line] == ["8003"]


def test_live_page_says_of_each_leg_and_phone_how_it_is_connected(
    browser: Chromium, web: Web
) -> None:
    browser.opens(f"{web.address}/live/")
    _waits(browser, "+48221234567")
    legs = "Array.from(document.querySelectorAll('#calls .leg'), (one) => one.textContent)"
    assert browser.says(legs) == [
        "02164887766 UDP · sound not encrypted",
        "8001 TLS · sound encrypted",
    ]
    lamps = "Array.from(document.querySelectorAll('#calls .leg .lamp'), (one) => one.className)"
    assert browser.says(lamps) == ["lamp lamp-off", "lamp lamp-good"]
    states = "Array.from(document.querySelectorAll('#lines .line-state'), (one) => one.textContent)"
    shown = [line for line in browser.says(states) if line.startswith("phone")]
    assert [("TLS" in line, "UDP" in line) for line in shown] == [
        (True, False), (False, True), (False, True), (False, False),
    ]  # fmt: skip


def test_live_page_says_what_its_seconds_count(browser: Chromium, web: Web) -> None:
    browser.opens(f"{web.address}/live/")
    _waits(browser, "+48221234567")
    counted = "Array.from(document.querySelectorAll('#calls .lasting'), (one) => one.textContent)"
    shown = [line.rsplit(" ", 1)[0] for line in browser.says(counted)]
    assert set(shown) == {"call so far", "talk so far"}


def test_numbers_and_names_stay_whole_on_a_phone(browser: Chromium, web: Web) -> None:
    browser.is_as_wide_as(390)
    browser.opens(f"{web.address}/calls/?day={shop_day.DAY}")
    browser.says(
        "document.querySelectorAll('.calls td.party').forEach((cell) => {"
        " cell.innerHTML = '+4822123456789 <small>Aleksandra Kowalczyk</small>'; })"
    )
    broken = """Array.from(document.querySelectorAll('.calls td')).flatMap((cell) =>
        Array.from(cell.childNodes).filter((one) => one.nodeType === 3 && one.data.trim()
            && one.data.trim().length < 20 && !one.data.trim().includes(' ')).filter((one) => {
                const range = document.createRange();
                range.selectNodeContents(one);
                return new Set(Array.from(range.getClientRects(), (box) => box.top)).size > 1;
            }).map((one) => one.data.trim()))"""
    assert browser.says(broken) == []
    browser.is_as_wide_as(1280)


def test_values_stand_at_one_edge_beside_their_labels_on_a_phone(
    browser: Chromium, web: Web
) -> None:
    browser.is_as_wide_as(390)
    browser.opens(f"{web.address}/calls/?day={shop_day.DAY}")
    pills = """Array.from(document.querySelectorAll('.calls .outcome'), (pill) => {
        const cell = pill.parentElement.getBoundingClientRect();
        const box = pill.getBoundingClientRect();
        return [Math.round(cell.right - box.right), Math.round(box.top - cell.top) < 6]; })"""
    assert {tuple(one) for one in browser.says(pills)} == {(0, True)}
    browser.opens(f"{web.address}/queues/")
    edges = """Array.from(document.querySelectorAll('main .cards .btn'), (button) =>
        Math.round(button.closest('tr').getBoundingClientRect().right
            - button.getBoundingClientRect().right))"""
    assert set(browser.says(edges)) == {0}
    browser.is_as_wide_as(1280)


def test_the_queues_table_of_a_day_breaks_its_remarks_and_fits_its_card(
    browser: Chromium, web: Web
) -> None:
    browser.is_as_wide_as(1280)
    browser.opens(f"{web.address}/today/?day={shop_day.DAY}")
    browser.says(
        "document.querySelectorAll('.figures td:nth-child(5)').forEach((cell) => {"
        " cell.innerHTML = `14 <small>${'podczas dzwonienia: 1 '.repeat(9)}</small>`; })"
    )
    table = "document.querySelector('.figures').parentElement"
    assert browser.says(f"{table}.scrollWidth <= {table}.clientWidth")


def test_the_picture_of_a_flow_opens_at_its_start(browser: Chromium, web: Web) -> None:
    for pixels in (390, 1280):
        browser.is_as_wide_as(pixels)
        browser.opens(f"{web.address}/flows/?flow=main")
        browser.says(
            "document.querySelector('.picture svg').setAttribute('width', '3000')"
            " ?? document.querySelector('.picture').scrollTo(0, 0)"
        )
        # as a wide flow would have come: its start in the middle, its left edge in sight
        browser.says("import('/flows/static/picture.js?again=' + Math.random()) && true")
        seen = """(() => {
            const frame = document.querySelector('.picture').getBoundingClientRect();
            const box = document.querySelector('.picture .start rect').getBoundingClientRect();
            return box.left >= frame.left && box.right <= frame.right; })()"""
        wait_until(lambda seen=seen: browser.says(seen), "the start node is in sight")
    assert browser.complaints() == []


def test_live_page_says_that_control_is_away_and_that_it_is_back(
    browser: Chromium, web: Web, control: ControlSocket
) -> None:
    browser.opens(f"{web.address}/live/")
    _waits(browser, "+48221234567")
    control.kill()
    wait_until(lambda: "does not answer" in browser.text("#notice"), "the page says it")
    assert "+48221234567" in browser.text("#waiting"), "what was last known stays"
    control.start()
    wait_until(lambda: browser.says("document.getElementById('notice').hidden"), "it is back")


def test_live_page_asks_where_the_stream_does_not_come(
    browser: Chromium, web: Web, control: ControlSocket
) -> None:
    browser.driver.execute_cdp_cmd("Network.enable", {})
    browser.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/live/stream"]})
    try:
        browser.opens(f"{web.address}/live/")
        control.show(shop_day.shop_live(AT + 60, number="55509999"))
        _waits(browser, "55509999")
    finally:
        browser.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
        browser.complaints()


ADDRESSES = [
    *(f"/{page.name}/?day={shop_day.DAY}" for page in PAGES),
    *("/calls/long-1", "/programs/reference"),
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("language", ["zh", "en", "pl"])
def test_page_fits_a_phone(
    browser: Chromium, web: Web, control: ControlSocket, address: str, language: str
) -> None:
    browser.driver.add_cookie({"name": "linghe_language", "value": language})
    for pixels in (390, 320, 1280):
        browser.is_as_wide_as(pixels)
        browser.opens(web.address + address)
        if address.startswith("/live/"):
            _waits(browser, "+48221234567")
        assert browser.says("document.documentElement.scrollWidth") <= pixels
    assert browser.complaints() == []


@pytest.mark.parametrize("language", ["zh", "en", "pl"])
def test_menu_stands_in_one_line_and_opens_its_groups(
    browser: Chromium, web: Web, language: str
) -> None:
    browser.driver.add_cookie({"name": "linghe_language", "value": language})
    browser.is_as_wide_as(1280)
    browser.opens(f"{web.address}/queues/")
    assert browser.says("document.querySelector('nav.top').offsetHeight") < 70
    link = browser.driver.find_element("css selector", 'a.nav-link[href="/flows/"]')
    assert not link.is_displayed()
    browser.clicks(".navbar-nav .dropdown-toggle.active")
    wait_until(link.is_displayed, "the group is open")


def test_menu_unfolds_on_a_phone(browser: Chromium, web: Web) -> None:
    browser.is_as_wide_as(390)
    browser.opens(f"{web.address}/account/")
    link = browser.driver.find_element("css selector", 'a.nav-link[href="/calls/"]')
    assert not link.is_displayed()
    browser.clicks(".navbar-toggler")
    wait_until(link.is_displayed, "the menu is open")
    browser.is_as_wide_as(1280)


def test_recording_plays_and_jumps(browser: Chromium, web: Web) -> None:
    browser.opens(f"{web.address}/calls/long-1")
    audio = "document.querySelector('audio')"
    browser.driver.execute_script(f"{audio}.muted = true; {audio}.play()")
    wait_until(lambda: browser.says(f"{audio}.currentTime > 0.2"), "it plays")
    assert browser.says(f"{audio}.duration") == pytest.approx(6.0, abs=0.1)
    browser.driver.execute_script(f"{audio}.currentTime = 5")
    wait_until(lambda: browser.says(f"{audio}.currentTime > 5.1"), "it goes on after the jump")
    assert browser.says(f"{audio}.error") is None
    assert browser.complaints() == []


def test_box_is_claimed_in_the_browser(tmp_path: Path, browser: Chromium) -> None:
    stage = Stage(tmp_path / "new")
    stage.offers_claim()
    web = Web(stage)
    try:
        browser.opens(f"{web.address}/today/")
        assert browser.driver.current_url.endswith("/claim")
        for field, text in (
            ("code", CODE.lower()),
            ("name", "owner"),
            ("password", PASSWORD),
            ("again", PASSWORD),
        ):
            browser.types(field, text)
        browser.clicks(".door-card .btn-primary")
        wait_until(lambda: "/today/" in browser.driver.current_url, "the owner is in")
    finally:
        web.close()
