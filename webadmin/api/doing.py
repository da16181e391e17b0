"""Operations that do: the verbs of vocabulary/verbs.py, by token, each in the audit log."""

import secrets
import time
from typing import TypeVar

from appliance.vocabulary.ids import AgentId, CallId, ExtensionNumber
from appliance.vocabulary.verbs import (
    AskId,
    EndCall,
    EndConsult,
    HoldCall,
    Originate,
    SetAgent,
    SetRecording,
    Supervise,
    TransferCall,
    Verb,
)
from webadmin.access import note
from webadmin.api import takes
from webadmin.api.control import done
from webadmin.api.door import asker
from webadmin.api.operation import Asked, Nothing, Taken
from webadmin.api.shapes import VerbDone
from webadmin.problems import Problem
from webadmin.stores import call_book

B = TypeVar("B", bound=Taken)

IN_LEDGER_S = 1.0
LOOK_EVERY_S = 0.02


def originate(asked: Asked[Nothing, takes.OriginateBody]) -> VerbDone:
    """Ring a phone; when it answers, dial the number for it."""
    wanted = asked.body
    verb = Originate(
        ask=_ask(),
        by=asker(),
        extension=ExtensionNumber(wanted.extension),
        number=wanted.number,
    )
    # a PIN behind *80 is nobody's to read; the verb refuses it, the audit log has the try
    shown = "*80…" if wanted.number.startswith("*80") else wanted.number
    answer = _done(verb, "call_originated", f"{wanted.extension} → {shown}")
    if answer.call is not None:
        _wait_for_ledger(CallId(answer.call))
    return answer


def hang_up(asked: Asked[Nothing, Nothing]) -> VerbDone:
    """End a call: every leg of it."""
    return _done(EndCall(ask=_ask(), by=asker(), call=_call(asked)), "call_hung_up", _call(asked))


def transfer(asked: Asked[Nothing, takes.TransferBody]) -> VerbDone:
    """Hand a call's outside party on to an extension, a queue or an outside number; attended:
    ask there first, and say by /consultation how that ends."""
    wanted = asked.body
    verb = TransferCall(ask=_ask(), by=asker(), call=_call(asked), to=wanted.to, way=wanted.way)
    return _done(verb, "call_transferred", f"{_call(asked)} → {wanted.to}")


def end_consultation(asked: Asked[Nothing, takes.ConsultationBody]) -> VerbDone:
    """End the asking of a third party: hand the call on to him, return, or talk all three."""
    wanted = asked.body
    verb = EndConsult(ask=_ask(), by=asker(), call=_call(asked), wish=wanted.wish)
    return _done(verb, "call_consultation_ended", f"{_call(asked)}: {wanted.wish}")


def hold(asked: Asked[Nothing, Nothing]) -> VerbDone:
    """Hold a call's outside party, who hears music."""
    verb = HoldCall(ask=_ask(), by=asker(), call=_call(asked), is_held=True)
    return _done(verb, "call_held", _call(asked))


def retrieve(asked: Asked[Nothing, Nothing]) -> VerbDone:
    """End the hold."""
    verb = HoldCall(ask=_ask(), by=asker(), call=_call(asked), is_held=False)
    return _done(verb, "call_retrieved", _call(asked))


def set_recording(asked: Asked[Nothing, takes.RecordingBody]) -> VerbDone:
    """Begin, end, mask or unmask the recording of a call; masked, the file has silence."""
    wanted = asked.body
    verb = SetRecording(ask=_ask(), by=asker(), call=_call(asked), wish=wanted.wish)
    return _done(verb, "call_recording_set", f"{_call(asked)}: {wanted.wish}")


def supervise(asked: Asked[Nothing, takes.SuperviseBody]) -> VerbDone:
    """Ring a supervisor's phone and join him to a talk."""
    wanted = asked.body
    verb = Supervise(
        ask=_ask(),
        by=asker(),
        call=_call(asked),
        extension=ExtensionNumber(wanted.extension),
        way=wanted.way,
    )
    return _done(verb, "call_supervised", f"{_call(asked)}: {wanted.way} at {wanted.extension}")


def set_agent(asked: Asked[Nothing, takes.AgentStateBody]) -> VerbDone:
    """Change an agent's state."""
    wanted = asked.body
    agent = AgentId(asked.path["agent"])
    verb = SetAgent(
        ask=_ask(),
        by=asker(),
        agent=agent,
        wish=wanted.state,
        reason=wanted.reason,
        extension=ExtensionNumber(wanted.extension) if wanted.extension else None,
    )
    return _done(verb, "agent_state_set", f"{agent}: {wanted.state}")


def _wait_for_ledger(call: CallId) -> None:
    """Wait until the call can be read: whoever is given its id may ask for it at once.

    Control answers before its writer's thread has the call on the disk, some milliseconds later.
    """
    until = time.monotonic() + IN_LEDGER_S
    while call_book().call(call) is None and time.monotonic() < until:
        time.sleep(LOOK_EVERY_S)


def _ask() -> AskId:
    return AskId(secrets.token_hex(8))


def _call(asked: Asked[Nothing, B]) -> CallId:
    return CallId(asked.path["call"])


def _done(verb: Verb, act: str, detail: str) -> VerbDone:
    """Have it done; the audit log has the tries as well."""
    try:
        answer = done(verb)
    except Problem as problem:
        note(act, f"{detail}: {problem.key}", by=asker())
        raise
    note(act, detail, by=asker())
    call = answer.call
    of_call = EndCall | TransferCall | EndConsult | HoldCall | SetRecording | Supervise
    if call is None and isinstance(verb, of_call):
        call = verb.call
    return VerbDone(call=call, leg=answer.leg)
