"""The prompts that an owner brought or recorded: what there is, who names it, one more, one less.

A recording is a prompt like any other: <sha256>.alaw and a row of the index,
"prompt|<name>|<version>". The newest version is what callers hear. Every change writes the sound
first, durably, and then the index as a whole, so whatever ends us in between, the former version
is the one that is there. No sound of a prompt is ever deleted: the ledger names the one that a
caller heard, and the notice of a call of last year is what was said then. A prompt that is removed
keeps its versions under "removed prompt|<name>|<version>".
"""

import time

from appliance.daemons.prompts import prompt_file, read_index, store_prompt
from appliance.daemons.sound_names import (
    SoundKind,
    check_room,
    checked_name,
    kept_index,
    kept_name,
)
from appliance.speech.index import Index, IndexRow, prompt_key, prompt_version
from appliance.speech.named import named_in
from appliance.store.places import Paths
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.linghe_json import OwnPrompt, PromptVersion
from appliance.vocabulary.settings import Site

PROMPT = SoundKind(key="prompt", one="a prompt", many="prompts")
MOST_PROMPTS = 500
FROM_FILE = "file"
FROM_PHONE = "phone"
FROM_MICROPHONE = "microphone"
FROM_TEXT = "text"
"""Typed, and spoken by the box's own voice."""
_REMOVED = "removed "


def own_prompts(paths: Paths, site: Site) -> list[OwnPrompt]:
    """Return all prompts of the owner's, by name."""
    users = named_in(site)
    return [
        OwnPrompt(name=name, versions=tuple(versions), users=tuple(users.get(name, ())))
        for name, versions in sorted(_versions(paths, read_index(paths)).items())
    ]


def prompt_names(paths: Paths) -> frozenset[str]:
    """Return the names that a site may choose from."""
    return frozenset(_versions(paths, read_index(paths)))


def add_prompt(
    paths: Paths, name: str, alaw: bytes, *, origin: str, by: str, replaces: bool = False
) -> bool:
    """Keep a recording under a name; False where the newest version is the very same sound.

    Raises RefusedError where the name is taken and `replaces` does not hold, or there are too
    many, and EquipmentError where it cannot be written: then all is as it was.
    """
    kept = checked_name(name, PROMPT)
    with kept_index(paths, "the prompt cannot be kept") as index:
        own = _numbered(index)
        is_taken = kept in own and not replaces
        check_room(kept, PROMPT, own=own, most=MOST_PROMPTS, is_taken=is_taken)
        row = store_prompt(paths, alaw, made_by=origin, durable=True)
        there = own.get(kept, {})
        if there and there[max(there)].hash == row.hash:
            return False
        _put_newest(index, kept, row, by)
    return True


def restore_version(paths: Paths, name: str, version: int, *, by: str) -> None:
    """Play an earlier recording again: it becomes the newest version. Raises RefusedError."""
    kept = kept_name(name)
    with kept_index(paths, "the prompt cannot be kept") as index:
        found = _numbered(index).get(kept, {})
        if version not in found:
            raise RefusedError("prompt_unknown", f'There is no version {version} of "{kept}".')
        if version != max(found):
            _put_newest(index, kept, found[version], by)


def remove_prompt(paths: Paths, name: str, site: Site) -> None:
    """Take a prompt away. Raises RefusedError while the site names it."""
    kept = kept_name(name)
    with kept_index(paths, "the prompt cannot be removed") as index:
        found = _numbered(index).get(kept, {})
        if not found:
            raise RefusedError("prompt_unknown", f'There is no prompt "{kept}".')
        if users := named_in(site).get(kept):
            raise RefusedError(
                "prompt_used",
                f'"{kept}" is said by {", ".join(users)}.',
                "Name another one in the site file and apply it first.",
            )
        for version in found:
            key = prompt_key(kept, version)
            index[_REMOVED + key] = index.pop(key)


def _versions(paths: Paths, index: Index) -> dict[str, list[PromptVersion]]:
    found: dict[str, list[PromptVersion]] = {}
    for name, rows in _numbered(index).items():
        there = [
            PromptVersion(
                version=number,
                prompt=row.hash,
                seconds=row.seconds,
                at=row.at,
                by=row.by,
                origin=row.made_by,
            )
            for number, row in sorted(rows.items(), reverse=True)
            if prompt_file(paths, row.hash).is_file()
        ]
        if there:
            found[name] = there
    return found


def _numbered(index: Index) -> dict[str, dict[int, IndexRow]]:
    found: dict[str, dict[int, IndexRow]] = {}
    for key, row in index.items():
        if (parsed := prompt_version(key)) is not None:
            found.setdefault(parsed[0], {})[parsed[1]] = row
    return found


def _put_newest(index: Index, name: str, row: IndexRow, by: str) -> None:
    """Under the next number: one that was removed keeps its own."""
    keys = (key.removeprefix(_REMOVED) for key in index)
    numbers = [found[1] for key in keys if (found := prompt_version(key)) and found[0] == name]
    index[prompt_key(name, max(numbers, default=0) + 1)] = IndexRow(
        hash=row.hash, seconds=row.seconds, made_by=row.made_by, at=Utc(time.time()), by=by
    )
