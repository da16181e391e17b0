"""Update, restart, factory reset, and what a start is judged by (RAUC, systemd)."""

import json
import logging
import os
import re
import stat
from pathlib import Path

import msgspec

from appliance.daemons.privileged.machine import Machine, remove, write_whole
from appliance.store.before_update import forget, thin_out
from appliance.store.places import Paths
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.one_line import one_line
from appliance.wire.privileged import (
    UPDATE_SECONDS,
    FactoryReset,
    InstallUpdate,
    JudgeStart,
    Restart,
)

logger = logging.getLogger(__name__)

PROOF_S = 300.0
INSTALL_S = UPDATE_SECONDS - PROOF_S
_BUS = ("de.pengutronix.rauc", "/", "de.pengutronix.rauc.Installer")
RAUC_OPERATION = ("busctl", "get-property", *_BUS, "Operation")
RAUC_STATUS = ("rauc", "status", "--output-format=json")
MARK_GOOD = ("rauc", "status", "mark-good", "booted")
IS_ON_TRIAL = ("/usr/lib/linghe/is-on-trial",)
"""Ends with 0 where the loader has this slot on trial and the other one could start."""
STILL_WRITING = "It may still be written to its end; then the next start tries it."
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+~-]{0,120}\.raucb", re.ASCII)


class _Slot(msgspec.Struct, frozen=True):
    """Of `rauc status`; slots without a system have no name at the loader's."""

    bootname: str | None = None


class _Status(msgspec.Struct, frozen=True):
    """What `rauc status` says (rauc(1)): the loader's next slot, each slot by its name."""

    boot_primary: str | None
    slots: list[dict[str, _Slot]]


def install_update(asked: InstallUpdate, machine: Machine) -> str:
    """Check the file's signature, then write it into the other slot. Raises RefusedError,
    EquipmentError; the slot that runs is never touched."""
    place = _bundle(asked.file, machine)
    booted = booted_slot(machine)
    _check_nothing_is_on_trial(booted, machine)
    try:
        machine.run(("rauc", "info", str(place)), PROOF_S)
    except EquipmentError as error:
        raise RefusedError(
            "update_refused",
            f"This file is no update for this box: {error}",
            "Fetch it again, and check its sha256.",
        ) from error
    other = "B" if booted == "A" else "A"
    _forget(machine)
    # Before it is written: at its end RAUC itself makes the slot the next start's.
    noted = {"slot": other, "file": place.name, "boot": machine.boot}
    write_whole(machine.trial, json.dumps(noted) + "\n", 0o644)
    try:
        machine.run(("rauc", "install", str(place)), INSTALL_S)
    except EquipmentError as error:
        if not _is_over_without(other, machine):
            raise EquipmentError(f"{error} {STILL_WRITING}") from error
        remove(machine.trial)
        raise
    return f"The update stands in slot {other}; it is used from the next start on."


def _check_nothing_is_on_trial(booted: str, machine: Machine) -> None:
    """Refuse while the slot that runs is no good one yet: the update would go over the only one
    that is, and over the copy of the data that it could go on with. RefusedError."""
    try:
        is_on_trial = slot_on_trial(machine) == booted
    except EquipmentError:
        return  # nobody will ever judge what cannot be read: another update is the way out
    if is_on_trial:
        raise RefusedError(
            "update_on_trial",
            "The version that runs is on trial itself; it was not found good yet.",
            "Wait some minutes: then it is found good, or the box goes back to the one before.",
        )


def _is_over_without(slot: str, machine: Machine) -> bool:
    """Say whether RAUC has surely ended and did not make this slot the next start's: who asked it
    was ended only, when it took too long, and RAUC itself goes on. In doubt it has not."""
    try:
        if machine.run(RAUC_OPERATION, 20.0).split() != ["s", '"idle"']:
            return False
        told = msgspec.json.decode(machine.run(RAUC_STATUS, 60.0), type=_Status)
    except (EquipmentError, msgspec.MsgspecError):
        return False
    first = [slots[told.boot_primary] for slots in told.slots if told.boot_primary in slots]
    return bool(first) and first[0].bootname not in (None, slot)


def _bundle(text: str, machine: Machine) -> Path:
    place = Path(text)
    if place.parent != machine.updates or not _NAME.fullmatch(place.name):
        raise RefusedError(
            "update_refused",
            f"An update is a file of {machine.updates} whose name ends with .raucb.",
        )
    try:
        # not followed: who may write there may not choose another file of root's
        found = os.lstat(place)
    except OSError as error:
        raise RefusedError("update_refused", f"{place}: {error.strerror}.") from error
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        raise RefusedError("update_refused", f"{place} is no file of its own.")
    return place


def booted_slot(machine: Machine) -> str:
    """Return A or B, as the loader told the kernel. Raises EquipmentError."""
    try:
        words = machine.command_line.read_text(encoding="ascii", errors="replace").split()
    except OSError as error:
        raise EquipmentError(f"{machine.command_line}: {error.strerror}.") from error
    for word in words:
        name, _, value = word.partition("=")
        if name == "rauc.slot" and value in ("A", "B"):
            return value
    raise EquipmentError("This machine was not started from one of two slots.")


def restart(asked: Restart, machine: Machine) -> str:
    """Stop in order, then start again or stay off."""
    verb = "poweroff" if asked.power_off else "reboot"
    machine.run(("systemctl", "--no-block", verb), 20.0)
    return "The box switches itself off." if asked.power_off else "The box starts again."


def factory_reset(asked: FactoryReset, machine: Machine) -> str:
    """Write the wish down, then start again: systemd/factory-reset fulfils it before anything of
    Linghe runs, and again from its beginning when the power fails meanwhile."""
    wish = "keep-recordings" if asked.keep_recordings else "wipe"
    write_whole(machine.reset, f"{wish}\n", 0o600)
    machine.run(("systemctl", "--no-block", "reboot"), 20.0)
    kept = "recordings stay" if asked.keep_recordings else "recordings go too"
    return f"The box starts again and forgets everything; {kept}."


def judge_start(asked: JudgeStart, machine: Machine) -> str:
    """Mark the slot good, or leave it when it is on trial. Raises EquipmentError.

    One that is not well and that nothing is to be gone back from has its tries again as well: what
    ails it (a full disk, a site that no test call fits) ails the older version too, which may not
    be able to read the data of by now. The loader's nine tries are for starts that come less far.
    """
    booted, trial = booted_slot(machine), slot_on_trial(machine)
    if asked.is_good:
        machine.run(MARK_GOOD, 60.0)
        if trial is None:
            return f"Slot {booted} is good."
        return _end_trial(booted, trial, machine)
    why = one_line(asked.sentence)[:300]
    if trial == booted:
        machine.run(("systemctl", "--no-block", "reboot"), 20.0)
        return f"Slot {booted} is on trial and not well ({why}): the box starts again."
    if trial is not None or not _can_go_back(machine):
        machine.run(MARK_GOOD, 60.0)
    return f"Slot {booted} is not well ({why}), but there is nothing to go back to."


def _can_go_back(machine: Machine) -> bool:
    """Say whether the loader has this slot on trial, though no note of ours says so: an update
    that was written by hand. It is left as any other (linghe-trial-failed.service)."""
    try:
        machine.run(IS_ON_TRIAL, 20.0)
    except EquipmentError:
        return False
    return True


def _end_trial(booted: str, trial: str, machine: Machine) -> str:
    """Clear up after a start that was found good. Whatever fails here fails into the log: a bad
    answer would have the start count as a bad one (linghe-trial-failed.service), and a slot that
    was marked has all its tries again, so the machine would start anew for ever."""
    # In this order: copies that outlived their trial would be taken for another update's, but
    # those that cannot be removed refuse the next update (install_update).
    aside = ""
    try:
        aside = _forget(machine)
    except EquipmentError as error:
        logger.warning("slot %s is good, and yet: %s", booted, error)
    try:
        remove(machine.trial)
        if trial != booted:
            lies = f" What it had written lies in {aside}." if aside else ""
            sentence = f"The update of slot {trial} did not work; the box went back.{lies}"
            note_update(machine, sentence)
        else:
            thin_out(Paths(machine.data))
    except (EquipmentError, OSError) as error:
        logger.warning("slot %s is good, and yet: %s", booted, error)
    if trial != booted:
        return f"Slot {booted} is good; the update of slot {trial} did not work."
    return f"Slot {booted} is good."


def _forget(machine: Machine) -> str:
    try:
        return forget(Paths(machine.data))
    except OSError as error:
        raise EquipmentError(f"The copies of an earlier update are in the way: {error}.") from error


def slot_on_trial(machine: Machine) -> str | None:
    """Return the slot that an update was written to and that no start has judged yet; None as well
    while the machine still runs as it was started before the update. EquipmentError."""
    try:
        noted = json.loads(machine.trial.read_bytes())
        slot = noted["slot"]
        if machine.boot and noted.get("boot") == machine.boot:
            return None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EquipmentError(f"{machine.trial} cannot be read: {error}.") from error
    return str(slot)


def note_update(machine: Machine, sentence: str) -> None:
    """Write down for the console and the pages what became of the last update. EquipmentError."""
    write_whole(machine.updates / "last-update.txt", f"{sentence}\n", 0o640)
