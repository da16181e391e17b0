"""In which order a stick's files come to it, for whoever pulls it out in between."""

import os
from pathlib import Path

import pytest

from appliance.daemons.hooks.stick_files import put


def test_a_file_is_synced_before_and_after_it_has_its_name_and_then_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAT keeps a file's length and place in its name's entry: renaming makes a new one."""
    stick = tmp_path / "stick"
    synced: list[tuple[str, bool]] = []
    really = os.fsync

    def noted(number: int) -> None:
        name = Path(os.readlink(f"/proc/self/fd/{number}")).name
        synced.append((name, (stick / "day.csv").exists()))
        really(number)

    monkeypatch.setattr(os, "fsync", noted)
    put(stick / "day.csv", b"a,b\n")
    assert synced == [("day.csv.part", False), ("day.csv", True), ("stick", True)]
    assert (stick / "day.csv").read_bytes() == b"a,b\n"
