"""`linghe flow`: what a caller would meet, without a call."""

import argparse

from appliance.daemons.command_line import flow_versions
from appliance.daemons.command_line.days import moment_meant
from appliance.daemons.command_line.verb import (
    EXIT_DONE,
    box_settings,
    print_json,
    print_table,
)
from appliance.engines.ivr.dry_run import dry_run, found_meant, keys_meant
from appliance.engines.ivr.facts import CallFacts
from appliance.reports.flow_way import advice_sentences, way_sentences
from appliance.reports.hours import moment_sentence
from appliance.reports.words_flow import flow_word
from appliance.store.flow_document import with_flow
from appliance.store.flow_steps import content_of
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import FlowId
from appliance.vocabulary.settings import Language, Site
from appliance.vocabulary.shape import Value

NAME = "flow"
HELP = (
    "what a caller would hear and where keys lead, without a call; versions, drafts, rolling back"
)
EXAMPLES = """\
  linghe flow                                    the flows there are
  linghe flow main                               without pressing a key
  linghe flow main --keys 1 --at "2026-10-08 19:10" --caller 13900001111
  linghe flow main --found name=Anna             what tables and services know
  linghe flow 02188886666 --keys .1              by its number; silent once, then 1
"""
EXAMPLES += flow_versions.EXAMPLES


class FlowShown(Value, frozen=True, kw_only=True):
    """One line of the list."""

    flow: FlowId
    start: str
    nodes: int
    numbers: tuple[str, ...]
    advice: tuple[str, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which flow, when, who, with which keys."""
    parser.add_argument(
        "flow", nargs="?", metavar="FLOW", help="a flow, or a number that is called"
    )
    parser.add_argument(
        "--keys", default="", help='keys in the order in which they are pressed; "." is a silence'
    )
    parser.add_argument("--at", help='a moment as "2026-10-08 19:10" (now, by the box\'s clock)')
    parser.add_argument("--caller", default="", help="the caller's number")
    parser.add_argument(
        "--no-answer", action="store_true", help="phones that the flow rings are not answered"
    )
    parser.add_argument(
        "--found",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="what tables and services know, by variable; without it they know nothing",
    )
    parser.add_argument(
        "--language", choices=[str(one) for one in Language], help="of the answer (the site's)"
    )
    flow_versions.add_arguments(parser)


def carry_out(arguments: argparse.Namespace) -> int:
    """Run it; the box need not run."""
    store = box_settings()
    try:
        return _carried_out(store, arguments)
    finally:
        store.close()


def _carried_out(store: SettingsStore, arguments: argparse.Namespace) -> int:
    site = store.current()
    if arguments.flow is None:
        _list(site, as_json=arguments.json)
        return EXIT_DONE
    language = Language(arguments.language) if arguments.language else site.site.language
    if flow_versions.is_asked(arguments):
        return flow_versions.carry_out(store, arguments, language)
    if arguments.version is not None:
        version = content_of(store, FlowId(arguments.flow), arguments.version)
        site = with_flow(site, version)
    flow, called = _meant(site, arguments.flow)
    at = moment_meant(arguments.at, site.site.timezone)
    way = dry_run(
        site,
        flow,
        at,
        keys=keys_meant(arguments.keys),
        facts=CallFacts(caller=arguments.caller, called=called),
        is_answered=not arguments.no_answer,
        found=_found(arguments.found),
    )
    if arguments.json:
        print_json(way)
        return EXIT_DONE
    head = flow_word("{flow} on {at}, keys: {keys}", language)
    keys = arguments.keys or flow_word("none", language)
    print(head.format(flow=flow, at=moment_sentence(at, language), keys=keys))
    for line in way_sentences(way, flow, language):
        print(line)
    return EXIT_DONE


def _meant(site: Site, word: str) -> tuple[FlowId, str]:
    """A flow by its id, or by a number that leads to it."""
    if any(flow.id == word for flow in site.flow):
        return FlowId(word), ""
    routes = [route for route in site.route if route.number in (word, "*") and word.isdigit()]
    if routes:
        exact = next((route for route in routes if route.number == word), routes[0])
        return exact.flow, word
    names = ", ".join(flow.id for flow in site.flow) or "none"
    raise RefusedError(
        "no_such_flow", f'There is no flow, and no number, "{word}".', f"Flows: {names}."
    )


def _found(words: list[str]) -> dict[str, str]:
    """NAME=VALUE, each."""
    try:
        return found_meant(words)
    except ValueError as error:
        raise RefusedError(
            "found_unreadable",
            f"--found: {error}.",
            "NAME is a variable of the flow: small letters, digits and _.",
        ) from error


def _list(site: Site, *, as_json: bool) -> None:
    shown = [
        FlowShown(
            flow=flow.id,
            start=flow.start,
            nodes=len(flow.node),
            numbers=tuple(route.number for route in site.route if route.flow == flow.id),
            advice=tuple(advice_sentences(flow, site, Language.EN)),
        )
        for flow in site.flow
    ]
    if as_json:
        print_json(shown)
        return
    rows = [(one.flow, one.start, str(one.nodes), ", ".join(one.numbers)) for one in shown]
    print_table(("flow", "start", "nodes", "numbers"), rows)
    for one in shown:
        for line in one.advice:
            print(f"{one.flow}: {line}")
