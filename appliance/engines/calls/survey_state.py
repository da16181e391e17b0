"""What a call remembers whose caller says how it was (surveys.py); in the call's slot."""

from enum import StrEnum

from appliance.vocabulary.ids import AgentId, ExtensionNumber, QueueId, SurveyId
from appliance.vocabulary.shape import State


class SurveyStep(StrEnum):
    """How far a survey has come."""

    ASK = "ask"
    REASON = "reason"
    """He is asked to say why."""
    TONE = "tone"
    SPEAKING = "speaking"


class SurveyState(State, kw_only=True):
    """The caller says how it was (surveys.py)."""

    survey: SurveyId
    agent: AgentId | None = None
    extension: ExtensionNumber | None = None
    queue: QueueId | None = None
    step: SurveyStep = SurveyStep.ASK
    tries: int = 0
    score: int = 0
    """0: not given yet."""
    is_of_flow: bool = False
    """The flow goes on afterwards."""
