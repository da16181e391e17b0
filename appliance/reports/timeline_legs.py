"""Whose leg is it? What a timeline remembers of legs, for facts that name nothing but a leg."""

from appliance.vocabulary.ids import LegId
from appliance.vocabulary.journal import (
    AgentAnswered,
    AgentOffered,
    AgentRinging,
    Bridged,
    CallEntered,
    Entry,
    LegGone,
)
from appliance.vocabulary.shape import State

CALLER = "the caller"
"""Who withholds his number; a word of ours."""


class Legs(State, kw_only=True):
    """Learned from entry to entry."""

    dialled: str = ""
    """What the call was for: the name of a side that is no phone of ours."""
    labels: dict[LegId, str] = {}
    """A phone's number, a number outside, or CALLER."""
    phones: dict[LegId, str] = {}
    """Of these, phones of ours."""
    agents: dict[LegId, str] = {}
    """Who sits at the phone."""
    talker: str = ""
    """With whom the last talk began; empty where its fact does not say."""
    talks_at: LegId | None = None
    """The leg of the last talk that began."""
    gone: LegId | None = None
    """The leg that hung up last."""

    def learn(self, entry: Entry) -> None:
        """Take what this entry tells."""
        leg, fact = entry.leg, entry.fact
        if isinstance(fact, CallEntered):
            self.dialled = fact.called
        if leg is None:
            return
        match fact:
            case CallEntered(extension=phone, agent=agent):
                self._name(leg, phone or "", agent or "", fact.caller.number or CALLER)
            case AgentOffered() | AgentRinging() | AgentAnswered():
                self._name(leg, fact.extension, fact.agent or "", "")
            case Bridged(extension=phone, agent=agent):
                self._name(leg, phone or "", agent or "", fact.number or self.dialled)
                self.talker, self.talks_at = phone or agent or fact.number, leg
            case LegGone():
                self.gone = leg
            case _:
                pass

    def _name(self, leg: LegId, phone: str, agent: str, otherwise: str) -> None:
        if phone:
            self.phones[leg] = phone
        if agent:
            self.agents[leg] = agent
        self.labels[leg] = phone or self.labels.get(leg) or otherwise
