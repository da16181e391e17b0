"""A thousand seeded calls for each strategy, and the split that it promises.

The floor is killed every 97 steps and comes back from its slots: what a strategy goes by is there.
"""

import pytest
from floor_stage import queue, site
from shift import Served, Shift, steady

from appliance.engines.acd.strategies import STRATEGY_KEYS
from appliance.vocabulary.ids import AgentId
from appliance.vocabulary.settings import Agent, Queue, Site

CALLS = 1000
QUIET, BUSY = 300.0, 25.0
"""Seconds between callers: hardly ever two at a time, and nearly all of four agents at work."""


def shift(strategy: str, gap: float, agents: str = "abcd", **settings: object) -> Shift:
    """A thousand calls to one queue; talks of 30 to 90 s, wrap-up of 15 s."""
    settings.setdefault("max_wait_seconds", 3600.0)
    floor = site(agents, strategy=strategy, announce_position_seconds=0, **settings)
    played = Shift(floor, steady(7, CALLS, gap), kill_every=97).run()
    assert played.split().total() == CALLS, "nobody was lost"
    return played


def longest_idle() -> None:
    """Equal shares, and nearly always each in turn: only an unusually long talk changes places."""
    for gap in (QUIET, BUSY):
        played = shift("longest-idle", gap)
        assert all(played.share(agent) == pytest.approx(0.25, abs=0.03) for agent in "abcd")
    served = [one.agent for one in shift("longest-idle", QUIET).calls.values()]
    in_turn = sum(len(set(served[n : n + 4])) == 4 for n in range(CALLS - 3))
    assert in_turn > 0.95 * (CALLS - 3)


def round_robin() -> None:
    """Strictly in turn, though the talks differ."""
    served = [one.agent for one in shift("round-robin", QUIET).calls.values()]
    assert served == list("abcd") * 250
    busy = shift("round-robin", BUSY).split()
    assert all(240 <= busy[agent] <= 260 for agent in "abcd")


def fewest_calls() -> None:
    """Never more than one apart where all are free; also where they are not, in the end."""
    quiet = shift("fewest-calls", QUIET)
    assert set(quiet.split().values()) == {250}
    busy = shift("fewest-calls", BUSY).split()
    assert max(busy.values()) - min(busy.values()) <= 10


def least_talk() -> None:
    """Equal talk, not equal calls: whoever has long ones gets fewer."""
    floor = site("ab", strategy="least-talk", announce_position_seconds=0, max_wait_seconds=3600)
    played = Shift(
        floor,
        steady(7, CALLS, QUIET),
        handle=lambda source, agent: 120.0 if agent == "a" else 40.0,
        kill_every=97,
    ).run()
    talked = dict.fromkeys("ab", 0.0)
    for one in played.calls.values():
        talked[one.agent] += one.talk
    assert talked["a"] == pytest.approx(talked["b"], rel=0.01)
    assert played.share("a") == pytest.approx(0.25, abs=0.01)


def fixed_order() -> None:
    """The first of the list has nearly all where he is nearly always free."""
    quiet = shift("fixed-order", QUIET)
    shares = [quiet.share(agent) for agent in "abcd"]
    # Erlang's loss formula: A = (60 + 15 + 2.5) / 300 = .258, b serves what a leaves, and so on
    assert shares[0] == pytest.approx(1 / (1 + 0.258), abs=0.04)
    assert shares == sorted(shares, reverse=True)


def ring_all() -> None:
    """Everybody free is rung for each; the quickest, which is anybody, has it."""
    played = shift("ring-all", QUIET)
    alone = [one for one in played.calls.values() if sorted(one.rung) == list("abcd")]
    assert len(alone) > 700, "all four were free and rang"
    assert all(0.2 < played.share(agent) < 0.3 for agent in "abcd")


def random() -> None:
    """Equal shares, and no turn to be foreseen: who follows whom is even as well."""
    played = shift("random", QUIET)
    assert all(0.21 < played.share(agent) < 0.29 for agent in "abcd")
    served = [one.agent for one in played.calls.values()]
    again = sum(one == other for one, other in zip(served, served[1:], strict=False))
    assert 0.15 < again / (CALLS - 1) < 0.32


def weighted() -> None:
    """4 : 3 : 2 : 1."""
    weights = {AgentId("a"): 4.0, AgentId("b"): 3.0, AgentId("c"): 2.0}
    played = shift("weighted", 1000.0, agent_weights=weights)
    for agent, share in zip("abcd", (0.4, 0.3, 0.2, 0.1), strict=True):
        assert played.share(agent) == pytest.approx(share, abs=0.04)


def skills() -> None:
    """The best knower has nearly all; who knows too little has those who waited for long only."""
    agents = tuple(
        Agent(id=AgentId(name), extension=f"8{name}", signed_in=True, skills={"polish": level})
        for name, level in zip("abcd", (9, 5, 3, 0), strict=True)
    )
    asking = queue(
        "sales",
        "abcd",
        strategy="skills",
        skills={"polish": 3},
        relax_after_seconds=30,
        relax_by=3,
        announce_position_seconds=0,
        max_wait_seconds=3600,
    )
    played = Shift(Site(agent=agents, queue=(asking,)), steady(7, CALLS, BUSY), kill_every=97).run()
    shares = [played.share(agent) for agent in "abcd"]
    assert shares == sorted(shares, reverse=True)
    unskilled = [one for one in played.calls.values() if one.agent == "d"]
    assert len(unskilled) > 5
    assert min(one.wait for one in unskilled) >= 30


def last_agent() -> None:
    """Who calls again within the days gets whom he spoke with, if he is free."""
    played = shift("last-agent", QUIET, last_agent_days=3)
    before: dict[str, Served] = {}
    same = again = late = late_same = 0
    for one in played.calls.values():
        former = before.get(one.caller)
        if former is not None and former.began is not None:
            if one.came - former.began <= 3 * 86400 - 60:
                again += 1
                same += one.agent == former.agent
            else:
                late += 1
                late_same += one.agent == former.agent
        before[one.caller] = one
    assert again > 900
    assert same / again > 0.9
    assert late == 0 or late_same / late < 0.9


def vip() -> None:
    """VIPs ring the agent who is kept for them; others hardly ever get him."""
    vips = tuple(f"1380000{number:04d}" for number in range(5))
    played = shift("vip", QUIET, vip_agents=(AgentId("d"),), vip_numbers=vips)

    def is_vip(one: Served) -> bool:
        return one.caller in vips

    assert 60 < played.split(of=is_vip).total() < 140, "a tenth of all callers"
    assert played.share("d", of=is_vip) > 0.9
    assert played.share("d", of=lambda one: not is_vip(one)) < 0.01


STORIES = {
    "longest-idle": longest_idle,
    "round-robin": round_robin,
    "fewest-calls": fewest_calls,
    "least-talk": least_talk,
    "fixed-order": fixed_order,
    "ring-all": ring_all,
    "random": random,
    "weighted": weighted,
    "skills": skills,
    "last-agent": last_agent,
    "vip": vip,
}


@pytest.mark.parametrize("key", STRATEGY_KEYS)
def test_a_thousand_calls_are_split_as_the_strategy_promises(key: str) -> None:
    STORIES[key]()


def test_who_comes_late_is_not_given_every_call_until_he_has_as_many_as_the_others() -> None:
    late = Site(
        agent=tuple(
            Agent(id=AgentId(name), extension=f"8{name}", signed_in=name != "c") for name in "abc"
        ),
        queue=(queue("sales", "abc", strategy="fewest-calls", announce_position_seconds=0),),
    )
    played = Shift(late, steady(7, 300, QUIET))
    played.later(30000.0, lambda: played.floor.sign_in(AgentId("c"), "8c", played.now))
    played.run()
    later = [one.agent for one in played.calls.values() if one.came > 30000]
    assert len(later) > 100
    assert later.count("c") == pytest.approx(len(later) / 3, abs=2)


def test_a_lesser_penalty_comes_first_whatever_the_strategy_says() -> None:
    penalties = {AgentId("a"): 5, AgentId("b"): 5}
    played = shift("fewest-calls", QUIET, penalties=penalties)
    shares = {agent: played.share(agent) for agent in "abcd"}
    assert shares["c"] + shares["d"] > 0.95
    assert shares["c"] == pytest.approx(shares["d"], abs=0.03)
    busy = shift("fewest-calls", BUSY, penalties=penalties)
    assert busy.share("a") + busy.share("b") > 0.1, "they help out"


def test_an_old_slot_without_the_newer_fields_still_loads() -> None:
    import msgspec

    from appliance.engines.acd.floor import Floor

    old = {"agent": "a", "extension": "8a", "is_signed_in": True, "is_ready": True}
    visit = {"visit": "v1", "call": "c1", "queue": "sales", "caller": "1", "entered_at": 5.0}
    floor = Floor()
    for name, content in (("agent:a", old), ("visit:v1", visit)):
        floor.restore(name, msgspec.msgpack.encode(content), 10.0)
    floor.configure(Site(agent=(Agent(id=AgentId("a")),), queue=(Queue(id="sales"),)), 10.0)
    assert floor.positions("sales") == ("v1",)
