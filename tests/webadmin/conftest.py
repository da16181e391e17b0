"""A stage for each test: a data folder and its app."""

from pathlib import Path

import pytest
from web_stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """An empty data folder and its app."""
    return Stage(tmp_path / "data")


@pytest.fixture
def full(stage: Stage) -> Stage:
    """People, a site and a busy day."""
    return stage.full()
