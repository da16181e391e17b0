"""The lamps on the front, on a fake /sys/class/leds."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from control_socket import ControlSocket
from running_box import wait_for

from appliance.daemons.hooks.lamp_files import LampFile, lamps_found, names_from
from appliance.daemons.hooks.lamp_states import Lamp, Light, lights
from appliance.daemons.hooks.lamps import BLINK_EVERY, LOOK_EVERY, Front
from appliance.daemons.signs import Sign, give, signs, take_back
from appliance.daemons.standing import Fault, Standing
from appliance.store.places import Paths
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.live import Live

ROOT = Path(__file__).parents[3]
NAMES = ROOT / "firmware-hooks" / "lamps.toml"


def lamp(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir(parents=True)
    (made / "brightness").write_text("0\n")
    (made / "max_brightness").write_text("255\n")
    (made / "trigger").write_text("none [mmc0] timer\n")
    return made


def brightness(folder: Path) -> str:
    return (folder / "brightness").read_text().split()[0]


UP = Standing(is_up=True)


@pytest.mark.parametrize(
    ("seen", "ready", "call", "fault"),
    [
        (UP, Light.STEADY, Light.DARK, Light.DARK),
        (Standing(), Light.SLOW, Light.DARK, Light.DARK),
        (Standing(is_up=True, calls=2), Light.STEADY, Light.STEADY, Light.DARK),
        (Standing(is_up=True, signs={Sign.STICK: ""}), Light.QUICK, Light.DARK, Light.DARK),
        (Standing(is_up=True, signs={Sign.BUTTON: ""}), Light.STEADY, Light.DARK, Light.QUICK),
        (Standing(is_up=True, faults=(Fault.TRUNK_DOWN,)), Light.STEADY, Light.DARK, Light.STEADY),
        (Standing(is_up=True, faults=(Fault.ON_BATTERY,)), Light.STEADY, Light.DARK, Light.SLOW),
        (Standing(faults=(Fault.NO_ANSWER,)), Light.SLOW, Light.DARK, Light.STEADY),
    ],
)
def test_what_the_lamps_say(seen: Standing, ready: Light, call: Light, fault: Light) -> None:
    assert lights(seen) == {Lamp.READY: ready, Lamp.CALL: call, Lamp.FAULT: fault}


def test_lamps_are_found_by_their_function_and_else_by_the_boards_names(tmp_path: Path) -> None:
    names = names_from(NAMES.read_text(), "lamps.toml")
    for name in ("ACT", "PWR", "mmc0::", "input3::capslock"):
        lamp(tmp_path / "pi", name)
    found = lamps_found(tmp_path / "pi", names)
    assert {one: place.name for one, place in found.items()} == {
        Lamp.READY: "ACT",
        Lamp.FAULT: "PWR",
    }
    for name in ("box:green:ready", "box:blue:call", "box:red:fault", "ACT"):
        lamp(tmp_path / "own", name)
    own = lamps_found(tmp_path / "own", names)
    assert [own[one].name for one in Lamp] == ["box:green:ready", "box:blue:call", "box:red:fault"]
    assert lamps_found(tmp_path / "none", names) == {}


def test_a_file_of_names_that_is_wrong_is_told_with_what_was_expected() -> None:
    for text in ("ready = 3", "happy = []", "ready = ["):
        with pytest.raises(EquipmentError, match=r"lamps\.toml"):
            names_from(text, "lamps.toml")


def test_a_lamp_is_taken_from_the_kernels_trigger_and_written_only_when_it_changes(
    tmp_path: Path,
) -> None:
    place = lamp(tmp_path, "ACT")
    file = LampFile(place)
    file.show(is_lit=True)
    assert brightness(place) == "255" and (place / "trigger").read_text().startswith("none\n")
    (place / "brightness").write_text("7\n")
    file.show(is_lit=True)
    assert brightness(place) == "7"
    file.show(is_lit=False)
    assert brightness(place) == "0"


def test_a_lamp_that_goes_is_no_reason_to_end_and_leaves_no_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = LampFile(tmp_path / "gone")
    file.show(is_lit=True)
    file.show(is_lit=False)
    assert not (tmp_path / "gone").exists() and len(caplog.records) == 1


def test_the_front_wakes_often_only_while_something_blinks(tmp_path: Path) -> None:
    place = lamp(tmp_path, "x:ready")
    seen = [UP]
    front = Front(lambda: {Lamp.READY: place}, lambda: seen[0])
    assert front.turn(100.0) == LOOK_EVERY and brightness(place) == "255"
    seen[0] = Standing(is_up=True, signs={Sign.STICK: "at work"})
    assert front.turn(102.0) == BLINK_EVERY
    shown = set()
    for step in range(10):
        front.turn(102.0 + step * 0.15)
        shown.add(brightness(place))
    assert shown == {"0", "255"}
    front.darken()
    assert brightness(place) == "0"


def test_a_lamp_that_comes_late_is_lit_too(tmp_path: Path) -> None:
    front = Front(lambda: lamps_found(tmp_path, {}), lambda: UP)
    front.turn(100.0)
    place = lamp(tmp_path, "x:ready")
    front.turn(102.0)
    assert brightness(place) == "255"


def test_a_sign_that_nobody_renews_is_believed_for_a_while_only(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    give(paths, Sign.STICK, "copying")
    give(paths, Sign.UPS, "battery")
    assert signs(paths) == {Sign.STICK: "copying", Sign.UPS: "battery"}
    for sign in (Sign.STICK, Sign.UPS):
        os.utime(paths.run / "signs" / sign, (1, 1))
    assert signs(paths) == {Sign.UPS: "battery"}
    take_back(paths, Sign.UPS)
    take_back(paths, Sign.UPS)
    assert signs(paths) == {}


def test_the_program_lights_the_lamps_of_a_box_and_leaves_them_dark(tmp_path: Path) -> None:
    """The real program, a fake /sys, a control that answers."""
    ready = lamp(tmp_path / "leds", "ACT")
    call = lamp(tmp_path / "leds", "x:call")
    paths = Paths(tmp_path / "var")
    paths.make()
    control = ControlSocket(paths.control_socket, Live(at=Utc(0.0), site_name="x", site_version=1))
    program = subprocess.Popen(
        [
            *(sys.executable, "-I", "-m", "appliance.daemons.hooks.lamps"),
            *("--leds", str(tmp_path / "leds"), "--names", str(NAMES)),
        ],
        env=os.environ | {"LINGHE_DATA": str(paths.root)},
    )
    try:
        wait_for(lambda: brightness(call) == "255", 20, "the lamp of calls")
        assert (ready / "trigger").read_text().startswith("none\n")
        program.send_signal(signal.SIGTERM)
        assert program.wait(20) == 0
    finally:
        program.kill()
        program.wait()
        control.kill()
    assert brightness(call) == "0"


def test_a_machine_without_lamps_needs_no_program(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-I", "-m", "appliance.daemons.hooks.lamps"),
            *("--leds", str(tmp_path / "none")),
        ],
        env=os.environ | {"LINGHE_DATA": str(tmp_path / "var")},
        timeout=30,
        check=False,
    )
    assert done.returncode == 0
