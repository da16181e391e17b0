"""Prompts that were spoken at a phone, made as all prompts of the owner's are: by `linghe prompt`.

A process of its own each time, niced: what it does takes half a second of a core, and calls go on.
Of two that are asked for one name at once, one waits (the index has one writer); a process that is
killed has changed nothing, and call control asks again.
"""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence

from appliance.daemons.paths import Paths
from appliance.vocabulary.events import CallEvent
from appliance.vocabulary.prompt_takes import KeepPrompt, PromptKept

logger = logging.getLogger(__name__)

PATIENCE_S = 60.0
NICE = 10


class PromptTakes:
    """Makes them and tells what came of it."""

    def __init__(
        self,
        paths: Paths,
        loop: asyncio.AbstractEventLoop,
        on_events: Callable[[Sequence[CallEvent]], None],
    ) -> None:
        self._paths = paths
        self._loop = loop
        self._on_events = on_events
        self._at_work: set[asyncio.Task[None]] = set()

    def carry_out(self, wanted: Sequence[KeepPrompt]) -> None:
        """Begin to make these; each is answered by PromptKept."""
        for one in wanted:
            task = self._loop.create_task(self._make(one))
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)

    async def _make(self, wanted: KeepPrompt) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                text = await self._said(wanted)
        except (OSError, TimeoutError) as error:
            text = str(error) or "it took too long"
        if text:
            logger.error("a prompt spoken at %s is not kept: %s", wanted.extension, text)
        self._on_events([PromptKept(call=wanted.call, is_kept=not text, text=text)])

    async def _said(self, wanted: KeepPrompt) -> str:
        """Return why it could not be made; "" when it is."""
        process = await asyncio.create_subprocess_exec(
            *("nice", "-n", str(NICE), sys.executable, "-I"),
            *("-m", "appliance.daemons.command_line", "prompt", "--json", "--replace"),
            *("--origin=phone", f"--by={wanted.extension}", "--"),
            *("add", wanted.name, str(self._paths.recordings / wanted.file)),
            env={**os.environ, "LINGHE_DATA": str(self._paths.root)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            said, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
        if process.returncode == 0:
            return ""
        try:
            return str(json.loads(said)["error"]["sentence"])
        except (ValueError, TypeError, KeyError):
            return f"exit code {process.returncode}"
