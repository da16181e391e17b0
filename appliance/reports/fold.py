"""From entries to stories: one fold, a small function for each fact that counts.

Each figure comes from the fact that states it; where that fact is missing (a call that goes on, a
power cut) from the monotonic times of the others. A fact that says what is known already changes
nothing: control repeats itself after a restart.
"""

from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from appliance.reports.fold_customers import CUSTOMER_STEPS, CustomerStep, known_of, rated
from appliance.reports.story import CallStory, Leg, Offer, Visit
from appliance.vocabulary.facts_desk import EmergencyCalled
from appliance.vocabulary.facts_handling import CallMerged, ConferenceEnded, QualityMeasured
from appliance.vocabulary.facts_legs import CallDiverted, LegConnected
from appliance.vocabulary.ids import CallId, Instant, LegId, RecordingId, Seconds, VisitId
from appliance.vocabulary.journal import (
    AgentAnswered,
    AgentOffered,
    Bridged,
    CallAnswered,
    CallBlocked,
    CallEnded,
    CallEntered,
    CallQueued,
    DigitPressed,
    Entry,
    MissReason,
    NodeEntered,
    OfferMissed,
    RecordingFailed,
    RecordingFiled,
    RecordingOpened,
    RouteChosen,
    TalkEnded,
    VisitEnded,
    VisitOutcome,
)
from appliance.vocabulary.records import ConnectionNote, QualityNote, RecordingNote


def story_of(entries: Sequence[Entry]) -> CallStory | None:
    """Fold the entries of one call, in order; None where its CallEntered is not among them."""
    fold: _Fold | None = None
    for entry in entries:
        if fold is None:
            if isinstance(entry.fact, CallEntered) and entry.call is not None:
                fold = _Fold(entry.call, entry, entry.fact)
            continue
        fold.take(entry)
    return None if fold is None else fold.story()


def stories_of(entries: Iterable[Entry]) -> list[CallStory]:
    """Fold the entries of many calls, each call's in order; calls by their first entry."""
    by_call: dict[CallId, list[Entry]] = {}
    for entry in entries:
        if entry.call is not None:
            by_call.setdefault(entry.call, []).append(entry)
    stories = (story_of(own) for own in by_call.values())
    return [story for story in stories if story is not None]


def whole_ms(seconds: float) -> Seconds:
    """Round to whole milliseconds; never negative."""
    return Seconds(max(0.0, round(seconds, 3)))


class _Fold:
    """What is known of one call so far."""

    def __init__(self, call: CallId, entry: Entry, entered: CallEntered) -> None:
        self._story = CallStory(
            call=call,
            direction=entered.direction,
            caller=entered.caller,
            called=entered.called,
            line=entered.line,
            line_call=entered.line_call,
            dialled_by=entered.agent,
            extension=entered.extension,
            entered=entry.at,
        )
        self._known: dict[str, object] = {}
        """Fields of the story that are set once."""
        self._visits: dict[VisitId, Visit] = {}
        self._legs: list[tuple[Leg, Instant]] = []
        self._offers: list[tuple[Offer, Instant]] = []
        self._notes: dict[RecordingId, RecordingNote] = {}
        self._connections: dict[LegId | None, ConnectionNote] = {}
        self._nodes: list[str] = []
        self._digits: list[str] = []
        self._overlap = 0.0
        self._last = entry.mono

    def take(self, entry: Entry) -> None:
        """Add one entry."""
        self._last = entry.mono
        step = _STEPS.get(type(entry.fact))
        if step is not None:
            step(self, entry, entry.fact)

    # --- the call ---

    def call_answered(self, entry: Entry, fact: CallAnswered) -> None:
        self._known.setdefault("answered", entry.at)

    def call_blocked(self, entry: Entry, fact: CallBlocked) -> None:
        self._known.update(block_reason=fact.reason, cause=fact.cause)

    def call_diverted(self, entry: Entry, fact: CallDiverted) -> None:
        self._known.setdefault("diversion", fact.by)

    def route_chosen(self, entry: Entry, fact: RouteChosen) -> None:
        if fact.flow is not None:
            self._known["has_flow"] = True

    def emergency_called(self, entry: Entry, fact: EmergencyCalled) -> None:
        self._known["is_emergency"] = True

    def node_entered(self, entry: Entry, fact: NodeEntered) -> None:
        self._known["has_flow"] = True
        self._nodes.append(fact.node)

    def digit_pressed(self, entry: Entry, fact: DigitPressed) -> None:
        self._digits.append(fact.digit)

    def call_ended(self, entry: Entry, fact: CallEnded) -> None:
        if "ended" not in self._known:
            self._known.update(
                ended=entry.at, ended_by=fact.by, cause=fact.cause, outcome=fact.outcome
            )

    # --- the queue ---

    def call_queued(self, entry: Entry, fact: CallQueued) -> None:
        if fact.visit not in self._visits:
            self._visits[fact.visit] = Visit(
                call=self._story.call, queue=fact.queue, visit=fact.visit, queued=entry.at
            )

    def visit_ended(self, entry: Entry, fact: VisitEnded) -> None:
        visit = self._visits.get(fact.visit)
        if visit is None or visit.outcome is not None:
            return
        was_ringing = fact.outcome is VisitOutcome.ABANDONED and any(
            offer.visit == fact.visit
            and (offer.is_ringing or offer.missed is MissReason.CALLER_GONE)
            for offer, _ in self._offers
        )
        self._visits[fact.visit] = replace(
            visit,
            outcome=fact.outcome,
            wait=whole_ms(fact.wait),
            reason=fact.reason,
            was_ringing=was_ringing,
        )

    def agent_offered(self, entry: Entry, fact: AgentOffered) -> None:
        offer = Offer(
            agent=fact.agent, extension=fact.extension, visit=fact.visit, offered=entry.at
        )
        self._offers.append((offer, entry.mono))

    def agent_answered(self, entry: Entry, fact: AgentAnswered) -> None:
        found = self._ringing(fact.extension, fact.visit)
        if found is None:
            return
        offer, since = self._offers[found]
        rang = whole_ms(entry.mono - since)
        self._offers[found] = (replace(offer, answered=entry.at, rang=rang), since)
        visit = self._visits.get(offer.visit) if offer.visit is not None else None
        if visit is not None:
            self._visits[visit.visit] = replace(visit, ring=rang)

    def offer_missed(self, entry: Entry, fact: OfferMissed) -> None:
        found = self._ringing(fact.extension, fact.visit)
        if found is None:
            return
        offer, since = self._offers[found]
        rang = whole_ms(fact.rang or entry.mono - since)
        self._offers[found] = (replace(offer, missed=fact.reason, rang=rang), since)

    def _ringing(self, extension: str, visit: VisitId | None) -> int | None:
        """Find the offer that rings at this phone; facts may leave the visit out."""
        for index in range(len(self._offers) - 1, -1, -1):
            offer = self._offers[index][0]
            if offer.extension == extension and offer.is_ringing:
                if visit is None or offer.visit is None or offer.visit == visit:
                    return index
        return None

    # --- talks ---

    def bridged(self, entry: Entry, fact: Bridged) -> None:
        if any(leg.ended is None and leg.leg == entry.leg for leg, _ in self._legs):
            return
        before = self._legs[-1][0] if self._legs else None
        leg = Leg(
            leg=entry.leg,
            agent=fact.agent,
            extension=fact.extension,
            queue=fact.queue or (before.queue if before else None),
            visit=fact.visit or (before.visit if before else None),
            number=fact.number,
            bridged=entry.at,
        )
        self._legs.append((leg, entry.mono))

    def talk_ended(self, entry: Entry, fact: TalkEnded) -> None:
        for index in range(len(self._legs) - 1, -1, -1):
            leg, since = self._legs[index]
            is_it = leg.leg == entry.leg if entry.leg else leg.extension == fact.extension
            if leg.ended is None and is_it:
                ended = replace(
                    leg, ended=entry.at, talk=whole_ms(fact.talk), hold=whole_ms(fact.hold)
                )
                self._legs[index] = (ended, since)
                return

    def conference_ended(self, entry: Entry, fact: ConferenceEnded) -> None:
        self._overlap += fact.overlap

    def call_merged(self, entry: Entry, fact: CallMerged) -> None:
        self._known["into"] = fact.into

    def customer(self, entry: Entry, fact: CustomerStep) -> None:
        self._known.update(known_of(fact, self._known))

    # --- recordings ---

    def recording_opened(self, entry: Entry, fact: RecordingOpened) -> None:
        self._notes[fact.recording] = replace(
            self._note(fact.recording),
            opened=entry.at,
            notice=fact.notice,
            notice_at=fact.notice_at,
            is_message=fact.is_message,
            box=fact.box,
        )

    def recording_failed(self, entry: Entry, fact: RecordingFailed) -> None:
        self._notes[fact.recording] = replace(self._note(fact.recording), failed=fact.text)

    def recording_filed(self, entry: Entry, fact: RecordingFiled) -> None:
        self._notes[fact.recording] = replace(
            self._note(fact.recording),
            file=fact.file,
            sha256=fact.sha256,
            seconds=fact.seconds,
            missing_frames=fact.missing_frames,
        )

    def _note(self, recording: RecordingId) -> RecordingNote:
        return self._notes.get(recording) or RecordingNote(recording=recording)

    def quality_measured(self, entry: Entry, fact: QualityMeasured) -> None:
        note = QualityNote(
            leg=entry.leg,
            codec=fact.codec,
            packets=fact.packets,
            lost=fact.lost,
            jitter_ms=fact.jitter_ms,
            round_trip_ms=fact.round_trip_ms,
            far_lost=fact.far_lost,
            mos=fact.mos,
        )
        self._story = replace(self._story, quality=(*self._story.quality, note))

    def leg_connected(self, entry: Entry, fact: LegConnected) -> None:
        """How it is in the end; a leg that encrypts in mid-call stays in its place."""
        self._connections[entry.leg] = ConnectionNote(
            leg=entry.leg,
            extension=fact.extension,
            number=fact.number,
            trunk=fact.trunk,
            transport=fact.transport,
            is_encrypted=fact.is_encrypted,
        )

    # --- the whole ---

    def story(self) -> CallStory:
        """Return what is known."""
        legs = tuple(self._of_its_visit(self._leg(leg, since)) for leg, since in self._legs)
        return replace(
            self._story,
            **self._known,
            nodes=tuple(self._nodes),
            digits="".join(self._digits),
            visits=rated([self._visit(one, legs) for one in self._visits.values()], self._known),
            legs=legs,
            offers=tuple(offer for offer, _ in self._offers),
            recordings=tuple(self._notes.values()),
            connections=tuple(self._connections.values()),
            transfers=_transfers(legs),
            overlap=whole_ms(self._overlap),
        )

    def _leg(self, leg: Leg, since: Instant) -> Leg:
        """Return the leg; where its TalkEnded is missing it talked until the call's last entry."""
        if leg.ended is not None or "ended" not in self._known:
            return leg
        talk = whole_ms(self._last - since)
        return replace(leg, ended=self._known["ended"], talk=talk)

    def _of_its_visit(self, leg: Leg) -> Leg:
        """A caller who overflowed to an extension and talked there was not served by the queue."""
        visit = self._visits.get(leg.visit) if leg.visit is not None else None
        if visit is None or visit.outcome in (None, VisitOutcome.ANSWERED):
            return leg
        return replace(leg, visit=None, queue=None)

    def _visit(self, visit: Visit, legs: tuple[Leg, ...]) -> Visit:
        own = tuple(leg for leg in legs if leg.visit == visit.visit)
        handed_on = bool(own) and _transfers(legs[legs.index(own[0]) :]) > 0
        is_over = "ended" in self._known
        if not own and not is_over:
            return visit
        return replace(visit, legs=own, is_transferred=handed_on, is_over=is_over)


def _transfers(legs: Sequence[Leg]) -> int:
    """Count how often another one took over: not the same phone going on after a try in vain, nor
    who joins a conference while the one before talks on."""
    return sum(takes_over(before, after) for before, after in zip(legs, legs[1:], strict=False))


def takes_over(before: Leg, after: Leg) -> bool:
    """Say whether `after` is another one's talk, and began when `before` was over."""
    is_same = before.leg == after.leg
    if before.extension is not None and before.extension == after.extension:
        is_same = True
    return not is_same and before.ended is not None and before.ended <= after.bridged


_STEPS: dict[type, Callable[..., None]] = {
    CallAnswered: _Fold.call_answered,
    CallBlocked: _Fold.call_blocked,
    RouteChosen: _Fold.route_chosen,
    EmergencyCalled: _Fold.emergency_called,
    CallEnded: _Fold.call_ended,
    NodeEntered: _Fold.node_entered,
    DigitPressed: _Fold.digit_pressed,
    CallQueued: _Fold.call_queued,
    VisitEnded: _Fold.visit_ended,
    AgentOffered: _Fold.agent_offered,
    AgentAnswered: _Fold.agent_answered,
    OfferMissed: _Fold.offer_missed,
    Bridged: _Fold.bridged,
    TalkEnded: _Fold.talk_ended,
    ConferenceEnded: _Fold.conference_ended,
    CallMerged: _Fold.call_merged,
    RecordingOpened: _Fold.recording_opened,
    RecordingFailed: _Fold.recording_failed,
    RecordingFiled: _Fold.recording_filed,
    QualityMeasured: _Fold.quality_measured,
    LegConnected: _Fold.leg_connected,
    CallDiverted: _Fold.call_diverted,
    **dict.fromkeys(CUSTOMER_STEPS, _Fold.customer),
}
