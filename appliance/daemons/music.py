"""The music of a box: what there is, what uses it, one more, one less.

A piece is a prompt like any other: <sha256>.alaw and a row of the index, "music|<name>|0". Every
change writes the sound first, durably, and then the index as a whole, so whatever ends us in
between, the former piece is the one that is there. A name that is removed goes from the index at
once; its sound stays for a day, in the row "removed music|<hash>|0", for callers who hear it now
and for a media worker that restarts meanwhile.
"""

import time
from collections.abc import Iterable
from contextlib import suppress

from appliance.daemons.prompts import (
    prompt_file,
    read_index,
    shipped_music,
    store_prompt,
)
from appliance.daemons.sound_names import (
    SoundKind,
    check_room,
    checked_name,
    kept_index,
    kept_name,
)
from appliance.speech.index import Index, IndexRow, music_key, music_name
from appliance.store.places import Paths
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import PromptHash, QueueId, Utc
from appliance.vocabulary.settings import Site
from appliance.vocabulary.shape import Value

MUSIC = SoundKind(key="music", one="music", many="pieces of music")
MOST_PIECES = 100
KEPT_AFTER_REMOVAL_S = 24 * 3600.0
MADE_BY = "music"
_REMOVED = "removed music"


class Piece(Value, frozen=True, kw_only=True):
    """One piece of music."""

    name: str
    prompt: PromptHash
    seconds: float
    is_shipped: bool
    """It came with Linghe and cannot be removed."""
    added: Utc
    """When; 0 for what is shipped."""
    is_sites: bool
    """What the site plays, where a queue says nothing else."""
    queues: tuple[QueueId, ...]
    """Which play it to those who wait in them, whatever the site says."""


def pieces_of(paths: Paths, site: Site) -> list[Piece]:
    """Return all pieces, the box's own first, each by name."""
    own = _own_music(paths)
    shipped = {key: row for key, row in shipped_music().items() if key not in own}
    found = [*_named(own, site, is_shipped=False), *_named(shipped, site, is_shipped=True)]
    return sorted(found, key=lambda piece: (piece.is_shipped, piece.name != "default", piece.name))


def music_names(paths: Paths) -> tuple[str, ...]:
    """Return the names that a site may choose from."""
    return tuple(sorted(_names(_own_music(paths)) | _names(shipped_music())))


def add_piece(paths: Paths, name: str, alaw: bytes, *, replaces: bool = False) -> bool:
    """Keep a piece under a name; return False where it is there already, the very same.

    Raises RefusedError where another piece has the name, or there are too many, and
    EquipmentError where it cannot be written: then all is as it was.
    """
    kept = checked_name(name, MUSIC)
    with kept_index(paths, "the music cannot be kept") as index:
        former = index.get(music_key(kept, 0))
        row = store_prompt(paths, alaw, made_by=MADE_BY, durable=True)
        if former is not None and former.hash == row.hash:
            return False
        own = _names(index)
        is_taken = kept in own | _names(shipped_music()) and not replaces
        check_room(kept, MUSIC, own=own, most=MOST_PIECES, is_taken=is_taken)
        _take_out(index, kept)
        index[music_key(kept, 0)] = IndexRow(
            hash=row.hash, seconds=row.seconds, made_by=MADE_BY, at=Utc(time.time())
        )
        index.pop(_removed_key(row.hash), None)
        spent = _spent(index)
    _unlink(paths, spent)
    return True


def remove_piece(paths: Paths, name: str, site: Site) -> None:
    """Remove a piece of the box's own. Raises RefusedError while the site uses it."""
    kept = kept_name(name)
    with kept_index(paths, "the music cannot be removed") as index:
        shipped = _names(shipped_music())
        if music_key(kept, 0) not in index:
            raise _not_there(kept, shipped)
        # What Linghe brought under the same name takes its place then.
        if kept not in shipped and (users := users_of(kept, site)):
            raise RefusedError(
                "music_used",
                f'"{kept}" is played by {", ".join(users)}.',
                "Choose other music in the site file and apply it first.",
            )
        _take_out(index, kept)
        spent = _spent(index)
    _unlink(paths, spent)


def users_of(name: str, site: Site) -> list[str]:
    """Return who plays it, for people: "the site", "queue orders"."""
    queues = [f"queue {queue.id}" for queue in site.queue if queue.music == name]
    return [*(["the site"] if site.site.music == name else []), *queues]


def _own_music(paths: Paths) -> Index:
    """Rows of the box's own music whose sound is there."""
    return {
        key: row
        for key, row in read_index(paths).items()
        if music_name(key) is not None and prompt_file(paths, row.hash).is_file()
    }


def _names(rows: Index) -> set[str]:
    return {name for key in rows if (name := music_name(key)) is not None}


def _named(rows: Index, site: Site, *, is_shipped: bool) -> Iterable[Piece]:
    for key, row in rows.items():
        name = music_name(key)
        if name is not None and key == music_key(name, 0):
            yield Piece(
                name=name,
                prompt=row.hash,
                seconds=row.seconds,
                is_shipped=is_shipped,
                added=row.at,
                is_sites=site.site.music == name,
                queues=tuple(queue.id for queue in site.queue if queue.music == name),
            )


def _not_there(name: str, shipped: set[str]) -> RefusedError:
    if name in shipped:
        return RefusedError("music_shipped", f'"{name}" came with Linghe and stays.')
    return RefusedError("music_unknown", f'There is no music "{name}".')


def _removed_key(prompt: PromptHash) -> str:
    return f"{_REMOVED}|{prompt}|0"


def _take_out(index: Index, name: str) -> None:
    """Take a name out, and remember when each of its sounds lost it, unless it has another."""
    for key in [key for key in index if music_name(key) == name]:
        row = index.pop(key)
        if all(other.hash != row.hash for other in index.values()):
            index[_removed_key(row.hash)] = IndexRow(
                hash=row.hash, seconds=row.seconds, made_by=MADE_BY, at=Utc(time.time())
            )


def _spent(index: Index) -> list[PromptHash]:
    """Take sounds out of the index that nobody can be hearing any more; return them."""
    oldest = time.time() - KEPT_AFTER_REMOVAL_S
    spent = [key for key, row in index.items() if key.startswith(_REMOVED) and row.at < oldest]
    gone = [index.pop(key).hash for key in spent]
    kept = {row.hash for row in index.values()}
    return [prompt for prompt in gone if prompt not in kept]


def _unlink(paths: Paths, prompts: list[PromptHash]) -> None:
    """What does not go costs room, and no more: the index names it no longer."""
    for prompt in prompts:
        with suppress(OSError):
            prompt_file(paths, prompt).unlink()
