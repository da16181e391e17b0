"""A box that knows one phone, and the link between it and whoever calls it."""

import pytest
from link import Box, Link


@pytest.fixture
def box() -> Box:
    box = Box("127.0.0.1")
    box.directory.secrets = {"8001": "first-secret"}
    return box


@pytest.fixture
def link(box: Box) -> Link:
    return Link(box)
