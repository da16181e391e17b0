"""Prompts as files in memory: <hash>.alaw, mapped once, shared by all legs that hear them."""

import logging
import mmap
from pathlib import Path

from appliance.vocabulary.ids import PromptHash

logger = logging.getLogger(__name__)


class Prompts:
    """Finds the A-law bytes of a prompt. Files are named by their content and never change."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: dict[PromptHash, memoryview] = {}

    def content(self, prompt: PromptHash) -> memoryview | None:
        """Return the samples; None, with a line in the log, when the file is not there."""
        found = self._found.get(prompt)
        if found is not None:
            return found
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
