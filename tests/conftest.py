"""Order of the tests: the fast ones first, so that a mistake is told in seconds."""

import pytest

LATER = ("slow", "peer", "fault")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the order within each kind; real programs, kills and long ones come last."""
    items.sort(key=lambda item: any(item.get_closest_marker(name) for name in LATER))
