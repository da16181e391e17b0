"""What the agent's phone shows of a queue's caller: which queue, what he keyed in, who he is."""

from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState
from appliance.vocabulary.lines import Party


def of_call(exchange: Exchange, call: CallState) -> Party | None:
    """What it shows besides the number. None: as for any call. The number is said again behind the
    queue, for many phones show a name only."""
    queue = exchange.queues.get(call.queue) if call.queue is not None else None
    if queue is None or not queue.name:
        return None
    caller = Party(number=call.called) if call.is_being_called_back else call.caller
    who = caller.name or caller.number
    what = f"{queue.name} {call.collected}".rstrip()
    return Party(number=caller.number, name=f"{what}: {who}" if who else what)


def collected(call: CallState) -> str:
    """The last number that the caller keyed in at a `collect` node, unless it is private. What a
    node looked up or set is no number of his: his balance is not for a display."""
    if call.run is not None:
        for name in reversed(call.run.keyed):
            value = call.run.variables.get(name, "")
            if value.isdecimal() and name not in call.run.private:
                return value
    return call.collected
