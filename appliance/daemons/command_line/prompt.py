"""`linghe prompt`: the owner's own recordings: list, add, record, remove, get an earlier one back.

The page *Prompts* runs this verb too, so that both do the same; `--by` and `--where` say for whom.
"""

import argparse
import json
from datetime import datetime

from appliance.daemons.command_line.microphone import spoken_alaw
from appliance.daemons.command_line.sound_verbs import (
    alaw_in,
    export,
    is_whole,
    kept_alaw,
    made_known,
    tell,
)
from appliance.daemons.command_line.verb import (
    EXIT_DONE,
    EXIT_USAGE,
    box_settings,
    note,
    opened_settings,
    paths,
    print_json,
    print_table,
)
from appliance.daemons.own_prompts import (
    FROM_FILE,
    FROM_MICROPHONE,
    FROM_PHONE,
    FROM_TEXT,
    PROMPT,
    add_prompt,
    own_prompts,
    prompt_names,
    remove_prompt,
    restore_version,
)
from appliance.daemons.sound_names import checked_name
from appliance.reports.days import zone_of
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.linghe_json import OwnPrompt, PromptVersion

NAME = "prompt"
HELP = "own recordings for flows and queues: list, add from a file, record, remove, restore"
EXAMPLES = """\
  linghe prompt list
  linghe prompt add welcome welcome.wav          WAV, FLAC, OGG, MP3 or AIFF
  linghe prompt add welcome newer.mp3 --replace  the former one is kept
  linghe prompt record welcome --microphone      at the box; Enter ends it
  linghe prompt versions welcome
  linghe prompt restore welcome --version 1      callers hear that one again
  linghe prompt export welcome heard.wav         as callers hear it; --version for an earlier one
  linghe prompt remove welcome                   refused while the site names it
"""
ORIGINS = (FROM_FILE, FROM_PHONE, FROM_MICROPHONE, FROM_TEXT)
ACTS = ("list", "add", "record", "versions", "restore", "export", "remove")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, with which prompt, from or to which file."""
    parser.add_argument("act", choices=ACTS)
    parser.add_argument("name", metavar="NAME", nargs="?", default="", help="of the prompt")
    parser.add_argument("file", metavar="FILE", nargs="?", default="", help="a sound file")
    parser.add_argument("--replace", action="store_true", help="in place of what has the name")
    parser.add_argument("--microphone", action="store_true", help="record at the box's own")
    parser.add_argument("--device", default="", help="number, or part of the name, of a microphone")
    parser.add_argument("--seconds", type=float, default=0.0, help="end the recording by itself")
    parser.add_argument("--version", type=int, default=0, help="an earlier recording")
    parser.add_argument("--by", default="command line", help="who it was, for list and audit log")
    parser.add_argument("--where", default="", help=argparse.SUPPRESS)
    parser.add_argument("--origin", choices=ORIGINS, default=FROM_FILE, help=argparse.SUPPRESS)


def carry_out(arguments: argparse.Namespace) -> int:
    """Change or show the prompts; the box need not run, and takes them up at once if it does."""
    if not is_whole(NAME, arguments):
        return EXIT_USAGE
    act = arguments.act
    if act == "record" and not arguments.microphone:
        note("linghe prompt record: add --microphone to record at the box; at a phone: *77.")
        return EXIT_USAGE
    store = opened_settings() if act in ("add", "record") else box_settings()
    try:
        match act:
            case "add":
                return _add(store, arguments)
            case "record":
                return _record(store, arguments)
            case "remove":
                return _remove(store, arguments)
            case "restore":
                return _restore(store, arguments)
            case "export":
                return _export(store, arguments)
            case "versions":
                return _tell_versions(store, arguments)
            case _:
                return _list(store, arguments)
    finally:
        store.close()


def _add(store: SettingsStore, arguments: argparse.Namespace) -> int:
    name = checked_name(arguments.name, PROMPT)
    alaw = alaw_in(arguments.file, is_prompt=True)
    return _keep(store, name, alaw, arguments.origin, arguments)


def _record(store: SettingsStore, arguments: argparse.Namespace) -> int:
    name = checked_name(arguments.name, PROMPT)
    if not arguments.replace and name in prompt_names(paths()):
        # Before somebody speaks in vain.
        raise RefusedError("prompt_taken", f'There is a prompt "{name}".', "Replace it: --replace.")
    alaw = spoken_alaw(arguments.device, arguments.seconds, is_asking=not arguments.json)
    if not alaw:
        note("Nothing was kept.")
        return EXIT_DONE
    return _keep(store, name, alaw, FROM_MICROPHONE, arguments)


def _keep(
    store: SettingsStore, name: str, alaw: bytes, origin: str, arguments: argparse.Namespace
) -> int:
    is_new = add_prompt(
        paths(), name, alaw, origin=origin, by=arguments.by, replaces=arguments.replace
    )
    seconds, sentence = len(alaw) / 8000, f'"{name}" is that very recording already.'
    if is_new:
        made_known(store, "prompt_added", name, arguments)
        shown = json.dumps(name, ensure_ascii=False)
        where = f"In a node of a flow: prompt = {shown}"
        sentence = f"Callers can hear it now ({seconds:.1f} s). {where}"
    facts: dict[str, object] = {"name": name, "seconds": seconds, "is_new": is_new}
    return tell(facts, sentence, as_json=arguments.json)


def _remove(store: SettingsStore, arguments: argparse.Namespace) -> int:
    name = arguments.name.strip()
    remove_prompt(paths(), name, store.current())
    made_known(store, "prompt_removed", name, arguments)
    sentence = f'"{name}" is removed; calls that heard it keep their proof.'
    return tell({"removed": name}, sentence, as_json=arguments.json)


def _restore(store: SettingsStore, arguments: argparse.Namespace) -> int:
    name, version = arguments.name.strip(), arguments.version
    restore_version(paths(), name, version, by=arguments.by)
    made_known(store, "prompt_restored", f"{name}, version {version}", arguments)
    sentence = f'Callers hear version {version} of "{name}" again.'
    return tell({"restored": name, "version": version}, sentence, as_json=arguments.json)


def _export(store: SettingsStore, arguments: argparse.Namespace) -> int:
    found = _version_of(_found(store, arguments.name), arguments.version)
    return export(arguments.name, kept_alaw(NAME, found.prompt), found.seconds, arguments)


def _tell_versions(store: SettingsStore, arguments: argparse.Namespace) -> int:
    found = _found(store, arguments.name)
    if arguments.json:
        print_json(found.versions)
        return EXIT_DONE
    rows = [(str(one.version), *_how(store, one), str(one.prompt)[:12]) for one in found.versions]
    print_table(("version", "length", "when", "by", "from", "sound"), rows)
    return EXIT_DONE


def _list(store: SettingsStore, arguments: argparse.Namespace) -> int:
    found = own_prompts(paths(), store.current())
    if arguments.json:
        print_json(found)
        return EXIT_DONE
    rows = [(one.name, *_how(store, one.versions[0]), "; ".join(one.users) or "-") for one in found]
    print_table(("name", "length", "when", "by", "from", "said by"), rows)
    return EXIT_DONE


def _how(store: SettingsStore, one: PromptVersion) -> tuple[str, str, str, str]:
    at = datetime.fromtimestamp(one.at, zone_of(store.current().site.timezone))
    return f"{one.seconds:.1f} s", at.strftime("%Y-%m-%d %H:%M"), one.by, one.origin


def _found(store: SettingsStore, name: str) -> OwnPrompt:
    for one in own_prompts(paths(), store.current()):
        if one.name == name.strip():
            return one
    raise RefusedError("prompt_unknown", f'There is no prompt "{name}".')


def _version_of(prompt: OwnPrompt, version: int) -> PromptVersion:
    for one in prompt.versions:
        if version in (0, one.version):
            return one
    raise RefusedError("prompt_unknown", f'There is no version {version} of "{prompt.name}".')
