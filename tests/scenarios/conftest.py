"""The bakery in virtual time, for stories."""

from pathlib import Path

import pytest
from shop import Shop

from appliance.store.site_file import read_site
from appliance.vocabulary.settings import Site

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
