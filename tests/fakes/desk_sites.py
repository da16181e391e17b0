"""The bakery with desk features: words for its phones, ring groups, park places and trunks."""

from msgspec.structs import replace

from appliance.vocabulary.settings import RingGroup


def with_phone(site, number, **words):
    """Return the site with other settings of one extension."""
    phones = tuple(replace(one, **words) if one.number == number else one for one in site.extension)
    return replace(site, extension=phones)


def with_group(site, *members, number="8100", **words):
    """Return the site with a ring group that the menu's key 4 leads to."""
    group = RingGroup(id="counter", number=number, members=members, **words)
    flow = site.flow[0]
    menu = {**flow.node["menu"], "keys": {**flow.node["menu"]["keys"], "4": "counter"}}
    counter = {"kind": "extension", "extension": number, "otherwise": "orders"}
    flow = replace(flow, node={**flow.node, "menu": menu, "counter": counter})
    return replace(site, ring_group=(*site.ring_group, group), flow=(flow,))


def with_agents_out(site):
    """Return the site whose agents do not start signed in: their phones are just phones."""
    agents = tuple(replace(one, signed_in=False) for one in site.agent)
    return replace(site, agent=agents)
