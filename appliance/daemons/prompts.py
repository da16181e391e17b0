"""Prompts on disk: what can be said now, the shipped defaults, and agents' numbers from clips.

Shared by control (looks up), jobs and the command line (what is missing) and the speech worker
(adds). A prompt is <sha256>.alaw, 8 kHz A-law without header; prompts/index.json says what each
is. The shipped sets need no model: one zip per language beside the speech room's code.
"""

import fcntl
import hashlib
import logging
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import appliance.speech
from appliance.daemons.paths import Paths
from appliance.speech.composed import clips_of, joined, may_be_absent
from appliance.speech.index import (
    BYTES_PER_SECOND,
    Index,
    IndexRow,
    ShippedIndex,
    index_bytes,
    index_from,
    music_of,
    own_prompts_of,
    shipped_from,
)
from appliance.speech.phrases import FARTHEST_POSITION, POSITION_FAR
from appliance.speech.wanted import utterances_wanted
from appliance.store.private_file import make_folder
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import PromptHash
from appliance.vocabulary.settings import Language, Site
from appliance.vocabulary.speech import PhraseKey, Utterance

logger = logging.getLogger(__name__)

SHIPPED = Path(appliance.speech.__file__).parent / "default_prompts"
MUSIC_SET = "music"


def prompt_file(paths: Paths, prompt: PromptHash) -> Path:
    """Return where a prompt's A-law bytes lie."""
    return paths.prompts / f"{prompt}.alaw"


def lay_defaults(paths: Paths, shipped: Path = SHIPPED) -> int:
    """Lay the shipped prompts and music into data/prompts; return how many were new.

    Called at each start: files that are there already cost one directory listing. A full disk costs
    what does not fit (logged): calls are taken with the prompts that there are.
    """
    try:
        return _laid(paths, shipped)
    except OSError as error:
        logger.error("not all shipped prompts can be laid: %s", error)
        return 0


def _laid(paths: Paths, shipped: Path) -> int:
    make_folder(paths.prompts)
    present = set(os.listdir(paths.prompts))
    laid = 0
    for name in (*Language, MUSIC_SET):
        file = shipped / f"{name}.zip"
        if not file.exists():
            continue
        with zipfile.ZipFile(file) as archive:
            rows = shipped_from(archive.read("index.json")).rows
            for prompt in {row.hash for row in rows.values()}:
                if f"{prompt}.alaw" not in present:
                    _put(prompt_file(paths, prompt), archive.read(f"{prompt}.alaw"))
                    laid += 1
    return laid


def shipped_music(shipped: Path = SHIPPED) -> Index:
    """Return the rows of the music that comes with Linghe, laid or not."""
    file = shipped / f"{MUSIC_SET}.zip"
    if not file.exists():
        return {}
    with zipfile.ZipFile(file) as archive:
        return shipped_from(archive.read("index.json")).rows


class DiskCatalogue:
    """What can be said at this moment (vocabulary.speech.PromptCatalogue).

    Looks into the site's index first, then the shipped sets, then puts an agent's number together
    from shipped clips. Never answers with another language than was asked for.
    """

    def __init__(self, paths: Paths, shipped: Path = SHIPPED) -> None:
        self._paths = paths
        self._shipped_folder = shipped
        self._index: Index = {}
        self._own: Index = {}
        self._shipped: dict[str, ShippedIndex] = {}
        self._composed: Index = {}
        self._seconds: dict[PromptHash, float] = {}
        self.reload()

    def reload(self) -> None:
        """Read the index and the shipped sets again. Rows whose file is gone are left out."""
        present = set(os.listdir(self._paths.prompts)) if self._paths.prompts.exists() else set()
        self._index = _present(read_index(self._paths), present)
        self._own = own_prompts_of(self._index)
        self._shipped = {}
        for name in (*Language, MUSIC_SET):
            file = self._shipped_folder / f"{name}.zip"
            if file.exists():
                with zipfile.ZipFile(file) as archive:
                    found = shipped_from(archive.read("index.json"))
                rows = _present(found.rows, present)
                self._shipped[name] = ShippedIndex(rows=rows, clips=found.clips)
        self._composed = {}
        self._seconds = {
            row.hash: row.seconds
            for index in (*(kind.rows for kind in self._shipped.values()), self._index)
            for row in index.values()
        }

    def find(self, utterance: Utterance) -> PromptHash | None:
        """Return the prompt's hash, or None when it can be said neither exactly nor composed."""
        row = self._own.get(utterance.prompt)
        row = row or self._rendered(utterance) or self._put_together(utterance)
        if row is None and _is_far(utterance):
            row = self._rendered(_far(utterance))
        return None if row is None else row.hash

    def parts(self, utterance: Utterance) -> tuple[PromptHash, ...]:
        """Return what says it, in order; a value that nobody rendered is said by its pieces.

        Their clips are laid singly, so that values leave no files of their own behind.
        """
        prompt = self.find(utterance)
        if prompt is not None:
            return (prompt,)
        return self._pieces(utterance) if utterance.said else ()

    def seconds(self, prompt: PromptHash) -> float:
        """How long it lasts; 0.0 when unknown."""
        return self._seconds.get(prompt, 0.0)

    def music(self, name: str = "default") -> tuple[PromptHash, ...]:
        """Music on hold: the site's own of this name, else the shipped piece; may be empty."""
        shipped = self._shipped.get(MUSIC_SET, ShippedIndex()).rows
        return music_of(self._index, name) or music_of(shipped, name)

    def unrendered(self, site: Site) -> list[Utterance]:
        """Return what the site wants and no whole prompt says yet: the worker's list."""
        return [wish for wish in utterances_wanted(site) if self._rendered(wish) is None]

    def missing(self, site: Site) -> list[Utterance]:
        """Return what the site wants and this box cannot say at all: callers would hear nothing.

        Also makes the composed announcements of its agents, so that no call has to.
        """
        return [wish for wish in utterances_wanted(site) if not self.parts(wish)]

    def _rendered(self, utterance: Utterance) -> IndexRow | None:
        key = utterance.index_key
        if row := self._index.get(key):
            return row
        return self._shipped.get(utterance.language, ShippedIndex()).rows.get(key)

    def _pieces(self, utterance: Utterance) -> tuple[PromptHash, ...]:
        """Lay the clips of a value where they are not yet; empty when one of them is not there."""
        names = clips_of(utterance)
        clips = self._shipped.get(utterance.language, ShippedIndex()).clips
        if any(name not in clips for name in names):
            return ()
        rows = [clips[name] for name in names]
        absent = {row.hash for row in rows if not prompt_file(self._paths, row.hash).exists()}
        if absent:
            with zipfile.ZipFile(self._shipped_folder / f"{utterance.language}.zip") as archive:
                for prompt in absent:
                    _put(prompt_file(self._paths, prompt), archive.read(f"{prompt}.alaw"))
        self._seconds.update((row.hash, row.seconds) for row in rows)
        return tuple(row.hash for row in rows)

    def _put_together(self, utterance: Utterance) -> IndexRow | None:
        """Make an agent's announcement from clips: once for each, some milliseconds."""
        if utterance.said:
            return None
        key = utterance.index_key
        if key in self._composed:
            return self._composed[key]
        names = clips_of(utterance)
        shipped = self._shipped.get(utterance.language)
        if not names or shipped is None:
            return None
        wanted = [name for name in names if name in shipped.clips or not may_be_absent(name)]
        if any(name not in shipped.clips for name in wanted):
            return None
        with zipfile.ZipFile(self._shipped_folder / f"{utterance.language}.zip") as archive:
            sound = joined(archive.read(f"{shipped.clips[name].hash}.alaw") for name in wanted)
        row = store_prompt(self._paths, sound, made_by="clips")
        self._composed[key] = row
        self._seconds[row.hash] = row.seconds
        return row


def store_prompt(paths: Paths, alaw: bytes, *, made_by: str, durable: bool = False) -> IndexRow:
    """Write A-law bytes under their own hash (once) and return the row; the index stays.

    durable: what cannot be made again from the site's texts is on the disk before it is named.
    """
    prompt = PromptHash(hashlib.sha256(alaw).hexdigest())
    file = prompt_file(paths, prompt)
    if not file.exists():
        make_folder(paths.prompts)
        _put(file, alaw, durable)
    return IndexRow(hash=prompt, seconds=len(alaw) / BYTES_PER_SECOND, made_by=made_by)


def read_index(paths: Paths) -> Index:
    """Return prompts/index.json; empty when there is none or it is malformed (logged)."""
    try:
        return index_from((paths.prompts / "index.json").read_bytes())
    except FileNotFoundError:
        return {}
    except PeerError as error:
        logger.warning("%s; prompts of the site have to be rendered again", error)
        return {}


def add_to_index(paths: Paths, rows: Index) -> None:
    """Add or replace rows in prompts/index.json, atomically, one writer at a time."""
    with changed_index(paths) as index:
        index.update(rows)


@contextmanager
def changed_index(paths: Paths) -> Iterator[Index]:
    """Give prompts/index.json to be changed; written as it is then, or, when that raises, not.

    Raises OSError where it cannot be written; the old one holds then.
    """
    make_folder(paths.prompts)
    with _only_writer(paths):
        index = read_index(paths)
        before = dict(index)
        yield index
        if index != before:
            _put(paths.prompts / "index.json", index_bytes(index), durable=True)


@contextmanager
def _only_writer(paths: Paths) -> Iterator[None]:
    with (paths.prompts / "index.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _put(file: Path, content: bytes, durable: bool = False) -> None:
    """Write a whole file or none: a reader never sees a half one."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as out:
            out.write(content)
            if durable:
                out.flush()
                os.fsync(out.fileno())
        unfinished.replace(file)
    except OSError:
        # A full disk: a half file would only keep it full.
        unfinished.unlink(missing_ok=True)
        raise


def _present(index: Index, present: set[str]) -> Index:
    return {key: row for key, row in index.items() if f"{row.hash}.alaw" in present}


def _is_far(utterance: Utterance) -> bool:
    n = utterance.values.get("n", "")
    return utterance.phrase is PhraseKey.POSITION and n.isdigit() and int(n) > FARTHEST_POSITION


def _far(utterance: Utterance) -> Utterance:
    return Utterance(
        language=utterance.language, phrase=PhraseKey.POSITION, values={"n": POSITION_FAR}
    )
