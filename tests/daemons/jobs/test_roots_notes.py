"""What root did comes into the audit log: the real linghe-jobs beside root's notes."""

import os
import subprocess
import sys
from pathlib import Path

from running_box import wait_for

from appliance.store.audit import AuditLine
from appliance.store.places import Paths
from appliance.store.roots_audit import folder_beside, note
from appliance.store.settings import SettingsStore
from appliance.vocabulary.ids import Utc


def act(number: int) -> AuditLine:
    return AuditLine(at=Utc(1e9 + number), by="root", what="system_changed", detail="Restart: off")


def test_jobs_takes_in_what_root_did_before_and_while_it_runs(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "linghe")
    paths.make()
    folder = folder_beside(paths.root)
    note(folder, act(1))
    jobs = subprocess.Popen(
        [sys.executable, "-m", "appliance.daemons.jobs"],
        env={**os.environ, "LINGHE_DATA": str(paths.root)},
        stderr=subprocess.DEVNULL,
    )
    store = SettingsStore(paths.settings)
    try:
        wait_for(lambda: store.audit.latest() == [act(1)], 60, "what was done before")
        note(folder, act(2))
        wait_for(lambda: store.audit.latest() == [act(2), act(1)], 60, "what is done now")
    finally:
        store.close()
        jobs.terminate()
        assert jobs.wait(30) == 0
