"""Which slots are on the disk before an answer leaves. (Which of them outlive: lasting_slots.py.)

Calls die with the machine, so most slots are never forced to the disk (daemons/slots.py). What
somebody was promised by a voice or a page must hold after a power cut too: a forwarding, do not
disturb, who is signed in, a callback, emergency mode. These are rare: a forced write (a
millisecond or some on a flash disk) costs no call anything.
"""

from collections.abc import Iterable

from appliance.daemons.lasting_slots import PROMISED
from appliance.vocabulary.facts_customers import CallbackAsked, CallbackClosed, CallbackTried
from appliance.vocabulary.facts_messages import (
    BoxPinUsed,
    MessageArrived,
    MessageDeleted,
    MessageMarked,
)
from appliance.vocabulary.journal import AgentStateChanged, Entry

PROMISES = frozenset((
    BoxPinUsed, CallbackAsked, CallbackClosed, CallbackTried,
    MessageArrived, MessageDeleted, MessageMarked,
))  # fmt: skip
"""What is told to somebody, of slots that change for other reasons too."""
SIGNING = frozenset({"signed_in", "signed_out", "replaced"})
"""Why an agent's state changed, where he was promised that it did. His slot changes with each of
his calls besides."""


def is_promised(changed: Iterable[str], entries: Iterable[Entry]) -> bool:
    """Say whether a turn that changed these slots must be on the disk before its answers leave."""
    for name in changed:
        if name.startswith(PROMISED):
            return True
    for entry in entries:
        fact = entry.fact
        if type(fact) in PROMISES:
            return True
        if type(fact) is AgentStateChanged and fact.reason in SIGNING:
            return True
    return False
