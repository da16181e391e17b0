"""Handing a call on: blind, attended, semi-attended; by the phone's own keys or by feature code."""

from appliance.engines.calls.exchange import Exchange
from appliance.vocabulary.commands import TellTransfer, TransferStage
from appliance.vocabulary.events import TransferAsked
from appliance.vocabulary.lines import Cause


def asked(exchange: Exchange, event: TransferAsked) -> None:
    """A phone asks with its own transfer key."""
    exchange.do(TellTransfer(leg=event.leg, stage=TransferStage.FAILED, cause=Cause.FORBIDDEN))
