"""What the reconciler works with: a thing that must not be, and what mends it."""

from collections.abc import Callable
from typing import NamedTuple

from appliance.engines.calls.exchange import Exchange
from appliance.vocabulary.facts_handling import Healed
from appliance.vocabulary.ids import CallId, LegId

Cure = Callable[[], None]


class Suspicion(NamedTuple):
    """Something that must not be; `key` is the same at the next look."""

    key: str
    what: str
    done: str
    """What the cure does, in plain words."""
    cure: Cure
    call: CallId | None = None
    leg: LegId | None = None


def mend(exchange: Exchange, one: Suspicion) -> None:
    """Say what it was, then cure it."""
    call = exchange.calls.get(one.call) if one.call is not None else None
    fact = Healed(what=one.what, done=one.done)
    if call is not None:
        exchange.write(call, fact, one.leg)
    else:
        exchange.write_free(fact, key=exchange.new_name("h"), leg=one.leg)
    one.cure()
