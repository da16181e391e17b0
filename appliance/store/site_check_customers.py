"""What must hold between queues, calendars, trunks and surveys, where customers are called back
or asked how it was. Pure."""

from collections.abc import Iterator

from appliance.store.site_kinds import Wrong
from appliance.store.site_lines import Path
from appliance.vocabulary.settings import Callback, Site


def wrong_customers(site: Site) -> list[Wrong]:
    """Return what names something that the site does not have, or stands there twice."""
    return [*_wrong_surveys(site), *_wrong_queues(site)]


def _wrong_surveys(site: Site) -> Iterator[Wrong]:
    names = [one.id for one in site.survey]
    for place, name in enumerate(names):
        if name in names[:place]:
            yield Wrong(("survey", place, "id"), f"{name} stands here a second time")


def _wrong_queues(site: Site) -> Iterator[Wrong]:
    surveys = [one.id for one in site.survey]
    for place, queue in enumerate(site.queue):
        path: Path = ("queue", place)
        if queue.survey is not None and queue.survey not in surveys:
            listed = ", ".join(surveys[:12]) or "none"
            yield Wrong(
                (*path, "survey"),
                f'expected the name of a survey of this site ({listed}), found "{queue.survey}"',
            )
        if queue.callback is not None:
            yield from _wrong_callback(site, queue.callback, (*path, "callback"))


def _wrong_callback(site: Site, callback: Callback, path: Path) -> Iterator[Wrong]:
    calendars = [one.id for one in site.calendar]
    if callback.calendar is not None and callback.calendar not in calendars:
        listed = ", ".join(calendars[:12]) or "none"
        yield Wrong(
            (*path, "calendar"),
            f'expected the name of a calendar of this site ({listed}), found "{callback.calendar}"',
        )
    if not any(rule.trunks for rule in site.outbound):
        yield Wrong(
            path, "customers are called back through a trunk: an [[outbound]] rule with one"
        )
