"""The REST API, /api/v1: the same box for programs, by token.

    operations.py   the list of everything that can be asked
    door.py         tokens, scopes, rates: nothing under /api/ answers without a token
    operation.py    how one request is read, checked, answered
    takes.py        what is taken; shapes.py: what is given
    reading.py, doing.py, streaming.py   the views
    document.py     OpenAPI 3.1, made from the same declarations
    ../problems.py  errors as RFC 9457, in English with a stable key

It is a guest of the guest: pages do not use it, and it does nothing that they could not see in the
audit log.
"""

import msgspec
from flask import Blueprint, Flask, Response

from webadmin.api import door
from webadmin.api.document import BASE, document
from webadmin.api.operation import JSON, add_route
from webadmin.api.operations import OPERATIONS
from webadmin.problems import Problem, answer_of

NAME = "api"


def make_blueprint() -> Blueprint:
    """Return the blueprint with every operation."""
    blueprint = Blueprint(NAME, __name__, url_prefix=BASE)
    for operation in OPERATIONS:
        add_route(blueprint, operation)
    blueprint.add_url_rule(
        "/openapi.json", "document", _document, methods=["GET"], provide_automatic_options=False
    )
    return blueprint


def init_app(app: Flask) -> None:
    """Set the door and the form of errors; to be called before other guards are set."""
    door.init_app(app)
    app.register_error_handler(Problem, answer_of)


def document_json() -> bytes:
    """Return the OpenAPI document."""
    return msgspec.json.format(msgspec.json.encode(document()), indent=2) + b"\n"


def _document() -> Response:
    return Response(document_json(), content_type=JSON)
