"""Folders put aside for a person: counted up, for the clock may be wrong when one is named.

A name is `PREFIX-NUMBER-TIME`; who reads it looks at the time, the box at the number alone.
"""

import re
from pathlib import Path


def asides(root: Path, prefix: str) -> list[Path]:
    """Return what lies aside under `root`, oldest first. A link that somebody laid is none."""
    found = [one for one in root.glob(f"{prefix}-*") if one.is_dir() and not one.is_symlink()]
    return sorted(found, key=lambda one: (_count_of(one, prefix), one.name))


def next_aside(root: Path, prefix: str, stamp: str) -> str:
    """Return the name of the next one; `stamp`: digits, the time."""
    last = max((_count_of(one, prefix) for one in asides(root, prefix)), default=0)
    return f"{prefix}-{last + 1}-{stamp}"


def _count_of(aside: Path, prefix: str) -> int:
    """0 for one named before they were counted: its time stands there, which has more digits."""
    counted = re.match(rf"{prefix}-(\d{{1,7}})(?!\d)", aside.name)
    return int(counted[1]) if counted else 0
