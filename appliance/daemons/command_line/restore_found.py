"""Whether a backup waits to be taken back, as `linghe status` and `linghe doctor` tell it."""

import sqlite3
from collections.abc import Iterator

from appliance.daemons.command_line.findings import Case, Finding, Lamp
from appliance.reports.days import local_moment
from appliance.store.places import Paths
from appliance.store.restore import staged_place, waiting
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.ids import Utc

TAKEN_UP = "stop the box and start it again (make run; on a box of its own linghe reboot)"
UNDONE = "linghe restore --undo"


def shop_time(at: Utc, paths: Paths) -> str:
    """Return a moment in the shop's own time; in UTC, and so named, where there is no shop."""
    zone = ""
    if paths.settings.exists():
        try:
            store = SettingsStore(paths.settings)
            zone = store.current().site.timezone
            store.close()
        except (EquipmentError, sqlite3.Error):
            zone = ""  # what is wrong with it is said elsewhere
    return local_moment(at, zone) if zone else f"{local_moment(at, 'UTC')} UTC"


def waiting_shown(paths: Paths) -> str:
    """Say in a sentence what waits; "": nothing. EquipmentError when it cannot be read."""
    ready = waiting(paths)
    if ready is None:
        return ""
    return (
        f"The backup of {shop_time(ready.made_at, paths)} waits for the box's next start; "
        f"what is there by then will lie in {ready.kept}."
    )


def restore_waits(case: Case) -> Iterator[Finding]:
    """Say so where somebody asked for another box than the one that runs."""
    try:
        sentence = waiting_shown(case.paths)
    except EquipmentError as error:
        remedy = f"move {staged_place(case.paths)} away, or restore again"
        yield Finding(check="restore", lamp=Lamp.RED, sentence=f"{error}.", remedy=remedy)
        return
    if sentence:
        remedy = f"{TAKEN_UP}. To keep the box as it is: {UNDONE}"
        yield Finding(check="restore", lamp=Lamp.YELLOW, sentence=sentence, remedy=remedy)
