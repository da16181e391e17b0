"""What must hold between a site's numbers of queues and the keys pressed within a talk. Pure."""

from collections.abc import Iterator

from appliance.store.site_check_desk import numbers_of
from appliance.store.site_kinds import Wrong
from appliance.vocabulary.settings import Site, TalkCodes


def wrong_handling(site: Site) -> list[Wrong]:
    """Return what does not fit together of what people do with calls."""
    return [*_wrong_queue_numbers(site), *_wrong_codes(site)]


def _wrong_queue_numbers(site: Site) -> Iterator[Wrong]:
    taken = numbers_of(site)
    for place, queue in enumerate(site.queue):
        if not queue.number:
            continue
        if queue.number in taken:
            yield Wrong(("queue", place, "number"), f"{queue.number} is taken already")
        taken.append(queue.number)


def _wrong_codes(site: Site) -> Iterator[Wrong]:
    """A code that another one begins with could never be keyed in."""
    codes = site.talk_codes
    seen: list[str] = []
    for name in TalkCodes.__struct_fields__:
        code = getattr(codes, name)
        if any(code.startswith(one) or one.startswith(code) for one in seen):
            yield Wrong(("talk_codes", name), f"{code} cannot be told from another code")
        seen.append(code)
