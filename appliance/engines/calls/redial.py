"""Redial of a busy extension (call completion): who found it busy keys *66 and is rung, and then
the other, as soon as both are free. Asked once, tried once, forgotten after an hour."""

from appliance.engines.calls import originate
from appliance.engines.calls.exchange import Exchange
from appliance.vocabulary.ids import ExtensionNumber, Utc
from appliance.vocabulary.journal import REDIAL
from appliance.vocabulary.speech import PhraseKey

WAIT_SECONDS = 3600.0


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


def freed(exchange: Exchange, phone: str) -> None:
    """This phone is free now: ring whoever waits for it, or for whom it waits."""
    for asker, memory in list(exchange.desk.wishes.items()):
        target = memory.redial
        if target is None or phone not in (asker, target):
            continue
        is_late = memory.redial_until < exchange.utc()
        if not is_late and not (_is_free(exchange, asker) and _is_free(exchange, target)):
            continue
        memory.redial = None
        exchange.touched.add(f"own:{asker}")
        if not is_late:
            call = originate.begin(exchange, asker, target, asked_by=REDIAL)
            call.legs[0].is_auto_answered = False  # he may have left his desk meanwhile


def _is_free(exchange: Exchange, phone: ExtensionNumber) -> bool:
    return phone in exchange.known.phones and not exchange.desk.calls_at.get(phone)
