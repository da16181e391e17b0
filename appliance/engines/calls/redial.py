"""Redial of a busy extension (call completion): who found it busy keys *66 and is rung, and then
the other, as soon as both are free. Asked once, tried once, forgotten after an hour."""

from appliance.engines.calls.exchange import Exchange
from appliance.vocabulary.ids import ExtensionNumber, Utc
from appliance.vocabulary.speech import PhraseKey

WAIT_SECONDS = 3600.0
REDIAL_RING_SECONDS = 30.0


def ask(exchange: Exchange, extension: ExtensionNumber) -> PhraseKey:
    """The phone that was busy last is to be rung from here; return what to say."""
    memory = exchange.desk.wishes_of(extension)
    target = memory.busy_target
    if target is None or target not in exchange.extensions:
        return PhraseKey.REDIAL_NONE
    memory.redial, memory.busy_target = target, None
    memory.redial_until = Utc(exchange.utc() + WAIT_SECONDS)
    exchange.touched.add(f"own:{extension}")
    return PhraseKey.REDIAL_SET
