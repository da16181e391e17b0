"""A box's files for the pages, and a browser without a browser."""

import re
import secrets
import time
from pathlib import Path

import shop_day
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import StrictUndefined
from tone_prompts import lay, phrase
from werkzeug.test import TestResponse

from appliance.reports.record import record_of
from appliance.store.ledger import Ledger
from appliance.store.people import Role, User
from appliance.store.places import Paths
from appliance.store.settings import SettingsStore
from appliance.vocabulary.claims import claim_digest
from appliance.vocabulary.ids import AgentId, Utc
from appliance.vocabulary.settings import Site
from webadmin import create_app

CODE = "7Q2MK-X9R4T"
PASSWORD = "pine needles on snow"
OWNER, AGENT = "owner", "wangfang"
HERE = "http://localhost"

_CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
"""A hash says itself what it costs; the stories need not pay the real price each time."""


class Stage:
    """A data folder with what the story needs, and the app over it."""

    def __init__(self, folder: Path) -> None:
        """An empty folder: nobody owns the box."""
        self.places = Paths(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "run").mkdir(exist_ok=True)
        self._app: Flask | None = None

    def offers_claim(self) -> None:
        """The supervisor printed a code."""
        store = self.settings()
        store.claim.offer(claim_digest(CODE), Utc(time.time()))
        store.close()

    def has_people(self, password_hash: str = _CHEAP) -> None:
        """An owner, and an agent's login (1001)."""
        store = self.settings()
        store.people.put(_user(OWNER, Role.OWNER, None, password_hash))
        store.people.put(_user(AGENT, Role.AGENT, AgentId("1001"), password_hash))
        store.close()

    def has_site(self, site: Site = shop_day.SITE) -> None:
        """From now on this one, as a new version."""
        store = self.settings()
        store.save(site, by="test", at=Utc(time.time()))
        store.close()

    def has_numbers_spoken(self, *agents: str) -> None:
        """What a site says of these agents is there: nobody makes speech while a test waits."""
        keys = ("agent_number", "signed_in")
        spoken = [(phrase(key, "zh", agent=one), 440, 0.1) for key in keys for one in agents]
        lay(self.places.root, spoken)

    def has_day(self) -> None:
        """The busy day, with its recording."""
        ledger = Ledger(self.places.calls, record_of)
        ledger.append(shop_day.shop_journal().entries)
        ledger.close()
        shop_day.write_recording(self.places.recordings)

    def full(self) -> "Stage":
        """People, site and day."""
        self.has_people()
        self.has_site()
        self.has_day()
        return self

    def settings(self) -> SettingsStore:
        return SettingsStore(self.places.settings)

    def site(self) -> Site:
        """The site as it is now."""
        store = self.settings()
        found = store.current()
        store.close()
        return found

    @property
    def app(self) -> Flask:
        if self._app is None:
            self._app = create_app(self.places)
            # A shop's page shows nothing for a name that is not there; a test's says so.
            self._app.jinja_env.undefined = StrictUndefined
        return self._app

    def browser(self) -> "Browser":
        return Browser(self.app)

    def logged_in(self, name: str = OWNER, language: str = "") -> "Browser":
        """`language`: the one that he chose for the pages; else the site's."""
        browser = self.browser()
        assert browser.logs_in(name).status_code == 302
        if language:
            browser.client.set_cookie("linghe_language", language)
        return browser

    def acts(self) -> list[str]:
        """What the audit log has, newest first."""
        store = self.settings()
        lines = store.audit.latest()
        store.close()
        return [line.what for line in lines]


def _user(name: str, role: Role, agent: AgentId | None, password_hash: str) -> User:
    return User(
        name=name, role=role, password_hash=password_hash, agent=agent, login_stamp=f"s-{name}"
    )


class Browser:
    """Sends forms as a browser does: with the page's token and our Origin."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def get(self, address: str, **headers: str) -> TestResponse:
        return self.client.get(address, headers={"Accept": "text/html", **headers})

    def token(self, page: str = "/login") -> str:
        """Return the token of a form on this page."""
        text = self.get(page).text
        found = re.search(r'name="csrf_token" value="([^"]+)"', text)
        assert found is not None, f"no form on {page}: {text[:400]}"
        return found[1]

    def post(
        self,
        address: str,
        fields: dict[str, str],
        *,
        page: str = "/login",
        origin: str | None = HERE,
        token: str | None = None,
    ) -> TestResponse:
        headers = {"Accept": "text/html"} | ({"Origin": origin} if origin else {})
        sent = {"csrf_token": self.token(page) if token is None else token, **fields}
        return self.client.post(address, data=sent, headers=headers)

    def sends_piece(
        self, page: str, upload: str, offset: int, content: bytes, **headers: str
    ) -> TestResponse:
        """A piece of a file, as the scripts of this page send it."""
        own = {
            "Origin": HERE,
            "Content-Type": "application/octet-stream",
            "X-CSRFToken": self.token(page),
            "X-Upload": upload,
            "X-Offset": str(offset),
        }
        return self.client.post(f"{page}piece", data=content, headers={**own, **headers})

    def uploads(self, page: str, content: bytes) -> str:
        """Send a file in one piece; return its upload's name."""
        upload = secrets.token_hex(16)
        answer = self.sends_piece(page, upload, 0, content)
        assert answer.json == {"there": len(content)}, answer.text
        return upload

    def logs_in(self, name: str, password: str = PASSWORD, **more: str) -> TestResponse:
        return self.post("/login", {"name": name, "password": password, **more})
