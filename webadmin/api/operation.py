"""What an operation of the API is, and the one way in which all of them are carried out.

One declaration says path, scope, what is taken and what is given, as msgspec types. From it come
the route, the validation and the OpenAPI document, so that these cannot say different things.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

import msgspec
from flask import Blueprint, Response, request
from msgspec import Struct, inspect

from appliance.vocabulary.tokens import Scope
from webadmin.api.door import take_verb, wants
from webadmin.problems import Problem

JSON = "application/json"
EXACT = 2**53
"""The largest whole number up to which a float says each one (IEEE 754 binary64)."""


class Taken(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what operations take: a name that is not known is an error, not a silence."""


class Nothing(Taken, frozen=True, kw_only=True):
    """No query, no body."""


class Shown(Struct, frozen=True, kw_only=True):
    """Base of what operations give: every field is always there, null where nothing is known."""


Q = TypeVar("Q", bound=Taken)
B = TypeVar("B", bound=Taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Generic[Q, B]):
    """One request, validated."""

    path: Mapping[str, str]
    query: Q
    body: B


Answer = Struct | Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One entry of the document."""

    method: str
    path: str
    scope: Scope | None
    """None: any token."""
    room: str
    """The document's chapter."""
    query: type[Taken] = Nothing
    body: type[Taken] = Nothing
    gives: type[Struct] | str
    """A type, or the media type of something that is no JSON."""
    status: int = 200
    problems: tuple[str, ...]
    """Keys beyond those that every operation may answer."""
    is_verb: bool = False
    view: Callable[[Asked[Taken, Taken]], Answer]

    @property
    def name(self) -> str:
        """The view's name, in the document the operationId."""
        return self.view.__name__

    @property
    def summary(self) -> str:
        """What the view says of itself, on one line."""
        return " ".join((self.view.__doc__ or "").split())


PATH_KINDS = {
    "call": (r"[A-Za-z0-9_-]{1,64}", "A call's id.", "call_unknown"),
    "callback": (r"[A-Za-z0-9_-]{1,64}", "A callback's id.", "callback_unknown"),
    "recording": (r"[A-Za-z0-9_-]{1,64}", "A recording's id.", "recording_unknown"),
    "agent": (r"[0-9]{1,8}", "An agent's number (工号).", "agent_unknown"),
    "prompt": (r"[0-9a-f]{64}", "A sound's SHA-256, as /prompts lists it.", "prompt_unknown"),
    "flow": (r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}", "A flow's name.", "flow_unknown"),
    "table": (r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}", "A table's name.", "table_unknown"),
}
"""Parts of paths: form, meaning, and the problem of one that is not there."""


def path_parts(path: str) -> list[str]:
    """Return the names in a path's braces."""
    return re.findall(r"{(\w+)}", path)


def add_route(blueprint: Blueprint, operation: Operation) -> None:
    """Let the app answer an operation."""

    def view(**parts: str) -> Response:
        return _carried_out(operation, parts)

    blueprint.add_url_rule(
        re.sub(r"{(\w+)}", r"<\1>", operation.path),
        operation.name,
        view,
        methods=[operation.method],
        provide_automatic_options=False,
    )


def _carried_out(operation: Operation, parts: Mapping[str, str]) -> Response:
    if operation.scope is not None:
        wants(operation.scope)
    for name, value in parts.items():
        form, _, problem = PATH_KINDS[name]
        if re.fullmatch(form, value) is None:
            raise Problem(problem)
    asked = Asked(path=parts, query=_query(operation.query), body=_body(operation.body))
    if operation.is_verb:
        take_verb()
    answer = operation.view(asked)
    if isinstance(answer, Response):
        return answer
    return Response(msgspec.json.encode(answer), status=operation.status, content_type=JSON)


def _query(kind: type[Taken]) -> Taken:
    fields = _fields(kind)
    given: dict[str, object] = {}
    for name, values in request.args.lists():
        if name not in fields:
            raise Problem("unknown_field", f"Known are: {', '.join(fields) or 'none'}.", field=name)
        if len(values) > 1:
            raise Problem("invalid", "It stands here more than once.", field=name)
        given[name] = _typed(values[0], fields[name])
    return _converted(given, kind)


@cache
def _fields(kind: type[Taken]) -> dict[str, tuple[inspect.Type, ...]]:
    """Return what each field may be; a union's members one by one."""
    shape = inspect.type_info(kind)
    fields = shape.fields if isinstance(shape, inspect.StructType) else ()
    return {
        one.encode_name: one.type.types if isinstance(one.type, inspect.UnionType) else (one.type,)
        for one in fields
    }


def _typed(text: str, kinds: tuple[inspect.Type, ...]) -> object:
    """Whole numbers and lists are text in an address; what does not fit is told by its type."""
    for kind in kinds:
        if isinstance(kind, inspect.IntType) and re.fullmatch(r"-?[0-9]{1,18}", text, re.ASCII):
            return int(text)
        if isinstance(kind, inspect.VarTupleType):
            return text.split(",") if text else []
    return text


def _body(kind: type[Taken]) -> Taken:
    content = request.get_data(cache=False)
    if kind is Nothing:
        if content.strip() not in (b"", b"{}"):
            raise Problem("body_unexpected")
        return Nothing()
    if request.mimetype != JSON:
        raise Problem("json_wanted")
    try:
        return _converted(_whole(msgspec.json.decode(content)), kind)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("malformed_json", str(error)) from error


def _whole(given: object) -> object:
    """Read 7.0 as 7, at any depth: JSON and JSON Schema know one kind of number (RFC 8259 §6).

    Many programs write every number with a point; above 2^53 it says nothing exact any more.
    """
    match given:
        case float() if given.is_integer() and abs(given) <= EXACT:
            return int(given)
        case list():
            return [_whole(one) for one in given]
        case dict():
            return {key: _whole(value) for key, value in given.items()}
        case _:
            return given


def _converted(given: object, kind: type[Taken]) -> Taken:
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error


def _invalid(error: msgspec.ValidationError) -> Problem:
    """Take the field out of msgspec's sentence: "Expected `str`, got `int` - at `$.to`"."""
    sentence, _, place = str(error).partition(" - at `")
    field = place.removesuffix("`").removeprefix("$").removeprefix(".")
    unknown = re.search(r"contains unknown field `(.*)`", sentence, re.DOTALL)
    if unknown is not None:
        return Problem("unknown_field", sentence, field=".".join(filter(None, (field, unknown[1]))))
    missing = re.search(r"missing required field `(.*)`", sentence)
    if missing is not None:
        field = ".".join(filter(None, (field, missing[1])))
    return Problem("invalid", sentence, field=field)
