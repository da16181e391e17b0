"""Where a recording's sealed file lies: for the player, for downloads, for programs."""

from pathlib import Path

from appliance.vocabulary.records import RecordingNote
from webadmin.stores import places


def file_of(kept: RecordingNote) -> Path | None:
    """Return the sealed file, which the journal names; never one outside of the recordings."""
    return file_named(kept.file)


def file_named(name: str) -> Path | None:
    """Return a sealed file by its path within the recordings; never one outside of them."""
    folder = places().recordings.resolve()
    file = (folder / name).resolve()
    return file if name and file.is_relative_to(folder) and file.is_file() else None
