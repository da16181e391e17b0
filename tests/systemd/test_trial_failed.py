"""A new version whose health check does not pass, or is never begun, is left: by the service
manager itself, which asks the loader's memory alone."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2]
SCRIPT = FOLDER / "image-build/overlay/usr/lib/linghe/is-on-trial"
UNIT = FOLDER / "systemd/linghe-trial-failed.service"
UPDATED = {"ORDER": "B A", "A_OK": "1", "A_TRY": "0", "A_PROVEN": "1", "B_OK": "1", "B_TRY": "1"}
"""After an update was written to slot B and started once."""


class Loader:
    """What the loader knows, in a file as it makes it, and the command line that it gave."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("grub-editenv") is None:
            pytest.skip("grub-editenv is not installed (apt-get install grub-common)")
        self.memory, self.command_line = folder / "grubenv", folder / "cmdline"

    def knows(self, memory: dict[str, str], place: Path | None = None) -> None:
        place = place or self.memory
        for words in (["create"], ["set", *(f"{key}={value}" for key, value in memory.items())]):
            subprocess.run(["grub-editenv", place, *words], check=True)

    def is_on_trial(self, slot: str) -> bool:
        self.command_line.write_text(f"quiet {slot and 'rauc.slot='}{slot} panic=10\n")
        words = ["/bin/sh", SCRIPT, self.command_line, self.memory]
        done = subprocess.run(words, capture_output=True, check=False)
        assert done.returncode in (0, 1) and not done.stderr, done
        return done.returncode == 0


@pytest.fixture
def loader(tmp_path: Path) -> Loader:
    return Loader(tmp_path)


def test_a_version_is_on_trial_until_it_has_proven_itself(loader: Loader) -> None:
    loader.knows(UPDATED)
    assert loader.is_on_trial("B")
    loader.knows(UPDATED | {"B_PROVEN": "0"})
    assert loader.is_on_trial("B")
    loader.knows(UPDATED | {"B_PROVEN": "1"})
    assert not loader.is_on_trial("B")


def test_the_version_of_before_goes_on_whatever_its_check_says(loader: Loader) -> None:
    loader.knows(UPDATED)
    assert not loader.is_on_trial("A")


def test_where_there_is_no_other_version_this_one_goes_on(loader: Loader) -> None:
    loader.knows({"ORDER": "A B", "A_OK": "1", "A_TRY": "1", "B_OK": "0", "B_TRY": "0"})
    assert not loader.is_on_trial("A"), "the first start of all"
    loader.knows(UPDATED | {"A_OK": "0"})
    assert not loader.is_on_trial("B"), "the other one is broken"


def test_a_memory_that_a_cut_left_empty_is_read_from_its_copy(loader: Loader) -> None:
    loader.memory.touch()
    assert not loader.is_on_trial("B")
    loader.knows(UPDATED, Path(f"{loader.memory}.old"))
    assert loader.is_on_trial("B") and not loader.is_on_trial("A")


def test_a_machine_without_slots_is_left_alone(loader: Loader) -> None:
    loader.knows(UPDATED)
    assert not loader.is_on_trial("")
    loader.memory.unlink()
    assert not loader.is_on_trial("B")


def test_it_hangs_on_nothing_of_the_new_version_and_on_nothing_of_the_data() -> None:
    text = UNIT.read_text(encoding="utf-8")
    assert "\nFailureAction=reboot\n" in text and "\nExecStart=/bin/false\n" in text
    commands = re.findall(r"^Exec(?:Start|Condition)\w*=(\S+)", text, re.MULTILINE)
    assert commands == [f"/usr/lib/linghe/{SCRIPT.name}", "/bin/false"]
    # an order is kept whatever came of the check; what it would need, might be what is broken
    (after,) = re.findall(r"^After=(.*)$", text, re.MULTILINE)
    assert "linghe-health.service" in after.split()
    assert not re.search(r"^(Requires|Requisite|BindsTo|RequiresMountsFor)=", text, re.MULTILINE)
    target = (FOLDER / "systemd/linghe.target").read_text(encoding="utf-8")
    assert UNIT.name in target
