"""The four transaction machines, timer by timer. RFC 3261 §17, RFC 6026, RFC 4320."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.protocols.sip.flow import Flow
from appliance.protocols.sip.timers import Timetable
from appliance.protocols.sip.transaction import (
    FIRST,
    MOVES,
    ON_ENTRY,
    Act,
    Input,
    Kind,
    Stage,
    Timer,
    Transaction,
    enter,
    step,
)
from appliance.vocabulary.errors import IllegalMove
from appliance.vocabulary.ids import Instant

START = Instant(100.0)


def made(kind: Kind, transport: str = "udp") -> Transaction:
    flow = Flow(
        transport=transport,
        local_address="127.0.0.1",
        local_port=5060,
        remote_address="127.0.0.2",
        remote_port=5060,
    )
    transaction = Transaction(
        kind=kind, key=b"k", method="INVITE", flow=flow, owner="o", stage=FIRST[kind], request=b"r"
    )
    enter(transaction, FIRST[kind], START)
    return transaction


def fired(transaction: Transaction) -> list[tuple[float, Timer, tuple[Act, ...]]]:
    """Let time run until no timer is left: when each fired, and what it did."""
    history = []
    while transaction.due:
        timer = min(transaction.due, key=lambda t: transaction.due[t])
        when = transaction.due[timer]
        history.append((when - START, timer, step(transaction, timer, when)))
    return history


@pytest.mark.rfc("3261", "17.1.1.2")
def test_invite_is_repeated_with_doubling_gaps_and_given_up_after_32_seconds() -> None:
    invite = made(Kind.INVITE_CLIENT)
    history = fired(invite)
    assert [when for when, timer, _ in history if timer is Timer.A] == [
        0.5, 1.5, 3.5, 7.5, 15.5, 31.5,
    ]  # fmt: skip
    assert history[-1] == (32.0, Timer.B, (Act.GIVE_UP,))
    assert invite.stage is Stage.TERMINATED


@pytest.mark.rfc("3261", "17.1.2.2")
def test_other_request_is_repeated_every_four_seconds_at_most() -> None:
    history = fired(made(Kind.CLIENT))
    times = [when for when, timer, _ in history if timer is Timer.E]
    assert times == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert history[-1][1:] == (Timer.F, (Act.GIVE_UP,))


def test_other_request_in_proceeding_is_repeated_and_still_given_up_in_time() -> None:
    bye = made(Kind.CLIENT)
    assert step(bye, Input.RECEIVED_1XX, Instant(101.0)) == (Act.TELL,)
    history = fired(bye)
    assert [when for when, _, _ in history] == [5.0, 9.0, 13.0, 17.0, 21.0, 25.0, 29.0, 32.0]


@pytest.mark.parametrize("kind", [Kind.INVITE_CLIENT, Kind.CLIENT])
def test_nothing_is_repeated_over_tcp(kind: Kind) -> None:
    assert [timer for _, timer, _ in fired(made(kind, "tcp"))] in ([Timer.B], [Timer.F])


def test_ringing_may_last_for_ever() -> None:
    invite = made(Kind.INVITE_CLIENT)
    step(invite, Input.RECEIVED_1XX, START)
    assert invite.due == {}


@pytest.mark.rfc("3261", "17.1.1.2")
def test_each_repeated_failure_is_acknowledged_and_told_once() -> None:
    invite = made(Kind.INVITE_CLIENT)
    assert step(invite, Input.RECEIVED_FAILURE, START) == (Act.SEND_ACK, Act.TELL)
    assert step(invite, Input.RECEIVED_FAILURE, START) == (Act.SEND_ACK,)
    assert step(invite, Input.RECEIVED_2XX, START) == ()
    assert fired(invite) == [(32.0, Timer.D, ())]


@pytest.mark.rfc("6026", "7.2")
def test_each_repeated_2xx_is_told_to_the_dialog() -> None:
    invite = made(Kind.INVITE_CLIENT)
    assert step(invite, Input.RECEIVED_2XX, START) == (Act.TELL,)
    assert step(invite, Input.RECEIVED_2XX, START) == (Act.TELL,)
    assert step(invite, Input.RECEIVED_FAILURE, START) == ()
    assert fired(invite) == [(32.0, Timer.M, ())]


@pytest.mark.rfc("3261", "17.2.1")
def test_failure_is_repeated_until_its_ack() -> None:
    invite = made(Kind.INVITE_SERVER)
    assert step(invite, Input.SENT_FAILURE, START) == (Act.SEND_RESPONSE,)
    assert step(invite, Timer.G, Instant(100.5)) == (Act.SEND_RESPONSE,)
    assert invite.due[Timer.G] == 101.5
    assert step(invite, Input.RECEIVED_ACK, Instant(101.0)) == ()
    assert invite.stage is Stage.CONFIRMED
    assert fired(invite) == [(6.0, Timer.I, ())]


@pytest.mark.rfc("3261", "13.3.1.4")
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_2xx_is_repeated_over_any_transport_until_its_ack(transport: str) -> None:
    invite = made(Kind.INVITE_SERVER, transport)
    step(invite, Input.SENT_2XX, START)
    history = fired(invite)
    assert [when for when, timer, _ in history if timer is Timer.G] == [
        0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5,
    ]  # fmt: skip
    assert history[-1] == (32.0, Timer.L, (Act.GIVE_UP,))


@pytest.mark.rfc("6026", "7.1")
def test_late_invite_after_the_ack_is_swallowed() -> None:
    invite = made(Kind.INVITE_SERVER)
    step(invite, Input.SENT_2XX, START)
    assert step(invite, Input.RECEIVED_AGAIN, START) == (Act.SEND_RESPONSE,)
    assert step(invite, Input.RECEIVED_ACK, START) == (Act.TELL,)
    assert step(invite, Input.RECEIVED_AGAIN, START) == ()
    assert step(invite, Input.RECEIVED_ACK, START) == ()
    assert fired(invite) == [(32.0, Timer.L, ())]


@pytest.mark.rfc("4320", "4.1")
def test_other_server_is_silent_until_its_answer_and_then_repeats_it() -> None:
    bye = made(Kind.SERVER)
    assert step(bye, Input.RECEIVED_AGAIN, START) == ()
    assert step(bye, Input.SENT_2XX, START) == (Act.SEND_RESPONSE,)
    assert step(bye, Input.RECEIVED_AGAIN, START) == (Act.SEND_RESPONSE,)
    assert fired(bye) == [(32.0, Timer.J, ())]


def test_second_final_response_is_our_mistake_and_changes_nothing() -> None:
    invite = made(Kind.INVITE_SERVER)
    step(invite, Input.SENT_FAILURE, START)
    before = (invite.stage, dict(invite.due))
    with pytest.raises(IllegalMove):
        step(invite, Input.SENT_2XX, START)
    assert (invite.stage, invite.due) == before


def test_tables_name_no_unreachable_stage() -> None:
    reached = {(kind, stage) for kind, stage in FIRST.items()}
    reached |= {(kind, move.to) for (kind, _, _), move in MOVES.items()}
    assert {(kind, stage) for kind, stage, _ in MOVES} <= reached
    assert set(ON_ENTRY) <= reached


def test_every_timer_that_a_stage_starts_has_a_move() -> None:
    for (kind, stage), starts in ON_ENTRY.items():
        for start in starts:
            assert (kind, stage, start.timer) in MOVES


@given(
    kind=st.sampled_from(Kind),
    transport=st.sampled_from(["udp", "tcp"]),
    inputs=st.lists(st.sampled_from([*Input, *Timer]), max_size=30),
)
def test_any_history_ends_or_waits_for_people(
    kind: Kind, transport: str, inputs: list[Input | Timer]
) -> None:
    transaction = made(kind, transport)
    now = START
    for heard in inputs:
        now = Instant(now + 0.1)
        if isinstance(heard, Timer) and heard not in transaction.due:
            continue
        before = (transaction.stage, dict(transaction.due))
        try:
            step(transaction, heard, now)
        except IllegalMove:
            assert (transaction.stage, transaction.due) == before
    if not transaction.due:
        waits = {Stage.PROCEEDING, Stage.TRYING}
        assert transaction.stage is Stage.TERMINATED or transaction.stage in waits
    else:
        fired(transaction)
        assert transaction.stage is Stage.TERMINATED


@given(st.lists(st.tuples(st.integers(0, 9), st.one_of(st.none(), st.floats(0, 100)))))
def test_timetable_agrees_with_a_plain_dictionary(changes: list[tuple[int, float | None]]) -> None:
    table: Timetable[int] = Timetable()
    plain: dict[int, float] = {}
    for name, when in changes:
        table.set(name, None if when is None else Instant(when))
        plain.pop(name, None)
        if when is not None:
            plain[name] = when
    assert table.next() == min(plain.values(), default=None)
    due = table.take_due(Instant(50.0))
    assert sorted(due) == sorted(name for name, when in plain.items() if when <= 50)
    assert [plain[name] for name in due] == sorted(plain[name] for name in due)
