"""Lets these tests find the fakes: tests are no packages."""

import sys
from pathlib import Path

FAKES = str(Path(__file__).resolve().parents[2] / "fakes")
if FAKES not in sys.path:
    sys.path.insert(0, FAKES)
