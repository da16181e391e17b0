"""Speech of a site's texts, before it is saved: callers hear the former prompts until then."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from appliance.daemons.command_line.verb import note, paths
from appliance.daemons.prompts import DiskCatalogue, lay_defaults
from appliance.speech.wanted import languages_of
from appliance.store.settings import SettingsStore
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.settings import Site

PAGE_PATIENCE_S = 20.0
"""How long a page or a program waits for a voice to be fetched."""


def rendered(site: Site, *, quiet: bool, tells_progress: bool = False) -> bool:
    """Make speech of the texts that are new, fetching the voices if the box has none yet. `quiet`:
    a page or a program asks; with `tells_progress` it hears of each text all the same."""
    places = paths()
    lay_defaults(places)
    if not DiskCatalogue(places).unrendered(site):
        return True
    note("Making speech of the site's texts.")
    languages = [word for one in languages_of(site) for word in ("--language", str(one))]
    with tempfile.TemporaryDirectory(prefix="linghe-site-") as folder:
        draft = Path(folder) / "settings.db"
        wanted = SettingsStore(draft)
        wanted.save(site, by="draft", at=Utc(time.time()))
        wanted.close()
        # Without the network the rest is rendered all the same: another language may be there.
        # A page does not wait for it long: packets that a firewall drops take minutes to be missed.
        _speech("install", *languages, tells=not quiet, patience=PAGE_PATIENCE_S if quiet else None)
        tells = tells_progress or not quiet
        if _speech("render", "--site-from", str(draft), tells=tells):
            return True
    note(
        "Not every prompt could be made; callers hear what there is. "
        "`linghe doctor` says what is missing."
    )
    return False


def _speech(*words: str, tells: bool, patience: float | None = None) -> bool:
    """Run the speech worker, `patience` seconds at most; its progress goes to standard error."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "appliance.daemons.speech", *words],
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr if tells else subprocess.DEVNULL,
            check=False,
            timeout=patience,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
