"""What a phone wants just now: its user's wishes over the site's settings.

Read here, keyed in at codes.py, obeyed at reach.py and groups.py.
"""

from appliance.engines.calls import queueing
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState
from appliance.vocabulary.ids import ExtensionNumber
from appliance.vocabulary.lines import Cause

WHY_OF_CAUSE = {
    Cause.BUSY: "busy",
    Cause.REJECTED: "busy",
    Cause.FORBIDDEN: "busy",
    Cause.NO_ANSWER: "no_answer",
    Cause.CANCELLED: "no_answer",
}
"""Every other cause: unreachable."""


def forward_of(exchange: Exchange, extension: ExtensionNumber, why: str) -> str:
    """Return where this phone's calls go for that reason; empty: nowhere.

    `why`: always, busy, no_answer or unreachable, as in the settings' forward_….
    """
    wishes = exchange.desk.wishes.get(extension)
    if wishes is not None and why in wishes.forward:
        return wishes.forward[why]
    settings = exchange.extensions.get(extension)
    return str(getattr(settings, f"forward_{why}")) if settings is not None else ""


def is_quiet(exchange: Exchange, extension: ExtensionNumber) -> bool:
    """Say whether the phone wants no calls (do-not-disturb)."""
    wishes = exchange.desk.wishes.get(extension)
    if wishes is not None and wishes.do_not_disturb is not None:
        return wishes.do_not_disturb
    settings = exchange.extensions.get(extension)
    return settings is not None and settings.do_not_disturb


def takes_second_calls(exchange: Exchange, extension: ExtensionNumber) -> bool:
    """Say whether a busy phone is rung (call waiting). By default not where an agent sits."""
    wishes = exchange.desk.wishes.get(extension)
    if wishes is not None and wishes.call_waiting is not None:
        return wishes.call_waiting
    settings = exchange.extensions.get(extension)
    if settings is not None and settings.call_waiting is not None:
        return settings.call_waiting
    sits_here = any(agent.extension == extension for agent in exchange.site.agent)
    return not sits_here and exchange.floor.agent_at(extension) is None


def is_in_use(exchange: Exchange, extension: ExtensionNumber, call: CallState) -> bool:
    """Say whether the phone rings or talks in another call than this one."""
    exchange.desk.refresh(exchange.calls)
    return bool(exchange.desk.calls_at.get(extension, set()) - {call.call})


def obstacle(
    exchange: Exchange, extension: ExtensionNumber, call: CallState
) -> tuple[str, Cause] | None:
    """Return why this phone is not rung now, in a word and as a cause; None: it can be rung."""
    if is_quiet(exchange, extension):
        return "do_not_disturb", Cause.BUSY
    if extension not in exchange.known.phones:
        return "unreachable", Cause.UNREACHABLE
    if is_in_use(exchange, extension, call) and not takes_second_calls(exchange, extension):
        return "busy", Cause.BUSY
    return None


def tell_floor(exchange: Exchange) -> None:
    """Queues pass by phones that want no calls: tell the floor how all phones are."""
    for extension in exchange.extensions:
        quiet = is_quiet(exchange, extension)
        queueing.carry_out(exchange, exchange.floor.phone_quiet(extension, quiet, exchange.now))
