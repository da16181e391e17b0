"""One entry of every kind of fact."""

from typing import get_args

import msgspec
import pytest

from appliance.vocabulary.journal import AnyFact, Entry
from appliance.vocabulary.lines import PhoneLine


def _example(kind: object) -> object:
    """Return some value of a field's type."""
    match msgspec.inspect.type_info(kind):
        case msgspec.inspect.EnumType(cls=cls):
            return next(iter(cls))
        case msgspec.inspect.UnionType():
            return PhoneLine(extension="8001") if "PhoneLine" in str(kind) else None
        case msgspec.inspect.StructType(cls=cls):
            return cls()
        case msgspec.inspect.StrType():
            return "x1"
        case msgspec.inspect.VarTupleType():
            return ("x1", "x2")
        case msgspec.inspect.BoolType():
            return True
        case msgspec.inspect.IntType():
            return 3
        case _:
            return 2.5


@pytest.fixture
def every_fact() -> list[Entry]:
    """One entry for each kind of fact that the journal knows, and each value of its enums."""
    entries = []
    for number, kind in enumerate(get_args(AnyFact)):
        required = {
            field.name: _example(field.type)
            for field in msgspec.structs.fields(kind)
            if field.required
        }
        variants = [required]
        for field in msgspec.structs.fields(kind):
            info = msgspec.inspect.type_info(field.type)
            if isinstance(info, msgspec.inspect.EnumType):
                variants += [{**required, field.name: value} for value in info.cls]
        entries += [
            Entry(
                at=1000.0 + number, mono=number, call="c1", fact=kind(**values), key=f"{number}-{i}"
            )
            for i, values in enumerate(variants)
        ]
    return entries
