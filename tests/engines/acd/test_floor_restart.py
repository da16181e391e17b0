"""Kill -9 and power cuts: what stands in the slots is the floor."""

from floor_stage import Stage, phone, queue, site

from appliance.engines.acd.commands import OfferToAgent
from appliance.engines.acd.floor import Floor
from appliance.vocabulary.ids import AgentId, CallId, Instant
from appliance.vocabulary.journal import AgentState, MissReason


class Journal:
    """What the daemon keeps: each touched slot's newest content."""

    def __init__(self) -> None:
        self.slots: dict[str, bytes] = {}

    def keep(self, floor: Floor) -> None:
        for name in floor.take_touched():
            content = floor.slot(name)
            if content is None:
                self.slots.pop(name, None)
            else:
                self.slots[name] = content

    def resurrect(self, stage: Stage) -> None:
        """The process was killed; a new one has only the slots."""
        self.keep(stage.floor)
        floor = Floor()
        for name, content in sorted(self.slots.items(), reverse=True):
            assert floor.owns(name)
            floor.restore(name, content, stage.now)
        stage.floor = floor
        stage.do(floor.configure(stage.site, stage.now))


def test_a_killed_floor_comes_back_with_every_place_offer_and_state() -> None:
    stage, journal = Stage(site(agents="abc", ring_seconds=20), ready="ab"), Journal()
    stage.at(1).join("v1")
    stage.at(2).join("v2")
    stage.at(3).join("v3", credit=1)
    stage.at(4).answered("v1", "a")
    before = (stage.floor.agents(), stage.floor.waiting("sales"), stage.floor.wake_at())
    told = len(stage.log)
    journal.resurrect(stage)
    assert len(stage.log) == told, "nothing is told twice"
    after = (stage.floor.agents(), stage.floor.waiting("sales"), stage.floor.wake_at())
    assert after == before
    stage.at(5).started("v1", "a")
    stage.wake_until(22)
    assert stage.withdrawn() == [("v2", "b", MissReason.NO_ANSWER)]


def test_time_that_passed_while_it_was_dead_is_made_up_for() -> None:
    stage, journal = Stage(site(agents="a", wrap_up_seconds=15)), Journal()
    stage.serve("v1", "a", talk=10, at=0)
    journal.keep(stage.floor)
    stage.now = Instant(100.0)
    stage.floor = Floor()
    for name, content in journal.slots.items():
        stage.floor.restore(name, content, stage.now)
    stage.floor.configure(stage.site, stage.now)
    stage.wake_until(100)
    assert stage.state("a") is AgentState.READY


def test_a_site_may_be_taken_before_the_slots_come_back() -> None:
    stage, journal = Stage(site(agents="a")), Journal()
    stage.join("v1")
    journal.keep(stage.floor)
    floor = Floor()
    floor.configure(stage.site, stage.now)
    for name, content in journal.slots.items():
        floor.restore(name, content, stage.now)
    assert floor.faults(stage.now) == []
    assert [view.offered_to for view in floor.waiting("sales")] == ["a"]


def test_half_an_offer_is_let_go() -> None:
    stage, journal = Stage(site(agents="a")), Journal()
    stage.join("v1")
    journal.keep(stage.floor)
    del journal.slots["visit:v1"]
    journal.resurrect(stage)
    assert stage.state("a") is AgentState.READY
    stage.at(5).join("v2")
    assert stage.ringing() == {"a": "v2"}
    journal.keep(stage.floor)
    del journal.slots["agent:a"]
    journal.resurrect(stage)
    assert stage.ringing() == {"a": "v2"}, "offered anew: the old offer is gone with the agent"


def test_the_slots_of_what_is_over_are_gone() -> None:
    stage, journal = Stage(site(agents="a")), Journal()
    journal.keep(stage.floor)
    empty = set(journal.slots)
    for number in range(20):
        stage.serve(f"v{number}", "a", talk=1, at=number * 100.0)
    journal.keep(stage.floor)
    assert set(journal.slots) - empty == {"queue:sales"}


def test_round_robin_goes_on_where_it_was() -> None:
    stage = Stage(site(agents="abc", strategy="round-robin", wrap_up_seconds=0))
    journal = Journal()
    served = [stage.serve_any("v1", at=10)]
    journal.resurrect(stage)
    served.append(stage.serve_any("v2", at=20))
    assert served == ["a", "b"]


def test_after_a_power_cut_agents_are_signed_in_and_no_call_is_left() -> None:
    stage, journal = Stage(site(agents="abc"), ready="ab"), Journal()
    stage.at(1000).join("v1")
    stage.answered("v1", "a")
    stage.started("v1", "a")
    stage.join("v2")
    journal.resurrect(stage)
    stage.now = Instant(3.0)
    stage.do(stage.floor.box_restarted(stage.now))
    assert [view.state for view in stage.floor.agents()] == [AgentState.UNREACHABLE] * 3
    assert stage.floor.positions("sales") == ()
    for agent in "abc":
        stage.do(stage.floor.phone_reachable(phone(agent), True, stage.now))
    states = [view.state for view in stage.floor.agents()]
    assert states == [AgentState.READY, AgentState.READY, AgentState.NOT_READY]
    assert stage.floor.wake_at() is None


def test_a_power_cut_is_told_before_the_site_and_takes_nobody_for_removed() -> None:
    """As control does it; an agent whom the site does not sign in stays signed in all the same."""
    stage, journal = Stage(site(agents="ab"), ready="ab"), Journal()
    journal.keep(stage.floor)
    floor = Floor()
    for name, content in journal.slots.items():
        floor.restore(name, content, stage.now)
    stage.do(floor.box_restarted(stage.now))
    stage.do(floor.configure(stage.site, stage.now))
    assert [view.extension for view in floor.agents()] == [phone("a"), phone("b")]


def test_reconciling_frees_whoever_hangs_on_a_call_that_is_gone() -> None:
    stage = Stage(site(agents="abc", queues=[queue("sales", "abc", wrap_up_seconds=0)]))
    stage.join("v1")
    stage.answered("v1", "a")
    stage.started("v1", "a")
    stage.join("v2")
    stage.do(stage.floor.phone_busy(phone("c"), CallId("own"), stage.now))
    alive = [CallId("call-v1"), CallId("call-v2"), CallId("own")]
    assert stage.do(stage.floor.reconcile(alive, stage.now)) == []
    stage.do(stage.floor.reconcile([], stage.now))
    assert {stage.state(agent) for agent in "abc"} == {AgentState.READY}
    assert stage.floor.positions("sales") == ()
    commands = stage.floor.join(visit="v3", call="call-v3", queue="sales", caller="", now=stage.now)
    assert any(isinstance(command, OfferToAgent) for command in commands)
    assert stage.floor.agent(AgentId("nobody")) is None
