"""Random people who also hand calls on, ask, confer, supervise and have programs do so.

Each happening is aimed: it takes a leg that may do such a thing, so that most of them come to
something; the untargeted ones of random_shop.py go on beside them.
"""

from msgspec.structs import replace
from random_shop import OUTSIDE, PHONES, WEIGHTS, GuardedShop, RandomPeople
from shop import FAR

from appliance.vocabulary.audio import Mix, PeerAudio
from appliance.vocabulary.commands import DialTrunk
from appliance.vocabulary.events import LegAnswered
from appliance.vocabulary.facts_handling import SupervisionWay
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.settings import Site
from appliance.vocabulary.verbs import (
    AgentWish,
    EndCall,
    HoldCall,
    Originate,
    SetAgent,
    Supervise,
    TransferCall,
)

TARGETS = (*PHONES, "600", "office", "orders", *OUTSIDE, "8099", "")
MORE = {
    "settle": 60,
    "hand_on": 5,
    "hand_on_by_code": 4,
    "ask_by_code": 12,
    "end_of_asking": 12,
    "join_two_calls": 6,
    "call_a_colleague": 6,
    "take_a_place": 2,
    "supervise_by_code": 6,
    "press_as_supervisor": 5,
    "supervise_by_verb": 2,
    "hold_by_verb": 3,
    "hand_on_by_verb": 2,
    "originate": 2,
    "end_by_verb": 1,
    "set_an_agent": 2,
    "hang_up_an_agent": 4,
}


class OverheardShop(GuardedShop):
    """A shop in which somebody notes how long each customer and somebody of ours heard each other:
    from what the media worker was told, not from what the ledger says."""

    def __init__(self, site: Site, **words):
        self._now = 0.0
        self.overheard: dict[str, float] = {}
        """Seconds by call."""
        super().__init__(site, **words)

    @property
    def now(self):
        return self._now

    @now.setter
    def now(self, later):
        passed, self._now = later - self._now, later
        if passed > 0 and hasattr(self, "board"):
            for call in self.board._exchange.calls.values():
                if call.customer is not None and self._is_heard(call):
                    self.overheard[call.call] = self.overheard.get(call.call, 0.0) + passed

    def _is_heard(self, call):
        customer = call.customer.leg
        return any(
            customer in self._heard_by(one.leg)
            for one in call.legs
            if one.leg in self._heard_by(customer) and one.role != "supervisor"
        )

    def _heard_by(self, leg):
        hears = self.audio[leg].hears if leg in self.audio else None
        if isinstance(hears, PeerAudio):
            return (hears.leg,)
        return hears.legs if isinstance(hears, Mix) else ()


class HandlingPeople(RandomPeople):
    """The bakery with a supervisor who is signed in, and a queue with a number."""

    kind_of_shop = OverheardShop
    weights = {**WEIGHTS, **MORE, "hang_up_somewhere": 6, "kill": 1, "change_the_site": 0}

    def __init__(self, bakery: Site, *, seed: int, apart: float):
        agents = tuple(
            replace(one, role="supervisor", signed_in=True) if one.id == "1003" else one
            for one in bakery.agent
        )
        orders, office = bakery.queue
        queues = (orders, replace(office, number="600", record=True))
        super().__init__(replace(bakery, agent=agents, queue=queues), seed=seed, apart=apart)

    # --- who could do it ---
    def _talkers(self):
        """Phones of ours that talk, with their calls."""
        return [
            (call, leg)
            for call in self.shop.board._exchange.calls.values()
            for leg in call.legs
            if leg.extension is not None and leg.place != "apart" and leg.phase == "answered"
        ]

    def _talker(self):
        found = self._talkers()
        return self._any(found) if found else (None, None)

    def _keys(self, leg, keys):
        for key in keys:
            if self.shop.legs.get(leg) == "over":
                return
            self.shop.press(leg, key)

    # --- what they do ---
    def _settle(self):
        """Whatever rings at a phone of ours or outside is answered: most calls become talks."""
        for leg, command in list(self.shop.dialled.items()):
            if self.shop.legs[leg] in ("dialled", "ringing") and self._random.random() < 0.8:
                is_outside = isinstance(command, DialTrunk)
                if is_outside and self._random.random() < 0.3:
                    continue
                self.shop.legs[leg] = "answered"
                self.shop.tell(LegAnswered(leg=leg, audio=FAR))

    def _hand_on(self):
        _, leg = self._talker()
        if leg is not None:
            self.shop.refer(leg.leg, self._any(TARGETS))

    def _hand_on_by_code(self):
        _, leg = self._talker()
        if leg is not None:
            self._keys(leg.leg, f"##{self._any(TARGETS)}#")

    def _ask_by_code(self):
        _, leg = self._talker()
        if leg is not None:
            self._keys(leg.leg, f"*2{self._any(TARGETS)}#")

    def _end_of_asking(self):
        asking = [call for call in self._calls() if call.consult is not None]
        if not asking:
            return
        by = self._any(asking).consult.by
        way = self._random.random()
        if way < 0.35:
            self._keys(by, "*3")
        elif way < 0.6:
            self._keys(by, "*0")
        elif self.shop.legs.get(by) != "over":
            self.shop.hang_up(by)

    def _calls(self):
        return list(self.shop.board._exchange.calls.values())

    def _call_a_colleague(self):
        _, leg = self._talker()
        if leg is not None:
            self.shop.dial(leg.extension, self._any((*PHONES, *OUTSIDE)))

    def _join_two_calls(self):
        """A phone that is in two calls puts them together, whichever it names."""
        own: dict[str, list[str]] = {}
        for call in self._calls():
            for leg in call.legs:
                if leg.extension is not None:
                    own.setdefault(leg.extension, []).append(leg.leg)
        pairs = [legs for legs in own.values() if len(legs) > 1]
        if pairs:
            first, second = self._random.sample(self._any(pairs), 2)
            self.shop.refer(first, "x", replaces=second)

    def _take_a_place(self):
        legs = self._living()
        if legs:
            self.shop.dial(self._any(PHONES), "x", replaces=self._any(legs))

    def _supervise_by_code(self):
        self.shop.dial("8003", f"*85{self._any(('1001', '1002', '1003'))}")

    def _press_as_supervisor(self):
        legs = [leg for _, leg in self._all_legs() if leg.role == "supervisor"]
        if legs:
            self._keys(self._any(legs).leg, self._any("45566779"))

    def _all_legs(self):
        return [(call, leg) for call in self._calls() for leg in call.legs]

    def _hang_up_an_agent(self):
        _, leg = self._talker()
        if leg is not None:
            self.shop.hang_up(leg.leg, self._any((Cause.NORMAL, Cause.AUDIO_LOST)))

    # --- what programs do ---
    def _ask(self, verb):
        answers = len(self.shop.answers)
        self.shop.tell(verb)
        assert len(self.shop.answers) == answers + 1, f"{verb} was not answered"

    def _some_call(self):
        calls = self._calls()
        return self._any(calls).call if calls else "c0"

    def _supervise_by_verb(self):
        call, extension = self._some_call(), self._any(PHONES)
        way = self._any(SupervisionWay)
        self._ask(Supervise(ask="1", by="x", call=call, extension=extension, way=way))

    def _hold_by_verb(self):
        is_held = self._random.random() < 0.5
        self._ask(HoldCall(ask="1", by="x", call=self._some_call(), is_held=is_held))

    def _hand_on_by_verb(self):
        self._ask(TransferCall(ask="1", by="x", call=self._some_call(), to=self._any(TARGETS)))

    def _originate(self):
        number = self._any((*PHONES, *OUTSIDE, "*43"))
        self._ask(Originate(ask="1", by="x", extension=self._any(PHONES), number=number))

    def _end_by_verb(self):
        self._ask(EndCall(ask="1", by="x", call=self._some_call()))

    def _set_an_agent(self):
        agent = self._any(("1001", "1002", "1003", "1099"))
        self._ask(SetAgent(ask="1", by="x", agent=agent, wish=self._any(AgentWish)))
