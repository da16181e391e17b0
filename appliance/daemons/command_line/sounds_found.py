"""What of a site's sounds is on this box, for `linghe doctor`: texts, own prompts, music."""

from collections.abc import Iterator

from appliance.daemons.music import music_names
from appliance.daemons.own_prompts import prompt_names
from appliance.daemons.paths import Paths
from appliance.daemons.prompts import DiskCatalogue
from appliance.speech.named import unsaid_sentences
from appliance.vocabulary.settings import Site

SHOWN_TEXTS = 3
GREEN, AMBER, RED = "green", "yellow", "red"


def sounds_found(paths: Paths, site: Site) -> Iterator[tuple[str, str, str]]:
    """Yield a lamp, a sentence and a remedy for each finding; one green line when all is there."""
    found = [*_texts(paths, site), *_recordings(paths, site), *_music(paths, site)]
    yield from found or [(GREEN, "all that the site says is there.", "")]


def _texts(paths: Paths, site: Site) -> Iterator[tuple[str, str, str]]:
    missing = DiskCatalogue(paths).missing(site)
    if missing:
        some = "; ".join(one.shown for one in missing[:SHOWN_TEXTS])
        more = f" and {len(missing) - SHOWN_TEXTS} more" if len(missing) > SHOWN_TEXTS else ""
        yield (
            RED,
            f"callers would hear nothing in the place of: {some}{more}.",
            "linghe export | linghe apply -   (makes what is missing)",
        )


def _recordings(paths: Paths, site: Site) -> Iterator[tuple[str, str, str]]:
    for sentence in unsaid_sentences(site, prompt_names(paths)):
        lamp = AMBER if sentence.endswith("spoken.") else RED
        yield lamp, sentence, "linghe prompt add NAME FILE   (or *77 at a phone)"


def _music(paths: Paths, site: Site) -> Iterator[tuple[str, str, str]]:
    there = music_names(paths)
    remedy = "linghe music add NAME FILE   (or choose another one in the site file)"
    if not DiskCatalogue(paths).music():
        yield RED, "there is no music on hold: who waits hears silence.", remedy
    chosen = [
        ("the site", site.site.music),
        *((f"queue {one.id}", one.music) for one in site.queue),
    ]
    for who, name in chosen:
        if name and name not in there:
            yield (
                AMBER,
                f'{who} plays music "{name}", which is not there: callers hear other.',
                remedy,
            )
