"""One test call: register, dial, hear the prompt, press the key, hear oneself, be hung up on.

Each step waits for what it expects, with a bound; the first that fails ends the call, and the
report says how far it came.
"""

import socket
import time
import warnings
from collections.abc import Callable

import msgspec
from pyVoIP.VoIP import CallState, PhoneStatus, VoIPCall, VoIPPhone

from appliance.daemons.self_test.hearing import (
    AUDIBLE_DBFS,
    OWN_TONE_HERTZ,
    Ear,
    is_own,
    key_tones,
    sines,
)
from appliance.wire.self_test import PhoneOrder, PhoneReport

PIECE = 160
STEP_SECONDS = 0.02
REGISTER_SECONDS = 6.0
ANSWER_SECONDS = 6.0
PROMPT_SECONDS = 5.0
LISTEN_SECONDS = 0.8
"""Of the prompt, before the key interrupts it."""
TALK_SECONDS = 3.0
ENOUGH_ECHO_SECONDS = 1.5
FAREWELL_SECONDS = 8.0


class TestPhone:
    """A phone for one call. `report` is always what is known so far."""

    def __init__(self, order: PhoneOrder) -> None:
        self._order = order
        self.report = PhoneReport()
        self._ear = Ear()
        rtp = _free_port()
        self._phone = VoIPPhone(
            order.address,
            order.port,
            order.user,
            order.secret,
            myIP=order.address,
            sipPort=_free_port(),
            rtpPortLow=rtp,
            rtpPortHigh=rtp,
        )

    def run(self) -> None:
        """Live through the call; `report` tells."""
        warnings.simplefilter("ignore")
        if self._register():
            call = self._dial()
            if call is not None:
                self._converse(call)
        self._phone.stop()

    def _note(self, **found: float | str | bool | None) -> None:
        self.report = msgspec.structs.replace(self.report, **found)

    def _register(self) -> bool:
        began = time.monotonic()
        self._phone.start()
        if not _came(lambda: self._phone.get_status() is PhoneStatus.REGISTERED, REGISTER_SECONDS):
            self._note(trouble="The box did not accept the phone's registration.")
            return False
        self._note(registered_s=round(time.monotonic() - began, 3))
        return True

    def _dial(self) -> VoIPCall | None:
        began = time.monotonic()
        call = self._phone.call(self._order.dial)
        self._note(sip_call_id=call.call_id)
        if not _came(lambda: call.state is CallState.ANSWERED, ANSWER_SECONDS):
            self._note(trouble=f"Nobody answered {self._order.dial}.")
            return None
        self._note(answered_ms=_ms_since(began))
        return call

    def _converse(self, call: VoIPCall) -> None:
        if not self._hear_prompt(call):
            self._note(trouble="The call was answered, but no prompt was to be heard.")
        elif not self._press(call):
            self._note(trouble=f"Key {self._order.key} was pressed, but nothing came of it.")
        else:
            self._await_farewell(call)
        if call.state is CallState.ANSWERED:
            call.hangup()

    def _hear_prompt(self, call: VoIPCall) -> bool:
        began = time.monotonic()
        levels: list[float] = []
        for level, _ in self._windows(call, PROMPT_SECONDS):
            if level > AUDIBLE_DBFS:
                if not levels:
                    self._note(prompt_ms=_ms_since(began))
                levels.append(level)
                self._note(prompt_dbfs=round(max(levels), 1))
            if levels and time.monotonic() - began > LISTEN_SECONDS:
                return True
        return bool(levels)

    def _press(self, call: VoIPCall) -> bool:
        began = time.monotonic()
        call.write_audio(key_tones(self._order.key) + sines((OWN_TONE_HERTZ,), TALK_SECONDS))
        heard = 0
        for level, share in self._windows(call, TALK_SECONDS + 1.0):
            if is_own(level, share):
                heard += 1
                if heard == 1:
                    self._note(echo_ms=_ms_since(began))
                self._note(echo_s=heard / 10, echo_dbfs=round(level, 1))
            elif heard / 10 >= ENOUGH_ECHO_SECONDS:
                break
        return heard / 10 >= ENOUGH_ECHO_SECONDS

    def _await_farewell(self, call: VoIPCall) -> None:
        for level, share in self._windows(call, FAREWELL_SECONDS):
            if level > AUDIBLE_DBFS and not is_own(level, share):
                self._note(farewell_heard=True)
        self._note(hung_up_by_box=call.state is CallState.ENDED)

    def _windows(self, call: VoIPCall, seconds: float) -> "_Windows":
        return _Windows(call, self._ear, seconds)


class _Windows:
    """What is heard for so many seconds, or until the call ends, in windows of 100 ms."""

    def __init__(self, call: VoIPCall, ear: Ear, seconds: float) -> None:
        self._call, self._ear = call, ear
        self._end = time.monotonic() + seconds
        self._next = time.monotonic()
        self._ready: list[tuple[float, float]] = []

    def __iter__(self) -> "_Windows":
        return self

    def __next__(self) -> tuple[float, float]:
        while not self._ready:
            if time.monotonic() > self._end or self._call.state is not CallState.ANSWERED:
                raise StopIteration
            self._next += STEP_SECONDS
            time.sleep(max(0.0, self._next - time.monotonic()))
            self._ready = self._ear.hear(self._call.read_audio(PIECE, blocking=False))
        return self._ready.pop(0)


def _came(what: Callable[[], bool], seconds: float) -> bool:
    """Wait for it, so long at most. pyVoIP tells nobody: it must be looked at."""
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(STEP_SECONDS / 4)
    return True


def _ms_since(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)


def _free_port() -> int:
    """A port for one run: pyVoIP's Call-IDs repeat from run to run but for the port in them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
