"""`linghe flow FLOW --versions, --diff, --text, --draft, --publish, --rollback`: a flow as a
document that grows."""

import argparse
import sys
import time
from pathlib import Path

from appliance.daemons.command_line.publishing import Asker, note, publish, roll_back
from appliance.daemons.command_line.taking_up import alone
from appliance.daemons.command_line.verb import (
    EXIT_DONE,
    EXIT_REFUSED,
    paths,
    print_json,
    print_table,
)
from appliance.daemons.command_line.verb import note as say
from appliance.daemons.music import music_names
from appliance.reports.days import local_moment
from appliance.reports.flow_changes import FlowChange, change_sentence, change_sentences
from appliance.reports.flow_changes import flow_changes as changes_between
from appliance.store.flow_document import faults_of, flow_in, text_of
from appliance.store.flow_steps import DRAFT, content_of, draft_of
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.flow_versions import FlowDraft
from appliance.vocabulary.ids import FlowId, Utc
from appliance.vocabulary.linghe_json import Published, Trouble
from appliance.vocabulary.settings import Language
from appliance.vocabulary.shape import Value

EXAMPLES = """\
  linghe flow main --versions                    who changed it when, and why
  linghe flow main --diff 3 5                    what is different, in words; also "draft"
  linghe flow main --text > main.toml            its text, as in a site file
  linghe flow main --draft main.toml             save it, heard by nobody; --version draft tries it
  linghe flow main --publish --why "new hours"   from the next call on; calls in it go on
  linghe flow main --rollback                    back to the version before, as a new version
"""
ACTS = ("versions", "diff", "text", "draft", "discard", "publish", "rollback")


class VersionShown(Value, frozen=True, kw_only=True):
    """One line of the list."""

    version: int
    at: Utc
    by: str
    why: str
    back_to: int


class ChangeShown(Value, frozen=True, kw_only=True):
    """One difference, for programs and for people."""

    change: FlowChange
    text: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do with the flow's versions."""
    parser.add_argument("--version", metavar="V", help='try this version, or "draft"')
    acts = parser.add_mutually_exclusive_group()
    acts.add_argument("--versions", action="store_true", help="list them, newest first")
    acts.add_argument(
        "--diff",
        nargs="*",
        metavar="V",
        help="what is different between two versions (the last two; one: and the newest)",
    )
    acts.add_argument("--text", nargs="?", const="", metavar="V", help="print it")
    acts.add_argument("--draft", metavar="FILE", help='save a draft from its text; "-" reads it')
    acts.add_argument("--discard", action="store_true", help="forget the draft")
    acts.add_argument("--publish", action="store_true", help="make the draft what callers hear")
    acts.add_argument(
        "--rollback", nargs="?", type=int, const=0, metavar="N", help="put a version back"
    )
    parser.add_argument("--why", default="", help="for the history")
    parser.add_argument("--by", default="command line", help="who it was, for the history")
    parser.add_argument("--where", default="", help="the address that he came from")
    parser.add_argument(
        "--no-prompts", action="store_true", help="do not make speech of new texts now"
    )


def is_asked(arguments: argparse.Namespace) -> bool:
    """Say whether this is about versions and not a dry run."""
    given = (getattr(arguments, act) for act in ACTS)
    return any(one is not None and one is not False for one in given)


def carry_out(store: SettingsStore, arguments: argparse.Namespace, language: Language) -> int:
    """Do what was asked; the box need not run, and takes it up at once if it does."""
    flow = FlowId(arguments.flow)
    if arguments.draft is None and flow not in store.flows.known():
        names = ", ".join(store.flows.known()) or "none"
        raise RefusedError("no_such_flow", f'There is no flow "{flow}".', f"Flows: {names}.")
    if arguments.versions:
        return _list(store, flow, arguments)
    if arguments.diff is not None:
        return _diff(store, flow, arguments, language)
    if arguments.text is not None:
        print(text_of(content_of(store, flow, arguments.text)), end="")
        return EXIT_DONE
    with alone(paths().run):
        return _changed(store, flow, arguments)


def _list(store: SettingsStore, flow: FlowId, arguments: argparse.Namespace) -> int:
    shown = [
        VersionShown(version=one.version, at=one.at, by=one.by, why=one.why, back_to=one.back_to)
        for one in store.flows.versions(flow)
    ]
    draft = store.flows.draft(flow)
    if arguments.json:
        print_json({"versions": shown, "draft": draft})
        return EXIT_DONE
    timezone = store.current().site.timezone
    rows = [
        (
            str(one.version),
            local_moment(one.at, timezone),
            one.by,
            f"back to {one.back_to}. {one.why}".strip() if one.back_to else one.why,
        )
        for one in shown
    ]
    if draft is not None:
        rows.insert(0, (DRAFT, local_moment(draft.at, timezone), draft.by, draft.why))
    print_table(("version", "when", "by", "why"), rows)
    return EXIT_DONE


def _diff(
    store: SettingsStore, flow: FlowId, arguments: argparse.Namespace, language: Language
) -> int:
    was, now = _pair(store, flow, arguments.diff)
    changes = changes_between(
        None if was == "0" else content_of(store, flow, was), content_of(store, flow, now)
    )
    if arguments.json:
        print_json(
            [ChangeShown(change=one, text=change_sentence(one, language)) for one in changes]
        )
        return EXIT_DONE
    for line in change_sentences(changes, language):
        print(line)
    return EXIT_DONE


def _pair(store: SettingsStore, flow: FlowId, words: list[str]) -> tuple[str, str]:
    """Which two: those named; one and the newest; the draft if there is one, else the last two."""
    numbers = [str(one.version) for one in store.flows.versions(flow)] + ["0", "0"]
    match words:
        case [was, now, *_]:
            return was, now
        case [one]:
            return (numbers[0], one) if one == DRAFT else (one, numbers[0])
        case _ if store.flows.draft(flow) is not None:
            return numbers[0], DRAFT
        case _:
            return numbers[1], numbers[0]


def _changed(store: SettingsStore, flow: FlowId, arguments: argparse.Namespace) -> int:
    asker = Asker(
        by=arguments.by,
        where=arguments.where,
        why=arguments.why[:200],
        has_prompts=not arguments.no_prompts,
        is_quiet=arguments.json,
    )
    if arguments.draft is not None:
        return _save_draft(store, flow, asker, arguments)
    if arguments.discard:
        draft_of(store, flow)
        store.flows.drop_draft(flow)
        note(store, asker, "flow_draft_dropped", flow)
        return _told({"discarded": flow}, f'The draft of "{flow}" is gone.', arguments)
    if arguments.publish:
        return _brought(*publish(store, asker, flow), arguments)
    return _brought(*roll_back(store, asker, flow, arguments.rollback), arguments)


def _save_draft(
    store: SettingsStore, flow: FlowId, asker: Asker, arguments: argparse.Namespace
) -> int:
    file = "standard input" if arguments.draft == "-" else arguments.draft
    try:
        raw = sys.stdin.buffer.read() if arguments.draft == "-" else Path(file).read_bytes()
        text = raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = (error.strerror or error) if isinstance(error, OSError) else "it is no UTF-8 text"
        raise EquipmentError(f"{file} cannot be read: {why}.") from error
    content = flow_in(text, file, flow)
    site = store.current()
    store.flows.keep_draft(
        FlowDraft(
            flow=flow,
            at=Utc(time.time()),
            by=asker.by,
            why=asker.why,
            based_on=site.flow_versions.get(flow, 0),
            content=content,
        )
    )
    note(store, asker, "flow_draft_saved", flow)
    faults = faults_of(content, site, text, file, music_names(paths()))
    for fault in faults:
        say(str(fault))
    shown = {"draft": flow, "faults": [str(fault) for fault in faults]}
    ready = "It can be published." if not faults else "It cannot be published yet."
    return _told(shown, f'The draft of "{flow}" is saved. {ready}', arguments)


def _brought(shown: Published, trouble: Trouble | None, arguments: argparse.Namespace) -> int:
    if trouble is not None:
        say(f"linghe: {trouble.sentence}")
    text = f'Flow "{shown.flow}": version {shown.version} holds; calls in it go on as they began.'
    if not shown.running:
        text = f'Flow "{shown.flow}": version {shown.version} holds as soon as the box runs.'
    _told(shown, text, arguments)
    return EXIT_DONE if trouble is None else EXIT_REFUSED


def _told(shown: object, text: str, arguments: argparse.Namespace) -> int:
    if arguments.json:
        print_json(shown)
    else:
        print(text)
    return EXIT_DONE
