"""A backup that the pages laid ready is taken up by a root without a single power, as on the box:
each process is a user of its own, and what they share is the group's."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.store.places import Paths
from appliance.store.settings import SettingsStore

PAGES, CONTROL, GROUP = 64963, 64961, 64960
pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None, reason="needs root and setpriv"
)


def ran_as(user: int, folder: Path, code: str) -> subprocess.CompletedProcess[bytes]:
    """Run Python as this user of the box, without capabilities."""
    dropped = ("--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--clear-groups")
    inside = (
        f"import os, sys; os.umask(0o007); sys.path[:0] = {sys.path!r};"
        "from pathlib import Path; from appliance.store.places import Paths;"
        f"paths = Paths(Path({str(folder)!r})); {code}"
    )
    return subprocess.run(
        ["setpriv", f"--reuid={user}", f"--regid={GROUP}", *dropped,
         sys.executable, "-I", "-c", inside],
        env={"LINGHE_SHARED": "1", "PATH": os.environ["PATH"]},
        cwd="/", capture_output=True, timeout=120, check=False,
    )  # fmt: skip


def as_user(user: int, folder: Path, code: str) -> None:
    done = ran_as(user, folder, code)
    assert done.returncode == 0, done.stderr.decode()


@pytest.fixture
def box() -> Iterator[Path]:
    """A data folder that belongs to root and the group, where other users may enter."""
    with tempfile.TemporaryDirectory(prefix="linghe-rights-") as made:
        os.chmod(made, 0o755)
        folder = Path(made) / "data"
        for place in (folder, folder / "state", folder / "recordings", folder / "run"):
            place.mkdir()
            os.chown(place, 0, GROUP)
            place.chmod(0o2770)
        if ran_as(PAGES, folder, "paths.root.stat()").returncode != 0:
            pytest.skip("other users cannot read the code that is tested")
        yield folder


def test_root_without_powers_takes_up_what_the_pages_laid_ready(box: Path) -> None:
    settings = (
        "from appliance.store.settings import SettingsStore as S;"
        "from appliance.vocabulary.settings import Site, SiteFacts;"
        "from appliance.store.backup import Made, back_up; from appliance.store.restore import *;"
    )
    named = "s = S(paths.settings); s.save(Site(site=SiteFacts(name={!r})), by='t', at=1.0);"
    as_user(CONTROL, box, settings + named.format("First"))
    made = "Made(at=1.0, version='0', site_name='First', site_version=1)"
    as_user(
        PAGES,
        box,
        f"{settings} back_up(paths, paths.root / 'b.linghe', {made}, key=b'k' * 32);"
        + named.format("Second")
        + "s.close(); stage(paths, paths.root / 'b.linghe', key=b'k' * 32, now=2.0, stamp='1')",
    )
    as_user(0, box, f"{settings} assert finish(paths) == 'before-restore-1-1'")
    as_user(CONTROL, box, f"{settings} s = S(paths.settings); s.save(s.current(), by='t', at=3.0)")
    store = SettingsStore(Paths(box).settings)
    assert store.current().site.name == "First"
    store.close()
