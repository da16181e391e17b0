"""Who asks: a bearer token (RFC 6750) and nothing else; a cookie opens nothing here.

The door stands before everything under /api/: without a token every address and method there is
told the same, whether it exists or not.
"""

import time

from flask import Flask, Response, current_app, g, request

from appliance.vocabulary.ids import Utc
from appliance.vocabulary.tokens import Scope, Token, token_digest
from webadmin.access import note, where
from webadmin.api.rate import Rate
from webadmin.problems import Problem, answer_of, is_of_api
from webadmin.stores import settings
from webadmin.tries import Tries

REQUESTS_A_MINUTE = 1200
VERBS_A_MINUTE = 120
"""What makes phones ring is dearer than what reads."""
EXTENSION = "linghe.api_door"
LONGEST_TOKEN = 200


class Door:
    """The counters of one app."""

    def __init__(self) -> None:
        self.wrong = Tries(time.monotonic)
        """Wrong tokens by address: a right one is let in all the same, it cannot be guessed."""
        self.requests = Rate(REQUESTS_A_MINUTE, time.monotonic)
        self.verbs = Rate(VERBS_A_MINUTE, time.monotonic)


def init_app(app: Flask) -> None:
    """Set the door before everything under /api/."""
    app.extensions[EXTENSION] = Door()
    app.before_request(_ask_for_token)


def door() -> Door:
    """Return the app's door."""
    found = current_app.extensions[EXTENSION]
    if not isinstance(found, Door):
        raise TypeError("create_app() has set no door")
    return found


def present_token() -> Token:
    """Return whose request this is, behind the door."""
    found = g.get("linghe_token")
    if not isinstance(found, Token):
        raise Problem("token_missing")
    return found


def asker() -> str:
    """Return who asks, for the audit log and the journal."""
    return f"token {present_token().name}"


def wants(scope: Scope) -> None:
    """Refuse a token without this scope."""
    if not present_token().may(scope):
        raise Problem("scope_missing", f"It needs {scope}.", scope=scope)


def take_verb() -> None:
    """Count a verb."""
    _take(door().verbs)


def _ask_for_token() -> Response | None:
    if not is_of_api():
        return None
    try:
        g.linghe_token = _token()
        _take(door().requests)
    except Problem as problem:
        return answer_of(problem)
    return None


def _take(rate: Rate) -> None:
    wait = rate.take(present_token().name)
    if wait:
        raise Problem("rate_limited", f"At most {rate.most} a minute.", retry_after=wait)


def _token() -> Token:
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    text = text.strip()
    if kind.lower() != "bearer" or not text:
        raise Problem("token_missing")
    tokens = settings().tokens
    found = tokens.by_digest(token_digest(text[:LONGEST_TOKEN]))
    if found is None:
        _count_wrong(token_digest(text[:LONGEST_TOKEN]))
        raise Problem("token_unknown")
    tokens.used(found, Utc(time.time()))
    return found


def _count_wrong(digest: str) -> None:
    """Of one token and of all from an address, as wrong passwords are counted."""
    wait = door().wrong.take(where(), digest)
    if wait > 0:
        if door().wrong.is_news(where()):
            note("token_wrong", "many times", by="")
        raise Problem("rate_limited", "Too many wrong tokens.", retry_after=int(wait) + 1)
