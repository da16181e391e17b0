"""Somebody who uses a box's pages over HTTP, without a browser."""

import html
import http.cookiejar
import re
import urllib.parse
import urllib.request

from argon2 import PasswordHasher

from appliance.store.people import Role, User
from appliance.store.places import Paths
from appliance.store.settings import SettingsStore

NAME, PASSWORD = "reader", "test-only pine needles on snow"


class Pages:
    """The pages at one address, and the cookies of whoever reads them."""

    def __init__(self, base, language="en", patience=20):
        """`base`: like http://127.0.0.1:8080; `patience`: seconds that a page may take."""
        self._base = base
        self._patience = patience
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)
        self._opener.addheaders = [
            ("Accept", "text/html"), ("Origin", base), ("Accept-Language", language),
        ]  # fmt: skip

    def log_in(self, name, password):
        """As a person does."""
        self.send("/login", {"name": name, "password": password}, page="/login")

    def read(self, path):
        """The page as text, its tags taken for spaces where `words` is wanted."""
        with self._opener.open(self._base + path, timeout=self._patience) as answer:
            return answer.read().decode()

    def token(self, page):
        """What a form of this page has to bring along."""
        return re.search(r'name="csrf_token" value="([^"]+)"', self.read(page))[1]

    def send(self, path, form, timeout=170, page=""):
        """Send a form with the token of its page; return the page that answers."""
        token = self.token(page or path.rpartition("/")[0] + "/")
        return self.post(path, {"csrf_token": token, **form}, timeout)

    def post(self, path, form, timeout=170, headers=None):
        """Send fields, or bytes as they are; return what answers."""
        body = form if isinstance(form, bytes) else urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(self._base + path, body, headers or {})
        with self._opener.open(request, timeout=timeout) as answer:
            return answer.read().decode()

    def words(self, path):
        """What stands on the page, without its tags."""
        return words_of(self.read(path))


def words_of(page):
    """What a reader reads of a page."""
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


class PageReader(Pages):
    """The owner of a box on this machine, logged in from the beginning."""

    def __init__(self, box, language="en"):
        super().__init__(f"http://127.0.0.1:{box.http_port}", language)
        _make_owner(box)
        self.log_in(NAME, PASSWORD)


def _make_owner(box):
    store = SettingsStore(Paths(box.folder).settings)
    try:
        digest = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
        store.people.put(
            User(name=NAME, role=Role.OWNER, password_hash=digest, agent=None, login_stamp="s-r")
        )
    finally:
        store.close()
