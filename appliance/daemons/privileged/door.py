"""One question in, one answer out: read, checked, carried out, written into the audit log."""

import logging
from collections.abc import Callable
from typing import assert_never

import msgspec

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
from appliance.vocabulary.errors import ApplianceError, RefusedError
from appliance.vocabulary.one_line import one_line
from appliance.wire.privileged import (
    CarriedOut,
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
)

logger = logging.getLogger(__name__)

LONGEST_LINE = 16 << 10
"""Bytes; a key and 128 networks fit."""
MOST_BY = 64

Audit = Callable[[str, str], None]
"""Told who asked, and a sentence about what."""

_decoder: msgspec.json.Decoder[Privileged] = msgspec.json.Decoder(Privileged)


def is_urgent(line: bytes) -> bool:
    """Say whether a line asks for the machine's stop, which waits for nothing else."""
    try:
        return isinstance(_decoder.decode(line), Restart)
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
        case SetNetwork():
            return set_network(asked, machine)
        case SetReach():
            return set_reach(asked, machine)
        case SetClock():
            return set_clock(asked, machine)
        case SetTimeZone():
            return set_time_zone(asked, machine)
        case InstallUpdate():
            return install_update(asked, machine)
        case Restart():
            return restart(asked, machine)
        case FactoryReset():
            return factory_reset(asked, machine)
        case SetSsh():
            return set_ssh(asked, machine)
        case JudgeStart():
            return judge_start(asked, machine)
        case _:
            assert_never(asked)
