"""The daily report's tables: headings in the reader's language, columns as a vendor's 日报 has."""

from collections.abc import Callable

from appliance.reports.agent_figures import AgentFigures
from appliance.reports.daily import BoxLine, DailyReport
from appliance.reports.days import local_moment
from appliance.reports.queue_figures import QueueFigures
from appliance.reports.reconciliation import Identity
from appliance.reports.service_level import plain
from appliance.reports.tables import Cell, Table
from appliance.reports.words import Gettext

COUNTING_RULE = (
    "a call belongs to the interval in which it entered the queue; the box's line: the box"
)
QUEUE_TALK_RULE = (
    "a queue's average talk: the agents' talk / answered calls; "
    "a conference counts for each agent in it, in the call list once"
)
AGENT_TALK_RULE = (
    "an agent's average talk: all his talks with callers of queues, "
    "conferences and calls handed on to him too / their number"
)

BOX_COLUMNS: tuple[tuple[str, Callable[[BoxLine], Cell]], ...] = (
    ("entered the box", lambda line: line.counts.entered),
    ("ended in the menu", lambda line: line.counts.ivr),
    ("blocked", lambda line: line.counts.blocked),
    ("straight to an extension", lambda line: line.counts.direct),
    ("notice or message without a queue", lambda line: line.counts.notice),
    ("offered to queues", lambda line: line.counts.offered),
    ("still in progress", lambda line: line.counts.in_progress),
    ("outbound", lambda line: line.counts.outbound),
    ("outbound answered", lambda line: line.counts.outbound_answered),
    ("internal", lambda line: line.counts.internal),
    ("internal answered", lambda line: line.counts.internal_answered),
    ("service codes", lambda line: line.counts.service),
)

QUEUE_COLUMNS: tuple[tuple[str, Callable[[QueueFigures], Cell]], ...] = (
    ("offered", lambda one: one.counts.offered),
    ("answered", lambda one: one.counts.answered),
    ("connect rate %", lambda one: one.rates.connect),
    ("loss rate %", lambda one: one.rates.loss),
    ("service level %", lambda one: one.service_level.per_cent),
    ("formula", lambda one: f"#{one.service_level.variant} {one.service_level.formula}"),
    ("target %", lambda one: one.target_per_cent),
    ("threshold s", lambda one: plain(one.service_level.threshold_s)),
    ("answered within threshold", lambda one: one.counts.answered_within),
    ("abandoned", lambda one: one.counts.abandoned),
    ("abandoned while ringing", lambda one: one.counts.abandoned_while_ringing),
    ("short abandons", lambda one: one.counts.abandoned_short),
    ("abandon rate %", lambda one: one.rates.abandon),
    ("abandon rate without short %", lambda one: one.rates.abandon_without_short),
    ("abandoned within threshold %", lambda one: one.rates.abandoned_within),
    ("overflow by wait", lambda one: one.counts.overflow_by_reason.get("wait", 0)),
    ("overflow by full queue", lambda one: one.counts.overflow_by_reason.get("full", 0)),
    ("overflow without agent", lambda one: one.counts.overflow_by_reason.get("no_agent", 0)),
    ("overflow in all", lambda one: one.counts.overflow),
    ("callback", lambda one: one.counts.callback),
    ("voicemail", lambda one: one.counts.voicemail),
    ("still waiting", lambda one: one.counts.waiting),
    ("average speed of answer s", lambda one: one.times.average_answer),
    ("average queue time s", lambda one: one.times.average_queue),
    ("average time to abandon s", lambda one: one.times.average_abandon),
    ("longest wait s", lambda one: one.times.longest_wait),
    ("average ring s", lambda one: one.times.average_ring),
    ("average talk s", lambda one: one.times.average_talk),
    ("average hold s", lambda one: one.times.average_hold),
    ("average wrap-up s", lambda one: one.times.average_wrap_up),
    ("average handle time s", lambda one: one.times.average_handle),
    ("average handle time per leg s", lambda one: one.times.average_handle_leg),
    ("transferred", lambda one: one.counts.transferred),
    ("transfer rate %", lambda one: one.rates.transfer),
    ("asked how it was", lambda one: one.counts.surveyed),
    ("rated", lambda one: one.counts.rated),
    ("rated % of answered", lambda one: one.rates.rated),
    ("content % (keys 1 and 2)", lambda one: one.rates.content),
    ("content % (key 1)", lambda one: one.rates.content_only),
)

AGENT_COLUMNS: tuple[tuple[str, Callable[[AgentFigures], Cell]], ...] = (
    ("signed in s", lambda one: one.times.signed_in),
    ("ready s", lambda one: one.times.ready),
    ("ringing s", lambda one: one.times.ringing),
    ("talking s", lambda one: one.times.talking),
    ("holding s", lambda one: one.times.holding),
    ("wrap-up s", lambda one: one.times.wrap_up),
    ("other calls s", lambda one: one.times.own_calls),
    ("not ready s", lambda one: one.times.not_ready),
    ("not ready by reason s", lambda one: _reasons(one.not_ready_by_reason)),
    ("unreachable s", lambda one: one.times.unreachable),
    ("not ready share %", lambda one: one.not_ready_share),
    ("occupancy %", lambda one: one.occupancy),
    ("utilisation %", lambda one: one.utilisation),
    ("answered", lambda one: one.counts.answered),
    ("direct calls", lambda one: one.counts.direct),
    ("missed", lambda one: one.counts.missed),
    ("rejected", lambda one: one.counts.rejected),
    ("phone busy or lost", lambda one: one.counts.unreached),
    ("outbound", lambda one: one.counts.outbound),
    ("outbound answered", lambda one: one.counts.outbound_answered),
    ("internal", lambda one: one.counts.internal),
    ("average talk s", lambda one: one.average_talk),
    ("average ring s", lambda one: one.average_ring),
    ("average wrap-up s", lambda one: one.average_wrap_up),
    ("average handle time s", lambda one: one.average_handle),
    ("talks with hold", lambda one: one.counts.held),
    ("transferred away", lambda one: one.counts.transferred_away),
    ("rated", lambda one: one.counts.rated),
    ("content % (keys 1 and 2)", lambda one: one.content),
)


def daily_tables(report: DailyReport, gettext: Gettext) -> tuple[Table, ...]:
    """Return the report's tables in reading order."""
    return (
        _head(report, gettext),
        _box(report, gettext),
        _queues(report, gettext),
        _half_hours(report, gettext),
        _agents(report, gettext),
        _service_levels(report, gettext),
        _reconciliation(report, gettext),
        *([_messages(report, gettext)] if report.messages else []),
    )


def where_of(identity: Identity, report: DailyReport, gettext: Gettext) -> str:
    """Return what a reconciliation line is about: the box, or a queue's name."""
    for queue in report.queues:
        if identity.queue == queue.queue:
            return queue.name or queue.queue
    return gettext("Box")


def _head(report: DailyReport, gettext: Gettext) -> Table:
    day = report.day
    rows = (
        ("site", report.site_name),
        ("date", day.date),
        ("time zone", day.timezone),
        ("made until", local_moment(report.made_until, day.timezone)),
        ("settings version", str(report.site_version)),
        ("counting rule", gettext(COUNTING_RULE)),
        ("talk", gettext(QUEUE_TALK_RULE)),
        ("talk", gettext(AGENT_TALK_RULE)),
    )
    return Table(
        title=gettext("Daily report"),
        headings=(),
        rows=tuple((gettext(name), value) for name, value in rows),
    )


def _box(report: DailyReport, gettext: Gettext) -> Table:
    return Table(
        title=gettext("Box"),
        headings=tuple(gettext(name) for name, _ in BOX_COLUMNS),
        rows=(tuple(cell(report.box) for _, cell in BOX_COLUMNS),),
    )


def _queue_cells(figures: QueueFigures) -> tuple[Cell, ...]:
    return tuple(cell(figures) for _, cell in QUEUE_COLUMNS)


def _queues(report: DailyReport, gettext: Gettext) -> Table:
    return Table(
        title=gettext("Queues"),
        headings=(gettext("queue"), *(gettext(name) for name, _ in QUEUE_COLUMNS)),
        rows=(
            *((queue.name or queue.queue, *_queue_cells(queue.figures)) for queue in report.queues),
            (gettext("all queues"), *_queue_cells(report.box.figures)),
        ),
    )


def _half_hours(report: DailyReport, gettext: Gettext) -> Table:
    return Table(
        title=gettext("Half hours"),
        headings=(
            gettext("queue"),
            gettext("from"),
            *(gettext(name) for name, _ in QUEUE_COLUMNS),
        ),
        rows=tuple(
            (queue.name or queue.queue, line.interval.label, *_queue_cells(line.figures))
            for queue in report.queues
            for line in queue.half_hours
        ),
    )


def _agents(report: DailyReport, gettext: Gettext) -> Table:
    return Table(
        title=gettext("Agents"),
        headings=(
            gettext("agent"),
            gettext("name"),
            *(gettext(name) for name, _ in AGENT_COLUMNS),
        ),
        rows=tuple(
            (
                one.agent or gettext("all agents"),
                one.name,
                *(cell(one) for _, cell in AGENT_COLUMNS),
            )
            for one in (*report.agents, report.agents_together)
        ),
    )


def _service_levels(report: DailyReport, gettext: Gettext) -> Table:
    named = [(queue.name or queue.queue, queue.figures) for queue in report.queues]
    return Table(
        title=gettext("Service level"),
        headings=tuple(
            gettext(name) for name in ("queue", "variant", "service level %", "formula", "in words")
        ),
        rows=tuple(
            (
                name,
                f"#{one.variant}",
                one.per_cent,
                one.formula,
                gettext(one.text_key).format(
                    t=plain(one.threshold_s), s=plain(one.short_abandon_s)
                ),
            )
            for name, figures in (*named, (gettext("all queues"), report.box.figures))
            for one in figures.service_levels
        ),
    )


def _messages(report: DailyReport, gettext: Gettext) -> Table:
    return Table(
        title=gettext("Messages in voicemail boxes"),
        headings=tuple(
            gettext(name)
            for name in (
                "voicemail box",
                "left",
                "heard",
                "deleted",
                "unheard",
                "unheard for too long",
            )
        ),
        rows=tuple(
            (one.name or one.box, one.left, one.heard, one.deleted, one.unheard, one.overdue)
            for one in report.messages
        ),
    )


def _reconciliation(report: DailyReport, gettext: Gettext) -> Table:
    return Table(
        title=gettext("Reconciliation"),
        headings=(gettext("queue"), gettext("line"), gettext("in words"), gettext("difference")),
        rows=tuple(
            (
                where_of(identity, report, gettext),
                identity.text,
                _in_words(identity, gettext),
                identity.difference,
            )
            for identity in report.reconciliation
        ),
    )


def _in_words(identity: Identity, gettext: Gettext) -> str:
    whole = identity.whole
    parts = " + ".join(f"{gettext(part.text_key)} {part.count}" for part in identity.parts)
    return f"{gettext(whole.text_key)} {whole.count} = {parts}"


def _reasons(by_reason: dict[str, float]) -> str:
    return " ".join(f"{reason or '-'}:{plain(seconds)}" for reason, seconds in by_reason.items())
