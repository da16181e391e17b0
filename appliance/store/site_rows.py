"""One queue or one agent of a site at a time: as a row that the site file would have, checked as
the site file is."""

from collections.abc import Collection, Iterator, Mapping

import msgspec
from msgspec import structs

from appliance.engines.acd.strategies import STRATEGY_KEYS
from appliance.store.site_check import check_site
from appliance.store.site_keys import AGENT, QUEUE
from appliance.store.site_kinds import Table, Wrong, wrongs_in
from appliance.store.site_text import rows_of
from appliance.vocabulary.settings import Agent, Queue, Site

STRATEGIES: tuple[str, ...] = tuple(STRATEGY_KEYS)
TABLES: dict[str, tuple[Table, type[Queue] | type[Agent]]] = {
    "queue": (QUEUE, Queue),
    "agent": (AGENT, Agent),
}
Row = Mapping[str, object]


def row_of(one: Queue | Agent) -> dict[str, object]:
    """Return it as the site file has it; what has its default is left out."""
    row: dict[str, object] = msgspec.to_builtins(one)
    return row


def whole_row_of(one: Queue | Agent) -> dict[str, object]:
    """Return it with its defaults, tables within it too."""
    return {name: _whole(getattr(one, name)) for name in one.__struct_fields__}


def text_of_row(row: Row) -> str:
    """Return it as lines of the site file."""
    return "".join(rows_of(row))


def keys_of(table: str) -> Collection[str]:
    """Return every key that such a row may have."""
    return TABLES[table][0].keys


def with_row(
    site: Site, table: str, row: Row, music: Collection[str] | None = None
) -> tuple[Site, list[Wrong]]:
    """Return the site with this row in the place of the one of its id, or after all others; and
    what is wrong, by key: paths begin in the row, or at another part of the site."""
    kind, shape = TABLES[table]
    wrongs = list(wrongs_in(row, kind))
    if wrongs:
        return site, wrongs
    made = msgspec.convert(row, shape)
    rows = list(getattr(site, table))
    places = [place for place, one in enumerate(rows) if one.id == made.id] or [len(rows)]
    rows[places[0] : places[0] + 1] = [made]
    wanted = structs.replace(site, **{table: tuple(rows)})
    return wanted, list(_told(check_site(wanted, music), table, places[0]))


def without_row(
    site: Site, table: str, name: str, music: Collection[str] | None = None
) -> tuple[Site, list[Wrong]]:
    """Return the site without it, and what needs it still."""
    rows = tuple(one for one in getattr(site, table) if one.id != name)
    wanted = structs.replace(site, **{table: rows})
    return wanted, check_site(wanted, music)


def _told(wrongs: list[Wrong], table: str, place: int) -> Iterator[Wrong]:
    for wrong in wrongs:
        is_own = wrong.path[:2] == (table, place)
        yield Wrong(wrong.path[2:], wrong.expected) if is_own else wrong


def _whole(value: object) -> object:
    if isinstance(value, msgspec.Struct):
        return {name: _whole(getattr(value, name)) for name in value.__struct_fields__}
    return msgspec.to_builtins(value)
