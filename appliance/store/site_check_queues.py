"""What must hold between a queue's agents and what it says of single ones. Pure."""

from collections.abc import Iterator

from appliance.store.site_check_outside import wrong_outside
from appliance.store.site_kinds import Wrong
from appliance.store.site_lines import Path
from appliance.vocabulary.settings import Overflow, Site


def wrong_in_queues(site: Site) -> Iterator[Wrong]:
    """Yield what names an agent of whom the queue has nothing, and numbers that cannot be rung."""
    for place, group in enumerate(site.ring_group):
        yield from _wrong_number(site, group.otherwise, ("ring_group", place, "otherwise"))
    for place, queue in enumerate(site.queue):
        for key in ("overflow", "overflow_full", "overflow_no_agent"):
            yield from _wrong_number(site, getattr(queue, key), ("queue", place, key))
        for key, names in (
            ("vip_agents", queue.vip_agents),
            ("penalties", tuple(queue.penalties)),
            ("agent_weights", tuple(queue.agent_weights)),
        ):
            for name in names:
                if name not in queue.agents:
                    yield Wrong(
                        ("queue", place, key), f'{name} does not stand in the queue\'s "agents"'
                    )


def _wrong_number(site: Site, overflow: Overflow | None, path: Path) -> Iterator[Wrong]:
    """An outside number that callers are to be sent to has to be one that goes out."""
    if overflow is None or overflow.to != "number" or not overflow.number:
        return
    yield from wrong_outside(site, overflow.number, (*path, "number"))
