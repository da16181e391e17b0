"""The page "This box" in a real Chromium: what it never does under somebody's hands."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import shop_day
from chromium import Chromium, Web, needs_chromium
from control_socket import ControlSocket
from root_socket import RootSocket
from waiting import wait_until
from web_stage import PASSWORD, Stage

from appliance.wire.privileged import BoxState, CarriedOut

pytestmark = pytest.mark.peer

BEAT_BY_HAND = """
const really = window.setInterval;
window.setInterval = (beat, every) => {
  if (every !== 10000) return really(beat, every);
  window.beat = beat;
  return 0;
};
"""
"""The page's own clock is the test's."""


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Chromium]]:
    needs_chromium()
    folder = tmp_path_factory.mktemp("box")
    stage = Stage(folder / "data").full()
    root = RootSocket(folder / "root.sock")
    root.answer = CarriedOut(sentence="Done.", state=BoxState(slot="A"))
    control = ControlSocket(stage.places.control_socket, shop_day.shop_live(5.0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LINGHE_PRIVILEGED_SOCKET", str(folder / "root.sock"))
        web = Web(stage)
    browser = Chromium(folder / "chromium")
    browser.logs_in(web)
    yield f"{web.address}/box/", browser
    browser.close()
    web.close()
    control.kill()
    root.close()


def holds(browser: Chromium, script: str) -> bool:
    """Say whether it holds; not yet where the page is just being loaded."""
    from selenium.common import WebDriverException

    try:
        return bool(browser.says(script))
    except WebDriverException:
        return False


def test_a_page_that_waits_is_loaded_anew_by_script_and_not_while_it_is_in_use(
    box: tuple[str, Chromium],
) -> None:
    page, browser = box
    browser.driver.execute_cdp_cmd(
        "Page.addScriptToEvaluateOnNewDocument", {"source": BEAT_BY_HAND}
    )
    browser.opens(page)
    assert browser.says("window.beat === undefined"), "nothing is at work"
    browser.driver.find_element("id", "word-restart").send_keys("restart\n")
    wait_until(lambda: holds(browser, "window.beat !== undefined"), "the box waits")
    assert browser.says("document.querySelector('head meta[http-equiv=refresh]') === null")
    browser.says("window.same = true")
    for begun, ended in (
        ("document.getElementById('address').focus()", "document.activeElement.blur()"),
        ("document.getElementById('lan').value = '203'",
         "document.getElementById('lan').value = ''"),
        ("document.getElementById('foreign').checked = true",
         "document.getElementById('foreign').checked = false"),
        ("document.querySelector('.going').hidden = false",
         "document.querySelector('.going').hidden = true"),
    ):  # fmt: skip
        browser.says(begun)
        browser.says("window.beat()")
        assert browser.says("window.same"), begun
        browser.says(ended)
    browser.driver.execute_script("setTimeout(window.beat)")
    wait_until(lambda: holds(browser, "window.beat && !window.same"), "it is loaded anew")
    assert "waits until nobody talks" in browser.text("main")
    assert browser.complaints() == []


def test_a_second_click_makes_no_second_backup_and_a_page_that_comes_back_works(
    box: tuple[str, Chromium],
) -> None:
    page, browser = box
    browser.opens(page)
    browser.counts_what_it_sends()
    browser.says("document.getElementById('own-backup').value = 'x'")
    backup = "document.querySelector('form.handed button')"
    dead = f"{backup}.classList.contains('disabled')"
    for _ in range(2):
        browser.says(f"{backup}.click()")
    assert browser.says("window.went") == 1 and browser.says(dead)
    browser.driver.execute_script("document.cookie = 'linghe_handed=yes; Path=/box/'")
    wait_until(lambda: not browser.says(dead), "it was handed out")
    browser.opens(page)
    browser.sends_once("form[action$=zone] button")


def test_a_file_that_is_refused_is_told_in_place_and_may_be_sent_again(
    box: tuple[str, Chromium], tmp_path: Path
) -> None:
    page, browser = box
    file = tmp_path / "home.linghe"
    file.write_bytes(b"no backup at all")
    browser.opens(page)
    browser.driver.find_element("id", "backup-file").send_keys(str(file))
    fault = "form.send:has(#backup-file) .fault"
    shown = f"!document.querySelector({fault!r}).hidden"
    for password, said in (("wrong", "password is not right"), (PASSWORD, "home.linghe")):
        field = browser.driver.find_element("id", "own-restore")
        field.clear()
        field.send_keys(f"{password}\n")
        wait_until(lambda said=said: holds(browser, shown) and said in browser.text(fault), said)
        assert browser.says("document.querySelector('.going:not([hidden])') === null")
