"""What must hold between the parts of a site: references, duplicates, impossible wishes. Pure.

The same check for the command line and for the pages: no site gets into settings.db without it.
"""

import zoneinfo
from collections.abc import Collection, Iterable, Iterator

from appliance.engines.acd.strategies import STRATEGY_KEYS
from appliance.engines.ivr.check import FlowFault, check_calendar, check_flow
from appliance.store.site_check_customers import wrong_customers
from appliance.store.site_check_desk import numbers_of, wrong_desk
from appliance.store.site_check_emergency import wrong_emergency_mode
from appliance.store.site_check_handling import wrong_handling
from appliance.store.site_check_lookups import wrong_lookups
from appliance.store.site_check_messages import wrong_messages
from appliance.store.site_check_music import wrong_music
from appliance.store.site_check_outside import wrong_outside_in_flows
from appliance.store.site_check_queues import wrong_in_queues
from appliance.store.site_kinds import Wrong
from appliance.store.site_lines import Path
from appliance.vocabulary.ids import QueueId
from appliance.vocabulary.settings import Overflow, Site


def check_site(site: Site, music: Collection[str] | None = None) -> list[Wrong]:
    """Return everything that does not fit together; empty for a site that can be applied.

    `music`: the names of what the box has; None: not known, and not checked.
    """
    return [
        *_wrong_facts(site),
        *_duplicates(site),
        *_wrong_agents(site),
        *_wrong_queues(site),
        *wrong_in_queues(site),
        *_wrong_trunks(site),
        *_wrong_flows(site),
        *_wrong_routes(site),
        *wrong_desk(site),
        *wrong_handling(site),
        *wrong_emergency_mode(site),
        *wrong_customers(site),
        *wrong_messages(site),
        *wrong_lookups(site),
        *([] if music is None else wrong_music(site, music)),
    ]


def _wrong_facts(site: Site) -> Iterator[Wrong]:
    try:
        zoneinfo.ZoneInfo(site.site.timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        yield Wrong(
            ("site", "timezone"),
            f'expected a time zone as "Asia/Shanghai", found "{site.site.timezone}"',
        )


def _duplicates(site: Site) -> Iterator[Wrong]:
    kinds: tuple[tuple[str, str, Iterable[str]], ...] = (
        ("extension", "number", (one.number for one in site.extension)),
        ("agent", "id", (one.id for one in site.agent)),
        ("queue", "id", (one.id for one in site.queue)),
        ("trunk", "id", (one.id for one in site.trunk)),
        ("flow", "id", (one.id for one in site.flow)),
        ("calendar", "id", (one.id for one in site.calendar)),
        ("route", "number", (f"{one.number} of {one.trunk}" for one in site.route)),
        ("outbound", "prefix", (one.prefix for one in site.outbound)),
        ("webhook", "id", (one.id for one in site.webhook)),
        ("voicemail_box", "id", (one.id for one in site.voicemail_box)),
    )
    for table, key, names in kinds:
        seen: set[str] = set()
        for place, name in enumerate(names):
            if name in seen:
                yield Wrong((table, place, key), f"{name} stands here a second time")
            seen.add(name)


def _missing(path: Path, what: str, name: str, known: Iterable[str]) -> Iterator[Wrong]:
    there = list(known)
    if name not in there:
        listed = ", ".join(there[:12]) if there else "none"
        yield Wrong(path, f'expected the name of {what} of this site ({listed}), found "{name}"')


def _wrong_agents(site: Site) -> Iterator[Wrong]:
    numbers = [one.number for one in site.extension]
    seats: dict[str, str] = {}
    for place, agent in enumerate(site.agent):
        path: Path = ("agent", place)
        if agent.extension is not None:
            yield from _missing((*path, "extension"), "an extension", agent.extension, numbers)
        if not agent.signed_in:
            continue
        if agent.extension is None:
            yield Wrong((*path, "signed_in"), "an agent who starts signed in needs an extension")
        elif agent.extension in seats:
            yield Wrong(
                (*path, "signed_in"),
                f"agent {seats[agent.extension]} starts signed in at {agent.extension} already",
            )
        else:
            seats[agent.extension] = agent.id


def _wrong_queues(site: Site) -> Iterator[Wrong]:
    agents = [one.id for one in site.agent]
    for place, queue in enumerate(site.queue):
        path: Path = ("queue", place)
        if queue.strategy not in STRATEGY_KEYS:
            yield Wrong(
                (*path, "strategy"),
                f'expected one of {", ".join(STRATEGY_KEYS)}, found "{queue.strategy}"',
            )
        for agent_place, agent in enumerate(queue.agents):
            yield from _missing((*path, "agents", agent_place), "an agent", agent, agents)
            if agent in queue.agents[:agent_place]:
                yield Wrong((*path, "agents", agent_place), f"{agent} stands here a second time")
        for key in ("overflow", "overflow_full", "overflow_no_agent"):
            overflow: Overflow | None = getattr(queue, key)
            if overflow is not None:
                yield from _wrong_overflow(overflow, (*path, key), site, queue.id)
    for place, group in enumerate(site.ring_group):
        yield from _wrong_overflow(group.otherwise, ("ring_group", place, "otherwise"), site)


def _wrong_overflow(
    overflow: Overflow, path: Path, site: Site, itself: QueueId | None = None
) -> Iterator[Wrong]:
    if overflow.to == "hangup":
        return
    target = {"voicemail": "box"}.get(overflow.to, overflow.to)
    name = _overflow_target(overflow, target)
    known: dict[str, list[str]] = {
        "extension": [*numbers_of(site)],
        "flow": [one.id for one in site.flow],
        "queue": [one.id for one in site.queue if one.id != itself],
    }
    if name is None:
        yield Wrong(path, f'to = "{overflow.to}" needs {target} = …')
    elif target in known:
        queue = "a queue" if itself is None else "another queue"
        what = {"extension": "an extension", "flow": "a flow", "queue": queue}[target]
        yield from _missing((*path, target), what, name, known[target])


def _overflow_target(overflow: Overflow, target: str) -> str | None:
    match target:
        case "box":
            return overflow.box
        case "extension":
            return overflow.extension
        case "flow":
            return overflow.flow
        case "number":
            return overflow.number or None
        case _:
            return overflow.queue


def _wrong_trunks(site: Site) -> Iterator[Wrong]:
    for place, trunk in enumerate(site.trunk):
        path: Path = ("trunk", place)
        if trunk.register and not trunk.username:
            yield Wrong((*path, "register"), "a trunk that registers needs username = …")
        if not trunk.codecs:
            yield Wrong((*path, "codecs"), "expected at least one codec")
        if trunk.certificate and trunk.transport not in ("tls", "auto"):
            yield Wrong((*path, "certificate"), 'a certificate needs transport = "tls" or "auto"')


def _wrong_flows(site: Site) -> Iterator[Wrong]:
    for place, flow in enumerate(site.flow):
        yield from _of_engine(("flow", place), check_flow(flow, site))
    yield from wrong_outside_in_flows(site)
    for place, calendar in enumerate(site.calendar):
        yield from _of_engine(("calendar", place), check_calendar(calendar))


def _of_engine(path: Path, faults: Iterable[FlowFault]) -> Iterator[Wrong]:
    for fault in faults:
        here: Path = (*path, "node", fault.node) if fault.node else path
        place = (*here, *fault.key.split(".")) if fault.key else here
        yield Wrong(place, f"expected {fault.expected}")


def _wrong_routes(site: Site) -> Iterator[Wrong]:
    trunks = [one.id for one in site.trunk]
    flows = [one.id for one in site.flow]
    for place, route in enumerate(site.route):
        yield from _missing(("route", place, "trunk"), "a trunk", route.trunk, trunks)
        yield from _missing(("route", place, "flow"), "a flow", route.flow, flows)
    for place, outbound in enumerate(site.outbound):
        path: Path = ("outbound", place)
        for trunk_place, trunk in enumerate(outbound.trunks):
            yield from _missing((*path, "trunks", trunk_place), "a trunk", trunk, trunks)
        if outbound.strip > len(outbound.prefix):
            yield Wrong(
                (*path, "strip"), f'expected at most the length of prefix "{outbound.prefix}"'
            )
