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
    text, prompt = _own(exchange, BoxName(call.box))
    if text or prompt:
        own = Utterance(language=exchange.language, text=text, prompt=prompt)
        if exchange.prompts.parts(own):
            return own
    return asked or Utterance(language=call.language, phrase=PhraseKey.LEAVE_MESSAGE)


def _own(exchange: Exchange, box: BoxName) -> tuple[str, str]:
    """Return the box's own text for this hour, and the own prompt that says it."""
    facts = exchange.messages.facts_of(box)
    calendars = (one for one in exchange.site.calendar if one.id == facts.calendar)
    calendar = next(calendars, None)
    if calendar is not None and (facts.closed_greeting or facts.closed_greeting_prompt):
        local = datetime.fromtimestamp(exchange.utc(), ZoneInfo(exchange.site.site.timezone))
        if not is_open(calendar, local):
            return facts.closed_greeting, facts.closed_greeting_prompt
    return facts.greeting, facts.greeting_prompt
