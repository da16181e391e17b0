"""A recording in the place of a text: said where the box has it, else spoken or passed over."""

import pytest
from msgspec.structs import replace

from appliance.vocabulary.journal import NodeEntered, PromptMissing, PromptPlayed

FLOW = "main"


def flowing(bakery, **nodes):
    """The bakery whose numbers lead to this flow, and its queue as the flow's default."""
    queue = {"kind": "queue", "queue": bakery.queue[0].id}
    flow = replace(
        bakery.flow[0],
        id=FLOW,
        start="hello",
        language=None,
        node={**nodes, "wait": queue},
    )
    routes = tuple(replace(one, flow=FLOW) for one in bakery.route)
    return replace(bakery, flow=(flow,), route=routes, emergency_mode=type(bakery.emergency_mode)())


@pytest.fixture
def call(shop, bakery):
    def begin(**nodes):
        shop.apply(flowing(bakery, **nodes))
        leg = shop.call_in()
        shop.advance(0.1)
        return leg

    return begin


def nodes_of(shop):
    return [(fact.node, fact.why) for fact in shop.facts(NodeEntered)]


def test_a_prompt_stands_for_its_text_and_the_ledger_has_the_words(shop, call):
    shop.catalogue.own = {"welcome": "f" * 64}
    leg = call(
        hello={"kind": "play", "text": "Welcome.", "prompt": "welcome", "next": "wait"},
    )
    assert shop.audio[leg].hears.prompts == ("f" * 64,)
    played = shop.facts(PromptPlayed)[0]
    assert (played.prompt, played.text) == ("f" * 64, "Welcome.")


def test_a_prompt_that_the_box_does_not_have_is_spoken(shop, call):
    leg = call(hello={"kind": "play", "text": "Welcome.", "prompt": "welcome", "next": "wait"})
    assert shop.hears(leg) == "Welcome."


def test_a_menu_that_nobody_can_hear_leads_to_the_default_at_once(shop, call):
    shop.catalogue.missing = {"choices"}
    call(hello={"kind": "menu", "prompt": "choices", "keys": {"1": "wait"}})
    assert nodes_of(shop) == [("hello", "start"), ("wait", "prompt_missing")]
    assert shop.facts(PromptMissing)[0].text == "choices"


def test_a_number_that_nobody_hears_asked_for_leads_to_the_default_at_once(shop, call):
    shop.catalogue.missing = {"which"}
    call(hello={"kind": "collect", "prompt": "which", "next": "wait"})
    assert nodes_of(shop) == [("hello", "start"), ("wait", "prompt_missing")]


def test_a_greeting_that_cannot_be_played_does_not_stop_the_caller(shop, call):
    shop.catalogue.missing = {"welcome"}
    call(hello={"kind": "play", "prompt": "welcome", "next": "wait"})
    assert nodes_of(shop) == [("hello", "start"), ("wait", "next")]


def test_who_chose_a_language_hears_the_recording_in_it(shop, call):
    shop.catalogue.own = {"hello-pl": "e" * 64, "hello-en": "d" * 64}
    leg = call(
        hello={"kind": "language", "language": "pl", "next": "say"},
        say={"kind": "play", "prompt": "hello-en", "prompts": {"pl": "hello-pl"}, "next": "wait"},
    )
    assert shop.audio[leg].hears.prompts == ("e" * 64,)
