"""The shape of the prompt index: which file says what, how long it is, and what made it.

On the box it is prompts/index.json; every shipped default set carries one in its zip.
"""

from typing import TypeVar

import msgspec

from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import PromptHash, Utc
from appliance.vocabulary.shape import Value

T = TypeVar("T")

BYTES_PER_SECOND = 8000
"""A-law at 8 kHz, mono."""


class IndexRow(Value, frozen=True, kw_only=True):
    """One rendered prompt. Its file is <hash>.alaw."""

    hash: PromptHash
    seconds: float
    made_by: str
    """Engine, voice and speed ("kokoro-v1.0-int8/zf_xiaoxiao/0.9"), or "clips", "music"; of an own
    prompt where it came from: "file", "phone", "microphone", "text"."""
    at: Utc = Utc(0.0)
    """When; 0 for what is shipped."""
    by: str = ""
    """Whose own prompt it is: a user of the pages, an extension."""


Index = dict[str, IndexRow]
"""Utterance.index_key to row; music stands under "music|<name>|<place>", an owner's prompt under
"prompt|<name>|<version>"."""


class ShippedIndex(Value, frozen=True, kw_only=True):
    """index.json of a shipped default set."""

    rows: Index = {}
    clips: Index = {}
    """Pieces that agent announcements are put together from (speech.composed)."""


def index_from(content: bytes) -> Index:
    """Read prompts/index.json. Raises PeerError for anything malformed."""
    return _decoded(content, Index)


def shipped_from(content: bytes) -> ShippedIndex:
    """Read a default set's index.json. Raises PeerError for anything malformed."""
    return _decoded(content, ShippedIndex)


def index_bytes(index: Index | ShippedIndex) -> bytes:
    """Return the index as JSON that people can read, in stable order."""
    return msgspec.json.format(msgspec.json.encode(index, order="deterministic"), indent=1) + b"\n"


def music_key(name: str, place: int) -> str:
    """Return the index key of a piece of music."""
    return f"music|{name}|{place}"


def music_name(key: str) -> str | None:
    """Return the name in such a key; None where the row is no piece of music."""
    kind, _, rest = key.partition("|")
    name, _, place = rest.rpartition("|")
    return name if kind == "music" and place.isdecimal() else None


def music_of(index: Index, name: str) -> tuple[PromptHash, ...]:
    """Return the pieces of this name, in order."""
    rows: list[PromptHash] = []
    while (row := index.get(music_key(name, len(rows)))) is not None:
        rows.append(row.hash)
    return tuple(rows)


def prompt_key(name: str, version: int) -> str:
    """Return the index key of one version of a prompt of the owner's."""
    return f"prompt|{name}|{version}"


def prompt_version(key: str) -> tuple[str, int] | None:
    """Return name and version in such a key; None where the row is no prompt of the owner's."""
    kind, _, rest = key.partition("|")
    name, _, version = rest.rpartition("|")
    return (name, int(version)) if kind == "prompt" and version.isdecimal() else None


def own_prompts_of(index: Index) -> dict[str, IndexRow]:
    """Return the newest version of every prompt of the owner's, by its name."""
    newest: dict[str, tuple[int, IndexRow]] = {}
    for key, row in index.items():
        found = prompt_version(key)
        if found is not None and found[1] > newest.get(found[0], (0, row))[0]:
            newest[found[0]] = (found[1], row)
    return {name: row for name, (_, row) in newest.items()}


def _decoded(content: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise PeerError(f"malformed prompt index: {error}") from error
