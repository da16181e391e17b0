"""The boxes of the stories of backups: one that lived, its backup, and a spare one."""

from pathlib import Path

import pytest
from backed_up_box import Box


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "var").lived_in()


@pytest.fixture
def file(box: Box, tmp_path: Path) -> Path:
    box.back_up(tmp_path / "shop.linghe")
    return tmp_path / "shop.linghe"


@pytest.fixture
def empty(tmp_path: Path) -> Box:
    return Box(tmp_path / "spare")
