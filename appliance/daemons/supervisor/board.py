"""Who runs, for people and tests: run/<unit>.pid and run/units.json."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from appliance.daemons.supervisor.post import Post


class Board:
    """Written after each change; a disk that refuses costs the board, not the box."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def show(self, posts: Sequence[Post]) -> None:
        """Write each unit's pid file, and all of them in one file."""
        shown = [
            {
                "unit": post.unit.name,
                "title": post.unit.title,
                "state": str(post.state),
                "pid": post.pid,
                "restarts": post.restarts,
                "status": post.status,
            }
            for post in posts
        ]
        try:
            for post in posts:
                if post.pid is not None:
                    self._write(f"{post.unit.name}.pid", f"{post.pid}\n")
                else:
                    (self._folder / f"{post.unit.name}.pid").unlink(missing_ok=True)
            self._write("units.json", json.dumps(shown, ensure_ascii=False) + "\n")
        except OSError:
            return

    def clear(self, posts: Sequence[Post]) -> None:
        """Nothing runs any more."""
        for name in [f"{post.unit.name}.pid" for post in posts] + ["units.json"]:
            try:
                (self._folder / name).unlink(missing_ok=True)
            except OSError:
                return

    def _write(self, name: str, text: str) -> None:
        """Whole or not at all: a reader never sees half a number."""
        new = self._folder / f".{name}.new"
        new.write_text(text, encoding="utf-8")
        os.replace(new, self._folder / name)
