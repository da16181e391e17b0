"""The bakery in virtual time, for stories."""

from pathlib import Path

import pytest
from shop import Shop
from shop_steps import nothing_is_left

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
def the_ledger_adds_up(shop):
    """Whatever the story: when it is over, nothing is left and everything adds up."""
    yield
    nothing_is_left(shop)


@pytest.fixture
def shop_at(bakery):
    return lambda **words: Shop(bakery, **words)
