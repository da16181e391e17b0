"""The box's two clocks: Instant (monotonic, common to all processes) and the wall's time.

Everything is timed by Instant; the wall's time is Instant plus an offset that is kept over
restarts of the process, so that a timeline never jumps, and set anew when somebody sets the clock.
LINGHE_CLOCK shifts the wall's time, to try a Monday on a Sunday.
"""

import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from appliance.vocabulary.ids import Instant, Seconds
from appliance.vocabulary.shape import State

STEP_SECONDS = 2.0
"""A larger difference means that the clock was set (NTP slews smaller ones away)."""


class ClockState(State, kw_only=True):
    """What is kept over a restart of the process."""

    boot: str
    offset: float
    wanted: str = ""
    shift: float = 0.0


SLOT = "clock"
_decoder = msgspec.msgpack.Decoder(ClockState)


def kept_in(slots: Mapping[str, bytes]) -> ClockState | None:
    """Return the clock that the process before went by."""
    content = slots.get(SLOT)
    return None if content is None else _decoder.decode(content)


def now() -> Instant:
    """Return the present Instant."""
    return Instant(time.monotonic())


def boot_name() -> str:
    """Return the kernel's name for this start of the machine."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def started(wanted: str, timezone: str, before: ClockState | None) -> ClockState:
    """Return the clock to go by. ValueError: `wanted` is not like 2026-11-23 10:00."""
    real = time.time() - time.monotonic()
    boot = boot_name()
    if before is not None and before.wanted == wanted:
        if before.boot == boot and abs(before.offset - before.shift - real) < STEP_SECONDS:
            return before
        # Also of another start of the machine, or of a backup: it goes on from there.
        return ClockState(boot=boot, offset=real + before.shift, wanted=wanted, shift=before.shift)
    shift = 0.0
    if wanted:
        moment = datetime.fromisoformat(wanted)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(timezone))
        shift = moment.timestamp() - time.time()
    return ClockState(boot=boot, offset=real + shift, wanted=wanted, shift=shift)


def stepped(state: ClockState) -> ClockState | None:
    """Return the new clock when somebody has set the machine's, else None."""
    real = time.time() - time.monotonic()
    if abs(state.offset - state.shift - real) < STEP_SECONDS:
        return None
    return ClockState(
        boot=state.boot, offset=real + state.shift, wanted=state.wanted, shift=state.shift
    )


def offset_of(state: ClockState) -> Seconds:
    """Return Utc minus Instant."""
    return Seconds(state.offset)
