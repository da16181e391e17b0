"""One question in, one answer out: read, checked, carried out, written into the audit log."""

import logging
import time
from collections.abc import Callable
from typing import assert_never

import msgspec

from appliance.daemons.privileged.address_trial import (
    confirm,
    forget_trial,
    one_at_a_time,
    try_address,
)
from appliance.daemons.privileged.asker import Asker
from appliance.daemons.privileged.clock import set_clock, set_time_zone
from appliance.daemons.privileged.machine import Machine
from appliance.daemons.privileged.network import set_network, set_reach
from appliance.daemons.privileged.restarting import (
    factory_reset,
    install_update,
    judge_start,
    restart,
)
from appliance.daemons.privileged.ssh import set_ssh
from appliance.daemons.privileged.state import note_start, state_of
from appliance.vocabulary.errors import ApplianceError, EquipmentError, RefusedError
from appliance.vocabulary.one_line import one_line
from appliance.wire.privileged import (
    CarriedOut,
    ConfirmNetwork,
    FactoryReset,
    FromPrivileged,
    InstallUpdate,
    JudgeStart,
    NotCarriedOut,
    Privileged,
    Restart,
    SetClock,
    SetNetwork,
    SetReach,
    SetSsh,
    SetTimeZone,
    TellState,
)

logger = logging.getLogger(__name__)

LONGEST_LINE = 16 << 10
"""Bytes; a key and 128 networks fit."""
MOST_BY = 64

Audit = Callable[[str, str], None]
"""Told who asked, and a sentence about what."""

_decoder: msgspec.json.Decoder[Privileged] = msgspec.json.Decoder(Privileged)


def is_urgent(line: bytes) -> bool:
    """Say whether a line asks for what waits for nothing else: the machine's stop, an address that
    is given back meanwhile, a look that changes nothing."""
    try:
        return isinstance(_decoder.decode(line), Restart | ConfirmNetwork | TellState)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def answer(line: bytes, asker: Asker, machine: Machine, audit: Audit) -> FromPrivileged:
    """Answer one line, whatever it holds."""
    try:
        asked = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return NotCarriedOut(key="not_understood", sentence=f"Not on the list: {error}.")
    name = type(asked).__name__
    by = asker.named(one_line(asked.by)[:MOST_BY])
    try:
        asker.check(asked)
        if isinstance(asked, TellState):
            return CarriedOut(sentence="", state=state_of(machine, uptime()))
        told: FromPrivileged = CarriedOut(sentence=_carried_out(asked, machine))
    except RefusedError as error:
        told = NotCarriedOut(key=error.key, sentence=error.sentence, remedy=error.remedy)
    except ApplianceError as error:
        told = NotCarriedOut(key="failed", sentence=str(error))
    logger.info("%s asked by %s: %s", name, by or "nobody named", one_line(told.sentence))
    # a start is judged by the box itself, each time: no act of anybody's
    if not (isinstance(asked, JudgeStart) and asker.may(asked)):
        audit(by, f"{name}: {one_line(told.sentence)}")
    return told


def _carried_out(asked: Privileged, machine: Machine) -> str:
    match asked:
        case SetNetwork() | ConfirmNetwork():
            with one_at_a_time:
                return _address(asked, machine)
        case SetReach():
            return set_reach(asked, machine)
        case SetClock() | SetTimeZone():
            return _time(asked, machine)
        case InstallUpdate():
            return install_update(asked, machine)
        case Restart():
            return restart(asked, machine)
        case FactoryReset():
            return factory_reset(asked, machine)
        case SetSsh():
            return set_ssh(asked, machine)
        case JudgeStart():
            return _judged(asked, machine)
        case TellState():
            return ""  # answered before: it has more to say than a sentence
        case _:
            assert_never(asked)


def _address(asked: SetNetwork | ConfirmNetwork, machine: Machine) -> str:
    if isinstance(asked, ConfirmNetwork):
        return confirm(machine, uptime())
    if asked.trial_seconds:
        return try_address(asked, machine, uptime())
    sentence = set_network(asked, machine)
    forget_trial(machine)
    return sentence


def _time(asked: SetClock | SetTimeZone, machine: Machine) -> str:
    if isinstance(asked, SetClock):
        return set_clock(asked, machine)
    return set_time_zone(asked, machine)


def _judged(asked: JudgeStart, machine: Machine) -> str:
    sentence = judge_start(asked, machine)
    try:
        note_start(machine, sentence, is_good=asked.is_good)
    except EquipmentError as error:
        # it is judged all the same
        logger.warning("the pages will not know how this start was judged: %s", error)
    return sentence


def uptime() -> float:
    """Return the seconds since the machine's start, which nobody sets (clock_gettime(2))."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
