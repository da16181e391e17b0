"""create_app(): everything put together. gunicorn calls it in each worker it starts."""

import logging
import time

from flask import Flask, redirect, request
from flask.logging import default_handler
from flask_bootstrap import Bootstrap5
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from appliance import __version__
from appliance.store.places import Paths
from appliance.vocabulary.live import Live
from appliance.vocabulary.one_line import OneLineForm
from appliance.vocabulary.settings import Language
from webadmin import (
    api,
    box,
    hardening,
    heard,
    languages,
    simulations,
    stores,
    troubles,
    uploads,
    wording,
)
from webadmin.access import ACCESS, LONGEST_LOGIN_S, Access, home_of, present_visitor, visitor
from webadmin.doors import DOORS
from webadmin.doors.login import TRIES
from webadmin.environment import places
from webadmin.live_feed import LiveFeed
from webadmin.menu import menu_of
from webadmin.pages import PAGES
from webadmin.tries import Tries

LONGEST_FORM = 64 * 1024


def create_app(at: Paths | None = None) -> Flask:
    """Return the app over the files of LINGHE_DATA, or of `at`. calls.db need not exist yet."""
    here = at or places()
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=stores.web_key(here),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=LONGEST_LOGIN_S,
        MAX_CONTENT_LENGTH=LONGEST_FORM,
        BOOTSTRAP_SERVE_LOCAL=True,
        WTF_CSRF_TIME_LIMIT=int(LONGEST_LOGIN_S),
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for handler in (default_handler, logging.lastResort):
        if handler is not None:
            # An address may hold line ends and be the reason of a line.
            handler.setFormatter(OneLineForm())
    stores.init_app(app, here)
    languages.init_app(app)
    wording.init_app(app)
    troubles.init_app(app)
    app.extensions[box.EXTENSION] = LiveFeed(here.control_socket)
    app.extensions[heard.EXTENSION] = heard.nothing_heard()
    app.extensions[TRIES] = Tries(time.monotonic)
    app.extensions[simulations.EXTENSION] = simulations.Simulations(here)
    # In this order: programs by their tokens; then where does it come from, who is it, is the
    # form ours.
    api.init_app(app)
    hardening.init_app(app)
    app.extensions[ACCESS] = Access(app, PAGES)
    uploads.init_app(app)
    forms = CSRFProtect(app)
    programs = api.make_blueprint()
    app.register_blueprint(programs)
    # No cookie opens it, so no other site can use one.
    forms.exempt(programs)
    Bootstrap5(app)
    for blueprint in (*DOORS, *(page.blueprint for page in PAGES)):
        app.register_blueprint(blueprint)
    app.add_url_rule("/", "start.show", _start)
    app.context_processor(_common)
    return app


def _emergency() -> Live | None:
    """The box's picture while emergency mode is on: every page says so."""
    live = box.live_feed().now().live
    return live if live is not None and live.emergency_since is not None else None


def _start() -> Response:
    return redirect(home_of(present_visitor().user))


def _common() -> dict[str, object]:
    """What the frame around every page needs."""
    who = visitor()
    return {
        "menu": [] if who is None else menu_of(who.user.role, request.blueprint or ""),
        "emergency": None if who is None else _emergency(),
        "visitor": who,
        "site": stores.site(),
        "language": languages.language_now(),
        "languages": [(language, languages.OWN_NAMES[language]) for language in Language],
        "version": __version__,
    }
