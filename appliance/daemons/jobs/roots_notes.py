"""Takes what root did (store/roots_audit.py) into the audit log, soon after it was done."""

import logging
from pathlib import Path
from threading import Event, Thread

from appliance.daemons.paths import Paths
from appliance.store.roots_audit import NEW, folder_beside, take_in
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import ApplianceError

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0


class RootsNotes:
    """One for a box."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._folder = folder_beside(paths.root.absolute())
        self._stopped = Event()
        self._seen: tuple[int, int] | None = None
        self._thread = Thread(target=self._run, name="root's notes", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is being done."""
        self._stopped.set()

    def look(self) -> None:
        """Take in what is new."""
        state = _state(self._folder / NEW)
        if state is None or state == self._seen:
            return
        try:
            store = SettingsStore(self._paths.settings)
            try:
                take_in(self._folder, store.audit)
            finally:
                store.close()
        except (ApplianceError, OSError) as error:
            logger.warning("what root did cannot be noted yet: %s", error)
            return
        self._seen = state

    def _run(self) -> None:
        while not self._stopped.is_set():
            self.look()
            self._stopped.wait(LOOK_EVERY_S)


def _state(place: Path) -> tuple[int, int] | None:
    try:
        found = place.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
