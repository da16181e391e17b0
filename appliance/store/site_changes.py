"""What is different between two sites, counted and in words: for the audit log. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from msgspec import structs

from appliance.vocabulary.settings import Site

KINDS: Final[tuple[tuple[str, str, Callable[[Site], Mapping[object, object]]], ...]] = (
    ("phone", "phones", lambda site: {one.number: one for one in site.extension}),
    ("agent", "agents", lambda site: {one.id: one for one in site.agent}),
    ("queue", "queues", lambda site: {one.id: one for one in site.queue}),
    ("trunk", "trunks", lambda site: {one.id: one for one in site.trunk}),
    ("flow", "flows", lambda site: {one.id: one for one in site.flow}),
    ("calendar", "calendars", lambda site: {one.id: one for one in site.calendar}),
    ("route", "routes", lambda site: {(one.trunk, one.number): one for one in site.route}),
    ("outbound rule", "outbound rules", lambda site: {one.prefix: one for one in site.outbound}),
    ("ring group", "ring groups", lambda site: {one.number: one for one in site.ring_group}),
    ("webhook", "webhooks", lambda site: {one.id: one for one in site.webhook}),
    ("box", "boxes", lambda site: {one.id: one for one in site.voicemail_box}),
    ("survey", "surveys", lambda site: {one.id: one for one in site.survey}),
    ("table", "tables", lambda site: {one.id: one for one in site.table}),
    ("service", "services", lambda site: {one.id: one for one in site.service}),
)
"""What a site has many of: one, many, and each by the name that it keeps."""
SINGLE: Final = ("site", "parking", "talk_codes", "emergency_mode", "mail", "prompt_recording")
"""Tables that a site has one of."""


def changes_said(before: Site, after: Site) -> str:
    """Return it as "2 phones added, 1 queue changed; [site] changed"; empty: nothing is."""
    counted = [
        line for one, many, of in KINDS for line in _counted(one, many, of(before), of(after))
    ]
    tables = [name for name in SINGLE if getattr(before, name) != getattr(after, name)]
    said = [", ".join(counted)] if counted else []
    said += [f"[{name}] changed" for name in tables]
    numbers = {"version": after.version, "flow_versions": after.flow_versions}
    if not said and structs.replace(before, **numbers) != after:
        said = ["order changed"]
    return "; ".join(said)


def _counted(
    one: str, many: str, before: Mapping[object, object], after: Mapping[object, object]
) -> Iterable[str]:
    counts = {
        "added": len(after.keys() - before.keys()),
        "changed": sum(before[name] != after[name] for name in before.keys() & after.keys()),
        "removed": len(before.keys() - after.keys()),
    }
    for what, count in counts.items():
        if count:
            yield f"{count} {one if count == 1 else many} {what}"
