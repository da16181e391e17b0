"""Every table of a site is written by `export` and named in the audit log: none is forgotten."""

from types import SimpleNamespace

from appliance.store.site_changes import KINDS, SINGLE
from appliance.store.site_text import MORE_TABLES, TABLES
from appliance.vocabulary.settings import Site

FIELDS = set(Site.__struct_fields__) - {"version", "flow_versions"}
MANY = {name for name in FIELDS if getattr(Site(), name) == ()}


def test_every_list_of_a_site_is_written() -> None:
    assert {*TABLES, *MORE_TABLES} == MANY


def test_every_table_of_a_site_is_named_where_it_changed() -> None:
    seen: set[str] = set()

    class Asked(SimpleNamespace):
        def __getattr__(self, name: str) -> tuple[()]:
            seen.add(name)
            return ()

    for _, _, rows_of in KINDS:
        rows_of(Asked())  # type: ignore[arg-type]
    assert seen == MANY
    assert set(SINGLE) == FIELDS - MANY
