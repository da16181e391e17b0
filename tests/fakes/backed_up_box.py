"""A box as a day's work leaves it, which is backed up and becomes another one."""

from pathlib import Path

from golden_day import SITE, golden_day, golden_entries

from appliance.reports.record import record_of
from appliance.store.backup import Made, back_up
from appliance.store.backup_file import Manifest
from appliance.store.calls import CallBook
from appliance.store.ledger import Ledger
from appliance.store.places import Paths
from appliance.store.restore import stage
from appliance.store.secrets import Secrets
from appliance.store.settings import SettingsStore
from appliance.vocabulary.ids import TrunkId, Utc

NOW = Utc(1_763_600_400.0)
KEY = bytes(range(32))
MADE = Made(at=NOW, version="0.1.0", site_name="金日商贸", site_version=1)


class Box:
    """A data folder as a day's work leaves it."""

    def __init__(self, root: Path) -> None:
        self.paths = Paths(root)
        self.paths.make()

    def lived_in(self) -> "Box":
        store = SettingsStore(self.paths.settings)
        store.save(SITE, by="owner", at=NOW)
        store.close()
        ledger = Ledger(self.paths.calls, record_of)
        ledger.append(golden_entries())
        ledger.close()
        Secrets(self.paths.secrets, lambda n: KEY[:n]).set_trunk_secrets({TrunkId("t"): "pass"})
        for name in ("prompts/index.json", "prompts/ab12.alaw", "tables/vip.db"):
            place = self.paths.root / name
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(name.encode() * 500)
        day = self.paths.recordings / "2025-11-20"
        day.mkdir(parents=True)
        (day / "r1.wav").write_bytes(b"RIFF" + bytes(5000))
        (self.paths.state / "slot").write_bytes(b"now")
        return self

    def tree(self) -> dict[str, bytes]:
        return {
            str(one.relative_to(self.paths.root)): one.read_bytes()
            for one in self.paths.root.rglob("*")
            if one.is_file() and one.suffix not in (".db-shm", ".db-wal")
        }

    def site_name(self) -> str:
        store = SettingsStore(self.paths.settings)
        try:
            return store.current().site.name
        finally:
            store.close()

    def calls(self) -> int:
        book = CallBook(self.paths.calls)
        day = golden_day()
        try:
            return len(book.entries_for_day(day.start, day.end))
        finally:
            book.close()

    def back_up(self, target: Path, *, with_recordings: bool = False) -> Manifest:
        return back_up(self.paths, target, MADE, key=KEY, with_recordings=with_recordings)

    def stage(self, source: Path, **words: bool) -> Manifest:
        return stage(self.paths, source, key=KEY, now=NOW, stamp="1", **words)
