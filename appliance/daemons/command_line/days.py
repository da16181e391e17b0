"""Which day is meant on the command line: a date, "today", "yesterday", by the box's own clock."""

import time
from datetime import date, datetime, timedelta

from appliance.daemons.command_line.control_line import asked
from appliance.daemons.command_line.verb import NotUnderstood, paths
from appliance.reports.days import Day, day_of, parsed_day, zone_of
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.ids import Utc
from appliance.wire.control import StatusAsked, StatusTold


def day_meant(text: str, timezone: str) -> Day:
    """Return the day. NotUnderstood for what is none."""
    if text == "today":
        return day_of(_today(timezone), timezone)
    if text == "yesterday":
        return day_of(_today(timezone) - timedelta(days=1), timezone)
    try:
        return parsed_day(text, timezone)
    except RefusedError as error:
        raise NotUnderstood(error.key, error.sentence, error.remedy) from error


def moment_meant(text: str | None, timezone: str) -> datetime:
    """Return the moment, in the site's zone; None is now. NotUnderstood for what is none."""
    zone = zone_of(timezone)
    if text is None:
        return datetime.fromtimestamp(box_now(timezone), zone)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise NotUnderstood(
            "moment_unknown", f'"{text}" is no moment.', 'Write it like "2026-10-08 09:00".'
        ) from None
    return at.astimezone(zone) if at.tzinfo else at.replace(tzinfo=zone)


def box_now(timezone: str) -> Utc:
    """The box's clock where it runs (LINGHE_CLOCK may have set it), else the machine's."""
    try:
        told = asked(paths().control_socket, StatusAsked())
    except EquipmentError:
        told = None
    if isinstance(told, StatusTold) and told.clock:
        try:
            moment = datetime.fromisoformat(told.clock)
        except ValueError:
            return Utc(time.time())
        return Utc(
            (moment if moment.tzinfo else moment.replace(tzinfo=zone_of(timezone))).timestamp()
        )
    return Utc(time.time())


def _today(timezone: str) -> date:
    return datetime.fromtimestamp(box_now(timezone), zone_of(timezone)).date()
