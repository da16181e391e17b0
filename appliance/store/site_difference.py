"""What a site file would change, thing by thing and key by key: for people who look first. Pure."""

from collections.abc import Mapping

from msgspec import Struct, structs

from appliance.store.site_changes import KINDS, SINGLE
from appliance.vocabulary.linghe_json import Difference
from appliance.vocabulary.settings import Site

NAMED_AS = {"ha1_md5": "secret", "ha1_sha256": "secret", "pin_digest": "pin"}
"""A digest is told by the name of what it is made from."""


def differences(before: Site, after: Site) -> list[Difference]:
    """Return all of them in the order of the site file; empty: nothing is, but for an order."""
    found = [_of_kind(kind, of(before), of(after)) for kind, _, of in KINDS]
    for name in SINGLE:
        keys = _keys(getattr(before, name), getattr(after, name))
        if keys:
            found.append(Difference(kind=name, changed={"": keys}))
    return [one for one in found if one.added or one.changed or one.removed]


def _of_kind(
    kind: str, before: Mapping[object, object], after: Mapping[object, object]
) -> Difference:
    return Difference(
        kind=kind,
        added=tuple(_name(one) for one in after if one not in before),
        changed={
            _name(one): _keys(before[one], after[one])
            for one in after
            if one in before and before[one] != after[one]
        },
        removed=tuple(_name(one) for one in before if one not in after),
    )


def _name(key: object) -> str:
    return " ".join(filter(None, map(str, key))) if isinstance(key, tuple) else str(key)


def _keys(before: object, after: object) -> tuple[str, ...]:
    """The site file's keys of what is different in two rows."""
    if before == after:
        return ()
    old, new = (_plain(one) for one in (before, after))
    different = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return tuple(dict.fromkeys(NAMED_AS.get(key, key) for key in different))


def _plain(row: object) -> dict[str, object]:
    if not isinstance(row, Struct):
        return {}
    return {field.encode_name: getattr(row, field.name) for field in structs.fields(row)}
