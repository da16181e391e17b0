"""A new address that nobody confirms is given back: a slip of the pen locks no owner out.

Tried is the file under /run only. The box's own under /data is written when the address was
reached and confirmed, so that a power cut or a restart meanwhile goes back by itself too. What is
on trial stands in a file, for this process may be killed; times are of the clock that no one sets
(CLOCK_BOOTTIME), and the file goes with the boot.
"""

import threading

import msgspec

from appliance.daemons.privileged.machine import Machine, remove, write_whole
from appliance.daemons.privileged.network import NETWORK_FILE, RELOAD_NETWORK, network_text
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.wire.privileged import SetNetwork

AFTER_S = 2.0
"""So long the old address stays, for the answer to reach who asked."""
LEAST_S, MOST_S = 30.0, 900.0
one_at_a_time = threading.Lock()
"""Held by whoever changes the address: questions and the turn of the clock."""


class Trial(msgspec.Struct, kw_only=True):
    """What stands in the file."""

    address: str
    """With its prefix; "DHCP"."""
    text: str
    """For networkd; empty: DHCP."""
    begins_at: float
    ends_at: float
    is_begun: bool = False


def try_address(asked: SetNetwork, machine: Machine, now: float) -> str:
    """Note the wish; `look` fulfils it. Raises RefusedError, EquipmentError."""
    text = network_text(asked, machine)
    if not LEAST_S <= asked.trial_seconds <= MOST_S:
        raise RefusedError(
            "network_refused", f"A trial takes {LEAST_S:.0f} to {MOST_S:.0f} seconds."
        )
    begins = now + AFTER_S
    trial = Trial(
        address=asked.address or "DHCP",
        text=text,
        begins_at=begins,
        ends_at=begins + asked.trial_seconds,
    )
    _write(machine, trial)
    return (
        f"The box takes the address {trial.address} for {asked.trial_seconds:.0f} seconds, "
        "and goes back unless that is confirmed."
    )


def look(machine: Machine, now: float) -> str:
    """Begin or end a trial that is due; return what was done in a sentence, "" for nothing.

    Raises EquipmentError; asked again, it tries again.
    """
    trial = on_trial(machine)
    if trial is None:
        return ""
    if now >= trial.ends_at:
        _go_back(machine)
        return f"Nobody confirmed the address {trial.address}: the box went back to the former one."
    if trial.is_begun or now < trial.begins_at:
        return ""
    try:
        _put(machine, trial.text)
    except EquipmentError as error:
        _go_back(machine)
        return f"The address {trial.address} could not be taken: {error}"
    trial.is_begun = True
    _write(machine, trial)
    return f"The box has the address {trial.address}, on trial."


def confirm(machine: Machine, now: float) -> str:
    """Keep what is on trial. Raises RefusedError, EquipmentError."""
    trial = on_trial(machine)
    if trial is None or now >= trial.ends_at:
        raise RefusedError("no_trial", "No new address waits to be confirmed.")
    if not trial.is_begun:
        raise RefusedError(
            "trial_not_begun", "The new address does not hold yet.", "Wait a moment."
        )
    place = machine.settings / NETWORK_FILE
    if trial.text:
        write_whole(place, trial.text, 0o644)
    else:
        remove(place)
    forget_trial(machine)
    return f"The address {trial.address} stays."


def on_trial(machine: Machine) -> Trial | None:
    """Return what is on trial. A file that is none is one that this boot did not write."""
    try:
        return msgspec.json.decode(machine.address_trial.read_bytes(), type=Trial)
    except (OSError, msgspec.MsgspecError):
        return None


def forget_trial(machine: Machine) -> None:
    """Nothing is on trial any more. Raises EquipmentError."""
    remove(machine.address_trial)


def _write(machine: Machine, trial: Trial) -> None:
    write_whole(machine.address_trial, msgspec.json.encode(trial).decode(), 0o600)


def _put(machine: Machine, text: str) -> None:
    place = machine.networkd / NETWORK_FILE
    if text:
        write_whole(place, text, 0o644)
    else:
        remove(place)
    machine.run(RELOAD_NETWORK, 20.0)


def _go_back(machine: Machine) -> None:
    try:
        former = (machine.settings / NETWORK_FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        former = ""
    except OSError as error:
        raise EquipmentError(f"the former address cannot be read: {error.strerror}.") from error
    _put(machine, former)
    forget_trial(machine)
