"""Music is chosen when a hold or a wait begins, and goes on until it ends, whatever is applied."""

import pytest
from msgspec.structs import replace
from shop import Shop
from shop_steps import hold, talking

from appliance.vocabulary.events import LegAudioMoved


def chosen(site, music, queue=""):
    """The bakery with this music, and the queue of its orders with another."""
    orders, *others = site.queue
    return replace(
        site,
        site=replace(site.site, music=music),
        queue=(replace(orders, music=queue), *others),
    )


@pytest.fixture
def shop(bakery):
    shop = Shop(bakery)
    shop.catalogue.music = lambda name="default": (name,)
    shop.apply(chosen(bakery, "waltz"))
    return shop


def test_a_hold_keeps_its_music_when_another_is_applied_and_the_next_has_that(shop, bakery):
    leg, agent = talking(shop)
    hold(shop, agent)
    assert shop.hears(leg) == "waltz"
    shop.apply(chosen(bakery, "calm"))
    # The holding phone moves: everybody is seated anew.
    shop.tell(
        LegAudioMoved(leg=agent, audio=replace(shop.audio[agent].far, port=50_000, receives=False))
    )
    assert shop.hears(leg) == "waltz"
    hold(shop, agent, is_held=False)
    assert shop.hears(leg) == f"peer {agent}"
    hold(shop, agent)
    assert shop.hears(leg) == "calm"


def test_a_hold_keeps_its_music_over_a_kill(shop, bakery):
    leg, agent = talking(shop)
    hold(shop, agent)
    shop.apply(chosen(bakery, "calm"))
    shop.killed()
    assert shop.hears(leg) == "waltz"


def test_what_a_queue_chose_goes_before_the_site_and_is_gone_when_it_chooses_nothing(shop, bakery):
    shop.apply(chosen(bakery, "waltz", queue="bright"))
    leg, agent = talking(shop)
    hold(shop, agent)
    assert shop.hears(leg) == "bright"
    shop.apply(chosen(bakery, "waltz"))
    hold(shop, agent, is_held=False)
    hold(shop, agent)
    assert shop.hears(leg) == "waltz"
