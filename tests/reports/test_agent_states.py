"""Stories of what agents were doing when: a box without power has nobody who is ready."""

from journal_script import Journal

from appliance.reports.agent_states import seconds_by_state, stretches_of
from appliance.vocabulary.ids import AgentId, ExtensionNumber, Utc
from appliance.vocabulary.journal import AgentState, AgentStateChanged, BoxStarted, PhoneSeen

HOUR_S = 3600.0
WANG = AgentId("1001")


def _started(journal: Journal, at: float, after: str) -> None:
    journal.add(at, BoxStarted(version="1", after=after))


def _state(journal: Journal, at: float, state: AgentState) -> None:
    journal.add(at, AgentStateChanged(agent=WANG, state=state, extension=ExtensionNumber("8001")))


def _morning() -> Journal:
    """Ready since nine; the box's last sign of life is a phone's, at twelve."""
    journal = Journal(0.0)
    _state(journal, 9 * HOUR_S, AgentState.READY)
    phone = PhoneSeen(extension=ExtensionNumber("8002"), is_registered=True)
    journal.add(12 * HOUR_S, phone)
    return journal


def test_nobody_is_ready_while_the_box_has_no_power() -> None:
    journal = _morning()
    _started(journal, 20 * HOUR_S, "power_cut")
    _state(journal, 20 * HOUR_S, AgentState.UNREACHABLE)
    _state(journal, 20 * HOUR_S + 5, AgentState.SIGNED_OUT)
    seconds = seconds_by_state(stretches_of(journal.entries, Utc(21 * HOUR_S))[WANG])
    assert seconds[AgentState.READY] == 3 * HOUR_S
    assert seconds[AgentState.UNREACHABLE] == 5


def test_a_quiet_box_was_alive_until_its_mark() -> None:
    """No entry since twelve; the mark on the disk says that it had power until three."""
    journal = _morning()
    journal.add(
        20 * HOUR_S,
        BoxStarted(version="1", after="power_cut", alive_until=Utc(15 * HOUR_S)),
    )
    _state(journal, 21 * HOUR_S, AgentState.SIGNED_OUT)
    stretches = stretches_of(journal.entries, Utc(22 * HOUR_S))[WANG]
    assert [(one.start / HOUR_S, one.end / HOUR_S) for one in stretches][:2] == [(9, 15), (20, 21)]


def test_who_is_still_signed_in_when_power_is_back_goes_on_from_there() -> None:
    journal = _morning()
    _started(journal, 13 * HOUR_S, "power_cut")
    _started(journal, 14 * HOUR_S, "power_cut")
    _started(journal, 16 * HOUR_S, "crash")
    stretches = stretches_of(journal.entries, Utc(18 * HOUR_S))[WANG]
    assert [(one.start / HOUR_S, one.end / HOUR_S) for one in stretches] == [(9, 12), (14, 18)]
    assert {one.state for one in stretches} == {AgentState.READY}


def test_restart_after_a_crash_takes_no_time_from_anybody() -> None:
    journal = _morning()
    _started(journal, 13 * HOUR_S, "crash")
    (stretch,) = stretches_of(journal.entries, Utc(18 * HOUR_S))[WANG]
    assert stretch.seconds == 9 * HOUR_S


def test_first_entry_of_all_is_a_start_with_nothing_before_it() -> None:
    journal = Journal(0.0)
    _started(journal, 0, "power_cut")
    _state(journal, 10, AgentState.READY)
    (stretch,) = stretches_of(journal.entries, Utc(20.0))[WANG]
    assert stretch.seconds == 10
