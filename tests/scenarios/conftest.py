"""The bakery in virtual time, for stories."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "fakes"))

from shop import Shop  # noqa: E402 - fakes are no package

from appliance.store.site_file import read_site  # noqa: E402
from appliance.vocabulary.settings import Site  # noqa: E402

BAKERY = Path(__file__).parents[1] / "data" / "bakery.toml"


@pytest.fixture(scope="session")
def bakery():
    site, _ = read_site(BAKERY.read_text(), BAKERY.name, before=Site(), random_bytes=bytes)
    return site


@pytest.fixture
def shop(bakery):
    return Shop(bakery)


@pytest.fixture
def shop_at(bakery):
    return lambda **words: Shop(bakery, **words)
