"""The two ledger identities, with the difference printed: reports that add up, or say they do not.

    box     E = I + X + D + G + O (+ calls still in the menu or ringing)
    queue   O = A + B + V + K + M + still waiting

The left sides are counted from the facts of entering (CallEntered, CallQueued), the right sides
from the facts of ending (CallEnded, VisitEnded): a call that was lost or counted twice on the way
shows as a difference and is never smoothed over.
"""

from collections.abc import Iterable, Sequence

from appliance.reports.journeys import journey_of
from appliance.reports.story import CallStory, Visit
from appliance.vocabulary.journal import CallOutcome, VisitOutcome
from appliance.vocabulary.shape import Value


class Part(Value, frozen=True, kw_only=True):
    """One summand."""

    symbol: str
    text_key: str
    count: int


class Identity(Value, frozen=True, kw_only=True):
    """One line: the whole, its parts, and what is missing between them."""

    queue: str
    """Queue id; "" for the box."""
    whole: Part
    parts: tuple[Part, ...]
    difference: int
    """Whole minus parts; 0 is right."""

    @property
    def text(self) -> str:
        """The line in symbols: "O 13 = A 7 + B 4 + V 1 + K 1 + M 0 + W 0; difference 0"."""
        parts = " + ".join(f"{part.symbol} {part.count}" for part in self.parts)
        return f"{self.whole.symbol} {self.whole.count} = {parts}; Δ {self.difference}"


_QUEUE_PARTS = (
    ("A", "answered", VisitOutcome.ANSWERED),
    ("B", "abandoned", VisitOutcome.ABANDONED),
    ("V", "overflow", VisitOutcome.OVERFLOW),
    ("K", "callback", VisitOutcome.CALLBACK),
    ("M", "voicemail", VisitOutcome.VOICEMAIL),
)


_LETTERS: dict[CallOutcome, str] = {
    CallOutcome.IVR: "I",
    CallOutcome.BLOCKED: "X",
    CallOutcome.NOTICE: "G",
    CallOutcome.VOICEMAIL: "G",
    CallOutcome.CALLBACK: "G",
    CallOutcome.DIRECT: "D",
    CallOutcome.ANSWERED: "D",
    CallOutcome.NOT_ANSWERED: "D",
}
"""Where an ended call stands in the box's identity."""
_QUEUED_TOO = (
    CallOutcome.VOICEMAIL,
    CallOutcome.CALLBACK,
    CallOutcome.ANSWERED,
    CallOutcome.NOT_ANSWERED,
)
"""Outcomes that a call out of a queue has as well: then it stands among O alone."""


def box_counts(stories: Iterable[CallStory]) -> dict[str, int]:
    """Count the callers' calls by the letters of the box's identity; P: still in progress.

    Straight to an extension (D) is every ended call that talked or rang there without a queue.
    """
    counts = dict.fromkeys("EIXDGOP", 0)
    for story in stories:
        if not story.is_callers:
            continue
        counts["E"] += 1
        if story.visits:
            counts["O"] += 1
        elif story.ended is None:
            counts["P"] += 1
        if story.outcome in _LETTERS and not (story.visits and story.outcome in _QUEUED_TOO):
            counts[_LETTERS[story.outcome]] += 1
    return counts


def box_identity(stories: Iterable[CallStory]) -> Identity:
    """Return E = I + X + D + G + O for the calls that entered the box."""
    counts = box_counts(stories)
    parts = (
        Part(symbol="I", text_key="ended in the menu", count=counts["I"]),
        Part(symbol="X", text_key="blocked", count=counts["X"]),
        Part(symbol="D", text_key="straight to an extension", count=counts["D"]),
        Part(symbol="G", text_key="notice or message without a queue", count=counts["G"]),
        Part(symbol="O", text_key="offered to queues", count=counts["O"]),
        Part(symbol="P", text_key="still in progress", count=counts["P"]),
    )
    return _identity("", Part(symbol="E", text_key="entered the box", count=counts["E"]), parts)


def queue_identity(visits: Sequence[Visit], queue: str = "") -> Identity:
    """Return O = A + B + V + K + M + still waiting for the stays of one queue."""
    parts = tuple(
        Part(
            symbol=symbol,
            text_key=text_key,
            count=sum(visit.outcome is outcome for visit in visits),
        )
        for symbol, text_key, outcome in _QUEUE_PARTS
    )
    waiting = sum(visit.outcome is None and not visit.is_over for visit in visits)
    return _identity(
        queue,
        Part(symbol="O", text_key="offered to queues", count=len(visits)),
        (*parts, Part(symbol="W", text_key="still waiting", count=waiting)),
    )


def box_queue_identity(stories: Iterable[CallStory]) -> Identity:
    """Return the second identity for the box: each queued call once, whatever its queues."""
    journeys = [journey_of(story) for story in stories if story.is_callers]
    return queue_identity([journey for journey in journeys if journey is not None])


def _identity(queue: str, whole: Part, parts: tuple[Part, ...]) -> Identity:
    difference = whole.count - sum(part.count for part in parts)
    return Identity(queue=queue, whole=whole, parts=parts, difference=difference)
