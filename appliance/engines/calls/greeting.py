"""What a voicemail box says before the beep: the node's text, its own of the hour, or ours."""

from datetime import datetime
from zoneinfo import ZoneInfo

from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState
from appliance.engines.ivr.calendar import is_open
from appliance.vocabulary.ids import BoxName
from appliance.vocabulary.speech import PhraseKey, Utterance


def greeting_of(exchange: Exchange, call: CallState, asked: Utterance | None) -> Utterance:
    """Return the greeting of the call's box. `asked`: what the flow says; its own words win."""
    if asked is not None and asked.phrase is not PhraseKey.LEAVE_MESSAGE:
        return asked
    text = _own_text(exchange, BoxName(call.box))
    if text:
        return Utterance(language=exchange.language, text=text)
    return asked or Utterance(language=call.language, phrase=PhraseKey.LEAVE_MESSAGE)


def _own_text(exchange: Exchange, box: BoxName) -> str:
    facts = exchange.messages.facts_of(box)
    calendars = (one for one in exchange.site.calendar if one.id == facts.calendar)
    calendar = next(calendars, None)
    if calendar is not None and facts.closed_greeting:
        local = datetime.fromtimestamp(exchange.utc(), ZoneInfo(exchange.site.site.timezone))
        if not is_open(calendar, local):
            return facts.closed_greeting
    return facts.greeting
