"""`python -m appliance.daemons.speech`: install, render, say, import, status, make-defaults.

A short-lived, niced program: calls come first. It is started when a site is applied, works off
what is missing, and ends.
"""

import argparse
import json
import signal
import sys
import wave
from pathlib import Path
from types import FrameType

import numpy as np

from appliance.daemons.paths import environment
from appliance.daemons.prompts import SHIPPED, DiskCatalogue, lay_defaults
from appliance.daemons.speech.installer import import_files, install
from appliance.daemons.speech.make_defaults import make_defaults, make_music
from appliance.daemons.speech.render import render, site_from
from appliance.daemons.speech.synthesis import Synthesis
from appliance.daemons.speech.telephone import telephone_alaw
from appliance.daemons.stepping_back import step_behind
from appliance.signals.g711 import decode_alaw
from appliance.speech.wanted import languages_of
from appliance.vocabulary.errors import ApplianceError, RefusedError
from appliance.vocabulary.settings import Language

_NICE = 15


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand; return the exit code (0 well, 1 something is missing or failed)."""
    asked = _parser().parse_args(arguments)
    step_behind(_NICE)
    try:
        code: int = asked.run(asked)
    except ApplianceError as error:
        if getattr(asked, "json", False) and isinstance(error, RefusedError):
            told = {"key": error.key, "sentence": error.sentence, "remedy": error.remedy}
            print(json.dumps({"error": told}, ensure_ascii=False))
        else:
            print(f"speech: {error}", file=sys.stderr)
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="linghe speech", description="Text to speech on the box: install it, render prompts."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    languages = [str(language) for language in Language]

    command = commands.add_parser("install", help="fetch, check and lay the models")
    command.add_argument("--language", action="append", choices=languages, help="default: site's")
    command.set_defaults(run=_install)

    command = commands.add_parser("render", help="render what the site wants and lacks")
    command.add_argument("--site-from", type=Path, help="settings.db (default: the box's own)")
    command.set_defaults(run=_render)

    command = commands.add_parser("say", help="say a text into a WAV file, to listen to")
    command.add_argument("text")
    command.add_argument("--language", choices=languages, default="zh")
    command.add_argument("--voice", default="")
    command.add_argument("--out", type=Path, default=Path("say.wav"))
    command.add_argument("--json", action="store_true")
    command.set_defaults(run=_say)

    command = commands.add_parser("import", help="take model files from a folder")
    command.add_argument("folder", type=Path)
    command.set_defaults(run=_import)

    command = commands.add_parser("status", help="what is installed, what cannot be said")
    command.add_argument("--json", action="store_true")
    command.set_defaults(run=_status)

    command = commands.add_parser("make-defaults", help="make the shipped prompts anew")
    command.add_argument("--language", action="append", choices=languages)
    command.add_argument("--out", type=Path, default=SHIPPED)
    command.add_argument("--work", type=Path, required=True, help="folder of synthesised samples")
    command.add_argument("--only-music", action="store_true")
    command.set_defaults(run=_make_defaults)
    return parser


def _languages(asked: argparse.Namespace) -> tuple[Language, ...]:
    if asked.language:
        return tuple(Language(name) for name in asked.language)
    return tuple(languages_of(site_from(environment().paths.settings)))


def _install(asked: argparse.Namespace) -> int:
    install(environment().paths.models, _languages(asked), _tell)
    return 0


def _render(asked: argparse.Namespace) -> int:
    paths = environment().paths
    paths.make()
    lay_defaults(paths)
    stopped = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    settings = asked.site_from or paths.settings
    result = render(
        paths,
        settings,
        voice=Synthesis(paths.models),
        say=_tell,
        is_stopped=lambda: stopped,
    )
    lacking = DiskCatalogue(paths).missing(site_from(settings))
    _tell(f"{result.made} rendered; {len(lacking)} cannot be said yet")
    for wish in lacking:
        _tell(f"cannot be said: {wish.language} {wish.shown}")
    return 1 if lacking else 0


def _say(asked: argparse.Namespace) -> int:
    synthesis = Synthesis(environment().paths.models)
    samples, rate = synthesis.synthesise(asked.text, Language(asked.language), asked.voice)
    sound = telephone_alaw(samples, rate)
    linear = decode_alaw(np.frombuffer(sound, np.uint8))
    with wave.open(str(asked.out), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(linear.astype("<i2").tobytes())
    seconds = len(linear) / 8000
    if asked.json:
        _tell(json.dumps({"seconds": seconds}))
        return 0
    _tell(f"{asked.out}: {seconds:.2f} s, as callers hear it")
    return 0


def _import(asked: argparse.Namespace) -> int:
    taken = import_files(asked.folder, environment().paths.models, _tell)
    _tell(f"{taken} model files taken")
    return 0


def _status(asked: argparse.Namespace) -> int:
    paths = environment().paths
    lay_defaults(paths)
    site = site_from(paths.settings)
    synthesis = Synthesis(paths.models)
    lacks = {str(language): synthesis.lacking(language) for language in Language}
    catalogue = DiskCatalogue(paths)
    unrendered = [f"{wish.language} {wish.shown}" for wish in catalogue.unrendered(site)]
    missing = [f"{wish.language} {wish.shown}" for wish in catalogue.missing(site)]
    if asked.json:
        print(
            json.dumps(
                {"lacks": lacks, "unrendered": unrendered, "missing": missing}, ensure_ascii=False
            )
        )
        return 1 if missing else 0
    for language, absent in lacks.items():
        _tell(f"{language}: {'not installed: ' + ', '.join(absent) if absent else 'installed'}")
    _tell(f"{len(unrendered)} prompts wait to be rendered, {len(missing)} cannot be said yet")
    for shown in missing:
        _tell(f"cannot be said: {shown}")
    return 1 if missing else 0


def _make_defaults(asked: argparse.Namespace) -> int:
    paths = environment().paths
    asked.work.mkdir(parents=True, exist_ok=True)
    asked.out.mkdir(parents=True, exist_ok=True)
    make_music(asked.out)
    if asked.only_music:
        return 0
    languages = tuple(Language(name) for name in asked.language or Language)
    for language in languages:
        make_defaults(
            language,
            voice=Synthesis(paths.models),
            work=asked.work,
            out=asked.out,
            chain=telephone_alaw,
            say=_tell,
        )
    return 0


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
