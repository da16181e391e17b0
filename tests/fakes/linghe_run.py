"""What a run of `linghe` gives: within a test's own process, or as a program of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Linghe = Callable[..., tuple[int, str, str]]
"""Words to exit code, output and errors."""
Program = Callable[..., subprocess.CompletedProcess[str]]
"""Words to what the program said."""


def as_a_program(folder: Path) -> Program:
    """Return `linghe` with this data folder, in a process of its own each time."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "appliance.daemons.command_line", *words],
            env={**os.environ, "LINGHE_DATA": str(folder)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run
