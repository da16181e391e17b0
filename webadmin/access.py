"""Who is there, and what he may see. Closed by default.

Every request passes `_guard`: without a login only the doors and the static files answer; with
one, only the pages whose PAGE names the role. A box that nobody owns leads to its claim first.
"""

import logging
import secrets
import time
from collections.abc import Callable
from threading import Lock

import msgspec
from flask import Blueprint, Flask, current_app, redirect, request, session, url_for
from flask_login import LoginManager, current_user, login_user, logout_user
from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.wrappers import Response

from appliance.store.audit import AuditLine
from appliance.store.people import Role, User
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.ids import AgentId, Utc
from webadmin.page import EVERYBODY, Page
from webadmin.problems import is_of_api
from webadmin.stores import settings

LONGEST_LOGIN_S = 12 * 3600.0
"""A working day; then the password is asked again."""
ACCESS = "linghe.access"
MAY_BE_LOST = frozenset(
    "login login_failed login_locked logout recording_heard token_wrong"
    " call_originated call_hung_up call_transferred call_held call_retrieved call_recording_set"
    " call_supervised agent_state_set".split()
)
"""Acts that go on where a full disk refuses their line: who is kept out cannot look after the box,
and what is done with a call stands in its timeline too. All others, downloads and changes, are
refused without it."""

logger = logging.getLogger(__name__)

OPEN_DOORS = frozenset({"claim", "login", "language", "health"})
"""Blueprints that answer without a login."""


class Visitor:
    """The user of this request, as Flask-Login wants one."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, user: User) -> None:
        self.user = user

    def get_id(self) -> str:
        """Return what the cookie remembers: the name, and the password's stamp."""
        return msgspec.json.encode((self.user.name, self.user.login_stamp)).decode()

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def is_owner(self) -> bool:
        return self.user.role is Role.OWNER

    @property
    def agent(self) -> AgentId | None:
        """Who it is in the queues; None: the owner, who sees everybody."""
        return None if self.is_owner else self.user.agent or AgentId("")


class _Ended:
    """Logins that were ended by their people: a copied cookie must not bring one back.

    Each is a line of the audit log too, from where a restarted web server knows them again.
    """

    def __init__(self) -> None:
        self._names: set[str] | None = None
        self._lock = Lock()

    def add(self, login: str) -> None:
        """End a login; the caller writes the line."""
        with self._lock:
            self._known().add(login)

    def __contains__(self, login: str) -> bool:
        with self._lock:
            return login in self._known()

    def _known(self) -> set[str]:
        if self._names is None:
            since = Utc(time.time() - LONGEST_LOGIN_S)
            self._names = {line.detail for line in settings().audit.since(since, "logout")}
        return self._names


class Access:
    """Roles of pages, and the logins that were ended."""

    def __init__(self, app: Flask, pages: tuple[Page, ...]) -> None:
        """Guard the app."""
        self._roles = {page.name: page.roles for page in pages} | {"start": EVERYBODY}
        self.ended = _Ended()
        self._is_owned = False
        manager = LoginManager(app)
        manager.session_protection = "strong"
        manager.user_loader(self._visitor)
        app.before_request(self._guard)

    def _visitor(self, remembered: str) -> Visitor | None:
        try:
            name, stamp = msgspec.json.decode(remembered, type=tuple[str, str])
        except msgspec.MsgspecError:
            return None
        if session.get("login", "") in self.ended:
            return None
        if not 0 <= time.time() - float(session.get("since", 0.0)) < LONGEST_LOGIN_S:
            return None
        user = settings().people.user(name)
        return Visitor(user) if user is not None and user.login_stamp == stamp else None

    def _guard(self) -> Response | None:
        door = request.blueprint or ""
        # Programs have a door of their own, which was asked before (api/door.py).
        if _is_static(request.endpoint) or door == "health" or is_of_api():
            return None
        if not self.is_owned():
            return None if door in ("claim", "language") else redirect(url_for("claim.show"))
        if door in OPEN_DOORS:
            return None
        who = visitor()
        if who is None:
            return _ask_to_log_in()
        if request.endpoint is not None and who.user.role not in self._roles.get(door, frozenset()):
            raise Forbidden()
        return None

    def is_owned(self) -> bool:
        """True once the box has an owner; from then on for ever."""
        if not self._is_owned:
            self._is_owned = settings().people.has_owner()
        return self._is_owned


def _is_static(endpoint: str | None) -> bool:
    return endpoint is not None and (endpoint == "static" or endpoint.endswith(".static"))


def _ask_to_log_in() -> Response:
    if request.method == "GET" and request.accept_mimetypes.accept_html:
        here = request.full_path.rstrip("?")
        return redirect(url_for("login.show", next=None if here == "/" else here))
    raise Unauthorized()


def visitor() -> Visitor | None:
    """Return who is logged in, None for nobody."""
    found = current_user._get_current_object()
    return found if isinstance(found, Visitor) else None


def present_visitor() -> Visitor:
    """Return who is logged in, on a page that nobody reaches otherwise."""
    found = visitor()
    if found is None:
        raise Unauthorized()
    return found


def begin_login(user: User) -> None:
    """Log in: everything in the old cookie is void, the new one has a name of its own."""
    session.clear()
    session["login"] = secrets.token_urlsafe(16)
    session["since"] = time.time()
    login_user(Visitor(user))
    session.permanent = False


def end_login() -> None:
    """Log out, also for copies of the cookie."""
    login = str(session.get("login", ""))
    if visitor() is not None:
        note("logout", login)
        _access().ended.add(login)
    logout_user()
    session.clear()


def login_ended() -> Callable[[], bool]:
    """Return what says, also after this request, whether its login was ended meanwhile."""
    ended, login = _access().ended, str(session.get("login", ""))
    return lambda: login in ended


def _access() -> Access:
    found = current_app.extensions[ACCESS]
    if not isinstance(found, Access):
        raise TypeError("create_app() has set no guard")
    return found


def new_stamp() -> str:
    """Return a stamp for a user whose password is new: his other logins end."""
    return secrets.token_urlsafe(12)


def home_of(user: User) -> str:
    """Return the address where this user begins."""
    return url_for("today.show" if user.role is Role.OWNER else "live.show")


def where() -> str:
    """Return the address that the request came from."""
    return request.remote_addr or ""


def note(what: str, detail: str = "", by: str | None = None) -> None:
    """Write a line into the audit log. EquipmentError when it cannot and the act must not be."""
    who = visitor()
    line = AuditLine(
        at=Utc(time.time()),
        by=(who.name if who else "") if by is None else by,
        what=what,
        detail=detail[:500],
        where=where(),
    )
    try:
        settings().audit.note(line)
    except EquipmentError as error:
        if what not in MAY_BE_LOST:
            raise
        logger.warning("%s by %s is not in the audit log: %s", what, line.by or "nobody", error)


def blueprint_of(folder: str, name: str, path: str) -> Blueprint:
    """Return a blueprint with its own templates and static files; `folder` is its __name__."""
    return Blueprint(
        name,
        folder,
        url_prefix=path,
        template_folder="templates",
        static_folder="static",
    )
