"""What the box's music and the owner's prompts share: how they are named, how many there may be."""

import unicodedata
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from appliance.daemons.prompts import changed_index
from appliance.speech.index import Index
from appliance.store.places import Paths
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.shape import Value

LONGEST_NAME = 32
"""Characters; what `music = …` and `prompt = …` in a site file may hold."""


class SoundKind(Value, frozen=True, kw_only=True):
    """What a sound is, for keys and sentences of refusals."""

    key: str
    """What the keys begin with: "music"."""
    one: str
    """In a sentence: "a prompt"."""
    many: str
    """"prompts"."""


def kept_name(name: str) -> str:
    """Return a name as it is kept: one that is written in two ways is one."""
    return unicodedata.normalize("NFC", name).strip()


def checked_name(name: str, kind: SoundKind) -> str:
    """Return a name as it is kept. Raises RefusedError for one that cannot be."""
    kept = kept_name(name)
    if not 0 < len(kept) <= LONGEST_NAME or not kept.isprintable() or kept.startswith("-"):
        raise RefusedError(
            f"{kind.key}_name",
            f"A name of {kind.one} has 1 to {LONGEST_NAME} characters that can be printed, "
            "the first of them no dash.",
        )
    return kept


def check_room(
    name: str, kind: SoundKind, *, own: Collection[str], most: int, is_taken: bool
) -> None:
    """Raise RefusedError where the name is taken, or where there are `most` of the owner's own."""
    if is_taken:
        raise RefusedError(
            f"{kind.key}_taken",
            f'There is {kind.one} of the name "{name}" already.',
            "Choose another name, or say that it is to be replaced.",
        )
    if name not in own and len(own) >= most:
        raise RefusedError(
            f"{kind.key}_full", f"There are {most} {kind.many} already.", "Remove one first."
        )


@contextmanager
def kept_index(paths: Paths, what: str) -> Iterator[Index]:
    """Give the index to be changed (prompts.changed_index).

    Raises EquipmentError where something cannot be written, and says what: "the music cannot be
    kept".
    """
    try:
        with changed_index(paths) as index:
            yield index
    except OSError as error:
        raise EquipmentError(f"{what}: {error.strerror or error}") from error
