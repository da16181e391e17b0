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


def rendered(site: Site, *, quiet: bool) -> bool:
    """Make speech of the texts that are new, fetching the voices if the box has none yet."""
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
        _speech("install", *languages, quiet=quiet)
        if _speech("render", "--site-from", str(draft), quiet=quiet):
            return True
    note(
        "Not every prompt could be made; callers hear what there is. "
        "`linghe doctor` says what is missing."
    )
    return False


def _speech(*words: str, quiet: bool) -> bool:
    """Run the speech worker; its progress goes to standard error."""
    done = subprocess.run(
        [sys.executable, "-I", "-m", "appliance.daemons.speech", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if quiet else sys.stderr,
        check=False,
    )
    return done.returncode == 0
