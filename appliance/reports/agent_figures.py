"""An agent's figures for a day: what the states say about time, what the legs say about calls.

Time comes from the agent's states clipped to the day (a shift over midnight is in both days);
counts and means from the calls that belong to the day (those that entered their queue in it).

    occupancy    (talk + hold + wrap-up + other calls) / (signed in − not ready)    8x8; 80–85 %
    utilisation  the same / signed in
    置忙占比      not ready / signed in                                           icsoc
"""

from collections.abc import Iterable, Sequence

from msgspec.structs import asdict

from appliance.reports.agent_states import Stretch, seconds_by_state
from appliance.reports.fold import takes_over
from appliance.reports.ratios import mean, per_cent
from appliance.reports.story import CallStory, Leg
from appliance.vocabulary.ids import AgentId, Utc
from appliance.vocabulary.journal import AgentState, Direction, MissReason
from appliance.vocabulary.shape import Value


class AgentTimes(Value, frozen=True, kw_only=True):
    """Seconds of the day in each state."""

    signed_in: float
    ready: float
    ringing: float
    talking: float
    holding: float
    wrap_up: float
    own_calls: float
    """In calls that no queue gave him: dialled, internal, direct, handed on to him."""
    not_ready: float
    unreachable: float


class AgentCounts(Value, frozen=True, kw_only=True):
    """Calls of the day."""

    answered: int
    """Talks with queued callers."""
    direct: int
    """Talks with callers who came to the extension by no queue, or after one had given up."""
    missed: int
    """Rang and was not answered."""
    rejected: int
    unreached: int
    """The phone was busy or lost when it was to ring."""
    outbound: int
    outbound_answered: int
    internal: int
    transferred_away: int
    """Talks that another leg took over."""
    held: int
    """Talks with a hold in them."""
    rings: int
    """Offers that were answered: what the mean ring time divides by."""
    rated: int
    """Callers who said how he was; he talked with them last."""
    content: int
    """Of these, keys 1 and 2."""


class AgentSums(Value, frozen=True, kw_only=True):
    """Seconds over the talks counted in `answered`, and over their ringing."""

    talk: float
    hold: float
    wrap_up: float
    ring: float


class AgentFigures(Value, frozen=True, kw_only=True):
    """One agent's day; agent "" is all of them together."""

    agent: str
    name: str
    times: AgentTimes
    not_ready_by_reason: dict[str, float]
    counts: AgentCounts
    sums: AgentSums
    average_talk: float | None
    average_ring: float | None
    average_wrap_up: float | None
    average_handle: float | None
    """(talk + hold + wrap-up) / talks."""
    occupancy: float | None
    utilisation: float | None
    not_ready_share: float | None
    content: float | None
    """满意率: keys 1 and 2 / rated."""


def agent_figures(
    agent: AgentId,
    name: str,
    stretches: Sequence[Stretch],
    stories: Iterable[CallStory],
    start: Utc,
    end: Utc,
) -> AgentFigures:
    """Return the figures of one agent: stretches clipped to [start, end), all calls' stories."""
    reasons: dict[str, float] = {}
    for stretch in stretches:
        if stretch.state is AgentState.NOT_READY:
            reasons[stretch.reason] = reasons.get(stretch.reason, 0.0) + stretch.seconds
    tally = _Tally(agent, start, end)
    for story in stories:
        tally.take(story)
    return _figures(agent, name, _times(stretches), reasons, tally.counts(), tally.sums())


def agents_together(figures: Sequence[AgentFigures]) -> AgentFigures:
    """Return the sums of all, and the ratios of the sums."""
    reasons: dict[str, float] = {}
    for one in figures:
        for reason, seconds in one.not_ready_by_reason.items():
            reasons[reason] = reasons.get(reason, 0.0) + seconds
    times = _added([asdict(one.times) for one in figures], AgentTimes)
    counts = _added([asdict(one.counts) for one in figures], AgentCounts)
    sums = _added([asdict(one.sums) for one in figures], AgentSums)
    return _figures(
        "",
        "",
        AgentTimes(**times),
        reasons,
        AgentCounts(**{name: int(count) for name, count in counts.items()}),
        AgentSums(**sums),
    )


def _added(rows: list[dict[str, float]], kind: type[Value]) -> dict[str, float]:
    return {field: round(sum(row[field] for row in rows), 3) for field in kind.__struct_fields__}


def _times(stretches: Sequence[Stretch]) -> AgentTimes:
    by_state = seconds_by_state(stretches)

    def of(state: AgentState) -> float:
        return round(by_state.get(state, 0.0), 3)

    signed_in = sum(by_state.values()) - by_state.get(AgentState.SIGNED_OUT, 0.0)
    return AgentTimes(
        signed_in=round(signed_in, 3),
        ready=of(AgentState.READY),
        ringing=of(AgentState.RINGING),
        talking=of(AgentState.TALKING),
        holding=of(AgentState.HOLDING),
        wrap_up=of(AgentState.WRAP_UP),
        own_calls=of(AgentState.BUSY),
        not_ready=of(AgentState.NOT_READY),
        unreachable=of(AgentState.UNREACHABLE),
    )


class _Tally:
    """Counts one agent's part in the calls of [start, end)."""

    def __init__(self, agent: AgentId, start: Utc, end: Utc) -> None:
        self._agent = agent
        self._start, self._end = start, end
        self._counts = dict.fromkeys(AgentCounts.__struct_fields__, 0)
        self._sums = dict.fromkeys(AgentSums.__struct_fields__, 0.0)

    def take(self, story: CallStory) -> None:
        """Add one call."""
        is_of_day = self._start <= story.entered < self._end
        if is_of_day and story.dialled_by == self._agent:
            self._dialled(story)
        if is_of_day and story.direction is Direction.INBOUND:
            self._counts["direct"] += sum(
                leg.agent == self._agent and leg.visit is None for leg in story.legs
            )
        if is_of_day and story.survey is not None and story.survey.agent == self._agent:
            self._rated(story.survey.score)
        visits = {v.visit for v in story.visits if self._start <= v.queued < self._end}
        for index, leg in enumerate(story.legs):
            if leg.visit in visits and leg.agent == self._agent:
                is_away = any(takes_over(leg, one) for one in story.legs[index + 1 : index + 2])
                self._talked(leg, is_transferred=is_away)
        for offer in story.offers:
            if offer.agent == self._agent and offer.visit in visits:
                self._offered(offer.missed, offer.rang if offer.answered else None)

    def _rated(self, score: int | None) -> None:
        self._counts["rated"] += score is not None
        self._counts["content"] += score in (1, 2)

    def _dialled(self, story: CallStory) -> None:
        if story.direction is Direction.OUTBOUND:
            self._counts["outbound"] += 1
            self._counts["outbound_answered"] += bool(story.legs)
        elif story.direction is Direction.INTERNAL:
            self._counts["internal"] += 1

    def _talked(self, leg: Leg, is_transferred: bool) -> None:
        self._counts["answered"] += 1
        self._counts["held"] += leg.hold > 0
        self._counts["transferred_away"] += is_transferred
        self._sums["talk"] += leg.talk or 0.0
        self._sums["hold"] += leg.hold
        self._sums["wrap_up"] += leg.wrap_up

    def _offered(self, missed: MissReason | None, rang: float | None) -> None:
        if rang is not None:
            self._sums["ring"] += rang
            self._counts["rings"] += 1
        if missed is MissReason.NO_ANSWER:
            self._counts["missed"] += 1
        elif missed is MissReason.REJECTED:
            self._counts["rejected"] += 1
        elif missed in (MissReason.BUSY, MissReason.UNREACHABLE):
            self._counts["unreached"] += 1

    def counts(self) -> AgentCounts:
        return AgentCounts(**self._counts)

    def sums(self) -> AgentSums:
        return AgentSums(**{name: round(value, 3) for name, value in self._sums.items()})


def _figures(
    agent: str,
    name: str,
    times: AgentTimes,
    reasons: dict[str, float],
    counts: AgentCounts,
    sums: AgentSums,
) -> AgentFigures:
    handle = times.talking + times.holding + times.wrap_up + times.own_calls
    return AgentFigures(
        agent=agent,
        name=name,
        times=times,
        not_ready_by_reason={key: round(value, 3) for key, value in sorted(reasons.items())},
        counts=counts,
        sums=sums,
        average_talk=mean(sums.talk, counts.answered),
        average_ring=mean(sums.ring, counts.rings),
        average_wrap_up=mean(sums.wrap_up, counts.answered),
        average_handle=mean(sums.talk + sums.hold + sums.wrap_up, counts.answered),
        occupancy=per_cent(handle, times.signed_in - times.not_ready),
        utilisation=per_cent(handle, times.signed_in),
        not_ready_share=per_cent(times.not_ready, times.signed_in),
        content=per_cent(counts.content, counts.rated),
    )
