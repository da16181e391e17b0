"""The language switch: a choice that is remembered for a year, also before a login."""

from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from appliance.vocabulary.settings import Language
from webadmin.languages import COOKIE, COOKIE_SECONDS

blueprint = Blueprint("language", __name__)


@blueprint.post("/language")
def choose() -> Response:
    """Remember the language and go back to the page that it was chosen on."""
    wanted = request.form.get("language", "")
    if wanted not in set(Language):
        abort(400)
    answer = redirect(own_path(request.form.get("next", "")))
    answer.set_cookie(
        COOKIE,
        wanted,
        max_age=COOKIE_SECONDS,
        httponly=True,
        samesite="Strict",
        secure=request.is_secure,
    )
    return answer


def own_path(wanted: str) -> str:
    """Return the address if it is one of this box's, else the start page: no open redirects."""
    if not wanted.startswith("/") or wanted[1:2] in ("/", "\\"):
        return "/"
    if any(ord(char) < 33 or char == "\\" for char in wanted):
        return "/"
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return "/"
    return "/" if parts.scheme or parts.netloc else wanted
