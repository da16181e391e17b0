"""Going behind the others: work that nobody waits for on the telephone."""

import os


def step_behind(niceness: int) -> None:
    """Take a lower rank, where it may be taken: on the box the units say it (Nice=, CPUWeight=) and
    let no process change it."""
    try:
        os.nice(niceness)
    except PermissionError:
        return
