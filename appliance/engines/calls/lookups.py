"""What a flow asks and tells beyond call control: the question goes out as a command, and what came
of it stands in the journal. A question still open after a kill -9 is asked again."""

from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState
from appliance.engines.ivr.commands import AskOutside, LookupOver, TellWebhook
from appliance.vocabulary.facts_flows import FlowLookedUp, FlowTold
from appliance.vocabulary.ids import Seconds
from appliance.vocabulary.lookups import LookUp, TableQuestion


def carry_out(
    exchange: Exchange, call: CallState, command: AskOutside | LookupOver | TellWebhook
) -> None:
    """Send a question out, or write down what came of it."""
    match command:
        case AskOutside():
            exchange.do(
                LookUp(
                    call=call.call,
                    number=command.number,
                    question=command.question,
                    within=command.within,
                )
            )
        case LookupOver(question=question):
            is_table = isinstance(question, TableQuestion)
            source = question.table if isinstance(question, TableQuestion) else question.service
            exchange.write(
                call,
                FlowLookedUp(
                    node=command.node,
                    source=source,
                    is_table=is_table,
                    result=command.result,
                    text=command.text,
                    seconds=command.seconds,
                ),
            )
        case TellWebhook():
            exchange.write(
                call,
                FlowTold(
                    node=command.node,
                    webhook=command.webhook,
                    what=command.what,
                    values=command.values,
                ),
            )


def ask_again(exchange: Exchange, call: CallState) -> None:
    """After a restart: whoever was asked may never have heard it, or told it to nobody."""
    asked = None if call.run is None or call.run.is_over else call.run.asked
    if asked is not None and asked.until > exchange.now:
        exchange.do(
            LookUp(
                call=call.call,
                number=asked.number,
                question=asked.question,
                within=Seconds(asked.until - exchange.now),
            )
        )
