"""What a caller hears before the beep: the node's text, the box's own of the hour, or ours."""

from datetime import datetime
from zoneinfo import ZoneInfo

from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState
from appliance.engines.ivr.box_greeting import box_greeting
from appliance.vocabulary.ids import BoxName
from appliance.vocabulary.speech import PhraseKey, Utterance


def greeting_of(exchange: Exchange, call: CallState, asked: Utterance | None) -> Utterance:
    """Return the greeting of the call's box; what cannot be said gives way to the usual one."""
    usual = asked or Utterance(language=call.language, phrase=PhraseKey.LEAVE_MESSAGE)
    local = datetime.fromtimestamp(exchange.utc(), ZoneInfo(exchange.site.site.timezone))
    own = box_greeting(exchange.site, BoxName(call.box), usual, local)
    return own if exchange.prompts.parts(own) else usual
