"""The trial's steps around updates: the good one, the bad ones, power that goes meanwhile."""

import contextlib
import subprocess
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import bundles
from machine import HERE, wait_for
from trial import BOOT_SECONDS, place_of

WEB_PORT = 8099
NOT_WELL = """\
from appliance.daemons.root_asking import ask_root
from appliance.wire.privileged import JudgeStart
print(ask_root(JudgeStart(is_good=False, sentence="said by the trial", by="trial")))
"""


class Quiet(SimpleHTTPRequestHandler):
    """Hands out the update files, as an owner's machine does."""

    def log_message(self, *words):
        """Say nothing."""


def fetched(trial, file):
    """Bring an update file onto the box by the network."""
    door = ThreadingHTTPServer((HERE, WEB_PORT), partial(Quiet, directory=str(file.parent)))
    threading.Thread(target=door.serve_forever, daemon=True).start()
    try:
        source = f"http://{HERE}:{WEB_PORT}/{file.name}"
        target = "/data/linghe/updates/trial.raucb"
        code = f"import urllib.request; urllib.request.urlretrieve('{source}', '{target}')"
        trial.machine.run(f'/opt/linghe/bin/python -I -c "{code}" && sync', 600)
    finally:
        door.shutdown()
        door.server_close()
    return target


def _install(trial, file):
    place = fetched(trial, file)
    began = time.monotonic()
    trial.linghe(f"update {place}", 1800)
    return time.monotonic() - began


def updates(trial):
    """A signed update goes into the other slot and is used after a restart; data stays."""
    old = trial.slot()
    before = trial.known()
    seconds = _install(trial, trial.bundle)
    trial.machine.switch_off()
    trial.start()
    new = trial.slot()
    assert new != old, f"still slot {old}"
    assert trial.known() >= before
    state = trial.loader_memory()
    assert f"{new}_OK=1" in state and f"{new}_TRY=0" in state, state
    return f"{seconds:.0f} s to write, slot {old} → {new}, data kept"


def bad_days_bring_no_older_version(trial):
    """A start that is not well, of a version that once was: it has all its tries again, for what
    ails it would ail the older one as well."""
    machine, slot = trial.machine, trial.slot()
    machine.run(f"grub-editenv /efi/linghe/grubenv set {slot}_TRY=8")
    machine.put(NOT_WELL, "/run/not_well.py")
    told = machine.run("LINGHE_DATA=/data/linghe /opt/linghe/bin/python -I /run/not_well.py")
    assert "nothing to go back to" in told, told
    state = trial.loader_memory()
    assert f"{slot}_OK=1" in state and f"{slot}_TRY=0" in state, state
    return f"slot {slot} stays the first"


def mains_that_come_and_go(trial):
    """The power is cut in each of five starts, before any of them has answered a call: what runs
    then is the version that ran, not the older one of the other slot."""
    machine, slot = trial.machine, trial.slot()
    for _ in range(5):
        machine.cut_power()
        machine.start()
        machine.kernel_start()
    machine.cut_power()
    trial.start()
    assert trial.slot() == slot, f"slot {trial.slot()} started, not {slot}"
    return f"slot {slot} starts after five cut starts"


def loader_forgets(trial):
    """The power goes while the loader's memory is being written: what is left is an empty file."""
    machine, slot = trial.machine, trial.slot()
    machine.switch_off()
    place = f"{machine.disk}@@{place_of('esp', machine.disk)}"
    empty = trial.folder / "empty"
    empty.write_bytes(b"")
    subprocess.run(["mcopy", "-o", "-i", place, empty, "::linghe/grubenv"], check=True)
    trial.start()
    assert trial.slot() == slot, f"slot {trial.slot()} started, not {slot}"
    state = trial.loader_memory()
    assert f"{slot}_OK=1" in state and f"{slot}_TRY=0" in state, state
    return f"slot {slot} starts by the copy, and the file is whole again"


def strangers_update(trial):
    """A bundle that somebody else signed is refused before anything changes."""
    folder = trial.folder / "bad"
    bundles.without_a_system(trial.bundle, folder)
    place = fetched(trial, bundles.by_a_stranger(folder))
    before = trial.loader_memory()
    code, told = trial.machine.ask(f"LINGHE_DATA=/data/linghe linghe update {place}", 300)
    assert code != 0 and trial.loader_memory() == before, told
    assert "no update for this box" in told and "signature verification failed" in told, told
    return "refused"


def _goes_back(trial, bundle, shown=None):
    """Install what cannot work, restart: after three tries the old slot runs again, data intact.
    `shown` looks at the first of them."""
    machine, old, before = trial.machine, trial.slot(), trial.known()
    new = {"A": "B", "B": "A"}[old]
    _install(trial, bundle)
    machine.switch_off()
    machine.start()
    began = time.monotonic()
    if shown is not None:
        shown(machine)

    def is_back():
        # the shell ends with each try, in the middle of an answer too
        with contextlib.suppress(AssertionError, OSError):
            machine.wait_for_shell(30)
            return trial.slot() == old
        machine.hang_up()
        return False

    wait_for(is_back, 4 * BOOT_SECONDS, f"slot {old} to come back")
    trial.is_healthy()
    seconds = time.monotonic() - began
    state = trial.loader_memory()
    assert f"{new}_TRY=3" in state and f"{old}_TRY=0" in state, state
    assert trial.known() >= before
    note = machine.run("cat /data/linghe/updates/last-update.txt")
    assert "did not work" in note, note
    return f"back in slot {old} after three tries, {seconds:.0f} s in all, data kept"


def update_without_a_system(trial):
    """The new slot holds nothing that starts."""
    folder = trial.folder / "bad"
    return _goes_back(trial, bundles.without_a_system(trial.bundle, folder))


def update_without_a_kernel(trial):
    """The new slot holds nothing that the loader can read."""
    return _goes_back(trial, bundles.without_a_kernel(trial.bundle, trial.folder / "empty-slot"))


def update_without_calls(trial):
    """The new slot starts, but takes no calls: the health check sends it back."""
    return _goes_back(trial, bundles.without_calls(trial.bundle, trial.folder / "sick"))


def update_found_bad(trial):
    """The new slot's health check fails at once, and tells nobody: the service manager ends it."""
    return _goes_back(trial, bundles.found_bad(trial.bundle, trial.folder / "found-bad"))


def update_without_programs(trial):
    """The new slot starts, but its programs are not there: the service manager sends it back."""
    return _goes_back(trial, bundles.without_programs(trial.bundle, trial.folder / "programs"))


def update_without_data(trial):
    """The new slot cannot mount /data: nobody is asked to wipe them, the old one has them."""

    def nobody_is_asked(machine):
        said = machine.wait_for_screen("this new version cannot use", BOOT_SECONDS)
        assert "wipe" not in said, said

    bundle = bundles.without_data(trial.bundle, trial.folder / "no-data")
    return _goes_back(trial, bundle, nobody_is_asked)


def is_writing(trial):
    """Whether an update is being written now."""
    asked = (
        "busctl --system get-property de.pengutronix.rauc / de.pengutronix.rauc.Installer Operation"
    )
    return "installing" in trial.machine.ask(asked)[1]


def power_cut_in_an_update(trial):
    """The plug is pulled when the writing has begun, in its middle, and the moment it is through:
    the box starts from the slot it had; the last time it may have the new one."""
    machine, old, before = trial.machine, trial.slot(), trial.known()
    for seconds in (0.5, 9.0, None):
        place = fetched(trial, trial.bundle)
        machine.type(f"LINGHE_DATA=/data/linghe linghe update {place} &")
        wait_for(lambda: is_writing(trial), 180, "the update to be written")
        if seconds is None:
            wait_for(lambda: not is_writing(trial), 600, "the update to be through")
        else:
            time.sleep(seconds)
            assert is_writing(trial), "the update was through before the cut"
        machine.cut_power()
        trial.start(until_healthy=seconds is None)
        assert trial.known() >= before
        assert seconds is None or trial.slot() == old
    return f"starts from slot {old} twice; cut when it was through, from slot {trial.slot()}"
