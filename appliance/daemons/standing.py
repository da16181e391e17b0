"""How the box stands, in one look: up or not, calls, what is wrong. For lamps and the console."""

import shutil
from enum import StrEnum

from appliance.daemons.asking import asked
from appliance.daemons.signs import Sign, signs
from appliance.store.places import Paths
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.shape import Value
from appliance.wire.control import StatusAsked, StatusTold

LOOK_SECONDS = 3.0
FULL_PART = 0.97
"""Of the data disk: recordings end at 95 %, so that beyond this something else fills it."""


class Fault(StrEnum):
    """What somebody must see to."""

    NO_ANSWER = "no_answer"
    MEDIA_DOWN = "media_down"
    TRUNK_DOWN = "trunk_down"
    DISK_FULL = "disk_full"
    ON_BATTERY = "on_battery"
    BATTERY_LOW = "battery_low"


class Standing(Value, frozen=True, kw_only=True):
    """One look."""

    is_up: bool = False
    site_name: str = ""
    calls: int = 0
    calls_today: int = 0
    phones: int = 0
    """Registered."""
    trunks_up: int = 0
    trunks: int = 0
    faults: tuple[Fault, ...] = ()
    signs: dict[Sign, str] = {}


def standing(paths: Paths) -> Standing:
    """Look once. Never raises: what cannot be seen is a fault."""
    told, is_silent = None, False
    try:
        told = asked(paths.control_socket, StatusAsked(), within=LOOK_SECONDS)
    except EquipmentError:
        is_silent = True
    given = signs(paths)
    faults = [*_faults_of_files(paths), *_faults_of_ups(given)]
    if not isinstance(told, StatusTold):
        return Standing(faults=(*([Fault.NO_ANSWER] if is_silent else []), *faults), signs=given)
    if any(not worker.is_up for worker in told.workers) or not told.workers:
        faults.append(Fault.MEDIA_DOWN)
    if told.trunks_up < told.trunks:
        faults.append(Fault.TRUNK_DOWN)
    return Standing(
        is_up=True,
        site_name=told.site_name,
        calls=told.calls,
        calls_today=told.calls_today,
        phones=told.registered_phones,
        trunks_up=told.trunks_up,
        trunks=told.trunks,
        faults=tuple(faults),
        signs=given,
    )


def _faults_of_files(paths: Paths) -> list[Fault]:
    try:
        usage = shutil.disk_usage(paths.root)
    except OSError:
        return [Fault.DISK_FULL]
    return [Fault.DISK_FULL] if usage.used > FULL_PART * (usage.used + usage.free) else []


def _faults_of_ups(given: dict[Sign, str]) -> list[Fault]:
    match given.get(Sign.UPS):
        case "battery":
            return [Fault.ON_BATTERY]
        case "low":
            return [Fault.BATTERY_LOW]
        case _:
            return []
