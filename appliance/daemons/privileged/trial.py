"""`python -m appliance.daemons.privileged.trial`: before the box starts with an update on trial.

systemd/linghe-trial.service runs it at each start until one was judged (restarting.judge_start). In
the new slot it copies what the new version may bring up to its own form; back in the old one it
gives the copies back where that has happened (store/before_update.py). When the copy cannot be
made, nothing of the new version starts, and the machine starts again: the loader goes back.
"""

import sys
import time
from contextlib import suppress

from appliance.daemons.paths import environment
from appliance.daemons.privileged.machine import Machine
from appliance.daemons.privileged.restarting import booted_slot, note_update, slot_on_trial
from appliance.store.before_update import give_back, keep
from appliance.store.places import Paths
from appliance.vocabulary.errors import ApplianceError

STAMP = "%Y%m%d-%H%M%S"


def prepared(machine: Machine, stamp: str) -> str:
    """Do what this start wants; return a sentence for the log. EquipmentError."""
    trial = slot_on_trial(machine)
    if trial is None:
        return "No update is on trial."
    paths = Paths(machine.data)
    if booted_slot(machine) == trial:
        is_new = keep(paths)
        return "The data is copied." if is_new else "The data was copied before an earlier try."
    aside = give_back(paths, stamp)
    if not aside:
        return "The update did not work; it changed no data."
    return f"The data of before the update is back; what the update had written lies in {aside}."


def main() -> int:
    """Run for systemd. 1: the box must not start with this version.

    Only the new version: behind the old one there is no other, and a box that starts with what it
    has is better than one that starts again for ever.
    """
    machine = Machine(data=environment().data)
    try:
        print(prepared(machine, time.strftime(STAMP, time.gmtime())))
    except ApplianceError as error:
        print(error, file=sys.stderr)
        is_new = _is_new_version(machine)
        what = "was not tried" if is_new else "did not work, and its data could not be taken back"
        with suppress(ApplianceError):
            note_update(machine, f"The update {what}: {error}")
        return 1 if is_new else 0
    return 0


def _is_new_version(machine: Machine) -> bool:
    try:
        return booted_slot(machine) == slot_on_trial(machine)
    except ApplianceError:
        return False


if __name__ == "__main__":
    sys.exit(main())
