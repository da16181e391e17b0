"""`make image-test`: boot the built image in QEMU, put it through the trial, print a table.

    python tests/image/run.py FOLDER [STEP…]    FOLDER: what `TEST_SHELL=1 image-build/build` made

Runs as root, in a network namespace of its own: the LAN of the box is a tap there, with addresses
of its own, so that calls have their audio as in a shop. Takes an hour or more: everything is
emulated.
"""

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "fakes"))

import dhcp
from attached import a_reset_button, a_time_server_sets_the_clock, lamps_and_a_ups
from delivered import (
    a_release_is_claimed,
    install_from_a_stick,
    its_owner_moves_it,
    its_owner_updates_it,
    its_stick_lets_ssh_in,
)
from lan import alone_in_a_network, lay
from machine import Machine
from trial import (
    Trial,
    boots,
    boots_beside_its_base,
    boots_by_uefi,
    data_that_cannot_be_read,
    factory_reset_keeps_recordings,
    factory_reset_wipes_recordings,
    power_cut_in_a_call,
    starts_again,
    takes_a_call,
)
from updating import (
    bad_days_bring_no_older_version,
    loader_forgets,
    mains_that_come_and_go,
    power_cut_in_an_update,
    strangers_update,
    update_found_bad,
    update_without_a_kernel,
    update_without_a_system,
    update_without_calls,
    update_without_data,
    update_without_programs,
    updates,
)

STEPS = (
    boots_beside_its_base,
    boots,
    starts_again,
    takes_a_call,
    power_cut_in_a_call,
    updates,
    bad_days_bring_no_older_version,
    mains_that_come_and_go,
    loader_forgets,
    strangers_update,
    update_without_a_system,
    update_without_a_kernel,
    power_cut_in_an_update,
    update_found_bad,
    update_without_calls,
    update_without_data,
    update_without_programs,
    boots_by_uefi,
    lamps_and_a_ups,
    a_time_server_sets_the_clock,
    a_reset_button,
    factory_reset_keeps_recordings,
    factory_reset_wipes_recordings,
    data_that_cannot_be_read,
    install_from_a_stick,
    a_release_is_claimed,
    its_owner_moves_it,
    its_owner_updates_it,
    its_stick_lets_ssh_in,
)
DELIVERED = STEPS[-5:]
"""They begin with the box of the others off."""
ATTACHED = (lamps_and_a_ups, a_time_server_sets_the_clock, a_reset_button)
FIRST = (boots_beside_its_base, boots, *ATTACHED, *DELIVERED)
"""These switch on what they need themselves."""

UNSIGNED = tuple(f"linghe-*-TEST.{kind}" for kind in ("img", "img.zst", "cdx.json", "packages"))


def _is_same_again(made, again):
    """Whether two builds have the same bytes in everything that bears no signature."""
    pairs = [(file, again / file.name) for pattern in UNSIGNED for file in made.glob(pattern)]
    return all(filecmp.cmp(one, other, shallow=False) for one, other in pairs)


def _megabytes(file):
    return f"{file.stat().st_size / 1e6:.0f} MB"


def main():
    """Run the steps; print the table; return 1 when one failed."""
    alone_in_a_network()
    made, wanted = Path(sys.argv[1]), sys.argv[2:]
    image = next(made.glob("linghe-*-TEST.img"), None)
    assert image, f"no image made with TEST_SHELL=1 in {made}"
    lay()
    dhcp.serve()
    # TRIAL: the folder of an earlier run, whose disk is gone on with (some steps need a site)
    folder = Path(os.environ.get("TRIAL") or tempfile.mkdtemp(prefix="linghe-image-"))
    folder.mkdir(exist_ok=True)
    trial = Trial(folder, image, image.with_suffix(".raucb"), Machine(folder, image))
    rows = [
        ("compressed image", _megabytes(image.with_suffix(".img.zst")), True),
        ("update file", _megabytes(trial.bundle), True),
    ]
    again = made.with_name(f"{made.name}-again")
    if again.is_dir():
        is_same = _is_same_again(made, again)
        rows.append(("two builds of one commit", "same bytes" if is_same else "differ", is_same))
    try:
        for step in STEPS:
            if wanted and step.__name__ not in wanted:
                continue
            began = time.monotonic()
            try:
                if step not in FIRST:
                    trial.be_on()
                told, is_good = step(trial), True
            except (AssertionError, OSError, ValueError, subprocess.SubprocessError) as error:
                traceback.print_exc()
                told, is_good = (str(error).strip() or repr(error)).splitlines()[0][:120], False
            rows.append((step.__name__.replace("_", " "), told, is_good))
            took = time.monotonic() - began
            print(
                f"{'ok  ' if is_good else 'FAIL'} {rows[-1][0]}: {told} ({took:.0f} s)", flush=True
            )
    finally:
        trial.machine.cut_power()
        if trial.delivered is not None:
            trial.delivered.machine.cut_power()
    print("\n| | found | |\n|---|---|---|")
    for name, told, is_good in rows:
        print(f"| {name} | {told} | {'yes' if is_good else '**no**'} |")
    if all(is_good for *_, is_good in rows):
        if "TRIAL" not in os.environ:
            shutil.rmtree(folder)
        return 0
    print(f"\nThe consoles and the disk are in {folder}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
