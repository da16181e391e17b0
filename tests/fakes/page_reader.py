"""Somebody who reads a running box's pages over HTTP, as its owner, without a browser."""

import http.cookiejar
import re
import urllib.parse
import urllib.request

from argon2 import PasswordHasher

from appliance.store.people import Role, User
from appliance.store.places import Paths
from appliance.store.settings import SettingsStore

NAME, PASSWORD = "reader", "test-only pine needles on snow"


class PageReader:
    """Logged in from the beginning."""

    def __init__(self, box, language="en"):
        self._base = f"http://127.0.0.1:{box.http_port}"
        _make_owner(box)
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)
        self._opener.addheaders = [
            ("Accept", "text/html"), ("Origin", self._base), ("Accept-Language", language),
        ]  # fmt: skip
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.read("/login"))[1]
        form = {"csrf_token": token, "name": NAME, "password": PASSWORD}
        self._opener.open(self._base + "/login", urllib.parse.urlencode(form).encode(), timeout=20)

    def read(self, path):
        """The page as text, its tags taken for spaces where `words` is wanted."""
        with self._opener.open(self._base + path, timeout=20) as answer:
            return answer.read().decode()

    def send(self, path, form, timeout=170):
        """Send a form with the token of its page; return the page that answers."""
        token = re.search(
            r'name="csrf_token" value="([^"]+)"', self.read(path.rpartition("/")[0] + "/")
        )
        body = urllib.parse.urlencode({"csrf_token": token[1], **form}).encode()
        with self._opener.open(self._base + path, body, timeout=timeout) as answer:
            return answer.read().decode()

    def words(self, path):
        """What stands on the page, without its tags."""
        return " ".join(re.sub(r"<[^>]+>", " ", self.read(path)).split())


def _make_owner(box):
    store = SettingsStore(Paths(box.folder).settings)
    try:
        digest = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
        store.people.put(
            User(name=NAME, role=Role.OWNER, password_hash=digest, agent=None, login_stamp="s-r")
        )
    finally:
        store.close()
