"""Which slot the loader starts: grub.cfg's own lines, up to where they are written down.

GRUB's script language is the shell's but for `set`; the few commands around it are stood in for.
"""

import re
import subprocess
from pathlib import Path

import pytest

FILE = Path(__file__).parents[2] / "image-build/loader/grub.cfg"
STAND_INS = """
set -eu
prefix=. root=hd0,gpt2 ORDER= A_OK= A_TRY= A_PROVEN= B_OK= B_TRY= B_PROVEN=
regexp() { :; }
load_env() { [ ! -f "$2" ] || . "$2"; }
save_env() { for one in ORDER A_OK A_TRY A_PROVEN B_OK B_TRY B_PROVEN; do
    eval "echo $one=\\'\\$$one\\'"; done >"$2"; }
"""


class Loader:
    """GRUB, its memory a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        script, said, _ = FILE.read_text(encoding="utf-8").partition('\nif [ "$chosen" = A ]')
        assert said
        self._script = STAND_INS + re.sub(r"\bset (\w+=)", r"\1", script) + "\necho $chosen\n"

    def knows(self, **memory: str | int) -> None:
        lines = "".join(f"{key}='{value}'\n" for key, value in memory.items())
        (self._folder / "grubenv").write_text(lines, encoding="utf-8")

    def starts(self, times: int) -> str:
        return "".join(self._start() for _ in range(times))

    def _start(self) -> str:
        words = ["/bin/sh", "-c", self._script]
        done = subprocess.run(
            words, cwd=self._folder, capture_output=True, text=True, check=True, timeout=30
        )
        return done.stdout.strip()

    def is_good(self, slot: str) -> None:
        """What RAUC and its grub-editenv write."""
        text = (self._folder / "grubenv").read_text(encoding="utf-8")
        for name, value in (("OK", 1), ("TRY", 0), ("PROVEN", 1)):
            text = re.sub(rf"(?m)^{slot}_{name}=.*$", f"{slot}_{name}='{value}'", text)
        (self._folder / "grubenv").write_text(text, encoding="utf-8")


@pytest.fixture
def loader(tmp_path: Path) -> Loader:
    return Loader(tmp_path)


GOOD = {"A_OK": 1, "A_TRY": 0, "A_PROVEN": 1}
UPDATED = GOOD | {"ORDER": "B A", "B_OK": 1, "B_TRY": 0, "B_PROVEN": 0}


def test_an_update_has_three_tries_and_the_version_of_before_comes_back(loader: Loader) -> None:
    loader.knows(**UPDATED)
    assert loader.starts(4) == "BBBA"


def test_a_version_that_was_good_once_has_nine(loader: Loader) -> None:
    loader.knows(**UPDATED | {"B_PROVEN": 1})
    assert loader.starts(10) == "B" * 9 + "A"


def test_an_update_that_was_left_never_comes_back_by_itself(loader: Loader) -> None:
    """Its data would be touched without a copy."""
    loader.knows(**UPDATED)
    assert loader.starts(4 + 20) == "BBB" + "A" * 21
    loader.is_good("A")
    assert loader.starts(30) == "A" * 30


def test_of_two_that_were_good_once_each_has_its_turn_again(loader: Loader) -> None:
    loader.knows(**UPDATED | {"B_PROVEN": 1})
    assert set(loader.starts(60)[30:]) == {"A", "B"}


def test_of_two_that_never_were_each_has_its_turn_again(loader: Loader) -> None:
    loader.knows(**UPDATED | {"A_PROVEN": 0})
    assert set(loader.starts(60)[30:]) == {"A", "B"}


def test_a_slot_that_holds_nothing_is_never_started(loader: Loader) -> None:
    loader.knows(ORDER="A B", A_OK=1, A_TRY=0, B_OK=0, B_TRY=0)
    assert loader.starts(30) == "A" * 30


def test_a_memory_that_a_cut_left_empty_is_read_from_its_copy(
    loader: Loader, tmp_path: Path
) -> None:
    loader.knows(**UPDATED)
    (tmp_path / "grubenv").rename(tmp_path / "grubenv.old")
    (tmp_path / "grubenv").touch()
    assert loader.starts(1) == "B"
    assert "B_TRY='1'" in (tmp_path / "grubenv.old").read_text(encoding="utf-8")
