"""The OpenAPI 3.1 document, made from the operations and their msgspec types.

What a field means is its attribute docstring, what a type means its docstring: the document says
what the code says.
"""

import ast
import inspect
import textwrap
from functools import cache

import msgspec
from msgspec import Struct

import appliance
from appliance.vocabulary.public_events import AnyPublicEvent
from webadmin.api.operation import PATH_KINDS, Nothing, Operation, path_parts
from webadmin.api.operations import OPERATIONS, ROOMS
from webadmin.problems import KEYS, TYPE, ProblemShown

BASE = "/api/v1"
REF = "#/components/schemas/{name}"

ABOUT = """\
Everything that the pages know, and everything that can be done with a call, for programs on the
shop's own network. Each request carries a token: `Authorization: Bearer linghe_…`; cookies open
nothing here. Times are UTC, ISO 8601; lengths are seconds; null is "not known (yet)".
Errors are application/problem+json (RFC 9457) with a stable `key`.
New fields, events and keys may come under this version; none is renamed or removed."""

Shape = dict[str, object]


@cache
def document() -> Shape:
    """Return the whole document."""
    schemas = _schemas()
    paths: dict[str, Shape] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    paths["/openapi.json"] = {"get": _itself()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Linghe",
            "version": f"1 ({appliance.__version__})",
            "description": ABOUT,
            "license": {"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"},
        },
        "servers": [{"url": BASE}],
        "tags": [{"name": name, "description": text} for name, text in ROOMS.items()],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _schemas() -> dict[str, Shape]:
    kinds: list[object] = [ProblemShown, AnyPublicEvent]
    kinds += [one.gives for one in OPERATIONS if not isinstance(one.gives, str)]
    kinds += [one.body for one in OPERATIONS if one.body is not Nothing]
    _, found = msgspec.json.schema_components(kinds, ref_template=REF)
    for kind in _structs(kinds):
        properties = found.get(kind.__name__, {}).get("properties", {})
        for name, words in field_words(kind).items():
            if name in properties and "description" not in properties[name]:
                properties[name]["description"] = words
    return found


def _structs(kinds: list[object]) -> list[type[Struct]]:
    """Return every Struct that these types reach."""
    found: dict[type[Struct], None] = {}

    def look(shape: object) -> None:
        if isinstance(shape, msgspec.inspect.StructType):
            if shape.cls in found:
                return
            found[shape.cls] = None
            for field in shape.fields:
                look(field.type)
        for name in ("types", "item_types"):
            for inner in getattr(shape, name, ()):
                look(inner)
        look_into = getattr(shape, "item_type", None)
        if look_into is not None:
            look(look_into)

    for kind in kinds:
        look(msgspec.inspect.type_info(kind))
    return list(found)


@cache
def field_words(kind: type[Struct]) -> dict[str, str]:
    """Return what each field means: its attribute docstring, also of inherited fields."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if base in (Struct, object) or not issubclass(base, Struct):
            continue
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
        except (OSError, TypeError):
            continue
        body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
        for field, words in zip(body, body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                if isinstance(words, ast.Expr) and isinstance(words.value, ast.Constant):
                    found[field.target.id] = " ".join(str(words.value.value).split())
    return found


def _operation(operation: Operation) -> Shape:
    shape: Shape = {
        "operationId": operation.name,
        "tags": [operation.room],
        "summary": operation.summary,
        "security": [{"token": [str(operation.scope)] if operation.scope else []}],
        "parameters": _parameters(operation),
        "responses": {**_answers(operation), **_problems(operation)},
    }
    if operation.body is not Nothing:
        schema = {"$ref": REF.format(name=operation.body.__name__)}
        shape["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    return shape


def _parameters(operation: Operation) -> list[Shape]:
    found: list[Shape] = []
    for name in path_parts(operation.path):
        form, words, _ = PATH_KINDS[name]
        schema: Shape = {"type": "string", "pattern": f"^{form}$"}
        found.append(
            {"name": name, "in": "path", "required": True, "description": words, "schema": schema}
        )
    found += _query_parameters(operation)
    if operation.name == "stream_events":
        words = "The id of the last event that was read: go on after it."
        schema = {"type": "string", "pattern": "^[0-9]{1,16}$"}
        found.append(
            {"name": "Last-Event-ID", "in": "header", "description": words, "schema": schema}
        )
    return found


def _query_parameters(operation: Operation) -> list[Shape]:
    schema = msgspec.json.schema(operation.query)
    kinds = schema.get("$defs", {})
    words = field_words(operation.query)
    found: list[Shape] = []
    for name, one in kinds.get(operation.query.__name__, {}).get("properties", {}).items():
        plain = _without_null(one, kinds)
        parameter: Shape = {"name": name, "in": "query", "required": False, "schema": plain}
        if name in words:
            parameter["description"] = words[name]
        if plain.get("type") == "array":
            parameter |= {"style": "form", "explode": False}
        found.append(parameter)
    return found


def _without_null(schema: Shape, kinds: dict[str, Shape]) -> Shape:
    """Return the schema as an address can have it: no null, and nothing elsewhere."""
    shape = dict(schema)
    choices = shape.pop("anyOf", None)
    if isinstance(choices, list):
        (chosen,) = (one for one in choices if one != {"type": "null"})
        shape = {**shape, **chosen}
    if shape.get("default", "") in (None, "", [], ()):
        shape.pop("default", None)
    reference = shape.pop("$ref", None)
    if isinstance(reference, str):
        shape = {**kinds[reference.rpartition("/")[2]], **shape}
    return shape


def _answers(operation: Operation) -> dict[str, Shape]:
    if isinstance(operation.gives, str):
        schema: Shape = {"type": "string"}
        if operation.gives == "text/event-stream":
            names = "/".join(sorted(one.__name__ for one in AnyPublicEvent.__args__))
            words = f"Frames of id, event and data; data is one JSON object: {names}."
        else:
            words = "The file."
            schema = {"type": "string", "contentMediaType": operation.gives}
        content: Shape = {operation.gives: {"schema": schema}}
        found: dict[str, Shape] = {"200": {"description": words, "content": content}}
        if operation.gives == "audio/wav":
            found["206"] = {"description": "The part that was asked for.", "content": content}
        return found
    reference = {"$ref": REF.format(name=operation.gives.__name__)}
    words = " ".join((inspect.getdoc(operation.gives) or "").split())
    content = {"application/json": {"schema": reference}}
    return {str(operation.status): {"description": words, "content": content}}


def _problems(operation: Operation) -> dict[str, Shape]:
    keys = ["token_missing", "token_unknown", "rate_limited", "failed", "unreadable"]
    keys += ["unknown_field", "invalid", "malformed", "address_too_long", "head_too_long"]
    if operation.scope is not None:
        keys.append("scope_missing")
    if operation.body is not Nothing:
        keys += ["malformed_json", "json_wanted", "too_long"]
    elif operation.is_verb:
        keys += ["body_unexpected", "too_long"]
    keys += operation.problems
    by_status: dict[int, list[str]] = {}
    for key in dict.fromkeys(keys):
        by_status.setdefault(KEYS[key][0], []).append(key)
    return {str(status): _problem(found) for status, found in sorted(by_status.items())}


def _problem(keys: list[str]) -> Shape:
    words = " ".join(f"`{key}`: {KEYS[key][1]}" for key in keys)
    schema = {"$ref": REF.format(name=ProblemShown.__name__)}
    return {"description": words, "content": {TYPE: {"schema": schema}}}


def _itself() -> Shape:
    keys = ["token_missing", "token_unknown", "rate_limited", "failed", "unreadable"]
    problems = {str(KEYS[key][0]): _problem([key]) for key in keys}
    content = {"application/json": {"schema": {"type": "object"}}}
    return {
        "operationId": "show_document",
        "tags": ["box"],
        "summary": "This document.",
        "parameters": [],
        "responses": {"200": {"description": "OpenAPI 3.1.", "content": content}, **problems},
    }
