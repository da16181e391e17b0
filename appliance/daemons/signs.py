"""What the hooks tell each other and people: one small file a sign, under run/signs.

A stick that is being written, a button that is held, a UPS on its battery: lamps and the console
show them. A sign says when it was last given; one that nobody renews is believed for a while only,
so that a hook that was killed leaves no lamp blinking for ever.
"""

import os
import time
from enum import StrEnum
from pathlib import Path

from appliance.store.places import Paths

BELIEVED_SECONDS = 180.0


class Sign(StrEnum):
    """Who says something."""

    STICK = "stick"
    BUTTON = "button"
    UPS = "ups"
    ADOPT = "adopt"
    """Given at the console: the next stick that is plugged in becomes the box's own."""


LASTING = (Sign.UPS,)
"""Believed until it is taken back: the UPS tells changes only."""


def sign_folder(paths: Paths) -> Path:
    """Return where signs stand."""
    return paths.run / "signs"


def give(paths: Paths, sign: Sign, text: str) -> None:
    """Give a sign, or renew it. A disk that refuses is no reason to stop the work."""
    folder = sign_folder(paths)
    draft = folder / f"{sign}.{os.getpid()}"
    try:
        folder.mkdir(mode=0o770, parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        draft.replace(folder / sign)
    except OSError:
        return


def take_back(paths: Paths, sign: Sign) -> None:
    """The sign holds no longer."""
    try:
        (sign_folder(paths) / sign).unlink(missing_ok=True)
    except OSError:
        return


def signs(paths: Paths) -> dict[Sign, str]:
    """Return the signs that hold now."""
    found: dict[Sign, str] = {}
    for sign in Sign:
        place = sign_folder(paths) / sign
        try:
            age = time.time() - place.stat().st_mtime
            if sign in LASTING or age < BELIEVED_SECONDS:
                found[sign] = place.read_text(encoding="utf-8", errors="replace")[:200]
        except OSError:
            continue
    return found
