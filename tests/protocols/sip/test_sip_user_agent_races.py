"""A user agent that hears things in any order: no error, no timer for ever, nothing left over.

RFC 5407's list, and every other: the far ends do what they like, the line does what it likes.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from link import scattered, udp
from sip_shop import ANSWER, OFFER, Pair

from appliance.protocols.sip.events import (
    DialogEnded,
    InviteAnswered,
    InviteRefused,
    ReofferArrived,
)
from appliance.vocabulary.errors import IllegalMove
from appliance.vocabulary.ids import Instant

VERBS = ["dial", "ring", "answer", "reject", "hang up near", "hang up far", "hold", "move", "kill"]


def do(pair: Pair, verb: str) -> None:
    """One act of one of the two lines; acts that its table refuses are refused whole."""
    now = pair.link.now
    near, far = pair.dialled, pair.all_arrived()
    agent = pair.called.agent
    try:
        if verb == "ring" and far:
            agent.ring(far[-1], now)
        elif verb == "answer" and far:
            agent.answer(far[-1], ANSWER, now)
        elif verb == "reject" and far:
            agent.reject(far[-1], 486, "", now)
        elif verb == "hang up far" and far:
            agent.hang_up(far[-1], now)
        elif verb == "hang up near" and near:
            pair.caller.agent.hang_up(near[-1], now)
        elif verb == "hold" and near:
            pair.caller.agent.reoffer(near[-1], OFFER, now)
        elif verb == "move" and far:
            agent.reoffer(far[-1], OFFER, now)
    except IllegalMove:
        return


@settings(max_examples=150)
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(VERBS), st.sampled_from([0.0, 0.005, 0.02, 0.6, 5.0])),
        max_size=14,
    ),
    seed=st.integers(1, 1000),
    loss=st.sampled_from([0, 10, 40]),
    takes_reoffers=st.booleans(),
)
def test_whatever_both_lines_do_everything_ends_and_both_are_told(
    acts: list[tuple[str, float]], seed: int, loss: int, takes_reoffers: bool
) -> None:
    pair = Pair(loss=scattered(loss, seed))
    for box in (pair.caller, pair.called):

        def on_event(event: object, now: object, box: object = box) -> None:
            if isinstance(event, ReofferArrived):
                sdp = ANSWER if takes_reoffers else None
                box.agent.answer_reoffer(event.dialog, sdp, now)

        box.on_event = on_event
    for verb, pause in [("dial", 0.02), *acts]:
        if verb == "dial":
            pair.dial()
        elif verb == "kill":
            for box in (pair.caller, pair.called):
                pair.link.gather()
                box.kill(pair.link.now)
        else:
            do(pair, verb)
        pair.link.run(pause)
    pair.give_up()
    assert pair.is_empty(), (pair.caller.slots.keys(), pair.called.slots.keys())
    assert pair.caller.agent.wake_at() is None and pair.called.agent.wake_at() is None
    for box in (pair.caller, pair.called):
        for kind in (DialogEnded, InviteAnswered, InviteRefused):
            dialogs = [event.dialog for event in box.told(kind)]
            assert len(dialogs) == len(set(dialogs)), "told once"


@settings(max_examples=150)
@given(
    which=st.integers(0, 8),
    changes=st.lists(st.tuples(st.integers(0, 700), st.binary(max_size=3)), max_size=6),
    words=st.lists(
        st.sampled_from(
            [
                (b"CSeq: 1", b"CSeq: 4294967295"), (b" 200 OK", b" 299 OK"),
                (b" 180 Ringing", b" 200 OK"), (b" 200 OK", b" 401 No"), (b";tag=", b";gat="),
                (b"Contact: <sip:", b"Contact: <tel:"), (b"BYE", b"INVITE"), (b"ACK", b"CANCEL"),
                (b"INVITE", b"UPDATE"), (b"127.0.0.3", b"255.255.255.255"), (b";rport", b""),
                (b"Call-ID: ", b"Record-Route: <sip:0.0.0.0;lr>\r\nCall-ID: "),
                (b"To: ", b'To: "\\\x01" '), (b"BYE", b"INFO"), (b"z9hG4bK", b"old"),
                (b"BYE", b"REFER"), (b"BYE", b"PRACK"), (b"ACK", b"UPDATE"),
                (b"To: ", b"Require: 100rel\r\nRSeq: 1\r\nTo: "),
                (b"To: ", b"Session-Expires: 90\r\nTo: "),
            ]
        ),
        max_size=4,
    ),
)  # fmt: skip
def test_mutated_messages_in_the_midst_of_a_call_never_raise(
    which: int, changes: list[tuple[int, bytes]], words: list[tuple[bytes, bytes]]
) -> None:
    pair = Pair()
    pair.answers_at_once()
    pair.dial()
    given_mutant = False
    for _ in range(12):
        pair.link.gather()
        if len(pair.link.carried) > which and not given_mutant:
            given_mutant = True
            sender, data = pair.link.carried[which]
            for old, new in words:
                data = data.replace(old, new)
            mutant = bytearray(data)
            for at, raw in changes:
                mutant[at : at + len(raw)] = raw
            box = pair.called if sender == pair.caller.address else pair.caller
            events = box.agent.receive(bytes(mutant), udp(box, sender), pair.link.now)
            box.heard(events, pair.link.now)
        if not pair.link.step(Instant(pair.link.now + 0.3)):
            pair.caller.agent.hang_up(pair.dialled[0], pair.link.now)
    pair.give_up()
    assert pair.is_empty()
