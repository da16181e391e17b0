"""What must hold of [[voicemail_box]] and [mail]. Pure."""

from collections.abc import Iterable, Iterator

from appliance.store.site_kinds import Wrong
from appliance.store.site_lines import Path
from appliance.vocabulary.settings import Site
from appliance.vocabulary.settings_messages import VoicemailBoxFacts


def wrong_messages(site: Site) -> Iterator[Wrong]:
    """Yield names of what is not there, numbers given twice, and mail that nobody could send."""
    numbers: set[str] = set()
    for place, box in enumerate(site.voicemail_box):
        path: Path = ("voicemail_box", place)
        yield from _wrong_names(site, box, path)
        yield from _wrong_values(site, box, path)
        if box.number and box.number in numbers:
            yield Wrong((*path, "number"), f"{box.number} stands here a second time")
        numbers.add(box.number)
    if site.mail.username and site.mail.security == "none":
        yield Wrong(("mail", "username"), "a password goes over tls or starttls only; see security")


def _wrong_names(site: Site, box: VoicemailBoxFacts, path: Path) -> Iterator[Wrong]:
    if box.calendar is not None:
        calendars = [one.id for one in site.calendar]
        yield from _missing((*path, "calendar"), "a calendar", box.calendar, calendars)
    for at, queue in enumerate(box.queues):
        queues = [one.id for one in site.queue]
        yield from _missing((*path, "queues", at), "a queue", queue, queues)
    for at, agent in enumerate(box.agents):
        agents = [one.id for one in site.agent]
        yield from _missing((*path, "agents", at), "an agent", agent, agents)


def _wrong_values(site: Site, box: VoicemailBoxFacts, path: Path) -> Iterator[Wrong]:
    for key in ("closed_greeting", "closed_greeting_prompt"):
        if getattr(box, key) and box.calendar is None:
            yield Wrong((*path, key), "it needs calendar = …, which says when")
    if box.shortest_seconds >= box.longest_seconds:
        yield Wrong((*path, "shortest_seconds"), "expected less than longest_seconds")
    if box.email and not site.mail.server:
        yield Wrong((*path, "email"), "it needs [mail], which says how it is sent")


def _missing(path: Path, what: str, name: str, known: Iterable[str]) -> Iterator[Wrong]:
    there = list(known)
    if name not in there:
        listed = ", ".join(there[:12]) if there else "none"
        yield Wrong(path, f'expected the name of {what} of this site ({listed}), found "{name}"')
