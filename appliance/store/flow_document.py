"""One flow as a document of its own: its TOML text, as it stands in a site file, and its JSON.

What can be read may be kept as a draft, though it is not right yet; what is published must fit the
site as a whole. So reading raises, and checking returns what is wrong.
"""

import math
from collections.abc import Collection, Iterator

import msgspec
from msgspec import structs

from appliance.store.site_check import check_site
from appliance.store.site_file import fault_of, parsed
from appliance.store.site_keys import SITE
from appliance.store.site_kinds import ListOf, Wrong, wrongs_in
from appliance.store.site_lines import Path, lines_of
from appliance.store.site_text import text_of_flow
from appliance.vocabulary.errors import SiteError, SiteFault
from appliance.vocabulary.ids import FlowId
from appliance.vocabulary.settings import Flow, Site

MOST_DEEP = 6
"""Tables and lists within each other; a node needs two."""
LARGEST = 2**53

Faults = list[SiteFault]


def text_of(flow: Flow) -> str:
    """Return the flow's text, which `flow_in` reads."""
    return text_of_flow(flow)


def flow_in(text: str, file: str, flow: FlowId) -> Flow:
    """Read a flow's text: one [[flow]] of this name. SiteError where it is none."""
    document = parsed(text, file)
    rows = document.get("flow", [])
    wrongs = [
        *(Wrong((name,), "expected [[flow]] and its nodes") for name in document if name != "flow"),
        *wrongs_in({"flow": rows}, SITE),
        *_unkept(rows, ("flow",)),
    ]
    found = rows if isinstance(rows, list) and not wrongs else []
    if not wrongs and [row["id"] for row in found] != [flow]:
        place: Path = ("flow", 1) if len(found) > 1 else ("flow",)
        wrongs = [Wrong(place, f'expected one [[flow]], with id = "{flow}"')]
    if wrongs:
        lines = lines_of(text)
        raise SiteError([fault_of(one, file, lines, document) for one in wrongs])
    return msgspec.convert(found[0], Flow)


def flow_of(document: dict[str, object]) -> Flow:
    """Make a flow of its JSON. SiteError where it is none."""
    kind = SITE.keys["flow"]
    wrongs = [*wrongs_in([document], kind)] if isinstance(kind, ListOf) else []
    wrongs = wrongs or [*_unkept(document, (0,))]
    if wrongs:
        raise SiteError([_fault(one.path[1:], one.expected) for one in wrongs])
    return msgspec.convert(document, Flow)


def with_flow(site: Site, flow: Flow) -> Site:
    """Return the site with this flow in the place of the one of its name, or after all others."""
    if any(one.id == flow.id for one in site.flow):
        return structs.replace(
            site, flow=tuple(flow if one.id == flow.id else one for one in site.flow)
        )
    return structs.replace(site, flow=(*site.flow, flow))


def faults_of(
    flow: Flow,
    site: Site,
    text: str = "",
    file: str = "",
    music: Collection[str] | None = None,
) -> Faults:
    """Return what keeps the flow from being published, with lines where its text is given.

    `music`: the names of what the box has; None: not known, and not checked.
    """
    wanted = with_flow(site, flow)
    place = next(at for at, one in enumerate(wanted.flow) if one.id == flow.id)
    lines = lines_of(text) if text else {}
    found = []
    for wrong in check_site(wanted, music):
        is_own = wrong.path[:2] == ("flow", place)
        if text and is_own:
            here = Wrong(("flow", 0, *wrong.path[2:]), wrong.expected)
            document: dict[str, object] = {"flow": [{"id": flow.id}]}
            found.append(fault_of(here, file, lines, document))
        else:
            path = wrong.path[2:] if is_own else wrong.path
            found.append(_fault(path, wrong.expected, file))
    return found


def _fault(path: Path, expected: str, file: str = "") -> SiteFault:
    key = ".".join(str(step) for step in path)
    return SiteFault(file=file, line=None, key=key, expected=expected)


def _unkept(value: object, path: Path, depth: int = 0) -> Iterator[Wrong]:
    """What TOML or JSON can say and the other cannot."""
    if isinstance(value, dict | list):
        if depth > MOST_DEEP:
            yield Wrong(path, "expected fewer tables and lists within each other")
            return
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for name, one in inner:
            yield from _unkept(one, (*path, name), depth + 1)
    elif isinstance(value, int) and abs(value) > LARGEST:
        yield Wrong(path, "expected a number of at most 15 digits")
    elif isinstance(value, float) and not math.isfinite(value):
        yield Wrong(path, "expected a number")
    elif not isinstance(value, str | int | float):
        yield Wrong(path, "expected text, a number, true, false, a list or a table")
