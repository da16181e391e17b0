"""What every answer carries and every change is asked: headers, Origin, cookies.

OWASP's Secure Headers and the Cookie specification (RFC 6265bis §4.1.3 on the __Host- prefix).
"""

from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, request
from flask.sessions import SecureCookieSessionInterface

from webadmin.problems import is_of_api

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""No inline script, no inline style, nothing from elsewhere. data: is Bootstrap's own arrows."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # "no-referrer" would make browsers send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
YEAR_S = 31_536_000


class Cookies(SecureCookieSessionInterface):
    """The login cookie: over https with the __Host- prefix and Secure, over http without."""

    def get_cookie_name(self, app: Flask) -> str:
        """Name it by how this request came."""
        return "__Host-linghe" if request.is_secure else "linghe"

    def get_cookie_secure(self, app: Flask) -> bool:
        """Say whether it may travel over https only."""
        return request.is_secure


def init_app(app: Flask) -> None:
    """Put the headers on answers and look at the origin of changes."""
    app.session_interface = Cookies()
    app.before_request(_check_origin)
    app.after_request(_with_headers)


def is_from_here(asked: Request) -> bool:
    """Say whether a page of this box sent the request: its Origin, or else its Referer, is us."""
    told = asked.headers.get("Origin") or asked.headers.get("Referer", "")
    try:
        parts = urlsplit(told)
    except ValueError:
        return False
    return bool(parts.netloc) and (parts.scheme, parts.netloc) == (asked.scheme, asked.host)


def _check_origin() -> None:
    if is_of_api():
        return
    if request.method not in SAFE_METHODS and not is_from_here(request):
        abort(403)


def _with_headers(answer: Response) -> Response:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if request.is_secure:
        answer.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR_S}")
    if not (request.endpoint or "").endswith("static"):
        # Callers' numbers do not belong in the cache of a shared computer. What is static may stay
        # there, and is asked after at each use: after an update no page meets an older script.
        answer.headers["Cache-Control"] = "no-store"
    return answer
