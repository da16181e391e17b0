"""What a voicemail box says of its own before the beep: by its calendar, in text or own prompt."""

from datetime import datetime

from appliance.engines.ivr.calendar import is_open
from appliance.vocabulary.ids import BoxName
from appliance.vocabulary.settings import Site
from appliance.vocabulary.speech import PhraseKey, Utterance


def box_greeting(site: Site, box: BoxName, asked: Utterance | None, local: datetime) -> Utterance:
    """Return what a box says at this wall-clock time. `asked`: what the flow's node says; words of
    its own win, and where the box has none either, the box's usual sentence is said."""
    usual = asked or Utterance(language=site.site.language, phrase=PhraseKey.LEAVE_MESSAGE)
    if usual.phrase is not PhraseKey.LEAVE_MESSAGE:
        return usual
    facts = next((one for one in site.voicemail_box if one.id == box), None)
    if facts is None:
        return usual
    text, prompt = facts.greeting, facts.greeting_prompt
    calendar = next((one for one in site.calendar if one.id == facts.calendar), None)
    has_closed = facts.closed_greeting or facts.closed_greeting_prompt
    if calendar is not None and has_closed and not is_open(calendar, local):
        text, prompt = facts.closed_greeting, facts.closed_greeting_prompt
    if not (text or prompt):
        return usual
    return Utterance(language=site.site.language, text=text, prompt=prompt)
