"""The reset button: bytes of a fake input device, time as a number; the program on a pipe."""

import os
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
from root_socket import RootSocket
from running_box import wait_for

from appliance.daemons.hooks.button import Button
from appliance.daemons.hooks.input_events import EV_KEY, KEY_RESTART, InputEvents, KeyMoved
from appliance.daemons.hooks.press import LONG_SECONDS, WARN_SECONDS, Meaning, Press
from appliance.daemons.signs import Sign, signs
from appliance.store.places import Paths
from appliance.wire.privileged import FactoryReset

KEY_POWER = 0x74


def record(value: int, code: int = KEY_RESTART, kind: int = EV_KEY) -> bytes:
    """One struct input_event, and the report that follows each."""
    return struct.pack("@llHHi", 1, 2, kind, code, value) + struct.pack("@llHHi", 1, 2, 0, 0, 0)


class Front:
    def __init__(self, tmp_path: Path) -> None:
        self.paths = Paths(tmp_path)
        self.resets = 0
        self.button = Button(self.paths, self._reset)

    def _reset(self) -> None:
        self.resets += 1


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return Front(tmp_path)


def test_held_for_ten_seconds_it_resets_once(front: Front) -> None:
    front.button.receive(record(1), 100.0)
    assert front.button.left(100.0) == WARN_SECONDS
    front.button.wake(100.0 + WARN_SECONDS)
    assert Sign.BUTTON in signs(front.paths) and front.resets == 0
    front.button.wake(100.0 + LONG_SECONDS - 0.01)
    assert front.resets == 0
    front.button.wake(100.0 + LONG_SECONDS)
    assert front.resets == 1 and signs(front.paths) == {}
    front.button.wake(200.0)
    front.button.receive(record(0), 201.0)
    assert front.resets == 1 and front.button.left(201.0) is None


@pytest.mark.parametrize("held", [0.05, 2.9, 5.0, 9.99])
def test_a_shorter_press_does_nothing(front: Front, held: float) -> None:
    front.button.receive(record(1), 100.0)
    front.button.wake(100.0 + min(held, WARN_SECONDS))
    front.button.receive(record(0), 100.0 + held)
    front.button.wake(500.0)
    assert front.resets == 0 and signs(front.paths) == {}


def test_presses_do_not_add_up_and_repeats_do_not_begin_one(front: Front) -> None:
    for at in range(0, 60, 4):
        front.button.receive(record(1), float(at))
        front.button.receive(record(2), at + 1.0)
        front.button.wake(at + 3.0)
        front.button.receive(record(0), at + 3.5)
    assert front.resets == 0


def test_a_button_that_is_jammed_since_before_our_start_is_not_held(front: Front) -> None:
    front.button.receive(record(2) * 500, 100.0)
    front.button.wake(1000.0)
    front.button.receive(record(0), 1000.0)
    assert front.resets == 0


def test_other_keys_of_the_device_mean_nothing(front: Front) -> None:
    front.button.receive(record(1, code=KEY_POWER), 100.0)
    front.button.receive(record(1, kind=4), 100.0)
    assert front.button.left(100.0) is None


def test_bytes_that_come_in_pieces_are_the_same_keys() -> None:
    stream = record(1) + record(2) + record(0)
    whole = list(InputEvents().receive(stream))
    assert whole == [
        KeyMoved(code=KEY_RESTART, is_down=True),
        KeyMoved(code=KEY_RESTART, is_down=False),
    ]
    pieces = InputEvents()
    assert [key for one in stream for key in pieces.receive(bytes([one]))] == whole


def test_a_late_wake_still_warns_before_it_resets() -> None:
    press = Press()
    press.moved(is_down=True, now=0.0)
    assert press.wake(60.0) is Meaning.WARN
    assert press.wake(60.0) is Meaning.RESET and press.wake_at() is None


def test_the_program_asks_root_when_the_button_is_held(tmp_path: Path) -> None:
    """The real program reads a fifo in the place of /dev/input/event0; ten real seconds."""
    device = tmp_path / "event0"
    os.mkfifo(device)
    root = RootSocket(tmp_path / "root.sock")
    program = subprocess.Popen(
        [sys.executable, "-I", "-m", "appliance.daemons.hooks.button", str(device)],
        env=os.environ
        | {
            "LINGHE_DATA": str(tmp_path / "var"),
            "LINGHE_PRIVILEGED_SOCKET": str(tmp_path / "root.sock"),
        },
    )
    keys = os.open(device, os.O_RDWR)
    try:
        began = time.monotonic()
        os.write(keys, record(1))
        wait_for(lambda: root.asked, 40, "the reset")
        assert root.asked == [FactoryReset(keep_recordings=True, by="reset button")]
        assert time.monotonic() - began >= LONG_SECONDS
        program.terminate()
        assert program.wait(20) == 0
    finally:
        os.close(keys)
        program.kill()
        program.wait()
        root.close()


def test_a_device_that_is_not_there_or_goes_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "event1").write_bytes(record(1))
    for name in ("event0", "event1"):
        done = subprocess.run(
            [sys.executable, "-I", "-m", "appliance.daemons.hooks.button", str(tmp_path / name)],
            env=os.environ | {"LINGHE_DATA": str(tmp_path / "var")},
            timeout=30,
            check=False,
        )
        assert done.returncode == 0
