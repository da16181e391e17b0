"""Which own prompts a site names, and where. Pure."""

from collections.abc import Collection, Iterator

from appliance.engines.ivr.nodes import nodes_of
from appliance.vocabulary.settings import Site
from appliance.vocabulary.shape import Value


class Unsaid(Value, frozen=True, kw_only=True):
    """A prompt that the box does not have, and who names it."""

    name: str
    where: str
    """"flow main, node hello", "queue orders"."""
    is_spoken: bool
    """A text is spoken in its place."""


def named_in(site: Site) -> dict[str, list[str]]:
    """Return who says each prompt that the site names, for people: "flow main, node hello"."""
    found: dict[str, list[str]] = {}
    for name, where, _ in _namings(site):
        if where not in found.setdefault(name, []):
            found[name].append(where)
    return found


def unsaid(site: Site, known: Collection[str]) -> list[Unsaid]:
    """Return what a site names and the box does not have, each place once."""
    found = (
        Unsaid(name=name, where=where, is_spoken=is_spoken)
        for name, where, is_spoken in _namings(site)
        if name not in known
    )
    return list(dict.fromkeys(found))


def unsaid_sentences(site: Site, known: Collection[str]) -> list[str]:
    """The same, for people at a terminal."""
    return [
        f'{one.where}: there is no prompt "{one.name}" yet (`linghe prompt add`, or *77): '
        + ("its text is spoken." if one.is_spoken else "it is passed over.")
        for one in unsaid(site, known)
    ]


def _namings(site: Site) -> Iterator[tuple[str, str, bool]]:
    for flow in site.flow:
        for place, node in nodes_of(flow).items():
            where = f"flow {flow.id}, node {place}"
            if node.prompt:
                yield node.prompt, where, bool(node.text.strip())
            for language, name in node.prompts.items():
                yield name, where, bool(node.texts.get(language, "").strip())
    for queue in site.queue:
        for name in queue.comfort_prompts:
            yield name, f"queue {queue.id}", False
        if queue.whisper_prompt:
            yield queue.whisper_prompt, f"queue {queue.id}", bool(queue.whisper.strip())
    yield from _in_boxes(site)


def _in_boxes(site: Site) -> Iterator[tuple[str, str, bool]]:
    for box in site.voicemail_box:
        for name, text in (
            (box.greeting_prompt, box.greeting),
            (box.closed_greeting_prompt, box.closed_greeting),
        ):
            if name:
                yield name, f"voicemail box {box.id}", bool(text.strip())
