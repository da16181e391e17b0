"""The four transaction machines of SIP, as tables. RFC 3261 §17, RFC 6026, RFC 4320.

Theory of operation
-------------------
A transaction is one request and its responses between two neighbours. It hides loss: it repeats
what it sent until the other side shows that it arrived, and answers what the other side repeats.

*INVITE client* (§17.1.1): CALLING repeats the INVITE (timer A, doubling) until any response, at
most 64*T1 (B). PROCEEDING waits for ever: people take their time. A failure leads to COMPLETED,
which acknowledges each repetition of it (D); a success leads to ACCEPTED (RFC 6026), which hands
each repetition of it to the dialog, whose ACK is end to end (M).

*Other client* (§17.1.2): TRYING and PROCEEDING repeat the request (E) until a final response, at
most 64*T1 (F); COMPLETED swallows late repetitions (K).

*INVITE server* (§17.2.1): PROCEEDING repeats its last provisional response when asked. A failure
leads to COMPLETED, repeated (G) until the ACK, at most 64*T1 (H); CONFIRMED swallows late ACKs (I).
A success leads to ACCEPTED. There the 2xx is repeated over any transport until the ACK, at most
64*T1: §13.3.1.4 gives that to the dialog, which we do here with timers G and L, so that it has one
place. ACKNOWLEDGED swallows late INVITEs until L.

*Other server* (§17.2.2): TRYING is silent (RFC 4320: no 100, no 408); COMPLETED repeats its final
response when asked (J).

The letters of the timers are RFC 3261's and RFC 6026's. `MOVES` says for each state and input what
follows; an input that is not in it is ignored when it came from the wire or a clock (networks
repeat and reorder) and an IllegalMove when it came from us. `ON_ENTRY` says which timers a state
starts; all others stop, except those it `KEEPS`.
"""

from enum import StrEnum
from typing import NamedTuple

from appliance.protocols.sip.flow import Flow
from appliance.protocols.sip.timers import LIFETIME, T1, T2, T4
from appliance.vocabulary.errors import IllegalMove
from appliance.vocabulary.ids import Instant
from appliance.vocabulary.shape import State


class Kind(StrEnum):
    """Which of the four machines."""

    INVITE_CLIENT = "invite client"
    CLIENT = "client"
    INVITE_SERVER = "invite server"
    SERVER = "server"


class Stage(StrEnum):
    """Where a transaction stands."""

    CALLING = "calling"
    TRYING = "trying"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    ACKNOWLEDGED = "acknowledged"
    TERMINATED = "terminated"


class Timer(StrEnum):
    """RFC 3261 table 4 and RFC 6026 §8.4."""

    A = "A"
    B = "B"
    D = "D"
    E = "E"
    F = "F"
    G = "G"
    H = "H"
    I = "I"  # noqa: E741 (the RFC's own letter)
    J = "J"
    K = "K"
    L = "L"
    M = "M"


class Input(StrEnum):
    """What a transaction hears from the wire (received) and from its user (sent)."""

    RECEIVED_AGAIN = "request received again"
    RECEIVED_ACK = "ACK received"
    RECEIVED_1XX = "1xx received"
    RECEIVED_2XX = "2xx received"
    RECEIVED_FAILURE = "3xx to 6xx received"
    SENT_1XX = "1xx sent"
    SENT_2XX = "2xx sent"
    SENT_FAILURE = "3xx to 6xx sent"


class Act(StrEnum):
    """What its table may do about it."""

    SEND_REQUEST = "send the request"
    SEND_RESPONSE = "send the last response"
    SEND_ACK = "send the ACK of a failure"
    TELL = "tell the user"
    GIVE_UP = "tell the user that nothing came"


class Move(NamedTuple):
    """The next stage, and what is done on the way."""

    to: Stage
    acts: tuple[Act, ...] = ()


_IC, _C, _IS, _S = Kind.INVITE_CLIENT, Kind.CLIENT, Kind.INVITE_SERVER, Kind.SERVER
_TELL = (Act.TELL,)
_GIVE_UP = Move(Stage.TERMINATED, (Act.GIVE_UP,))
_END = Move(Stage.TERMINATED)

MOVES: dict[tuple[Kind, Stage, Input | Timer], Move] = {
    (_IC, Stage.CALLING, Timer.A): Move(Stage.CALLING, (Act.SEND_REQUEST,)),
    (_IC, Stage.CALLING, Timer.B): _GIVE_UP,
    (_IC, Stage.CALLING, Input.RECEIVED_1XX): Move(Stage.PROCEEDING, _TELL),
    (_IC, Stage.CALLING, Input.RECEIVED_2XX): Move(Stage.ACCEPTED, _TELL),
    (_IC, Stage.CALLING, Input.RECEIVED_FAILURE): Move(Stage.COMPLETED, (Act.SEND_ACK, Act.TELL)),
    (_IC, Stage.PROCEEDING, Input.RECEIVED_1XX): Move(Stage.PROCEEDING, _TELL),
    (_IC, Stage.PROCEEDING, Input.RECEIVED_2XX): Move(Stage.ACCEPTED, _TELL),
    (_IC, Stage.PROCEEDING, Input.RECEIVED_FAILURE): Move(
        Stage.COMPLETED, (Act.SEND_ACK, Act.TELL)
    ),
    (_IC, Stage.COMPLETED, Input.RECEIVED_FAILURE): Move(Stage.COMPLETED, (Act.SEND_ACK,)),
    (_IC, Stage.COMPLETED, Timer.D): _END,
    (_IC, Stage.ACCEPTED, Input.RECEIVED_2XX): Move(Stage.ACCEPTED, _TELL),
    (_IC, Stage.ACCEPTED, Timer.M): _END,
    (_C, Stage.TRYING, Timer.E): Move(Stage.TRYING, (Act.SEND_REQUEST,)),
    (_C, Stage.TRYING, Timer.F): _GIVE_UP,
    (_C, Stage.TRYING, Input.RECEIVED_1XX): Move(Stage.PROCEEDING, _TELL),
    (_C, Stage.TRYING, Input.RECEIVED_2XX): Move(Stage.COMPLETED, _TELL),
    (_C, Stage.TRYING, Input.RECEIVED_FAILURE): Move(Stage.COMPLETED, _TELL),
    (_C, Stage.PROCEEDING, Timer.E): Move(Stage.PROCEEDING, (Act.SEND_REQUEST,)),
    (_C, Stage.PROCEEDING, Timer.F): _GIVE_UP,
    (_C, Stage.PROCEEDING, Input.RECEIVED_1XX): Move(Stage.PROCEEDING),
    (_C, Stage.PROCEEDING, Input.RECEIVED_2XX): Move(Stage.COMPLETED, _TELL),
    (_C, Stage.PROCEEDING, Input.RECEIVED_FAILURE): Move(Stage.COMPLETED, _TELL),
    (_C, Stage.COMPLETED, Timer.K): _END,
    (_IS, Stage.PROCEEDING, Input.RECEIVED_AGAIN): Move(Stage.PROCEEDING, (Act.SEND_RESPONSE,)),
    (_IS, Stage.PROCEEDING, Input.SENT_1XX): Move(Stage.PROCEEDING, (Act.SEND_RESPONSE,)),
    (_IS, Stage.PROCEEDING, Input.SENT_2XX): Move(Stage.ACCEPTED, (Act.SEND_RESPONSE,)),
    (_IS, Stage.PROCEEDING, Input.SENT_FAILURE): Move(Stage.COMPLETED, (Act.SEND_RESPONSE,)),
    (_IS, Stage.COMPLETED, Input.RECEIVED_AGAIN): Move(Stage.COMPLETED, (Act.SEND_RESPONSE,)),
    (_IS, Stage.COMPLETED, Timer.G): Move(Stage.COMPLETED, (Act.SEND_RESPONSE,)),
    (_IS, Stage.COMPLETED, Timer.H): _GIVE_UP,
    (_IS, Stage.COMPLETED, Input.RECEIVED_ACK): Move(Stage.CONFIRMED),
    (_IS, Stage.CONFIRMED, Timer.I): _END,
    (_IS, Stage.ACCEPTED, Input.RECEIVED_AGAIN): Move(Stage.ACCEPTED, (Act.SEND_RESPONSE,)),
    (_IS, Stage.ACCEPTED, Timer.G): Move(Stage.ACCEPTED, (Act.SEND_RESPONSE,)),
    (_IS, Stage.ACCEPTED, Timer.L): _GIVE_UP,
    (_IS, Stage.ACCEPTED, Input.RECEIVED_ACK): Move(Stage.ACKNOWLEDGED, _TELL),
    (_IS, Stage.ACKNOWLEDGED, Timer.L): _END,
    (_S, Stage.TRYING, Input.SENT_2XX): Move(Stage.COMPLETED, (Act.SEND_RESPONSE,)),
    (_S, Stage.TRYING, Input.SENT_FAILURE): Move(Stage.COMPLETED, (Act.SEND_RESPONSE,)),
    (_S, Stage.COMPLETED, Input.RECEIVED_AGAIN): Move(Stage.COMPLETED, (Act.SEND_RESPONSE,)),
    (_S, Stage.COMPLETED, Timer.J): _END,
}

FIRST: dict[Kind, Stage] = {
    _IC: Stage.CALLING,
    _C: Stage.TRYING,
    _IS: Stage.PROCEEDING,
    _S: Stage.TRYING,
}


class Start(NamedTuple):
    """A timer that a stage starts, in seconds; over TCP in `reliable` seconds (None: not at all).

    A timer of zero ends the transaction at once: nothing is ever repeated over TCP.
    """

    timer: Timer
    seconds: float
    reliable: float | None


ON_ENTRY: dict[tuple[Kind, Stage], tuple[Start, ...]] = {
    (_IC, Stage.CALLING): (Start(Timer.A, T1, None), Start(Timer.B, LIFETIME, LIFETIME)),
    (_IC, Stage.COMPLETED): (Start(Timer.D, LIFETIME, 0.0),),
    (_IC, Stage.ACCEPTED): (Start(Timer.M, LIFETIME, LIFETIME),),
    (_C, Stage.TRYING): (Start(Timer.E, T1, None), Start(Timer.F, LIFETIME, LIFETIME)),
    (_C, Stage.PROCEEDING): (Start(Timer.E, T2, None),),
    (_C, Stage.COMPLETED): (Start(Timer.K, T4, 0.0),),
    (_IS, Stage.COMPLETED): (Start(Timer.G, T1, None), Start(Timer.H, LIFETIME, LIFETIME)),
    (_IS, Stage.CONFIRMED): (Start(Timer.I, T4, 0.0),),
    (_IS, Stage.ACCEPTED): (Start(Timer.G, T1, T1), Start(Timer.L, LIFETIME, LIFETIME)),
    (_S, Stage.COMPLETED): (Start(Timer.J, LIFETIME, 0.0),),
}

KEEPS: dict[tuple[Kind, Stage], Timer] = {
    (_C, Stage.PROCEEDING): Timer.F,
    (_IS, Stage.ACKNOWLEDGED): Timer.L,
}

LONGEST_GAP: dict[Timer, float] = {Timer.A: LIFETIME, Timer.E: T2, Timer.G: T2}
"""Timers that repeat, each time after twice the gap, up to this many seconds."""

_OURS = {Input.SENT_1XX, Input.SENT_2XX, Input.SENT_FAILURE}


class Transaction(State, kw_only=True):
    """What one transaction remembers."""

    kind: Kind
    key: bytes
    """Unique in its table; see transaction_table."""
    method: str
    flow: Flow
    """Where its messages go; for servers where its responses go."""
    owner: str
    """The slot that it is kept in: `dialog:…`, `binding:…` or `trunk:…`."""
    stage: Stage
    request: bytes
    """As sent (client) or as received (server)."""
    response: bytes = b""
    """Server: the last one sent."""
    ack: bytes = b""
    """INVITE client: the ACK of the failure."""
    due: dict[Timer, Instant] = {}
    gap: float = 0.0
    """Seconds between the last two repetitions."""


def enter(transaction: Transaction, stage: Stage, now: Instant) -> None:
    """Put a transaction in a stage and start that stage's timers."""
    place = (transaction.kind, stage)
    kept = KEEPS.get(place)
    due = {} if kept is None else {kept: transaction.due[kept]}
    for start in ON_ENTRY.get(place, ()):
        seconds = start.reliable if transaction.flow.is_reliable else start.seconds
        if seconds is None:
            continue
        if start.timer in LONGEST_GAP:
            transaction.gap = seconds
        if seconds == 0.0:
            stage = Stage.TERMINATED
        else:
            due[start.timer] = Instant(now + seconds)
    transaction.stage = stage
    transaction.due = due


def step(transaction: Transaction, heard: Input | Timer, now: Instant) -> tuple[Act, ...]:
    """Make one move of the table; return what is to be done, in order.

    Raises IllegalMove where we ask for a response that the stage does not allow.
    """
    stage = transaction.stage
    move = MOVES.get((transaction.kind, stage, heard))
    if move is None:
        if heard in _OURS:
            raise IllegalMove(f"{heard} in {transaction.kind} {stage}")
        return ()
    if isinstance(heard, Timer):
        transaction.due.pop(heard, None)
        if heard in LONGEST_GAP:
            transaction.gap = min(2 * transaction.gap, LONGEST_GAP[heard])
            transaction.due[heard] = Instant(now + transaction.gap)
    if move.to is not stage:
        enter(transaction, move.to, now)
    return move.acts
