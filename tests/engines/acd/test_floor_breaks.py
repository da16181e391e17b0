"""Breaks have budgets by reason: told once when used up, kept over kill -9 and a power cut."""

from floor_stage import Stage, phone, queue
from test_floor_restart import Journal

from appliance.engines.acd.commands import BreakOver
from appliance.vocabulary.ids import AgentId, Instant, Seconds
from appliance.vocabulary.journal import AgentState
from appliance.vocabulary.settings import Agent, Site

MEAL, TRAINING = "1", "4"
A = AgentId("a")


def site(**minutes: float) -> Site:
    """One agent with these budgets: meal=45."""
    names = {"meal": MEAL, "training": TRAINING}
    budgets = {names[name]: value for name, value in minutes.items()}
    agent = Agent(id=A, extension=phone("a"), signed_in=True, break_minutes=budgets)
    return Site(agent=(agent,), queue=(queue("sales", "a"),))


def over(stage: Stage) -> list[tuple[float, str, float]]:
    return [(at, c.reason, c.used) for at, c in stage.log if isinstance(c, BreakOver)]


def rest(stage: Stage, reason: str, at: float, until: float) -> None:
    stage.at(at).do(stage.floor.not_ready(A, reason, stage.now))
    stage.at(until).do(stage.floor.ready(A, stage.now))


def is_over(stage: Stage) -> bool:
    view = stage.floor.agent(A)
    assert view is not None
    return view.is_over_break


def test_it_is_told_at_the_second_and_once() -> None:
    stage = Stage(site(meal=45))
    rest(stage, MEAL, at=100, until=100 + 50 * 60)
    assert over(stage) == [(100 + 45 * 60, MEAL, 45 * 60)]
    assert not is_over(stage)


def test_several_breaks_for_one_reason_add_up_and_others_do_not_count() -> None:
    stage = Stage(site(meal=45))
    rest(stage, MEAL, at=0, until=30 * 60)
    rest(stage, TRAINING, at=40 * 60, until=100 * 60)
    assert over(stage) == []
    stage.at(120 * 60).do(stage.floor.not_ready(A, MEAL, stage.now))
    stage.wake_until(134 * 60)
    assert not is_over(stage)
    stage.wake_until(136 * 60)
    assert over(stage) == [(135 * 60, MEAL, 45 * 60)]
    assert is_over(stage)


def test_another_reason_ends_the_first_break() -> None:
    stage = Stage(site(meal=10, training=10))
    stage.at(0).do(stage.floor.not_ready(A, MEAL, stage.now))
    stage.at(540).do(stage.floor.not_ready(A, TRAINING, stage.now))
    stage.wake_until(1200)
    assert over(stage) == [(1140, TRAINING, 600)]


def test_yesterdays_lunch_is_not_held_against_todays() -> None:
    stage = Stage(site(meal=45))
    day = 24 * 3600.0
    rest(stage, MEAL, at=0, until=44 * 60)
    rest(stage, MEAL, at=day, until=day + 44 * 60)
    assert over(stage) == []
    memory = stage.floor.slot("agent:a")
    assert memory is not None
    assert memory.count(b"began") == 1, "what is past is forgotten"


def test_a_talk_or_a_lost_phone_is_no_break() -> None:
    stage = Stage(site(meal=10))
    stage.at(0).do(stage.floor.not_ready(A, MEAL, stage.now))
    stage.at(300).do(stage.floor.phone_reachable(phone("a"), False, stage.now))
    stage.wake_until(3000)
    assert over(stage) == []
    stage.do(stage.floor.phone_reachable(phone("a"), True, stage.now))
    stage.wake_until(3301)
    assert over(stage) == [(3300, MEAL, 600)]


def test_a_killed_floor_remembers_the_break() -> None:
    stage, journal = Stage(site(meal=45)), Journal()
    stage.at(0).do(stage.floor.not_ready(A, MEAL, stage.now))
    stage.at(1800)
    journal.resurrect(stage)
    stage.wake_until(2701)
    assert over(stage) == [(2700, MEAL, 2700)]


def test_a_power_cut_ends_the_break_and_forgets_no_minute() -> None:
    stage, journal = Stage(site(meal=45)), Journal()
    stage.floor.clock_set(Seconds(1_000_000))
    stage.at(0).do(stage.floor.not_ready(A, MEAL, stage.now))
    stage.at(1800)
    journal.resurrect(stage)
    stage.now = Instant(5.0)
    stage.floor.clock_set(Seconds(1_000_000 + 1800))
    stage.do(stage.floor.box_restarted(stage.now))
    assert stage.state("a") is AgentState.UNREACHABLE
    stage.at(60).do(stage.floor.phone_reachable(phone("a"), True, stage.now))
    stage.wake_until(2000)
    [(at, reason, _)] = over(stage)
    assert reason == MEAL
    assert 900 < at < 1000, "thirty minutes before the cut, fifteen after it"


def test_a_new_budget_counts_from_the_moment_it_is_applied() -> None:
    stage = Stage(site(meal=45))
    stage.at(0).do(stage.floor.not_ready(A, MEAL, stage.now))
    stage.at(600).do(stage.floor.configure(site(meal=20), stage.now))
    stage.wake_until(1201)
    assert over(stage) == [(1200, MEAL, 1200)]
    stage.do(stage.floor.configure(site(), stage.now))
    assert not is_over(stage)
