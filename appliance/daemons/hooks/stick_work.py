"""What is done with a stick of ours, one thing after the other; each can be cut off and run again.

    reports/daily-2026-11-21.csv .json    written anew where they are missing or not final yet
    backups/linghe-20261122-0312.linghe   one a visit, it and four before it are kept
    recordings/DAY/…                      those that are not there yet
    linghe-says.txt                       what was done, in the site's language

Taken from it are an update (*.raucb) and, where the marker says so, the key ssh-key.pub. Names that
begin with a dot are nobody's: macOS lays `._linghe.raucb` beside each file on a stick.

Nothing else on the stick is touched.
"""

import hashlib
import logging
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.daemons.backing_up import backed_up
from appliance.daemons.box_words import said
from appliance.daemons.hooks.stick_files import StickFullError, StickGoneError, copy, put
from appliance.daemons.root_asking import ask_root
from appliance.daemons.stick_marker import Marker
from appliance.reports.days import day_of, zone_of
from appliance.reports.registry import report_named
from appliance.reports.words import words_for
from appliance.store.audit import AuditLine
from appliance.store.backup import recordings_of
from appliance.store.backup_file import place_of
from appliance.store.calls import CallBook
from appliance.store.places import Paths
from appliance.store.private_file import write_private
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import ApplianceError, EquipmentError, RefusedError
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.settings import Site
from appliance.wire.privileged import SetSsh

logger = logging.getLogger(__name__)

SAYS = "linghe-says.txt"
BY = "USB stick"
BACKUPS_KEPT = 5
UPDATE_ROOM = 256 << 20
"""Bytes that an update leaves free on the box's disk."""

SSH_KEY = "ssh-key.pub"
MOST_OF_KEY = 8192

Install = Callable[[Path], str]
"""Have an update installed; return what root said. Raises ApplianceError."""
LetIn = Callable[[str], str]
"""Let this key in by SSH, or ("") nobody; return what root said. Raises ApplianceError."""


def let_in(key: str) -> str:
    """Ask root for it: who holds the box's stick stands at the box."""
    return ask_root(SetSsh(key=key, by=BY))


class StickWork:
    """One visit of one stick."""

    def __init__(
        self,
        paths: Paths,
        stick: Path,
        *,
        now: Utc,
        install: Install,
        progress: Callable[[str], None],
        let_in: LetIn = let_in,
    ) -> None:
        self._let_in = let_in
        self._paths = paths
        self._stick = stick
        self._now = now
        self._install = install
        self._progress = progress
        store = SettingsStore(paths.settings)
        self.site: Site = store.current()
        store.close()
        self.sentences: list[str] = []

    def carry_out(self, marker: Marker) -> bool:
        """Do what the marker wants; True when all of it was done. What failed is in `sentences`.

        Raises StickGoneError: there is nobody left to tell.
        """
        steps: list[Callable[[], None]] = []
        if marker.reports_days:
            steps.append(lambda: self._reports(marker.reports_days))
        if marker.backup:
            steps.append(self._backup)
        if marker.recordings:
            steps.append(self._recordings)
        if marker.update:
            steps.append(self._update)
        if marker.ssh:
            steps.append(self._ssh)
        is_whole = True
        for step in steps:
            is_whole = self._did(step) and is_whole
        return is_whole

    def say(self, text: str, **values: object) -> None:
        """Add a sentence for people: to the log in English, to the stick in their language."""
        logger.info("stick: %s", text.format(**values))
        self.sentences.append(said(self.site.site.language, text, **values))

    def tell(self) -> None:
        """Write what was done onto the stick; one that is full already cannot be told more."""
        self.say("You can pull the stick out.")
        at = datetime.fromtimestamp(self._now, zone_of(self.site.site.timezone))
        lines = [f"{at:%Y-%m-%d %H:%M}  {self.site.site.name}", "", *self.sentences, ""]
        try:
            # Windows' own editor wants the mark and the two characters.
            put(self._stick / SAYS, b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
        except EquipmentError as error:
            logger.warning("stick: %s", error)

    def _did(self, step: Callable[[], None]) -> bool:
        try:
            step()
        except StickGoneError:
            raise
        except StickFullError as error:
            self.say(
                "The stick is full: {what}. What was there before is whole."
                " Make room, or take a larger one.",
                what=error,
            )
            return False
        except (ApplianceError, OSError) as error:
            self.say("Something failed: {what}.", what=str(error).rstrip("."))
            return False
        return True

    def _reports(self, days: int) -> None:
        timezone = self.site.site.timezone
        today = datetime.fromtimestamp(self._now, zone_of(timezone)).date()
        book = CallBook(self._paths.calls)
        written = 0
        try:
            for back in range(days):
                day = day_of(today - timedelta(days=back), timezone)
                self._progress(day.date)
                written += self._report_of(book, day.date, is_final=back > 1)
        finally:
            book.close()
        note(self._paths, "report_exported", f"{days} days")
        self.say("Reports of {count} days are in the folder reports.", count=days)
        logger.info("stick: %d reports written", written)

    def _report_of(self, book: CallBook, date: str, *, is_final: bool) -> int:
        folder = self._stick / "reports"
        wanted = [folder / f"daily-{date}.{form}" for form in ("csv", "json")]
        if is_final and all(place.exists() for place in wanted):
            return 0
        day = day_of(datetime.fromisoformat(date).date(), self.site.site.timezone)
        entries = book.entries_for_day(day.start, day.end)
        report = report_named("daily")
        words = words_for(self.site.site.language)
        put(wanted[0], report.as_csv(entries, self.site, day, self._now, words))
        put(wanted[1], report.as_json(entries, self.site, day, self._now))
        return 2

    def _backup(self) -> None:
        folder = self._stick / "backups"
        stamp = datetime.fromtimestamp(self._now, UTC).strftime("%Y%m%d-%H%M%S")
        target = folder / f"linghe-{stamp}.linghe"
        try:
            folder.mkdir(exist_ok=True)
            for left in (*folder.glob("linghe-*.part"), *folder.glob("linghe-*.copy*")):
                left.unlink(missing_ok=True)  # of a visit that was cut off
        except OSError as error:
            raise EquipmentError(f"{folder.name}: {error.strerror}") from error
        backed_up(self._paths, target, by=BY, with_recordings=False, progress=self._progress)
        self.say("The backup {name} is written and was read back.", name=target.name)
        for old in superseded(sorted(folder.glob("linghe-[0-9]*-[0-9]*.linghe")), target):
            old.unlink(missing_ok=True)

    def _recordings(self) -> None:
        added = 0
        for name in recordings_of(self._paths):
            place = self._stick.joinpath(*name.split("/"))
            source = place_of(self._paths, name)
            if place.exists() and place.stat().st_size == source.stat().st_size:
                continue
            self._progress(name)
            copy(source, place, lambda: self._progress(SAYS))
            added += 1
        if added:
            note(self._paths, "recording_downloaded", f"{added} files")
        self.say("{count} recordings were added to the folder recordings.", count=added)

    def _update(self) -> None:
        found = [one for one in self._stick.glob("[!.]*.raucb") if one.is_file()]
        if not found:
            return
        if len(found) > 1:
            text = "There are {count} updates on the stick; leave one only."
            self.say(text, count=len(found))
            return
        (bundle,) = found
        digest = self._digest(bundle)
        taken = self._paths.root / "updates" / "taken-from-stick"
        if taken.exists() and taken.read_text(encoding="ascii").strip() == digest:
            text = "The update {name} was taken from a stick before; it is not taken again."
            self.say(text, name=bundle.name)
            return
        self._take(bundle, digest, taken)

    def _take(self, bundle: Path, digest: str, taken: Path) -> None:
        taken.parent.mkdir(mode=0o770, exist_ok=True)
        if shutil.disk_usage(self._paths.root).free < bundle.stat().st_size + UPDATE_ROOM:
            raise EquipmentError(f"the box's disk has no room for {bundle.name}")
        # Named by us: what stands on a stick is nobody's word.
        place = taken.with_name("from-stick.raucb")
        copy(bundle, place, lambda: self._progress(bundle.name))
        try:
            told = self._install(place)
        except RefusedError as error:
            self.say("The update {name} is refused: {what}", name=bundle.name, what=error)
            return
        finally:
            place.unlink(missing_ok=True)
        write_private(taken, digest.encode() + b"\n")
        self.say("The update {name} is taken: {what}", name=bundle.name, what=told)

    def _ssh(self) -> None:
        place = self._stick / SSH_KEY
        if not place.is_file():
            self._let_in("")
            self.say("SSH is off: there is no ssh-key.pub on the stick.")
            return
        with place.open(encoding="utf-8-sig", errors="replace") as file:
            key = file.read(MOST_OF_KEY).strip()
        try:
            # an empty key would mean "off", and is no wish for that here
            told = self._let_in(key or "none")
        except RefusedError as error:
            self.say("The key ssh-key.pub is refused: {what}", what=error)
            return
        self.say("The key ssh-key.pub is let in: {what}", what=told)

    def _digest(self, place: Path) -> str:
        digest = hashlib.sha256()
        with place.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
                self._progress(place.name)
        return digest.hexdigest()


def superseded(backups: list[Path], newest: Path) -> list[Path]:
    """Return which of these, by name, are too many; never `newest`, which was written just now.

    Names tell a clock that may have been wrong. One that seems to be later than the newest was
    written before it all the same, so it goes before those whose time may be believed.
    """
    others = [one for one in backups if one.name != newest.name]
    others.sort(key=lambda one: (one.name < newest.name, one.name))
    return others[: max(0, len(others) - (BACKUPS_KEPT - 1))]


def note(paths: Paths, what: str, detail: str = "") -> None:
    """Write a line of the audit log. Raises EquipmentError, RefusedError."""
    store = SettingsStore(paths.settings)
    try:
        store.audit.note(AuditLine(at=Utc(time.time()), by=BY, what=what, detail=detail))
    finally:
        store.close()
