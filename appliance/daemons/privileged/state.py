"""What only root sees of the machine, for the pages: slots, an address on trial, the last start."""

import time

import msgspec

from appliance.daemons.privileged.address_trial import on_trial
from appliance.daemons.privileged.machine import Machine, write_whole
from appliance.daemons.privileged.restarting import booted_slot, slot_on_trial
from appliance.daemons.privileged.ssh import KEYS_FILE
from appliance.vocabulary.errors import EquipmentError
from appliance.wire.privileged import BoxState


class _Judged(msgspec.Struct, kw_only=True):
    """What stands in the file of the last start."""

    at: float
    sentence: str
    is_good: bool


def note_start(machine: Machine, sentence: str, *, is_good: bool) -> None:
    """Remember how a start was judged. Raises EquipmentError."""
    judged = _Judged(at=time.time(), sentence=sentence, is_good=is_good)
    write_whole(machine.judged, msgspec.json.encode(judged).decode(), 0o644)


def state_of(machine: Machine, now: float) -> BoxState:
    """Look at files only: this is asked while an update is written, too."""
    trial, judged = on_trial(machine), _judged(machine)
    return BoxState(
        slot=_slot(machine),
        slot_on_trial=_trial_slot(machine),
        address_on_trial="" if trial is None else trial.address,
        address_seconds=0.0 if trial is None else max(0.0, trial.ends_at - now),
        start_judged_at=0.0 if judged is None else judged.at,
        start_judged="" if judged is None else judged.sentence,
        start_is_good=judged is not None and judged.is_good,
        is_ssh_on=(machine.ssh / KEYS_FILE).exists(),
    )


def _slot(machine: Machine) -> str:
    try:
        return booted_slot(machine)
    except EquipmentError:
        return ""


def _trial_slot(machine: Machine) -> str:
    """Also between the update and the next start, which `slot_on_trial` leaves to nobody."""
    try:
        if not machine.trial.exists():
            return ""
        noted = msgspec.json.decode(machine.trial.read_bytes(), type=dict[str, object])
        return slot_on_trial(machine) or str(noted.get("slot", ""))
    except (OSError, EquipmentError, msgspec.MsgspecError):
        return ""


def _judged(machine: Machine) -> _Judged | None:
    try:
        return msgspec.json.decode(machine.judged.read_bytes(), type=_Judged)
    except (OSError, msgspec.MsgspecError):
        return None
