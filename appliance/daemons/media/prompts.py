"""Prompts as files in memory: <hash>.alaw, mapped once, shared by all legs that hear them.

A voicemail message is heard from its sealed file (engines/recording/assembly.py), the caller's
side of it, and mapped only as long as somebody hears it.
"""

import logging
import mmap
import re
from pathlib import Path

from appliance.engines.recording.assembly import WAV_HEADER
from appliance.vocabulary.ids import PromptHash
from appliance.vocabulary.messages import MESSAGE

logger = logging.getLogger(__name__)

_SEALED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}/[!-\-0-~][!-.0-~]{0,31}\.wav")
"""As daemons/jobs/sealing.py names them: no way out of their folder."""
_COLUMNS = slice(22, 24)
_SIZE = slice(54, 58)
"""Where the header has them."""


class Prompts:
    """Finds the A-law bytes of a prompt. Files are named by their content and never change."""

    def __init__(self, folder: Path, recordings: Path | None = None) -> None:
        self._folder, self._recordings = folder, recordings
        self._found: dict[PromptHash, memoryview] = {}

    def content(self, prompt: PromptHash) -> memoryview | None:
        """Return the samples; None, with a line in the log, when the file is not there."""
        found = self._found.get(prompt)
        if found is not None:
            return found
        if prompt.startswith(MESSAGE):
            return self._message(prompt.removeprefix(MESSAGE))
        if not prompt.isalnum():
            # A hash has no path in it.
            logger.warning("not a prompt's hash: %r", prompt[:80])
            return None
        try:
            with (self._folder / f"{prompt}.alaw").open("rb") as file:
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            # ValueError: an empty file cannot be mapped.
            logger.warning("prompt %s is missing: %s", prompt, error)
            return None
        mapped.madvise(mmap.MADV_WILLNEED)
        self._found[prompt] = memoryview(mapped)
        return self._found[prompt]

    def _message(self, file: str) -> memoryview | None:
        """Return the caller's side of a sealed recording."""
        if self._recordings is None or _SEALED.fullmatch(file) is None:
            logger.warning("not a recording's file: %r", file[:80])
            return None
        try:
            with (self._recordings / file).open("rb") as opened:
                mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            logger.warning("message %s is missing: %s", file, error)
            return None
        head = mapped[:WAV_HEADER]
        columns = int.from_bytes(head[_COLUMNS], "little")
        size = int.from_bytes(head[_SIZE], "little")
        if head[:4] != b"RIFF" or not 1 <= columns <= 2:
            logger.warning("message %s is not as the box seals recordings", file)
            return None
        mapped.madvise(mmap.MADV_WILLNEED)
        return memoryview(mapped)[WAV_HEADER : WAV_HEADER + size][::columns]
