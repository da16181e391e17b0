"""Music that a site chooses must be music that the box has. Pure."""

import json
from collections.abc import Collection, Iterator

from appliance.store.site_kinds import Wrong
from appliance.store.site_lines import Path
from appliance.vocabulary.settings import Site


def wrong_music(site: Site, known: Collection[str]) -> Iterator[Wrong]:
    """Name what is unknown, and what there is; a queue without music of its own has the site's."""
    chosen: list[tuple[Path, str]] = [(("site", "music"), site.site.music)]
    chosen += [(("queue", place, "music"), one.music) for place, one in enumerate(site.queue)]
    for path, name in chosen:
        if name and name not in known:
            there = ", ".join(_quoted(one) for one in sorted(known)) or "none"
            yield Wrong(
                path,
                f"expected music that this box has ({there}; `linghe music add` brings more), "
                f"found {_quoted(name)}",
            )


def _quoted(name: str) -> str:
    """As it stands in a site file: TOML quotes like JSON."""
    return json.dumps(name, ensure_ascii=False)
