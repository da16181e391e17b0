"""Where a recording's sealed file lies: for the player, for downloads, for programs."""

from pathlib import Path

from appliance.vocabulary.records import RecordingNote
from webadmin.stores import places


def file_of(kept: RecordingNote) -> Path | None:
    """Return the sealed file, which the journal names; never one outside of the recordings."""
    folder = places().recordings.resolve()
    file = (folder / kept.file).resolve()
    return file if kept.file and file.is_relative_to(folder) and file.is_file() else None
