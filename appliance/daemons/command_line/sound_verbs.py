"""What `linghe music` and `linghe prompt` share: a file in, a file out, what is told to whom."""

import argparse
import sys
import time
from pathlib import Path

from appliance.daemons.command_line.control_line import asked
from appliance.daemons.command_line.verb import EXIT_DONE, note, paths, print_json
from appliance.daemons.prompts import prompt_file
from appliance.daemons.sound_file import telephone_alaw_of
from appliance.store.audit import AuditLine
from appliance.store.music_files import wav_of
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.ids import PromptHash, Utc
from appliance.wire.control import ReloadPrompts


def is_whole(verb: str, arguments: argparse.Namespace) -> bool:
    """Say whether name and file are there where the act wants them; where not, it is told."""
    act = arguments.act
    if act != "list" and not arguments.name:
        note(f"linghe {verb}: which one? A name is missing.")
        return False
    if act in ("add", "export") and not arguments.file:
        note(f"linghe {verb} {act}: a file is missing.")
        return False
    return True


def alaw_in(file: str, *, is_prompt: bool = False) -> bytes:
    """Return what callers hear of a sound file. Raises BadSound, EquipmentError."""
    try:
        with Path(file).open("rb") as source:
            return telephone_alaw_of(source, is_prompt=is_prompt)
    except OSError as error:
        raise EquipmentError(f"{file} cannot be read: {error.strerror or error}.") from error


def kept_alaw(kind: str, prompt: PromptHash) -> bytes:
    """Return a sound of the box. Raises EquipmentError."""
    try:
        return prompt_file(paths(), prompt).read_bytes()
    except OSError as error:
        raise EquipmentError(f"the {kind} cannot be read: {error.strerror or error}") from error


def made_known(store: SettingsStore, what: str, name: str, arguments: argparse.Namespace) -> None:
    """Tell a running box of a change, and the audit log."""
    asked(paths().control_socket, ReloadPrompts())
    line = AuditLine(
        at=Utc(time.time()), by=arguments.by, what=what, detail=name, where=arguments.where
    )
    store.audit.note(line)


def export(name: str, alaw: bytes, seconds: float, arguments: argparse.Namespace) -> int:
    """Write a WAV file of it, or to standard output ("-")."""
    whole = wav_of(alaw)
    if arguments.file == "-":
        sys.stdout.buffer.write(whole)
        return EXIT_DONE
    try:
        Path(arguments.file).write_bytes(whole)
    except OSError as error:
        raise EquipmentError(
            f"{arguments.file} cannot be written: {error.strerror or error}."
        ) from error
    if arguments.json:
        print_json({"name": name, "file": arguments.file, "seconds": seconds})
    return EXIT_DONE


def tell(facts: dict[str, object], sentence: str, *, as_json: bool) -> int:
    """Say what was done, to a program or to a person."""
    if as_json:
        print_json(facts)
    else:
        print(sentence)
    return EXIT_DONE
