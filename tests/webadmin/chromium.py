"""A real Chromium over a real gunicorn: the box's pages as a person meets them."""

import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from lane import free_port
from waiting import wait_until
from web_stage import OWNER, PASSWORD, Stage

from appliance.daemons.supervisor.units import WEB_WORKER

REPOSITORY = Path(__file__).parents[2]
HERE = Path(__file__).parent


def needs_chromium() -> tuple[str, str]:
    """Return where browser and driver lie, or skip the test with a word why."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    if browser is None or driver is None:
        pytest.skip("Chromium or its driver is not installed (apt-get install chromium-driver)")
    pytest.importorskip("selenium", reason="selenium is not installed (pip install -e .[test])")
    return browser, driver


class Web:
    """gunicorn as the supervisor starts it, over a stage's files."""

    def __init__(self, stage: Stage, app: str = "webadmin:create_app()") -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._program = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "--worker-class", WEB_WORKER),
                *("--threads", "32", "--graceful-timeout", "1", "--log-level", "warning"),
                *("--bind", f"127.0.0.1:{self.port}", "--pythonpath", str(HERE), app),
            ],
            cwd=REPOSITORY,
            env={**os.environ, "LINGHE_DATA": str(stage.places.root)},
        )
        wait_until(self._answers, "gunicorn answers")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/health", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def close(self) -> None:
        self._program.terminate()
        self._program.wait(10)


class Chromium:
    """A headless browser with its console's complaints."""

    def __init__(self, folder: Path) -> None:
        browser, driver = needs_chromium()
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        options.binary_location = browser
        for argument in (
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--autoplay-policy=no-user-gesture-required",
            f"--user-data-dir={folder}",
        ):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        options.set_capability("unhandledPromptBehavior", "ignore")
        self.driver = webdriver.Chrome(options=options, service=Service(driver))

    def opens(self, address: str) -> None:
        self.driver.get(address)

    def logs_in(self, web: Web, name: str = OWNER, language: str = "en") -> None:
        self.opens(f"{web.address}/login")
        self.driver.add_cookie({"name": "linghe_language", "value": language})
        self.types("name", name)
        self.types("password", PASSWORD)
        self.clicks(".door-card button")
        wait_until(lambda: "/login" not in self.driver.current_url, "the login is over")

    def types(self, field: str, text: str) -> None:
        self.driver.find_element("name", field).send_keys(text)

    def clicks(self, selector: str) -> None:
        self.driver.find_element("css selector", selector).click()

    def text(self, selector: str) -> str:
        return str(self.driver.find_element("css selector", selector).text)

    def says(self, script: str) -> Any:
        return self.driver.execute_script(f"return {script}")

    def is_as_wide_as(self, pixels: int) -> None:
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": pixels, "height": 800, "deviceScaleFactor": 1, "mobile": pixels < 500},
        )

    def counts_what_it_sends(self) -> None:
        """From now on no form of this page goes anywhere; `window.went` counts what would have."""
        self.driver.execute_script(
            "window.went = 0; for (const form of document.forms) form.addEventListener('submit', "
            "(event) => { window.went += !event.defaultPrevented; event.preventDefault(); });"
        )

    def sends_once(self, button: str) -> None:
        """The form of this button goes out with the first click only, and again after the page
        came back from the browser's memory."""
        self.counts_what_it_sends()
        click = f"document.querySelector({button!r}).click()"
        self.says(click)
        self.says(click)
        assert self.says("window.went") == 1, "a second click sends nothing"
        self.driver.execute_script("dispatchEvent(new Event('pageshow'))")
        self.says(click)
        assert self.says("window.went") == 2, "a page that came back may be sent again"

    def complaints(self) -> list[str]:
        """What the console has against the page, but for remarks on how forms are made."""
        return [
            line["message"]
            for line in self.driver.get_log("browser")
            if line["level"] == "SEVERE" or "Content Security Policy" in line["message"]
        ]

    def close(self) -> None:
        self.driver.quit()
