"""A shop whose people do anything at any moment, drawn from a seed: for stories nobody thought of.

Every verb may meet any state: keys of people who are not asked, answers that come late, kills and
changes of the site in the middle. What must hold all the same is said by whoever runs it.
"""

import traceback
from collections.abc import Iterator
from random import Random

from msgspec.structs import replace
from shop import FAR, MONDAY_10, Shop

from appliance.vocabulary.commands import DialTrunk
from appliance.vocabulary.events import (
    AudioClaimed,
    AudioLost,
    AudioRefused,
    DigitForm,
    DigitHeard,
    LegAnswered,
    LegAudioMoved,
    LegEnded,
    LegRefused,
    LegRinging,
    PhoneRegistered,
    PlayEnded,
    RecordingRefused,
    TrunkChanged,
)
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.settings import Overflow, Site

PHONES = ("8001", "8002", "8003")
CALLERS = ("13900001111", "", "x" * 3000, "1\r\nVia: x")
MAIN_NUMBER, UNKNOWN_NUMBER = "02188886666", "404"
OUTSIDE = ("9138001380", "900441", "9", "777")
CODES = ("*80", "*8010034713", "*8010014711", "*81", "*82", "*831", "*84", "*43", "*60", "*99")
SAYINGS = (
    "agent_number 1001",
    "position 1",
    "leave_message",
    "goodbye",
    "Welcome to Bread and Co. This call is recorded.",
    "not_reachable",
)
BEFORE_CLOSING = 7 * 3600 + 55 * 60
"""Seconds from ten o'clock: the bakery closes at six."""
PAUSES = (0.01, 0.3, 1.0, 2.0, 5.0, 12.0, 20.0, 41.0)
WEIGHTS = {
    "come": 22,
    "press_as_caller": 18,
    "press_anywhere": 4,
    "pick_up_somewhere": 14,
    "refuse_somewhere": 4,
    "hang_up_somewhere": 12,
    "lose_or_find_a_phone": 1,
    "kill": 2,
    "change_the_site": 1,
    "seal": 1,
    "answer_outside": 1,
    "say_something_late": 1,
    "lose_or_find_a_prompt": 1,
    "move_audio": 4,
    "wait": 14,
    "lose_what_plays": 1,
    "lose_or_find_the_trunk": 1,
    "refuse_audio": 1,
    "refuse_a_recording": 1,
}
"""How often each happens, to the others."""


class GuardedShop(Shop):
    """A shop whose bugs are caught at the door and noted, as the daemon does: the others go on."""

    def __init__(self, site: Site, **words):
        self.bugs: set[str] = set()
        super().__init__(site, **words)

    def tell(self, event):
        try:
            super().tell(event)
        except AssertionError:
            raise
        except Exception as error:  # noqa: BLE001 - every bug is noted, and fails the story
            self._note(type(event).__name__, error)

    def wake(self):
        try:
            super().wake()
        except AssertionError:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            self._note("wake", error)

    def _note(self, door, error):
        place = traceback.extract_tb(error.__traceback__)[-1]
        self.bugs.add(f"{door}: {error!r} at {place.filename}:{place.lineno}")


def sites_of(bakery: Site) -> tuple[Site, ...]:
    """The bakery as its owner may have changed it while calls were on."""
    flow = bakery.flow[0]
    orders, office = bakery.queue
    menu = {**flow.node["menu"], "keys": {**flow.node["menu"]["keys"], "4": "cleo"}}
    cleo = {"kind": "extension", "extension": "8003", "otherwise": "office", "ring_seconds": 10}
    nodes = {**flow.node, "menu": menu, "cleo": cleo}
    base = replace(bakery, flow=(replace(flow, node=nodes),))
    to_cleo = replace(
        orders, overflow=Overflow(to="extension", extension="8003"), max_wait_seconds=40
    )
    quick = replace(office, announce_agent=False, overflow_when_unstaffed=True)
    without_orders = {**nodes, "orders": {"kind": "queue", "queue": "office"}}
    return (
        base,
        replace(base, queue=(to_cleo, office)),
        replace(base, queue=(replace(orders, max_waiting=3), quick)),
        replace(base, agent=bakery.agent[1:], queue=(replace(orders, agents=("1002",)), office)),
        replace(base, queue=(office,), flow=(replace(flow, node=without_orders),)),
    )


class RandomPeople:
    """Whoever is at the phones of a shop, and whatever befalls it."""

    weights = WEIGHTS
    kind_of_shop = GuardedShop

    def __init__(self, bakery: Site, *, seed: int, apart: float):
        self._random = Random(seed)
        self._sites = sites_of(bakery)
        self._apart = apart
        """Seconds between two happenings; 0: bursts within one turn."""
        at = MONDAY_10 + self._random.choice((0, BEFORE_CLOSING))
        self.shop = self.kind_of_shop(self._sites[0], phones=PHONES, at=at)

    def happenings(self, calls: int, afterwards: int = 60) -> Iterator[str]:
        """Let things happen until so many calls have come, and some more; tell each."""
        come = 0
        while come < calls:
            happening = self._happen()
            come += happening == "come"
            yield happening
        for _ in range(afterwards):
            yield self._happen(without="come")

    def _happen(self, without: str = "") -> str:
        self.shop.advance(self._apart)
        kinds = [kind for kind in self.weights if kind != without]
        (kind,) = self._random.choices(kinds, [self.weights[kind] for kind in kinds])
        getattr(self, f"_{kind}")()
        return kind

    # --- who is there ---
    def _any(self, choices):
        return self._random.choice(list(choices))

    def _living(self, prefix=""):
        return [
            leg
            for leg, state in self.shop.legs.items()
            if state != "over" and leg.startswith(prefix)
        ]

    def _dialled_outside(self):
        return [
            leg
            for leg, command in self.shop.dialled.items()
            if isinstance(command, DialTrunk) and self.shop.legs[leg] in ("dialled", "ringing")
        ]

    # --- people ---
    def _come(self):
        (way,) = self._random.choices(("in", "phone", "out", "code"), (70, 10, 10, 10))
        if way == "in":
            self.shop.call_in(
                caller=self._any(CALLERS),
                called=self._any([MAIN_NUMBER] * 9 + [UNKNOWN_NUMBER]),
                audio=FAR if self._random.random() < 0.97 else None,
            )
        else:
            called = {"phone": PHONES, "out": OUTSIDE, "code": CODES}[way]
            self.shop.dial(self._any(PHONES), self._any(called))

    def _press_as_caller(self):
        if legs := self._living("in"):
            self.shop.press(self._any(legs), self._any("11112234#7"), self._any(DigitForm))

    def _press_anywhere(self):
        if legs := self._living():
            self.shop.press(self._any(legs), self._any("1#0"))

    def _pick_up_somewhere(self):
        phone = self._any(PHONES)
        if self.shop.ringing_leg(phone):
            self.shop.pick_up(phone)

    def _refuse_somewhere(self):
        phone = self._any(PHONES)
        if self.shop.ringing_leg(phone):
            self.shop.refuse(phone, self._any(Cause))

    def _hang_up_somewhere(self):
        if legs := self._living():
            self.shop.hang_up(self._any(legs))

    def _answer_outside(self):
        legs = self._dialled_outside()
        if legs and self._random.random() < 0.5:
            self.shop.outside_answers()
        elif legs:
            self.shop.legs[legs[0]] = "over"
            self.shop.tell(LegRefused(leg=legs[0], cause=self._any(Cause)))

    # --- what befalls the box ---
    def _lose_or_find_a_phone(self):
        phone = self._any(PHONES)
        if phone in self.shop.registered:
            self.shop.phone_lost(phone)
        else:
            self.shop.tell(PhoneRegistered(extension=phone, where="udp:127.0.0.1:6002"))

    def _kill(self):
        self.shop.killed()

    def _change_the_site(self):
        self.shop.apply(replace(self._any(self._sites), version=self.shop.site.version + 1))

    def _seal(self):
        self.shop.seal_all()

    def _say_something_late(self):
        over = [leg for leg, state in self.shop.legs.items() if state == "over"]
        if not over:
            return
        leg = self._any(over)
        self.shop.tell(
            self._any(
                (
                    LegEnded(leg=leg, cause=Cause.NORMAL),
                    LegRinging(leg=leg),
                    LegAnswered(leg=leg, audio=FAR),
                    PlayEnded(leg=leg, play="x"),
                    AudioClaimed(leg=leg, port=30000),
                    AudioLost(leg=leg, silent_for=9.0),
                    DigitHeard(leg=leg, digit="1", form=DigitForm.INFO),
                )
            )
        )

    def _lose_or_find_a_prompt(self):
        self.shop.catalogue.missing ^= {self._any(SAYINGS)}

    def _move_audio(self):
        legs = [leg for leg in self._living() if self.shop.legs[leg] == "answered"]
        if legs:
            audio = replace(FAR, receives=self._random.random() < 0.5)
            self.shop.tell(LegAudioMoved(leg=self._any(legs), audio=audio))

    def _wait(self):
        self.shop.advance(self._any(PAUSES))

    def _lose_what_plays(self):
        self.shop.plays_lost()

    def _lose_or_find_the_trunk(self):
        self.shop.tell(TrunkChanged(trunk="carrier", is_up=self._random.random() < 0.5))

    def _refuse_audio(self):
        if legs := self._living():
            self.shop.tell(AudioRefused(leg=self._any(legs), text="no port is left"))

    def _refuse_a_recording(self):
        tracked = [one for one in self.shop.audio.values() if one.track is not None]
        if tracked:
            audio = self._any(tracked)
            self.shop.tell(
                RecordingRefused(
                    recording=audio.track.recording, call=audio.call, text="no room on the disk"
                )
            )
