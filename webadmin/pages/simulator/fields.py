"""The form of the simulator: what stands in it at first, and the two days that it asks for."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from msgspec.structs import replace

from appliance.reports.arrivals import usual_arrivals
from appliance.reports.simulated_people import (
    Arrivals,
    Shift,
    SimulatedDay,
    StaffChange,
    seconds_of,
)
from appliance.store.calls import CallFilter
from appliance.store.site_rows import STRATEGIES
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import AgentId, QueueId, Utc
from appliance.vocabulary.journal import CallOutcome, Direction
from appliance.vocabulary.settings import Queue
from webadmin.days import today
from webadmin.languages import say
from webadmin.stores import call_book, site

WEEK_S = timedelta(days=7).total_seconds()
MOST_CALLS = 20_000
MOST_CHANGES = 3
"""Of the number of agents, in one comparison."""
MEASURED_CALLS = 300
LINE = re.compile(r"(\d{1,2}:\d\d)\s*[-–—]\s*(\d{1,2}:\d\d)\s+(\d{1,6}(?:[.,]\d{1,3})?)")
SHIFT = re.compile(r"(\d{1,8})\s+(\d{1,2}:\d\d)\s*[-–—]\s*(\d{1,2}:\d\d)")
Form = Mapping[str, str]


class FormFault(Exception):
    """What cannot be read in the form, for its reader."""


def queues_shown() -> Sequence[Queue]:
    """Return the queues of the site."""
    return site().queue


def usual_form() -> tuple[dict[str, str], bool]:
    """Return the form as the last week says, and whether it says anything."""
    here, end = site(), today().start
    came = call_book().queued_between(Utc(end - WEEK_S), end)
    usual = usual_arrivals(came, here.site.timezone)
    form = {
        "patience": "120",
        "talk": _usual_talk(Utc(end - WEEK_S), end),
        "seed": "1",
    }
    for queue in here.queue:
        hours = usual.get(queue.id, ())
        form[f"arrivals:{queue.id}"] = "\n".join(
            f"{one.from_}-{one.to} {one.calls:g}" for one in hours
        )
    hours_of_all = [one for hours in usual.values() for one in hours]
    begin = min((one.from_ for one in hours_of_all), default="09:00")
    until = max((one.to for one in hours_of_all), default="18:00")
    of_queues = {agent for queue in here.queue for agent in queue.agents}
    form["shift"] = "\n".join(
        f"{one.id} {begin}-{until}"
        for one in here.agent
        if one.id in of_queues and one.extension is not None
    )
    return form, bool(came)


def days_in(form: Form) -> tuple[SimulatedDay, SimulatedDay]:
    """Return the day as it is and as it would be. FormFault."""
    arrivals = tuple(_arrivals(form))
    if not sum(one.calls for one in arrivals):
        raise FormFault(say("Nobody calls: say how many callers come, and when."))
    if sum(one.calls for one in arrivals) > MOST_CALLS:
        raise FormFault(say("At most %(count)s callers can be simulated.", count=MOST_CALLS))
    now = SimulatedDay(
        date=today().date,
        seed=int(_number(form, "seed", 1, 999_999_999)),
        patience_seconds=_number(form, "patience", 0, 86_400),
        talk_seconds=_number(form, "talk", 1, 86_400),
        arrivals=arrivals,
        shift=tuple(_shifts(form)),
    )
    then = replace(
        now,
        patience_seconds=_number(form, "new_patience", 0, 86_400, now.patience_seconds),
        talk_seconds=_number(form, "new_talk", 1, 86_400, now.talk_seconds),
        wrap_up_seconds=_new_wrap_up(form),
        strategies={
            queue.id: form[f"strategy:{queue.id}"]
            for queue in queues_shown()
            if form.get(f"strategy:{queue.id}", "") in STRATEGIES
        },
        change=tuple(_changes(form)),
    )
    return now, then


def _usual_talk(start: Utc, end: Utc) -> str:
    answered = CallFilter(outcome=CallOutcome.ANSWERED, direction=Direction.INBOUND)
    talks = [
        one.talk
        for one in call_book().calls_between(start, end, answered, limit=MEASURED_CALLS)
        if one.queues and one.talk
    ]
    return f"{sum(talks) / len(talks):.0f}" if talks else "180"


def _lines(form: Form, name: str) -> Iterator[str]:
    for line in form.get(name, "").splitlines():
        if line.strip():
            yield line.strip()


def _arrivals(form: Form) -> Iterator[Arrivals]:
    for queue in queues_shown():
        for line in _lines(form, f"arrivals:{queue.id}"):
            found = LINE.fullmatch(line)
            if found is None:
                raise FormFault(
                    say("Write callers as 09:00-10:00 25; found “%(line)s”.", line=line[:60])
                )
            yield Arrivals(
                from_=_clock(found[1]),
                to=_clock(found[2], after=found[1]),
                calls=float(found[3].replace(",", ".")),
                queue=queue.id,
            )


def _shifts(form: Form) -> Iterator[Shift]:
    seated = {one.id for one in site().agent if one.extension is not None}
    times: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for line in _lines(form, "shift"):
        found = SHIFT.fullmatch(line)
        if found is None:
            raise FormFault(
                say("Write agents as 1001 09:00-17:30; found “%(line)s”.", line=line[:60])
            )
        if found[1] not in seated:
            raise FormFault(say("%(agent)s is no agent with a phone.", agent=found[1]))
        begin, end = _clock(found[2]), _clock(found[3], after=found[2])
        for first, last in times[found[1]]:
            if seconds_of(begin) < last and seconds_of(end) > first:
                raise FormFault(say("%(agent)s is there twice at once.", agent=found[1]))
        times[found[1]].append((seconds_of(begin), seconds_of(end)))
        yield Shift(agents=(AgentId(found[1]),), from_=begin, to=end)


def _changes(form: Form) -> Iterator[StaffChange]:
    known = {queue.id for queue in queues_shown()}
    for place in range(MOST_CHANGES):
        agents = int(_number(form, f"agents:{place}", -200, 200, 0))
        queue = QueueId(form.get(f"queue:{place}", ""))
        if not agents or queue not in known:
            continue
        begin = form.get(f"from:{place}", "").strip() or "00:00"
        end = form.get(f"to:{place}", "").strip() or "24:00"
        yield StaffChange(
            queue=queue, agents=agents, from_=_clock(begin), to=_clock(end, after=begin)
        )


def _new_wrap_up(form: Form) -> float | None:
    if not form.get("new_wrap_up", "").strip():
        return None
    return _number(form, "new_wrap_up", 0, 3600)


def _clock(text: str, *, after: str = "") -> str:
    try:
        if after and seconds_of(text) <= seconds_of(after):
            raise FormFault(say("%(time)s is not after %(begin)s.", time=text, begin=after))
        seconds_of(text)
    except RefusedError as error:
        raise FormFault(say("%(time)s is no time of day.", time=text)) from error
    return text.zfill(5)


def _number(
    form: Form, name: str, least: float, most: float, otherwise: float | None = None
) -> float:
    text = form.get(name, "").strip().replace(",", ".")
    if not text and otherwise is not None:
        return otherwise
    found = re.fullmatch(r"[+-]?\d{1,9}(\.\d{1,3})?", text, re.ASCII)
    if found is None or not least <= float(text) <= most:
        raise FormFault(
            say(
                "Expected a number from %(least)s to %(most)s, found “%(found)s”.",
                least=f"{least:g}",
                most=f"{most:g}",
                found=text[:20],
            )
        )
    return float(text)
