"""What must hold of tables and services that flows ask. Pure."""

from collections.abc import Iterator

from appliance.store.site_kinds import Wrong
from appliance.vocabulary.settings import Site


def wrong_lookups(site: Site) -> Iterator[Wrong]:
    """Yield names that stand twice."""
    for table, names in (
        ("table", [str(one.id) for one in site.table]),
        ("service", [str(one.id) for one in site.service]),
    ):
        for place, name in enumerate(names):
            if name in names[:place]:
                yield Wrong((table, place, "id"), f"{name} stands here a second time")
