"""What a site says of its customers beyond the wait: calling them back, asking how it was."""

from appliance.vocabulary.ids import CalendarId, SurveyId
from appliance.vocabulary.shape import Value


class Callback(Value, frozen=True, kw_only=True):
    """[[queue]] callback: who waits may be called back instead."""

    key: str = "1"
    """Pressed while he waits."""
    offer_after_seconds: float = 20
    """So long after he came he is told of it, and then with each comfort message; 0: at once."""
    calendar: CalendarId | None = None
    """Hours in which customers may be rung; None: whenever an agent is there."""
    max_tries: int = 3
    between_minutes: float = 10
    days: float = 2
    """So long after it was asked for it is given up."""
    other_number: bool = True
    """He may key in another number than the one that he calls from."""
    ring_seconds: float = 30
    """How long the customer's phone rings."""


class Survey(Value, frozen=True, kw_only=True):
    """[[survey]]: what callers are asked after a talk with an agent: 1, 2 or 3."""

    id: SurveyId
    text: str = ""
    """The question; empty: the box's own. 1 is the best, 3 the worst."""
    thanks: str = ""
    """The last words; empty: the box's own."""
    min_talk_seconds: float = 20
    """Nobody is asked after a shorter talk."""
    not_again_hours: float = 4
    """The same number is not asked again within so long."""
    reason_from: int = 3
    """Who gives this score or a worse one is asked to say why; 0: nobody."""
    reason_text: str = ""
    """Said before the tone; empty: the box's own."""
    reason_seconds: float = 30
    """Longest spoken reason."""
