"""Files that a browser sends, in pieces of half a megabyte, each a request of its own.

A large body would hold one of the few threads for as long as it takes (gunicorn_worker), and on a
slow line it would be cut off. A piece that comes twice is written twice to the same place. What
is begun and not ended goes after an hour.
"""

import errno
import os
import re
import shutil
import time
from pathlib import Path

from flask import Flask, Response, abort, jsonify, request

from appliance.store.private_file import make_folder
from appliance.vocabulary.errors import EquipmentError
from webadmin.languages import say
from webadmin.stores import places

LONGEST_PIECE = 512 * 1024
LONGEST_FILE = 128 << 20
LEAST_FREE = 256 << 20
"""Bytes of the disk that calls and recordings keep for themselves."""
OLD_AFTER_S = 3600.0
LONG_TEXTS = frozenset({"flows.keep", "api.save_draft", "api.check_flow_document"})
"""Take a whole flow, which may be long too."""
TWO_TEXTS = frozenset({"site.check", "site.apply"})
"""Take a whole site, from a file beside what stands in the field."""
LONGEST_SOUND = 6 << 20
"""Bytes of a whole prompt in one request of a program: four minutes at 8 kHz, in base64."""
PIECE_ENDPOINTS = frozenset({"music.piece", "tables.piece", "prompts.piece", "box.piece"})
_ID = re.compile(r"[0-9a-f]{32}")


class UploadFault(Exception):
    """Why a piece was not taken, for the reader."""


def init_app(app: Flask) -> None:
    """Let pieces and flows be longer than forms are. Asked after who it is, so only of those who
    may."""
    app.before_request(_allow_pieces)


def _allow_pieces() -> None:
    if request.endpoint in PIECE_ENDPOINTS | LONG_TEXTS:
        request.max_content_length = LONGEST_PIECE
        request.max_form_memory_size = LONGEST_PIECE
    elif request.endpoint in TWO_TEXTS:
        request.max_content_length = 2 * LONGEST_PIECE + (16 << 10)
        request.max_form_memory_size = LONGEST_PIECE
    elif request.endpoint == "api.add_prompt":
        request.max_content_length = LONGEST_SOUND


def take_piece(upload: str, offset: int, piece: bytes, longest: int | None = None) -> int:
    """Write a piece at its place; return how many bytes there are now. Raises UploadFault."""
    longest = LONGEST_FILE if longest is None else longest
    file = _file(upload)
    if offset == 0:
        _tidy()
    there = file.stat().st_size if file.exists() else 0
    if not 0 <= offset <= there:
        raise UploadFault(say("A part of the file got lost. Please try again."))
    if offset + len(piece) > longest:
        file.unlink(missing_ok=True)
        most = f"{longest >> 20} MB"
        raise UploadFault(say("The file is too large: %(most)s at most.", most=most))
    try:
        if shutil.disk_usage(file.parent).free < LEAST_FREE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        with file.open("r+b" if there else "wb") as out:
            out.seek(offset)
            out.write(piece)
        return max(there, offset + len(piece))
    except OSError as error:
        file.unlink(missing_ok=True)
        if error.errno == errno.ENOSPC:
            raise UploadFault(say("The box’s disk is full; nothing was changed.")) from error
        raise EquipmentError(f"an upload cannot be kept: {error}") from error


def piece_told(longest: int | None = None) -> tuple[Response, int]:
    """Take the piece that this request brings; said in JSON, since a script asks."""
    try:
        offset = int(request.headers.get("X-Offset", ""))
        upload = request.headers.get("X-Upload", "")
        there = take_piece(upload, offset, request.get_data(), longest)
    except ValueError:
        abort(400)
    except UploadFault as fault:
        return fault_told(str(fault))
    return jsonify(there=there), 200


def fault_told(said: str, key: str = "") -> tuple[Response, int]:
    """Return why a file was not taken, for the script that sent it."""
    return jsonify(fault=said, **({"key": key} if key else {})), 400


def claimed(upload: str) -> Path | None:
    """Take a whole upload away for its one use; None: there is none, or somebody was quicker."""
    file = _file(upload)
    taken = file.with_suffix(".taken")
    try:
        file.rename(taken)
    except FileNotFoundError:
        return None
    return taken


def _file(upload: str) -> Path:
    if not _ID.fullmatch(upload):
        raise UploadFault(say("The browser sent something that this page does not understand."))
    folder = places().uploads
    make_folder(folder)
    return folder / f"{upload}.part"


def _tidy() -> None:
    """Delete what was left behind."""
    oldest = time.time() - OLD_AFTER_S
    for file in places().uploads.iterdir():
        if file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)
