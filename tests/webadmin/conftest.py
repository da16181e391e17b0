"""Lets these tests import what stands in tests/data and tests/fakes; a stage for each test."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "data"))
# tests/ is on the path because of its conftest.py, and has a folder of the package's name.
sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1] / "fakes"))

from web_stage import Stage  # noqa: E402


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """An empty data folder and its app."""
    return Stage(tmp_path / "data")


@pytest.fixture
def full(stage: Stage) -> Stage:
    """People, a site and a busy day."""
    return stage.full()
