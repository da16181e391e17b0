"""What the three lamps on the front say. Pure.

ready   steady: the box takes calls · slow: it is starting, or does not answer
        · quick: a stick is being written or read, leave it in
call    steady: a call goes on
fault   steady: see to it (the console and the page say to what) · slow: on the UPS's battery
        · quick: the reset button is held; go on holding and the box is reset
"""

from enum import Enum, StrEnum

from appliance.daemons.signs import Sign
from appliance.daemons.standing import Fault, Standing


class Lamp(StrEnum):
    """A lamp by what it says."""

    READY = "ready"
    CALL = "call"
    FAULT = "fault"


class Light(Enum):
    """How it burns; blinking ones by their half period in seconds."""

    DARK = -1.0
    STEADY = 0.0
    SLOW = 1.0
    QUICK = 0.15

    def is_lit(self, now: float) -> bool:
        """Say whether it is lit at this moment. All lamps of a kind blink together."""
        if self in (Light.DARK, Light.STEADY):
            return self is Light.STEADY
        return int(now / self.value) % 2 == 0

    @property
    def is_blinking(self) -> bool:
        return self.value > 0


ALL_DARK = dict.fromkeys(Lamp, Light.DARK)


def lights(seen: Standing) -> dict[Lamp, Light]:
    """Return how each lamp burns for a box that stands so."""
    ready = Light.STEADY if seen.is_up else Light.SLOW
    if Sign.STICK in seen.signs:
        ready = Light.QUICK
    if Sign.BUTTON in seen.signs:
        fault = Light.QUICK
    elif any(one is not Fault.ON_BATTERY for one in seen.faults):
        fault = Light.STEADY
    elif seen.faults:
        fault = Light.SLOW
    else:
        fault = Light.DARK
    return {
        Lamp.READY: ready,
        Lamp.CALL: Light.STEADY if seen.calls else Light.DARK,
        Lamp.FAULT: fault,
    }
