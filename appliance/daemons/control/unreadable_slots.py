"""Slots that this version cannot take up: put aside as evidence, so that they are not met again.

Another version may have written them, or a bug of ours. A slot that ends control would end it at
each start anew, and with it every call of the box; one call, or one book, is the smaller loss.
"""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from appliance.daemons.slots import file_of
from appliance.store.private_file import make_folder, write_private
from appliance.vocabulary.ids import Utc

logger = logging.getLogger(__name__)


def taken_up(slots: Mapping[str, bytes], take_up: Callable[[str, bytes], None]) -> dict[str, bytes]:
    """Have each slot taken up, where carriers are (`names`) first; return those that cannot be."""
    unreadable = {}
    for name, content in sorted(slots.items(), key=lambda slot: slot[0] != "names"):
        try:
            take_up(name, content)
        except Exception:  # whatever it is: it is kept as evidence, and the others are taken up
            logger.exception("the slot %s cannot be taken up", name)
            unreadable[name] = content
    return unreadable


def put_aside(slots: Mapping[str, bytes], folder: Path, at: Utc) -> dict[str, None]:
    """Write them into a file of their own; return what the state journal is to forget.

    Nothing is forgotten where the file cannot be written: then they are tried again next time.
    """
    if not slots:
        return {}
    place = folder / f"unreadable-{at:.0f}.slots"
    try:
        make_folder(folder)
        write_private(place, file_of(slots))
    except OSError as error:
        logger.error("what control cannot take up cannot be put aside either: %s", error)
        return {}
    logger.error("control cannot take up %s: put aside as %s", ", ".join(sorted(slots)), place)
    return dict.fromkeys(slots)
