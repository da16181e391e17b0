"""`linghe calls`: the list of calls, or one call's timeline."""

import argparse
import math

import msgspec

from appliance.daemons.command_line.days import day_meant
from appliance.daemons.command_line.verb import (
    EXIT_DONE,
    EXIT_REFUSED,
    box_settings,
    note,
    paths,
    print_json,
    print_table,
)
from appliance.reports.call_list import dialled_word
from appliance.reports.days import local_moment, local_time
from appliance.reports.names import names_of
from appliance.reports.timeline import sentence, timeline_of
from appliance.reports.words import words_for
from appliance.store.calls import CallBook, CallFilter
from appliance.vocabulary.ids import AgentId, CallId, QueueId, Utc
from appliance.vocabulary.journal import CallOutcome, Direction
from appliance.vocabulary.one_line import one_line
from appliance.vocabulary.records import CallRecord
from appliance.vocabulary.settings import Language, Site

NAME = "calls"
HELP = "list calls, newest first; or show one call's timeline"
EXAMPLES = """\
  linghe calls --day today
  linghe calls --number 1380013 --outcome abandoned
  linghe calls CALL                     its timeline; CALL is the list's first column
"""
FOR_EVER = Utc(math.inf)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Filters; all that are given must hold."""
    parser.add_argument("call", metavar="CALL", nargs="?", help="a call's id: show its timeline")
    parser.add_argument("--day", help='a date as 2026-11-23, "today" or "yesterday"')
    parser.add_argument("--number", default="", help="part of the caller's or called number")
    parser.add_argument("--agent", help="agent's number (工号)")
    parser.add_argument("--queue", help="queue's id")
    parser.add_argument("--outcome", choices=[str(one) for one in CallOutcome])
    parser.add_argument("--direction", choices=[str(one) for one in Direction])
    parser.add_argument("--text", default="", help="part of any number, name or id of the call")
    parser.add_argument("--limit", type=int, default=50, help="how many at most (50)")
    parser.add_argument(
        "--language", choices=[str(one) for one in Language], default="en", help="of the timeline"
    )


def carry_out(arguments: argparse.Namespace) -> int:
    """Read calls.db; the box need not run."""
    store = box_settings()
    site = store.current()
    store.close()
    book = CallBook(paths().calls)
    try:
        if arguments.call:
            return _show_one(book, site, arguments)
        return _show_list(book, site, arguments)
    finally:
        book.close()


def _show_list(book: CallBook, site: Site, arguments: argparse.Namespace) -> int:
    zone = site.site.timezone
    day = day_meant(arguments.day, zone) if arguments.day else None
    calls = book.calls_between(
        day.start if day else Utc(0.0),
        day.end if day else FOR_EVER,
        CallFilter(
            number=arguments.number,
            agent=AgentId(arguments.agent) if arguments.agent else None,
            queue=QueueId(arguments.queue) if arguments.queue else None,
            outcome=CallOutcome(arguments.outcome) if arguments.outcome else None,
            direction=Direction(arguments.direction) if arguments.direction else None,
            text=arguments.text,
        ),
        limit=arguments.limit,
    )
    if arguments.json:
        print_json(calls)
    elif not calls:
        note("No such calls.")
    else:
        heads = ("call", "entered", "from", "to", "queue", "agent", "wait", "talk", "outcome")
        print_table(heads, [_row(call, zone) for call in calls])
    return EXIT_DONE


def _row(call: CallRecord, zone: str) -> tuple[str, ...]:
    caller = f"{call.caller.number} {call.caller.name}".strip() or "withheld"
    return (
        call.call,
        local_moment(call.entered, zone),
        caller,
        dialled_word(call.called),
        call.queue or "",
        call.agent or "",
        "" if call.wait is None else f"{int(call.wait)} s",
        f"{int(call.talk)} s" if call.talks else "",
        call.outcome or "goes on",
    )


def _show_one(book: CallBook, site: Site, arguments: argparse.Namespace) -> int:
    record = book.call(CallId(arguments.call))
    if record is None:
        note(f"There is no call {arguments.call}.")
        return EXIT_REFUSED
    lines = timeline_of(book.timeline(record.call), names_of(site))
    gettext = words_for(Language(arguments.language))
    told = [(one, sentence(one, gettext)) for one in lines]
    zone = site.site.timezone
    if arguments.json:
        print_json(
            {
                "call": msgspec.to_builtins(record),
                "timeline": [
                    {
                        "at": one.at,
                        "local": local_time(one.at, zone),
                        "kind": one.kind,
                        "text": text,
                    }
                    for one, text in told
                ],
            }
        )
        return EXIT_DONE
    shown = ", ".join(part for part in _row(record, zone)[1:] if part)
    print(one_line(f"{record.call}: {shown}"))
    for one, text in told:
        print(one_line(f"{local_time(one.at, zone)}  {text}"))
    for recording in record.recordings:
        place = paths().recordings / recording.file
        missing = recording.failed or ("not sealed yet" if recording.seconds is None else "empty")
        print(f"recording: {place if recording.file else missing}")
    return EXIT_DONE
