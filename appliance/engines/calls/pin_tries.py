"""Wrong PINs at a phone: five within five minutes, then a rest, whatever they are for (security.md)

A right one does not wipe the count: who has a PIN of his own would try another's between two of it
for ever. Whoever mistypes is not troubled, since each wrong one is forgotten after five minutes.
"""

from appliance.engines.calls.exchange import Exchange
from appliance.vocabulary.ids import ExtensionNumber, Instant

MOST_WRONG_PINS = 5
LOCK_SECONDS = 300.0
"""Five tries in five minutes: 10,000 PINs take a week at least."""


def is_locked(exchange: Exchange, extension: ExtensionNumber) -> bool:
    """Whether this phone has tried too often just now."""
    return len(_late(exchange, extension)) >= MOST_WRONG_PINS


def was_wrong(exchange: Exchange, extension: ExtensionNumber) -> None:
    """Count one wrong PIN; a kill forgets none."""
    exchange.known.wrong_pins[extension] = [*_late(exchange, extension), exchange.now]
    exchange.touched.add("known")


def _late(exchange: Exchange, extension: ExtensionNumber) -> list[Instant]:
    tries = exchange.known.wrong_pins.get(extension, [])
    return [one for one in tries if one > exchange.now - LOCK_SECONDS]
