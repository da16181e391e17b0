"""CI's way through the trial, in its shortest honest form: what `test_image_stage.py` asks for.

    python tests/image/stage.py IMAGE FOLDER     a step's name a line, a line of JSON for each

Runs as root in a network namespace of its own, like run.py, and goes on with the disk in FOLDER. A
step begins with the box as the one before left it; a box that is off is switched on first.
"""

import json
import os
import sys
import time
import traceback
from pathlib import Path

import dhcp
from lan import alone_in_a_network, lay
from machine import Machine, wait_for
from trial import Trial, boots, factory_reset_keeps_recordings, settled, takes_a_call
from updating import fetched, is_writing, update_without_a_system, updates

TALK_SECONDS = 15
"""Before the update begins: the agent's number is announced first, for some three seconds."""
WRITING_SECONDS = 4
"""Of an update that takes some twenty."""


def power_cut_in_a_call_and_in_an_update(trial):
    """One plug is pulled out of both: a talk goes on while the other slot is being written."""
    machine, old = trial.machine, trial.slot()
    place = fetched(trial, trial.bundle)
    known = trial.known()

    with trial.talk(600):
        time.sleep(TALK_SECONDS)
        machine.type(f"LINGHE_DATA=/data/linghe linghe update {place} >/run/update.log 2>&1 &")
        wait_for(lambda: is_writing(trial), 180, "the update to be written")
        time.sleep(WRITING_SECONDS)
        assert is_writing(trial), "the update was through before the cut"
        machine.cut_power()
    trial.start(until_healthy=False)
    assert trial.slot() == old, f"not slot {old} any more"
    assert trial.known() >= known, "older calls are not in the ledger"
    return f"starts from slot {old}; {settled(trial, known, least_seconds=TALK_SECONDS - 5)}"


STEPS = {
    step.__name__: step
    for step in (
        boots,
        takes_a_call,
        power_cut_in_a_call_and_in_an_update,
        updates,
        update_without_a_system,
        factory_reset_keeps_recordings,
    )
}
"""In the order in which the box goes through them."""


def _takes_a_new_disk(trial):
    """As delivered, whatever an earlier try has left."""
    trial.machine.cut_power()
    trial.machine.disk.unlink(missing_ok=True)
    trial.machine = Machine(trial.folder, trial.image)


def _told(trial, name):
    """Go through one step; say what was found."""
    began = time.monotonic()
    try:
        if name == "boots":
            _takes_a_new_disk(trial)
        else:
            trial.be_on()
        told, is_good = STEPS[name](trial), True
    except Exception as error:  # noqa: BLE001 - told to whoever asked, whatever it is
        traceback.print_exc()
        console = trial.machine.said()[-1500:] if trial.machine.starts else ""
        told, is_good = f"{error!s}\n{console}", False
        trial.machine.cut_power()
    return {"good": is_good, "told": told, "seconds": round(time.monotonic() - began)}


def main():
    """Answer each line until there is none."""
    alone_in_a_network()
    lay()
    dhcp.serve()
    image, folder = Path(sys.argv[1]), Path(sys.argv[2])
    # what the programs of the trial say is not an answer
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    trial = Trial(folder, image, image.with_suffix(".raucb"), Machine(folder, image))
    try:
        for line in sys.stdin:
            print(json.dumps(_told(trial, line.strip())), file=answers, flush=True)
    finally:
        trial.machine.cut_power()


if __name__ == "__main__":
    main()
