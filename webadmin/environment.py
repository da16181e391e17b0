"""What the environment says to the pages: the data folder, and nothing else."""

import os
from pathlib import Path

from appliance.store.places import Paths


def places() -> Paths:
    """Return the places of LINGHE_DATA; the folder is made when it is not there."""
    root = Path(os.environ.get("LINGHE_DATA", "var")).absolute()
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Paths(root)
