"""What must hold between a queue's agents and what it says of single ones. Pure."""

from collections.abc import Iterator

from appliance.store.site_kinds import Wrong
from appliance.vocabulary.settings import Site


def wrong_in_queues(site: Site) -> Iterator[Wrong]:
    """Yield what names an agent of whom the queue has nothing."""
    for place, queue in enumerate(site.queue):
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
