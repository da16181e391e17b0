"""`linghe doctor`: is everything well, and if not, what to do. Changes nothing.

Each check gives one finding with a lamp, a sentence and a remedy. To add one: a function from
Case to findings, and its name in CHECKS.
"""

import argparse
import ctypes
import platform
import shutil
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import datetime

import appliance
from appliance.daemons.command_line.control_line import asked
from appliance.daemons.command_line.days import box_now
from appliance.daemons.command_line.findings import Case, Finding, Lamp
from appliance.daemons.command_line.mail_found import mail_found
from appliance.daemons.command_line.microphone import microphones_found
from appliance.daemons.command_line.restore_found import restore_waits
from appliance.daemons.command_line.sounds_found import sounds_found
from appliance.daemons.command_line.tables_found import rowless_tables
from appliance.daemons.command_line.tls_shown import tls_shown
from appliance.daemons.command_line.units import units_shown
from appliance.daemons.command_line.verb import (
    EXIT_DONE,
    EXIT_NOT_RUNNING,
    EXIT_REFUSED,
    box_settings,
    note,
    paths,
    print_json,
)
from appliance.engines.ivr.calendar_answer import missing_years
from appliance.reports.days import zone_of
from appliance.reports.hours import missing_sentence
from appliance.store.integrity import damage_in
from appliance.store.schema import is_full
from appliance.store.webhooks import WebhookStates
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.one_line import one_line
from appliance.vocabulary.settings import Language, Site
from appliance.wire.control import LiveAsked, LiveTold, StatusAsked, StatusTold

NAME = "doctor"
HELP = "check everything and say what to do"
EXAMPLES = """\
  linghe doctor
  linghe doctor --json | jq '.findings[] | select(.lamp != "green")'
"""

TIGHT_BYTES = 2 << 30
FULL_BYTES = 200 << 20
"""A talking call's recording takes 1 MB a minute."""
CLOCK_UNSYNCHRONISED = 5
"""TIME_ERROR of adjtimex(2)."""
SET_CLOCK_SECONDS = 60.0
"""Further from the machine's clock than this: somebody set it so."""
SOON_DAYS = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def carry_out(arguments: argparse.Namespace) -> int:
    """Run all checks; the exit code is that of the worst."""
    case = _case()
    findings = [finding for check in CHECKS for finding in check(case)]
    if arguments.json:
        print_json({"findings": findings})
    else:
        _tell(findings)
    if case.status is None:
        return EXIT_NOT_RUNNING
    return EXIT_REFUSED if any(one.lamp is Lamp.RED for one in findings) else EXIT_DONE


def _case() -> Case:
    places = paths()
    try:
        store = box_settings()
        site = store.current()
        store.close()
    except (EquipmentError, sqlite3.Error) as error:
        # A full disk, a damaged file: the checks of those come to it, and the others go on.
        note(f"The site cannot be read: {error}.")
        site = Site()
    try:
        status = asked(places.control_socket, StatusAsked())
        live = asked(places.control_socket, LiveAsked())
    except EquipmentError:
        status = live = None
    return Case(
        paths=places,
        site=site,
        status=status if isinstance(status, StatusTold) else None,
        live=live.live if isinstance(live, LiveTold) else None,
    )


def _tell(findings: list[Finding]) -> None:
    words = {Lamp.GREEN: "ok     ", Lamp.YELLOW: "look   ", Lamp.RED: "BROKEN "}
    for one in findings:
        print(one_line(f"{words[one.lamp]} {one.check}: {one.sentence}"))
        if one.remedy:
            print(one_line(f"         → {one.remedy}"))


# --- the checks -----------------------------------------------------------------------------------
def _control(case: Case) -> Iterator[Finding]:
    if case.status is None:
        yield Finding(
            check="control",
            lamp=Lamp.RED,
            sentence="call control does not answer: no call is taken.",
            remedy="start the box: make run",
        )
        return
    yield Finding(
        check="control", lamp=Lamp.GREEN, sentence=f"up, {case.status.calls} calls going on."
    )


def _processes(case: Case) -> Iterator[Finding]:
    for one in units_shown(case.paths.run):
        sentence = f"{one.state}{f', {one.restarts} restarts' if one.restarts else ''}."
        log = f"see {case.paths.root / 'log' / one.unit}.log"
        if one.state != "ready":
            yield Finding(check=one.title, lamp=Lamp.RED, sentence=sentence, remedy=log)
        elif one.restarts:
            yield Finding(check=one.title, lamp=Lamp.YELLOW, sentence=sentence, remedy=log)
        else:
            yield Finding(check=one.title, lamp=Lamp.GREEN, sentence=sentence)


def _sockets(case: Case) -> Iterator[Finding]:
    remedy = "stop the box and start it again: make run"
    # A media worker listens to one control, the newest: a knock at its door would part it from
    # the real one in the middle of calls. So control is asked.
    for worker in case.status.workers if case.status else ():
        line = f"the line of control to media {worker.worker}"
        if worker.is_up:
            yield Finding(check="sockets", lamp=Lamp.GREEN, sentence=f"{line} is up.")
        else:
            sentence = f"{line} is down: its calls hear nothing new."
            yield Finding(check="sockets", lamp=Lamp.RED, sentence=sentence, remedy=remedy)
    for place in sorted(case.paths.run.glob("*.sock")):
        if place.name.startswith("media-"):
            continue
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            try:
                link.connect(str(place))
            except OSError as error:
                sentence = f"{place.name} cannot be reached: {error.strerror}."
                yield Finding(check="sockets", lamp=Lamp.RED, sentence=sentence, remedy=remedy)
                continue
        yield Finding(check="sockets", lamp=Lamp.GREEN, sentence=f"{place.name} answers.")


def _disk(case: Case) -> Iterator[Finding]:
    free = shutil.disk_usage(case.paths.root).free
    lamp = Lamp.RED if free < FULL_BYTES else Lamp.YELLOW if free < TIGHT_BYTES else Lamp.GREEN
    yield Finding(
        check="disk",
        lamp=lamp,
        sentence=f"{free / (1 << 30):.1f} GB free, room for {free // (1 << 20)} minutes of talk.",
        remedy="" if lamp is Lamp.GREEN else "move old recordings away, or put in a larger disk",
    )


def _clock(case: Case) -> Iterator[Finding]:
    shown = case.status.clock if case.status else ""
    ahead = box_now(case.site.site.timezone) - time.time()
    if abs(ahead) > SET_CLOCK_SECONDS:
        yield Finding(
            check="clock",
            lamp=Lamp.YELLOW,
            sentence=f"the box was started with LINGHE_CLOCK and goes by {shown}.",
            remedy="start it without LINGHE_CLOCK for real calls",
        )
        return
    state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))
    if state == CLOCK_UNSYNCHRONISED:
        yield Finding(
            check="clock",
            lamp=Lamp.YELLOW,
            sentence="the machine's clock is not kept by a time server.",
            remedy="switch NTP on (timedatectl set-ntp true), or set it by hand now and then",
        )
    else:
        yield Finding(check="clock", lamp=Lamp.GREEN, sentence=shown or "kept by a time server.")


def _site(case: Case) -> Iterator[Finding]:
    if case.site.is_empty:
        yield Finding(
            check="site",
            lamp=Lamp.YELLOW,
            sentence="none applied: the box greets callers and echoes, no more.",
            remedy="linghe apply site.toml",
        )
    elif case.status is not None and case.status.site_version != case.site.version:
        yield Finding(
            check="site",
            lamp=Lamp.RED,
            sentence=f"version {case.site.version} is saved, the box runs "
            f"{case.status.site_version}.",
            remedy="linghe export | linghe apply -",
        )
    else:
        yield Finding(
            check="site",
            lamp=Lamp.GREEN,
            sentence=f"{case.site.site.name}, version {case.site.version}.",
        )


def _prompts(case: Case) -> Iterator[Finding]:
    for lamp, sentence, remedy in sounds_found(case.paths, case.site):
        yield Finding(check="prompts", lamp=Lamp(lamp), sentence=sentence, remedy=remedy)
    # none is no fault: there are *77 and files
    yield Finding(check="microphone", lamp=Lamp.GREEN, sentence=microphones_found())


def _tables(case: Case) -> Iterator[Finding]:
    for sentence, remedy in rowless_tables(case.paths, case.site):
        yield Finding(check="tables", lamp=Lamp.YELLOW, sentence=sentence, remedy=remedy)


def _lines(case: Case) -> Iterator[Finding]:
    for line in case.live.lines if case.live else ():
        name = f"{line.kind} {line.name}"
        if line.is_up:
            yield Finding(check=name, lamp=Lamp.GREEN, sentence=f"{line.text or 'up'}.")
        elif line.kind == "phone":
            yield Finding(
                check=name,
                lamp=Lamp.YELLOW,
                sentence=f"{line.label or 'the phone'} is not registered. {line.text}".rstrip(),
                remedy="is it plugged in, and set to this box's address, number and password?",
            )
        else:
            yield Finding(
                check=name,
                lamp=Lamp.RED,
                sentence=f"down. {line.text}".rstrip(),
                remedy="check the cable, the carrier's address and the account's name and secret",
            )


def _holidays(case: Case) -> Iterator[Finding]:
    zone = zone_of(case.site.site.timezone)
    today = datetime.fromtimestamp(box_now(case.site.site.timezone), zone).date()
    for calendar in case.site.calendar:
        missing = missing_years(calendar, today)
        if not missing:
            sentence = "the holidays it follows are known."
            yield Finding(check=f"calendar {calendar.id}", lamp=Lamp.GREEN, sentence=sentence)
        for year in missing:
            yield Finding(
                check=f"calendar {calendar.id}",
                lamp=Lamp.RED if year == today.year else Lamp.YELLOW,
                sentence=f"{missing_sentence(year, Language.EN)}: only fixed days are known.",
                remedy=f"write {year}'s days as closed_dates and open_dates, or update Linghe",
            )


def _tls(case: Case) -> Iterator[Finding]:
    if case.status is None:
        return
    shown = tls_shown(case.paths, case.status.sips_port)
    if shown is None:
        yield Finding(
            check="TLS",
            lamp=Lamp.YELLOW,
            sentence="the box has no certificate: no phone or trunk can use SIP over TLS.",
            remedy=f"see {case.paths.root / 'log' / 'control.log'}",
        )
        return
    lamp = Lamp.GREEN if shown.days_left > SOON_DAYS else Lamp.YELLOW
    yield Finding(
        check="TLS",
        lamp=lamp if shown.days_left > 0 else Lamp.RED,
        sentence=f"{shown.sentence}.",
        remedy=""
        if lamp is Lamp.GREEN
        else f"start the box again, which renews its own; yours: put a new own.pem and own.key in "
        f"{case.paths.certificates}, then linghe apply",
    )


def _webhooks(case: Case) -> Iterator[Finding]:
    states = WebhookStates(case.paths.webhooks, is_writer=False)
    for hook in case.site.webhook:
        state = states.state(hook.id) if hook.enabled else None
        if state is None or state.failing_since is None:
            sentence = "takes events." if state else "is told nothing (yet)."
            yield Finding(check=f"webhook {hook.id}", lamp=Lamp.GREEN, sentence=sentence)
            continue
        hours = (time.time() - state.failing_since) / 3600
        error = state.last.error if state.last is not None else ""
        yield Finding(
            check=f"webhook {hook.id}",
            lamp=Lamp.YELLOW,
            sentence=f"has taken no event for {hours:.1f} h: {error}.",
            remedy=f"does its program run at {hook.url}? It is tried again for a day",
        )
    states.close()


def _mail(case: Case) -> Iterator[Finding]:
    if case.site.mail.server:
        sentence, remedy = mail_found(case.paths)
        lamp = Lamp.YELLOW if remedy else Lamp.GREEN
        yield Finding(check="mail", lamp=lamp, sentence=sentence, remedy=remedy)


def _databases(case: Case) -> Iterator[Finding]:
    for place in (case.paths.settings, case.paths.calls, case.paths.webhooks, case.paths.mail):
        if not place.exists():
            continue
        damage = damage_in(place)
        told = f"damaged: {damage}"
        remedy = "stop the box and put the last backup of this file in its place"
        if is_full(place.parent):
            told, remedy = "cannot be read while the disk is full.", "make room, then ask again"
        if damage:
            yield Finding(check=place.name, lamp=Lamp.RED, sentence=told, remedy=remedy)
        else:
            yield Finding(check=place.name, lamp=Lamp.GREEN, sentence="sound.")


def _versions(case: Case) -> Iterator[Finding]:
    running = case.status.version if case.status else appliance.__version__
    python, sqlite = platform.python_version(), sqlite3.sqlite_version
    sentence = f"linghe {appliance.__version__}, Python {python}, SQLite {sqlite}."
    if running == appliance.__version__:
        yield Finding(check="versions", lamp=Lamp.GREEN, sentence=sentence)
        return
    yield Finding(
        check="versions",
        lamp=Lamp.YELLOW,
        sentence=f"{sentence} Running is still {running}.",
        remedy="stop the box and start it again: make run",
    )


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    _control,
    _processes,
    _sockets,
    _disk,
    _clock,
    _site,
    _prompts,
    _tables,
    _lines,
    _webhooks,
    _mail,
    _holidays,
    _tls,
    _databases,
    restore_waits,
    _versions,
)
