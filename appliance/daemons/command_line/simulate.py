"""`linghe simulate DAY.toml`: a day of the shop in seconds, by the very engines that take calls."""

import argparse
import sys
import time
import tomllib
from pathlib import Path
from random import Random

import msgspec

from appliance.daemons.command_line.verb import (
    EXIT_DONE,
    EXIT_REFUSED,
    EXIT_USAGE,
    NoBox,
    box_settings,
    note,
    print_json,
)
from appliance.reports.days import parsed_day
from appliance.reports.render import report_csv
from appliance.reports.simulated_day import DayResult, plot, simulated
from appliance.reports.simulated_people import SimulatedDay, plain_site
from appliance.reports.words import words_for
from appliance.store.site_file import read_site
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.settings import Site

NAME = "simulate"
HELP = "let a day happen in seconds: its report, its waits and its staffing"
EXAMPLES = """\
  linghe simulate day.toml
  linghe simulate day.toml --seed 2 --report day.csv
  linghe simulate day.toml --plot day.svg      waits and staffing as a picture
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which day; another seed; where the report goes."""
    parser.add_argument("day", metavar="DAY.toml", type=Path, help="callers and shifts")
    parser.add_argument("--seed", type=int, help="another chance for the same day")
    parser.add_argument("--report", metavar="FILE", type=Path, help="the day's report as CSV")
    parser.add_argument("--progress", action="store_true", help="tell each hour when it is over")
    parser.add_argument("--plot", metavar="FILE", type=Path, help="waits and staffing as SVG")


def carry_out(arguments: argparse.Namespace) -> int:
    """Read, simulate, tell."""
    try:
        day = _day(arguments.day)
        site = _site(day, arguments.day.parent)
        when = parsed_day(day.date, site.site.timezone)
        seed = day.seed if arguments.seed is None else arguments.seed
        begun = time.process_time()
        told = _told_hour if arguments.progress else None
        result, _ = simulated(site, day, when, Random(seed).random, told)
        took = time.process_time() - begun
    except OSError as error:
        note(f"{error.filename} cannot be read: {error.strerror or error}.")
        return EXIT_USAGE
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.DecodeError) as error:
        note(f"{arguments.day}: {error}")
        return EXIT_USAGE
    except NoBox as refusal:
        raise NoBox(
            refusal.key,
            f"{arguments.day} has no [shop] and no site, and there is no box whose site it could "
            "take.",
            "Write one of them into it, or set LINGHE_DATA.",
        ) from refusal
    except RefusedError as refusal:
        note(f"{arguments.day}: {refusal}")
        return EXIT_REFUSED
    if arguments.report is not None:
        words = words_for(site.site.language)
        arguments.report.write_bytes(report_csv(result.report, words))
    if arguments.plot is not None:
        # pygal takes a tenth of a second to come; nothing else here needs it
        from appliance.daemons.command_line.day_plot import day_svg

        arguments.plot.write_bytes(day_svg(result.half_hours, f"{site.site.name}, {day.date}"))
    if arguments.json:
        print_json(result)
    else:
        _tell(result, took)
    return EXIT_DONE


def _told_hour(hour: int) -> None:
    """One line each, at once: who waits reads it from a pipe."""
    print(f"hour {hour}", file=sys.stderr, flush=True)


def _day(place: Path) -> SimulatedDay:
    if place.suffix == ".json":  # as programs write it
        return msgspec.json.decode(place.read_bytes(), type=SimulatedDay)
    with place.open("rb") as file:
        document = tomllib.load(file)
    date = document.get("date")
    if date is not None and not isinstance(date, str):
        document["date"] = date.isoformat()  # TOML has dates of its own
    return msgspec.convert(document, SimulatedDay)


def _site(day: SimulatedDay, folder: Path) -> Site:
    if day.site:
        place = folder / day.site
        text = place.read_text(encoding="utf-8")
        site, _ = read_site(text, str(place), before=Site(), random_bytes=bytes)
        return site
    if day.shop is not None:
        return plain_site(day.shop)
    store = box_settings()
    site = store.current()
    store.close()
    return site


def _tell(result: DayResult, took: float) -> None:
    figures = result.report.box.figures
    counts, times = figures.counts, figures.times
    print(f"{result.callers} callers in {took:.1f} s of processor time\n")
    print("\n".join(plot(result.half_hours)))
    print(
        f"\noffered {counts.offered}, answered {counts.answered}, abandoned {counts.abandoned}, "
        f"overflow {counts.overflow}, voicemail {counts.voicemail}"
    )
    level = figures.service_level
    reached = "–" if level.per_cent is None else f"{level.per_cent:.1f} %"
    print(f"service level #{level.variant} {reached} ({level.formula})")
    for name, value in (
        ("mean wait", times.average_queue),
        ("longest wait", times.longest_wait),
        ("mean handling", times.average_handle),
    ):
        print(f"{name} {'–' if value is None else f'{value:.1f} s'}")
    if not result.report.is_reconciled:
        print("the day does not add up: this is a fault of Linghe", file=sys.stderr)
