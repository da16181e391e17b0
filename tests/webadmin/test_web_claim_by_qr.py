"""The QR code of the screen in a real Chromium: its code is filled in, and sent to nobody."""

from pathlib import Path

import pytest
from chromium import Chromium, Web, needs_chromium
from waiting import wait_until
from web_stage import CODE, PASSWORD, Stage

pytestmark = pytest.mark.peer


def test_a_scanned_code_stands_in_its_field_and_no_longer_in_the_address(tmp_path: Path) -> None:
    needs_chromium()
    stage = Stage(tmp_path / "new")
    stage.offers_claim()
    web = Web(stage)
    browser = Chromium(tmp_path / "chromium")
    try:
        browser.opens(f"{web.address}/claim#{CODE}")
        filled = "document.getElementById('code').value"
        wait_until(lambda: browser.says(filled) == CODE, "the code is filled in")
        assert browser.driver.current_url == f"{web.address}/claim"
        browser.types("name", "owner")
        browser.types("password", PASSWORD)
        browser.types("again", PASSWORD)
        browser.driver.execute_script("document.getElementById('code').form.requestSubmit()")
        wait_until(lambda: "/claim" not in browser.driver.current_url, "the owner is in")
        assert browser.complaints() == []
    finally:
        browser.close()
        web.close()
