"""The API for people: the OpenAPI document flattened into rows that a template can write."""

from typing import cast

from appliance.vocabulary.public_events import AnyPublicEvent
from appliance.vocabulary.shape import Value
from webadmin.api.document import Shape, document

REF = "#/components/schemas/"


class FieldShown(Value, frozen=True, kw_only=True):
    """A parameter, or a field of a body."""

    name: str
    where: str = ""
    """path | query | header; empty: the body."""
    kind: str
    words: str = ""
    is_required: bool = False


class OperationShown(Value, frozen=True, kw_only=True):
    """One operation."""

    name: str
    method: str
    path: str
    summary: str
    scope: str
    takes: tuple[FieldShown, ...]
    gives: str
    """Name of a type of the document, or a media type."""
    gives_fields: tuple[FieldShown, ...]
    problems: tuple[tuple[str, str], ...]
    """Status and its keys with their titles."""


class Chapter(Value, frozen=True, kw_only=True):
    """One room of the API."""

    name: str
    words: str
    operations: tuple[OperationShown, ...]


class EventKind(Value, frozen=True, kw_only=True):
    """One public event."""

    name: str
    words: str
    fields: tuple[FieldShown, ...]


def chapters() -> list[Chapter]:
    """Return the whole document, room by room."""
    found: dict[str, list[OperationShown]] = {}
    for path, methods in _dict(document()["paths"]).items():
        for method, operation in _dict(methods).items():
            shape = _dict(operation)
            (room,) = cast(list[str], shape["tags"])
            found.setdefault(room, []).append(_operation(method, path, shape))
    tags = cast(list[dict[str, str]], document()["tags"])
    return [
        Chapter(
            name=tag["name"],
            words=tag["description"],
            operations=tuple(found.get(tag["name"], ())),
        )
        for tag in tags
    ]


def event_kinds() -> list[EventKind]:
    """Return every public event with its fields."""
    kinds = []
    for kind in AnyPublicEvent.__args__:
        schema = _schema(kind.__name__)
        kinds.append(
            EventKind(
                name=str(kind.__struct_config__.tag),
                words=_words(schema),
                fields=_fields(schema),
            )
        )
    return kinds


def _operation(method: str, path: str, shape: Shape) -> OperationShown:
    answers = _dict(shape["responses"])
    good = next(_dict(answer) for status, answer in answers.items() if status < "300")
    ((media, content),) = _dict(good["content"]).items()
    given = _dict(_dict(content)["schema"])
    reference = str(given.get("$ref", ""))
    takes = [_parameter(one) for one in cast(list[Shape], shape["parameters"])]
    if "requestBody" in shape:
        bodies = _dict(_dict(shape["requestBody"])["content"])
        takes += _fields(_resolved(_dict(_dict(bodies["application/json"])["schema"])))
    security = cast(list[dict[str, list[str]]], shape.get("security", [{"token": []}]))
    return OperationShown(
        name=str(shape["operationId"]),
        method=method.upper(),
        path=path,
        summary=str(shape["summary"]),
        scope=" ".join(security[0]["token"]),
        takes=tuple(takes),
        gives=reference.removeprefix(REF) or media,
        gives_fields=_fields(_resolved(given)) if reference else (),
        problems=tuple(
            (status, _words(_dict(answer))) for status, answer in answers.items() if status >= "400"
        ),
    )


def _parameter(shape: Shape) -> FieldShown:
    return FieldShown(
        name=str(shape["name"]),
        where=str(shape["in"]),
        kind=_kind(_dict(shape["schema"])),
        words=_words(shape),
        is_required=bool(shape.get("required")),
    )


def _fields(schema: Shape) -> tuple[FieldShown, ...]:
    required = cast(list[str], schema.get("required", []))
    return tuple(
        FieldShown(
            name=name,
            kind=_kind(_dict(field)),
            words=_words(_dict(field)),
            is_required=name in required,
        )
        for name, field in _dict(schema.get("properties", {})).items()
    )


def _kind(schema: Shape) -> str:
    """Word a schema: "text", "one of a, b", "list of CallShown", "number or null"."""
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in cast(list[Shape], schema["anyOf"]))
    if "$ref" in schema:
        named = _resolved(schema)
        return _kind(named) if "enum" in named else str(schema["$ref"]).removeprefix(REF)
    if "enum" in schema:
        return "one of " + ", ".join(str(one) for one in cast(list[object], schema["enum"]))
    if "const" in schema:
        return f'"{schema["const"]}"'
    if schema.get("type") == "array":
        items = schema.get("items")
        return f"list of {_kind(_dict(items))}" if isinstance(items, dict) else "list"
    words = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    kind = str(schema.get("format") or schema.get("type", "anything"))
    form = f" {schema['pattern']}" if "pattern" in schema else ""
    return words.get(kind, kind) + form


def _resolved(schema: Shape) -> Shape:
    reference = schema.get("$ref")
    return schema if reference is None else _schema(str(reference).removeprefix(REF))


def _schema(name: str) -> Shape:
    return _dict(_dict(_dict(document()["components"])["schemas"])[name])


def _words(shape: Shape) -> str:
    return " ".join(str(shape.get("description", "")).split())


def _dict(value: object) -> Shape:
    return cast(Shape, value)
