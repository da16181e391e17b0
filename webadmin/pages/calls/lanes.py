"""A call as a picture: one lane for the caller and one for each phone, left to right in time.

Coordinates only, for an SVG that the template writes. What a lane shows is folded from the same
entries as the timeline in words.
"""

from collections.abc import Sequence

from appliance.vocabulary.facts_handling import (
    Held,
    Parked,
    Retrieved,
    TransferBegun,
    TransferFailed,
    TransferFinished,
    Unparked,
)
from appliance.vocabulary.ids import ExtensionNumber, Utc
from appliance.vocabulary.journal import (
    AgentAnswered,
    AgentOffered,
    Bridged,
    CallAnswered,
    CallEnded,
    CallEntered,
    CallQueued,
    DigitPressed,
    Direction,
    Entry,
    OfferMissed,
    PromptPlayed,
    RecordingOpened,
    TalkEnded,
    VisitEnded,
    VisitOutcome,
)
from appliance.vocabulary.shape import Value

LEFT, WIDTH, LANE, GAP = 24.0, 670.0, 20.0, 30.0
TOP = 52.0
"""Above the first lane: signs, and its label, which stands over it as in the others."""
SHORTEST = 2.0
"""Units: a shorter piece would not be seen."""


class Piece(Value, frozen=True, kw_only=True):
    """What one lane shows for a time."""

    kind: str
    """ringing | menu | waiting | talk | hold | transfer | parked | message"""
    x: float
    width: float
    seconds: float
    at: Utc


class Lane(Value, frozen=True, kw_only=True):
    """One party."""

    label: str
    y: float
    pieces: tuple[Piece, ...]


class Sign(Value, frozen=True, kw_only=True):
    """A moment in the caller's lane: a key, the notice."""

    kind: str
    """digit | notice"""
    text: str
    x: float
    at: Utc


class Picture(Value, frozen=True, kw_only=True):
    """The whole."""

    lanes: tuple[Lane, ...]
    signs: tuple[Sign, ...]
    seconds: float
    height: float
    width: float = LEFT + WIDTH + 26
    lane_height: float = LANE
    ticks: tuple[tuple[float, float], ...] = ()
    """Where a time stands, and its seconds after the beginning."""


Span = tuple[str, Utc, Utc | None]


class _Lane:
    """One lane being filled: a piece ends where the next begins."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.spans: list[Span] = []

    def turn(self, kind: str, at: Utc) -> None:
        """From `at` on it is `kind`; "" is nothing."""
        if self.spans and self.spans[-1][2] is None:
            before, since, _ = self.spans.pop()
            if before == kind:
                at = since
            elif at > since:
                self.spans.append((before, since, at))
        if kind:
            self.spans.append((kind, at, None))


class _Fold:
    """The lanes of one call from its entries."""

    def __init__(self) -> None:
        self.caller = _Lane("")
        self.phones: dict[ExtensionNumber, _Lane] = {}
        self.signs: list[tuple[str, str, Utc]] = []
        self.talking = 0
        self.is_handed_on = False

    def take(self, entry: Entry) -> None:
        """Take one entry."""
        at = entry.at
        match entry.fact:
            case CallEntered() as fact:
                self.caller.label = fact.caller.number or "?"
                self.caller.turn("ringing", at)
                self.inside = fact.direction is Direction.INBOUND
            case CallAnswered():
                self.caller.turn("menu" if self.inside else "talk", at)
            case CallQueued():
                self.caller.turn("waiting", at)
            case VisitEnded(outcome=ended) if ended is not VisitOutcome.ANSWERED:
                self.caller.turn("menu", at)
            case DigitPressed(digit=digit):
                self.signs.append(("digit", digit, at))
            case PromptPlayed(is_notice=True):
                self.signs.append(("notice", "", at))
            case RecordingOpened(is_message=True):
                self.caller.turn("message", at)
            case CallEnded():
                self.ends(at)
            case _:
                self.take_handing_on(entry)
                self.take_phone(entry)

    def take_handing_on(self, entry: Entry) -> None:
        """Take a pause of the talk, or what becomes of a caller whose talk is over."""
        at = entry.at
        match entry.fact:
            case Held():
                self.caller.turn("hold", at)
            case Retrieved() if self.talking:
                self.caller.turn("talk", at)
            case TransferBegun():
                self.is_handed_on = True
            case TransferFinished():
                self.is_handed_on = False
            case TransferFailed(is_returned=is_returned) if not self.talking:
                self.is_handed_on = is_returned
                self.caller.turn("transfer" if is_returned else "menu", at)
            case TransferFailed():
                self.is_handed_on = False
            case Parked():
                self.caller.turn("parked", at)
            case Unparked():
                self.caller.turn("ringing", at)

    def take_phone(self, entry: Entry) -> None:
        """Take what happens at an agent's or called phone."""
        at = entry.at
        match entry.fact:
            case AgentOffered(extension=phone):
                self.phone(phone).turn("ringing", at)
            case OfferMissed(extension=phone) | AgentAnswered(extension=phone):
                self.phone(phone).turn("", at)
            case Bridged(extension=phone):
                self.talking += 1
                self.is_handed_on = False
                self.caller.turn("talk", at)
                if phone is not None:
                    self.phone(phone).turn("talk", at)
            case TalkEnded(extension=phone):
                self.talking = max(self.talking - 1, 0)
                if phone is not None:
                    self.phone(phone).turn("", at)
                if not self.talking:
                    self.caller.turn("transfer" if self.is_handed_on else "menu", at)

    def phone(self, number: ExtensionNumber) -> _Lane:
        return self.phones.setdefault(number, _Lane(number))

    def ends(self, at: Utc) -> None:
        for lane in (self.caller, *self.phones.values()):
            lane.turn("", at)

    inside = True


def picture_of(entries: Sequence[Entry], now: Utc) -> Picture | None:
    """Return the picture; `now` ends what still goes on. None without entries."""
    if not entries:
        return None
    fold = _Fold()
    for entry in entries:
        fold.take(entry)
    is_over = any(isinstance(entry.fact, CallEnded) for entry in entries)
    begin = entries[0].at
    if not is_over:
        fold.ends(max(now, entries[-1].at))
    lanes = [fold.caller, *fold.phones.values()]
    ends = [end for lane in lanes for _, _, end in lane.spans if end is not None]
    seconds = max([*(end - begin for end in ends), 1.0])
    scale = WIDTH / seconds
    return Picture(
        lanes=tuple(
            Lane(
                label=lane.label,
                y=TOP + index * (LANE + GAP),
                pieces=tuple(_piece(span, begin, scale) for span in lane.spans),
            )
            for index, lane in enumerate(lanes)
        ),
        signs=tuple(
            Sign(kind=kind, text=text, x=_x(at, begin, scale), at=at)
            for kind, text, at in fold.signs
        ),
        seconds=seconds,
        height=TOP + len(lanes) * (LANE + GAP) + 2,
        ticks=tuple((LEFT + part * WIDTH / 4, part * seconds / 4) for part in range(5)),
    )


def _x(at: Utc, begin: Utc, scale: float) -> float:
    return round(LEFT + (at - begin) * scale, 2)


def _piece(span: Span, begin: Utc, scale: float) -> Piece:
    kind, start, end = span
    seconds = (end or start) - start
    return Piece(
        kind=kind,
        x=_x(start, begin, scale),
        width=max(round(seconds * scale, 2), SHORTEST),
        seconds=seconds,
        at=start,
    )
