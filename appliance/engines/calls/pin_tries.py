"""Wrong PINs at a phone: five, then five minutes' rest, whatever the PIN is for (security.md)."""

from appliance.engines.calls.exchange import Exchange
from appliance.vocabulary.ids import ExtensionNumber, Instant

MOST_WRONG_PINS = 5
LOCK_SECONDS = 300.0
"""Five tries, then five minutes' rest: 10,000 PINs take a week at least."""


def is_locked(exchange: Exchange, extension: ExtensionNumber) -> bool:
    """Whether this phone has tried too often just now."""
    return len(_late(exchange, extension)) >= MOST_WRONG_PINS


def was_wrong(exchange: Exchange, extension: ExtensionNumber) -> None:
    """Count one wrong PIN; a kill forgets none."""
    exchange.known.wrong_pins[extension] = [*_late(exchange, extension), exchange.now]
    exchange.touched.add("known")


def was_right(exchange: Exchange, extension: ExtensionNumber) -> None:
    """Begin to count anew."""
    exchange.known.wrong_pins.pop(extension, None)


def _late(exchange: Exchange, extension: ExtensionNumber) -> list[Instant]:
    tries = exchange.known.wrong_pins.get(extension, [])
    return [one for one in tries if one > exchange.now - LOCK_SECONDS]
