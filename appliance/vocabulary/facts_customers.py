"""Facts of what customers are offered around a call: being called back, and saying how it was."""

from appliance.vocabulary.fact import Fact
from appliance.vocabulary.ids import (
    AgentId,
    CallbackId,
    CallId,
    ExtensionNumber,
    QueueId,
    RecordingId,
    SurveyId,
    Utc,
)


class CallbackAsked(Fact, frozen=True, kw_only=True):
    """The caller hangs up to be called back. In the call in which he asked."""

    callback: CallbackId
    queue: QueueId
    number: str
    is_known: bool = False
    """There was one for this number already: it stays, with its place."""


class CallbackBegun(Fact, frozen=True, kw_only=True):
    """This call is a callback; its second fact."""

    callback: CallbackId
    queue: QueueId
    number: str
    first: CallId
    """The call in which it was asked for."""
    asked: Utc


class CallbackTaken(Fact, frozen=True, kw_only=True):
    """An agent has picked up, and the customer is rung for him."""

    callback: CallbackId
    agent: AgentId | None
    extension: ExtensionNumber
    tries: int
    """1: the first time that this customer is rung."""


class CallbackTried(Fact, frozen=True, kw_only=True):
    """A try came to nothing."""

    callback: CallbackId
    result: str
    """A Cause in its own word, or agent_left."""
    not_before: Utc | None = None
    """When he is tried again; None: not any more."""


class CallbackClosed(Fact, frozen=True, kw_only=True):
    """It is over without a talk; a talk closes it as well, without this."""

    callback: CallbackId
    queue: QueueId
    number: str
    first: CallId
    reason: str
    """tries, expired, forbidden, queue_removed, cancelled."""
    by: str = ""
    """cancelled: who did it."""


class SurveyAsked(Fact, frozen=True, kw_only=True):
    """The caller is asked how it was."""

    survey: SurveyId
    agent: AgentId | None = None
    """Who talked with him last."""
    extension: ExtensionNumber | None = None
    queue: QueueId | None = None
    why: str = ""
    """hung_up, handed_on (the agent keyed in the code), flow."""


class SurveySkipped(Fact, frozen=True, kw_only=True):
    """He would have been asked, but for a rule of the survey."""

    survey: SurveyId
    reason: str
    """short_talk, asked_lately, no_words."""


class SurveyScored(Fact, frozen=True, kw_only=True):
    """He pressed a key."""

    survey: SurveyId
    score: int
    """1 the best, 3 the worst."""
    agent: AgentId | None = None
    extension: ExtensionNumber | None = None
    queue: QueueId | None = None


class SurveyUnanswered(Fact, frozen=True, kw_only=True):
    """No key, or none that counts."""

    survey: SurveyId


class ReasonSpoken(Fact, frozen=True, kw_only=True):
    """What follows in this recording is why he was not content."""

    survey: SurveyId
    recording: RecordingId


CustomerFact = (
    CallbackAsked
    | CallbackBegun
    | CallbackTaken
    | CallbackTried
    | CallbackClosed
    | SurveyAsked
    | SurveySkipped
    | SurveyScored
    | SurveyUnanswered
    | ReasonSpoken
)
