"""One question of a flow to a service of the site over HTTP: bounded in time and size.

The rules of webhook_post.py hold here too: a name is resolved once and that very address is
connected to, redirects are not followed, proxies of the environment are not asked, and the box's
own ports are not sent to. What callers key in is part of a path only (engines.ivr.nodes.http).
"""

import json
import ssl
from collections.abc import Mapping
from http.client import HTTPException
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from appliance import __version__
from appliance.daemons.jobs.webhook_post import Cutter, Refused, address_of, said
from appliance.vocabulary.lookups import MOST_OF_A_VALUE, Answer, LookupResult, ServiceQuestion
from appliance.vocabulary.settings import Service

MOST_BYTES = 64 * 1024
"""Of an answer's body; a longer one is no answer."""
NOT_FOUND = 404


class Unanswered(Exception):
    """The service answered, but nothing that is of use."""


def called(
    service: Service,
    question: ServiceQuestion,
    secret: str,
    *,
    own_ports: frozenset[int],
    seconds: float,
) -> Answer:
    """Ask, and read the fields that are wanted. Never raises for what the other end does."""
    try:
        status, body = _answer(service, question, secret, own_ports, seconds)
        return read(status, body, question.fields)
    except Unanswered as failure:
        return Answer(result=LookupResult.FAILED, text=str(failure))
    except (OSError, HTTPError, HTTPException, Refused, ValueError) as failure:
        return Answer(result=LookupResult.FAILED, text=said(failure, seconds)[:200])


def read(status: int, body: bytes, fields: Mapping[str, str]) -> Answer:
    """Make an answer of status and body. Unanswered for what is neither found nor not found.

    >>> read(200, b'{"a": {"b": [1.50]}}', {"x": "a.b.0"}).values
    {'x': '1.50'}
    """
    if status == NOT_FOUND:
        return Answer(result=LookupResult.NOT_FOUND)
    if not 200 <= status < 300:
        raise Unanswered(f"answered {status}")
    if len(body) > MOST_BYTES:
        raise Unanswered(f"answered more than {MOST_BYTES >> 10} kB")
    if not fields:
        return Answer(result=LookupResult.FOUND)
    try:
        # Numbers stay as they were written: 12.50 is an amount of money.
        told = json.loads(body, parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise Unanswered("answered something that is no JSON") from error
    found = {name: _at(told, place) for name, place in fields.items()}
    values = {name: value for name, value in found.items() if value is not None}
    result = LookupResult.FOUND if values else LookupResult.NOT_FOUND
    return Answer(result=result, values=values)


def _at(told: object, place: str) -> str | None:
    """The value at account.balance or orders.0.status; None where there is none."""
    here = told
    for step in place.split("."):
        if isinstance(here, dict):
            here = here.get(step)
        elif isinstance(here, list) and step.isdecimal() and int(step) < len(here):
            here = here[int(step)]
        else:
            return None
    match here:
        case bool():
            return "yes" if here else "no"
        case str():
            text = " ".join(here.split())
            return "".join(char for char in text if char.isprintable())[:MOST_OF_A_VALUE]
        case _:
            return None


def _answer(
    service: Service,
    question: ServiceQuestion,
    secret: str,
    own_ports: frozenset[int],
    seconds: float,
) -> tuple[int, bytes]:
    parts = urlsplit(service.url)
    is_safe = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if is_safe else 80)
    address = address_of(host, port, own_ports)
    connection: HTTPConnection = (
        HTTPSConnection(
            address,
            port,
            timeout=seconds,
            server_hostname=host,
            assert_hostname=host,
            ssl_context=ssl.create_default_context(),
        )
        if is_safe
        else HTTPConnection(address, port, timeout=seconds)
    )
    try:
        with Cutter(connection, seconds) as guard:
            connection.request(
                question.method,
                _target(parts.path, question.path),
                question.body.encode() if question.method == "POST" else None,
                _headers(service, parts.netloc, secret, has_body=question.method == "POST"),
                preload_content=False,
                decode_content=False,
            )
            guard.is_asked()
            answer = connection.getresponse()
            return answer.status, answer.read(MOST_BYTES + 1)
    finally:
        connection.close()


def _target(base: str, path: str) -> str:
    return f"{base.rstrip('/')}/{path.lstrip('/')}" if path else base or "/"


def _headers(service: Service, named: str, secret: str, *, has_body: bool) -> dict[str, str]:
    headers = {
        "Host": named,
        "User-Agent": f"Linghe/{__version__}",
        "Accept": "application/json",
    }
    if has_body:
        headers["Content-Type"] = "application/json"
    if secret:
        headers[service.header] = secret
    return headers
