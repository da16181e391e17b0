"""The daily report: box, queues, half hours, agents, and the lines that reconcile them.

A queue's stay belongs to the day and half hour in which the queue was entered, a call of the
box's line to those in which it entered the box. So each stands in exactly one day, also across
midnight, and the days of a month add up.
"""

from collections.abc import Sequence

from appliance.reports.agent_figures import AgentFigures, agent_figures, agents_together
from appliance.reports.agent_states import clipped, stretches_of, with_wrap_ups, wrap_ups_of
from appliance.reports.days import Day, Interval
from appliance.reports.fold import stories_of
from appliance.reports.journeys import journey_of
from appliance.reports.message_figures import BoxFigures, message_figures
from appliance.reports.names import Names, names_of
from appliance.reports.queue_figures import QueueFigures, queue_figures
from appliance.reports.reconciliation import (
    Identity,
    box_counts,
    box_identity,
    box_queue_identity,
    queue_identity,
)
from appliance.reports.story import CallStory, Visit
from appliance.vocabulary.ids import AgentId, QueueId, Utc
from appliance.vocabulary.journal import Direction, Entry
from appliance.vocabulary.settings import ServiceLevel, Site
from appliance.vocabulary.shape import Value


class BoxCounts(Value, frozen=True, kw_only=True):
    """Calls that entered the box. Letters are those of the ledger identity."""

    entered: int
    """E: callers' calls."""
    ivr: int
    """I: ended in the menu."""
    blocked: int
    """X"""
    direct: int
    """D: straight to an extension."""
    notice: int
    """G: notice or message without a queue."""
    offered: int
    """O: offered to queues, each call once."""
    in_progress: int
    """In the menu or ringing when the report was made."""
    outbound: int
    outbound_answered: int
    internal: int
    internal_answered: int
    service: int
    """Feature codes and the self-test: no customers."""


class BoxLine(Value, frozen=True, kw_only=True):
    """The box's line of a day or half hour; `figures` has each queued call once."""

    interval: Interval
    counts: BoxCounts
    figures: QueueFigures


class QueueLine(Value, frozen=True, kw_only=True):
    """A queue's line of a half hour."""

    interval: Interval
    figures: QueueFigures


class QueueReport(Value, frozen=True, kw_only=True):
    """One queue's day."""

    queue: QueueId
    name: str
    figures: QueueFigures
    half_hours: tuple[QueueLine, ...]


class DailyReport(Value, frozen=True, kw_only=True):
    """One day of the box."""

    day: Day
    made_until: Utc
    """What had not happened by then is not in it: the day's end, or the time of the question."""
    is_whole: bool
    """The day is over."""
    site_name: str
    site_version: int
    box: BoxLine
    half_hours: tuple[BoxLine, ...]
    queues: tuple[QueueReport, ...]
    agents: tuple[AgentFigures, ...]
    agents_together: AgentFigures
    reconciliation: tuple[Identity, ...]
    """Box (E), box (O), then each queue (O)."""
    messages: tuple[BoxFigures, ...] = ()
    """Voicemail boxes; none where there is none."""

    @property
    def is_reconciled(self) -> bool:
        """True when every difference is 0."""
        return all(identity.difference == 0 for identity in self.reconciliation)


def daily_report(entries: Sequence[Entry], site: Site, day: Day, now: Utc) -> DailyReport:
    """Return the day's figures from `CallBook.entries_for_day(day.start, day.end)`.

    `now` ends what still goes on: of a day that is not over, or a wrap-up after it.
    """
    until = min(now, day.end)
    stretches = stretches_of(entries, now)
    plain = stories_of(entries)
    stories = with_wrap_ups(plain, wrap_ups_of(plain, stretches))
    of_day = [story for story in stories if day.start <= story.entered < day.end]
    visits = [
        visit for story in stories for visit in story.visits if day.start <= visit.queued < day.end
    ]
    names = names_of(site)
    queues = tuple(
        _queue_report(queue, [visit for visit in visits if visit.queue == queue], site, day, names)
        for queue in _queue_ids(site, visits)
    )
    by_agent = _by_agent(stories)
    agents = tuple(
        agent_figures(
            agent,
            names.agents.get(agent, ""),
            clipped(stretches.get(agent, ()), day.start, until),
            by_agent.get(agent, []),
            day.start,
            day.end,
        )
        for agent in dict.fromkeys([*(agent.id for agent in site.agent), *stretches])
    )
    whole = Interval(start=day.start, end=day.end, label=day.date)
    rule = _box_rule(site)
    return DailyReport(
        day=day,
        made_until=until,
        is_whole=now >= day.end,
        site_name=site.site.name,
        site_version=site.version,
        box=_box_line(of_day, whole, rule),
        half_hours=tuple(_box_line(of_day, half, rule) for half in day.half_hours()),
        queues=queues,
        agents=agents,
        agents_together=agents_together(agents),
        reconciliation=_reconciled(of_day, visits, [report.queue for report in queues]),
        messages=message_figures(entries, site, day, now),
    )


def _by_agent(stories: Sequence[CallStory]) -> dict[AgentId, list[CallStory]]:
    """Sort the calls by who had a part in them, so that fifty agents do not read all of them."""
    found: dict[AgentId, list[CallStory]] = {}
    for story in stories:
        parts = {story.dialled_by, *(leg.agent for leg in story.legs)}
        parts.update(offer.agent for offer in story.offers)
        for agent in parts:
            if agent is not None:
                found.setdefault(agent, []).append(story)
    return found


def _queue_ids(site: Site, visits: Sequence[Visit]) -> list[QueueId]:
    """Return the site's queues in its order, then those that are gone but had calls that day."""
    return list(
        dict.fromkeys([*(queue.id for queue in site.queue), *(visit.queue for visit in visits)])
    )


def _queue_report(
    queue: QueueId, visits: list[Visit], site: Site, day: Day, names: Names
) -> QueueReport:
    rules = {known.id: known.service_level for known in site.queue}
    rule = rules.get(queue, ServiceLevel())
    return QueueReport(
        queue=queue,
        name=names.queues.get(queue, ""),
        figures=queue_figures(visits, rule),
        half_hours=tuple(
            QueueLine(
                interval=half,
                figures=queue_figures(
                    [visit for visit in visits if half.start <= visit.queued < half.end], rule
                ),
            )
            for half in day.half_hours()
        ),
    )


def _box_rule(site: Site) -> ServiceLevel:
    """Return the rule for all queues together: theirs if they agree, else the default."""
    rules = {
        (rule.seconds, rule.short_abandon_seconds, rule.variant, rule.target): rule
        for rule in (queue.service_level for queue in site.queue)
    }
    return next(iter(rules.values())) if len(rules) == 1 else ServiceLevel()


def _box_line(stories: Sequence[CallStory], interval: Interval, rule: ServiceLevel) -> BoxLine:
    own = [story for story in stories if interval.start <= story.entered < interval.end]
    journeys = [journey_of(story) for story in own if story.is_callers]
    return BoxLine(
        interval=interval,
        counts=_box_counts(own),
        figures=queue_figures([one for one in journeys if one is not None], rule),
    )


def _box_counts(stories: Sequence[CallStory]) -> BoxCounts:
    letters = box_counts(stories)
    others = [story for story in stories if not story.is_callers]

    def count(direction: Direction, *, talked: bool = False) -> int:
        return sum(
            story.direction is direction and (bool(story.legs) or not talked) for story in others
        )

    return BoxCounts(
        entered=letters["E"],
        ivr=letters["I"],
        blocked=letters["X"],
        direct=letters["D"],
        notice=letters["G"],
        offered=letters["O"],
        in_progress=letters["P"],
        outbound=count(Direction.OUTBOUND),
        outbound_answered=count(Direction.OUTBOUND, talked=True),
        internal=count(Direction.INTERNAL),
        internal_answered=count(Direction.INTERNAL, talked=True),
        service=count(Direction.SERVICE),
    )


def _reconciled(
    of_day: Sequence[CallStory], visits: Sequence[Visit], queues: Sequence[QueueId]
) -> tuple[Identity, ...]:
    return (
        box_identity(of_day),
        box_queue_identity(of_day),
        *(
            queue_identity([visit for visit in visits if visit.queue == queue], queue)
            for queue in queues
        ),
    )
