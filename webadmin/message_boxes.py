"""Voicemail boxes as control tells them: what a visitor may see of them, and what is overdue."""

import secrets

from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import AgentId, BoxName, RecordingId, Utc
from appliance.vocabulary.messages import BoxTold, MessageNote
from appliance.vocabulary.settings import Site
from appliance.vocabulary.settings_messages import VoicemailBoxFacts
from appliance.vocabulary.verbs import AskId, ListMessages, VerbAnswered
from webadmin.access import present_visitor
from webadmin.box import ask
from webadmin.stores import site

ANSWER_S = 2.0


def boxes(by: str) -> tuple[BoxTold, ...] | None:
    """Return every box; None while control does not answer."""
    try:
        answer = ask(ListMessages(ask=AskId(secrets.token_hex(8)), by=by), ANSWER_S)
    except (OSError, PeerError):
        return None
    return answer.boxes if isinstance(answer, VerbAnswered) else None


def visible_boxes() -> tuple[BoxTold, ...] | None:
    """Return the boxes that the visitor may see: the owner all, an agent his own and those of his
    queues; None while control does not answer."""
    who = present_visitor()
    told = boxes(who.name)
    if told is None or who.agent is None:
        return told
    return tuple(one for one in told if _is_of(one.box, who.agent, site()))


def visible_message(recording: RecordingId) -> MessageNote | None:
    """Return a message of a box that the visitor may see; None: there is none for him."""
    for box in visible_boxes() or ():
        for note in (*box.new, *box.old):
            if note.recording == recording:
                return note
    return None


def facts_of(box: BoxName) -> VoicemailBoxFacts:
    """Return what the site says of a box, or what holds for all."""
    found = (one for one in site().voicemail_box if one.id == box)
    return next(found, VoicemailBoxFacts(id=box))


def overdue(told: tuple[BoxTold, ...], now: Utc) -> int:
    """Return how many messages nobody has heard for longer than their box allows."""
    return sum(
        is_overdue(note, facts_of(box.box), now, is_new=True) for box in told for note in box.new
    )


def is_overdue(note: MessageNote, facts: VoicemailBoxFacts, now: Utc, *, is_new: bool) -> bool:
    """Say whether a message has waited for too long."""
    return is_new and bool(note.left) and now - note.left > facts.red_after_hours * 3600


def _is_of(box: BoxName, agent: AgentId, of: Site) -> bool:
    facts = next((one for one in of.voicemail_box if one.id == box), None)
    phones = {one.extension for one in of.agent if one.id == agent}
    is_his_phones = any(one.voicemail_box == box and one.number in phones for one in of.extension)
    if facts is None:
        return is_his_phones
    queues = {one.id for one in of.queue if agent in one.agents}
    return is_his_phones or agent in facts.agents or not queues.isdisjoint(facts.queues)
