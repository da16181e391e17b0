"""What the environment says to the pages: the data folder, and nothing else.

daemons/paths.py has the same names for the daemons, which the pages may not import.
"""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """Where the pages' files lie under LINGHE_DATA."""

    root: Path

    @property
    def settings(self) -> Path:
        return self.root / "settings.db"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets.json"

    @property
    def calls(self) -> Path:
        return self.root / "calls.db"

    @property
    def recordings(self) -> Path:
        return self.root / "recordings"

    @property
    def control_socket(self) -> Path:
        return self.root / "run" / "control.sock"


def places() -> Places:
    """Return the places of LINGHE_DATA; the folder is made when it is not there."""
    root = Path(os.environ.get("LINGHE_DATA", "var")).absolute()
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Places(root)
