"""Random people who use what desk phones can do: park, pick up, forward, groups, recording keys."""

from desk_sites import with_group, with_phone
from msgspec.structs import replace
from random_shop import PHONES, RandomPeople

from appliance.vocabulary.audio import Mix, PeerAudio
from appliance.vocabulary.settings import Overflow

TALKS = (PeerAudio, Mix)

CODES = (
    "*70", "*71", "*72", "*73", "*78", "*79", "*79", "*91", "*93", "*95", "*66", "*8",
    "*728002", "*728100", "*729138001380", "*908003", "*928001", "*948002", "*94777",
    "**8001", "**8002", "**8100", "701", "702", "703", "8100", "110",
)  # fmt: skip
KEYS = ("*7", "*1", "*4", "*7", "*1*1")
SHARE = 0.3
"""Of all that happens, how much is of desk features."""


def desk_bakery(bakery):
    """The bakery with a ring group, pickup groups and few park places that are given back soon."""
    site = with_group(
        bakery, *PHONES, ring_seconds=12, otherwise=Overflow(to="queue", queue="orders")
    )
    for phone in PHONES[:2]:
        site = with_phone(site, phone, pickup_group="front", forward_after_seconds=8)
    parking = replace(site.parking, slots="701-703", return_seconds=25.0)
    return replace(site, parking=parking)


class DeskPeople(RandomPeople):
    """RandomPeople with busy hands."""

    def __init__(self, bakery, **words):
        super().__init__(desk_bakery(bakery), **words)

    def _happen(self, without=""):
        if self._random.random() > SHARE:
            return super()._happen(without=without)
        self.shop.advance(self._apart)
        if self._random.random() < 0.5:
            code = self._any(CODES)
            self.shop.dial(self._any(PHONES), code)
            return f"dial {code}"
        keys = self._any(KEYS)
        legs = [leg for leg, audio in self.shop.audio.items() if isinstance(audio.hears, TALKS)]
        if legs:
            leg = self._any(legs)
            for key in keys:
                if self.shop.legs[leg] != "over":
                    self.shop.press(leg, key)
        return f"keys {keys}"
