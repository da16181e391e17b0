"""Music is chosen when a hold or a wait begins, and goes on until it ends, whatever is applied."""

import pytest
from msgspec.structs import replace
from shop_steps import hold, supervised, talking

from appliance.vocabulary.facts_handling import SupervisorJoined


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
    shop = supervised(bakery, signed_in=False)
    shop.dial("8003", "*8010034713")
    shop.advance(3)
    shop.catalogue.music = lambda name="default": (name,)
    shop.apply(chosen(shop.site, "waltz"))
    return shop


def test_a_hold_keeps_its_music_when_another_is_applied_and_the_next_has_that(shop):
    leg, agent = talking(shop)
    hold(shop, agent)
    assert shop.hears(leg) == "waltz"
    shop.apply(chosen(shop.site, "calm"))
    # A supervisor comes to listen: all who are in the call are seated anew.
    shop.dial("8003", "*851001")
    assert shop.facts(SupervisorJoined)
    assert shop.hears(leg) == "waltz"
    hold(shop, agent, is_held=False)
    assert shop.hears(leg) == f"peer {agent}"
    hold(shop, agent)
    assert shop.hears(leg) == "calm"


def test_a_hold_keeps_its_music_over_a_kill(shop):
    leg, agent = talking(shop)
    hold(shop, agent)
    shop.apply(chosen(shop.site, "calm"))
    shop.killed()
    assert shop.hears(leg) == "waltz"


def test_what_a_queue_chose_goes_before_the_site_and_is_gone_when_it_chooses_nothing(shop):
    shop.apply(chosen(shop.site, "waltz", queue="bright"))
    leg, agent = talking(shop)
    hold(shop, agent)
    assert shop.hears(leg) == "bright"
    shop.apply(chosen(shop.site, "waltz"))
    hold(shop, agent, is_held=False)
    hold(shop, agent)
    assert shop.hears(leg) == "waltz"
