"""Steps that many stories of the bakery begin or end with, and what they look at."""

from ledger_checks import wrong_in_the_ledger
from msgspec.structs import replace
from shop import Shop

from appliance.vocabulary.events import LegAudioMoved


def to_orders(shop, caller="13900001111"):
    """A caller comes in and chooses the orders: return his leg."""
    leg = shop.call_in(caller)
    shop.advance(2.5)
    shop.press(leg, "1")
    return leg


def talking(shop):
    """A caller talks with the agent at 8001: return both legs."""
    leg = to_orders(shop)
    agent = shop.pick_up("8001")
    shop.advance(2.0)
    return leg, agent


def hold(shop, leg, is_held=True):
    """A phone's own hold key."""
    shop.tell(LegAudioMoved(leg=leg, audio=replace(shop.audio[leg].far, receives=not is_held)))


def state_of(shop, agent):
    """What Live says of an agent."""
    return next(one.state for one in shop.board.live().agents if one.agent == agent)


def mix(*legs):
    """What `Shop.hears` says of several voices."""
    return f"mix {' '.join(sorted(legs))}"


def supervised(bakery, *, signed_in):
    """A shop whose agent 1003 is a supervisor with the phone 8003."""
    agents = tuple(
        replace(one, role="supervisor", signed_in=signed_in) if one.id == "1003" else one
        for one in bakery.agent
    )
    return Shop(replace(bakery, agent=agents), phones=("8001", "8002", "8003"))


def all_hang_up(shop, then=60):
    """Everybody hangs up, and the time (seconds) of whatever comes after passes."""
    for leg, state in list(shop.legs.items()):
        if state != "over":
            shop.hang_up(leg)
    shop.advance(then)


def nothing_is_left(shop):
    """The end of a story: when all have hung up, everything adds up."""
    all_hang_up(shop)
    assert not wrong_in_the_ledger(shop)
