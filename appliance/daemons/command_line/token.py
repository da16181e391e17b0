"""`linghe token`: the API's tokens, made, listed and revoked where the box stands.

A token is shown once, here; only its digest is kept.
"""

import argparse
import secrets
import time
from datetime import datetime
from zoneinfo import ZoneInfo

from appliance.daemons.command_line.verb import (
    EXIT_DONE,
    EXIT_REFUSED,
    EXIT_USAGE,
    box_settings,
    note,
    opened_settings,
    print_json,
    print_table,
)
from appliance.store.audit import AuditLine
from appliance.store.settings import SettingsStore
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.tokens import RANDOM_BYTES, Scope, Token, token_digest, token_text

NAME = "token"
HELP = "add, list or revoke tokens of the API"
EXAMPLES = """\
  linghe token add crm --scope calls:read --scope events:read
  linghe token list
  linghe token revoke crm
"""
BY = "command line"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, with which token."""
    parser.add_argument("act", choices=["add", "list", "revoke"])
    parser.add_argument("name", metavar="NAME", nargs="?", default="", help="the program's name")
    parser.add_argument(
        "--scope",
        action="append",
        default=[],
        choices=[str(one) for one in Scope],
        help="what it may do; several times for several",
    )


def carry_out(arguments: argparse.Namespace) -> int:
    """Change or show settings.db; the box need not run."""
    if arguments.act != "list" and not arguments.name:
        note("linghe token: which one? A name is missing.")
        return EXIT_USAGE
    if arguments.act == "add" and not arguments.scope:
        note(f"linghe token add: --scope is missing; there is {', '.join(Scope)}.")
        return EXIT_USAGE
    store = opened_settings() if arguments.act == "add" else box_settings()
    try:
        match arguments.act:
            case "add":
                return _add(store, arguments)
            case "revoke":
                return _revoke(store, arguments)
            case _:
                return _list(store, arguments)
    finally:
        store.close()


def _add(store: SettingsStore, arguments: argparse.Namespace) -> int:
    text = token_text(secrets.token_bytes(RANDOM_BYTES))
    scopes = tuple(Scope(one) for one in dict.fromkeys(arguments.scope))
    token = Token(
        name=arguments.name,
        digest=token_digest(text),
        scopes=scopes,
        made=Utc(time.time()),
        made_by=BY,
    )
    with store.together():
        store.tokens.add(token)
        _note(store, "token_added", f"{arguments.name}: {' '.join(scopes)}")
    if arguments.json:
        print_json({"name": arguments.name, "scopes": scopes, "token": text})
    else:
        note(f"Token {arguments.name}, shown this once:")
        print(text)
    return EXIT_DONE


def _revoke(store: SettingsStore, arguments: argparse.Namespace) -> int:
    with store.together():
        is_done = store.tokens.revoke(arguments.name)
        if is_done:
            _note(store, "token_revoked", arguments.name)
    if not is_done:
        note(f"There is no token {arguments.name}.")
        return EXIT_REFUSED
    if arguments.json:
        print_json({"revoked": arguments.name})
    else:
        print(f"Token {arguments.name} opens nothing any more.")
    return EXIT_DONE


def _list(store: SettingsStore, arguments: argparse.Namespace) -> int:
    tokens = store.tokens.all()
    if arguments.json:
        print_json(
            [
                {
                    "name": one.name,
                    "scopes": one.scopes,
                    "made": one.made,
                    "made_by": one.made_by,
                    "last_used": one.last_used,
                }
                for one in tokens
            ]
        )
    elif not tokens:
        note("There are no tokens.")
    else:
        zone = ZoneInfo(store.current().site.timezone)
        rows = [
            (
                one.name,
                " ".join(one.scopes),
                _moment(one.made, zone),
                one.made_by,
                _moment(one.last_used, zone),
            )
            for one in tokens
        ]
        print_table(("name", "scopes", "made", "by", "last used"), rows)
    return EXIT_DONE


def _moment(at: Utc | None, zone: ZoneInfo) -> str:
    """The machine's own time, whatever the box's clock was set to."""
    return "never" if at is None else datetime.fromtimestamp(at, zone).isoformat(" ", "minutes")


def _note(store: SettingsStore, what: str, detail: str) -> None:
    store.audit.note(AuditLine(at=Utc(time.time()), by=BY, what=what, detail=detail))
