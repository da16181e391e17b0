"""`linghe music`: what callers hear on hold and in queues: list, add, remove, get it back.

The page *Music* runs this verb too, so that both do the same; `--by` and `--where` say for whom.
"""

import argparse
import json

import numpy as np
import numpy.typing as npt

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
    opened_settings,
    paths,
    print_json,
    print_table,
)
from appliance.daemons.music import MUSIC, Piece, add_piece, pieces_of, remove_piece
from appliance.daemons.prompts import lay_defaults
from appliance.daemons.sound_names import checked_name
from appliance.signals.g711 import decode_alaw
from appliance.signals.music_level import music_dbm0
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.linghe_json import MusicPiece

NAME = "music"
HELP = "music on hold: list, add from WAV, FLAC, OGG or MP3, remove, export"
EXAMPLES = """\
  linghe music list
  linghe music add waltz waltz.mp3
  linghe music add waltz other.flac --replace
  linghe music export waltz waltz.wav    as callers hear it
  linghe music remove waltz
"""
BARS = 96
"""Of the picture of a piece."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, with which piece, from or to which file."""
    parser.add_argument("act", choices=["list", "add", "remove", "export"])
    parser.add_argument("name", metavar="NAME", nargs="?", default="", help="of the piece")
    parser.add_argument("file", metavar="FILE", nargs="?", default="", help="a sound file")
    parser.add_argument("--replace", action="store_true", help="in place of what has the name")
    parser.add_argument("--by", default="command line", help="who it was, for the audit log")
    parser.add_argument("--where", default="", help=argparse.SUPPRESS)


def carry_out(arguments: argparse.Namespace) -> int:
    """Change or show the music; the box need not run, and takes it up at once if it does."""
    if not is_whole(NAME, arguments):
        return EXIT_USAGE
    act = arguments.act
    store = opened_settings() if act == "add" else box_settings()
    try:
        lay_defaults(paths())
        match act:
            case "add":
                return _add(store, arguments)
            case "remove":
                return _remove(store, arguments)
            case "export":
                return _export(store, arguments)
            case _:
                return _list(store, arguments)
    finally:
        store.close()


def _add(store: SettingsStore, arguments: argparse.Namespace) -> int:
    name = checked_name(arguments.name, MUSIC)
    alaw = alaw_in(arguments.file)
    is_new = add_piece(paths(), name, alaw, replaces=arguments.replace)
    seconds, sentence = len(alaw) / 8000, f'"{name}" is that very piece already.'
    if is_new:
        made_known(store, "music_added", name, arguments)
        shown = json.dumps(name, ensure_ascii=False)
        sentence = f"Callers can hear it now ({_span(seconds)}). In the site file: music = {shown}"
    facts: dict[str, object] = {"name": name, "seconds": seconds, "is_new": is_new}
    return tell(facts, sentence, as_json=arguments.json)


def _remove(store: SettingsStore, arguments: argparse.Namespace) -> int:
    name = arguments.name.strip()
    remove_piece(paths(), name, store.current())
    made_known(store, "music_removed", name, arguments)
    sentence = f'"{name}" is removed; who hears it now goes on hearing it.'
    return tell({"removed": name}, sentence, as_json=arguments.json)


def _export(store: SettingsStore, arguments: argparse.Namespace) -> int:
    found = {piece.name: piece for piece in _pieces(store)}.get(arguments.name.strip())
    if found is None:
        raise RefusedError("music_unknown", f'There is no music "{arguments.name}".')
    return export(found.name, kept_alaw(NAME, found.prompt), found.seconds, arguments)


def _list(store: SettingsStore, arguments: argparse.Namespace) -> int:
    pieces = _pieces(store)
    if arguments.json:
        print_json([_shown(piece) for piece in pieces])
        return EXIT_DONE
    rows = [
        (
            piece.name,
            _span(piece.seconds),
            "Linghe" if piece.is_shipped else "own",
            ", ".join([*(["site"] if piece.is_sites else []), *piece.queues]),
        )
        for piece in pieces
    ]
    print_table(("name", "length", "from", "played by"), rows)
    return EXIT_DONE


def _pieces(store: SettingsStore) -> list[Piece]:
    return pieces_of(paths(), store.current())


def _shown(piece: Piece) -> MusicPiece:
    sound = decode_alaw(np.frombuffer(kept_alaw(NAME, piece.prompt), np.uint8))
    return MusicPiece(
        name=piece.name,
        prompt=piece.prompt,
        seconds=piece.seconds,
        dbm0=round(music_dbm0(sound), 1),
        is_shipped=piece.is_shipped,
        added=piece.added,
        is_sites=piece.is_sites,
        queues=piece.queues,
        bars=_bars(sound),
    )


def _bars(sound: npt.NDArray[np.int16]) -> tuple[int, ...]:
    """The loudness of equal parts as per cent of the loudest."""
    parts = np.array_split(sound.astype(np.float64), min(BARS, max(1, len(sound))))
    levels = np.array([np.sqrt(np.mean(np.square(part))) for part in parts])
    return tuple(int(one) for one in np.rint(100 * levels / max(levels.max(), 1.0)))


def _span(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
