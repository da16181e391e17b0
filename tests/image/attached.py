"""The trial's steps with what is attached to a box: a time server, lamps, a UPS, a reset button.

Each is the kernel's or NUT's own: lamps are those of SD card readers (LED class), the UPS is NUT's
dummy driver in the box's own units, the button an input device (uinput) with the reset button's
key. What QEMU has not: keys at GPIO pins, so that udev is told to look for this one by its name.
"""

import time
from pathlib import Path

from machine import wait_for
from peers import first_answered_call
from time_server import time_server
from trial import forgets, settled

PLACE = Path(__file__).parent
AHEAD_SECONDS = 7200
"""So much a clock's chip is wrong that nobody looked after."""
RIGHT_SECONDS = 3
"""As far as the serial line's answer can tell."""
LAMPS = ("ready", "call", "fault")
READERS = ("-device", "sdhci-pci") * len(LAMPS)
"""A card reader each: its lamp is mmc0::, mmc1::, mmc2::."""
LOOKS = 25
"""At a lamp, within three seconds."""
UPS_DRIVER = "linghe-ups-driver@dummy-ups.service"
BUTTON_RULE = (
    'ACTION=="add", SUBSYSTEM=="input", KERNEL=="event*", ATTRS{name}=="reset button",'
    ' TAG+="systemd", ENV{SYSTEMD_WANTS}+="linghe-button@%k.service"'
)


def _is_off_by(trial):
    """How far the box's clock is from this machine's, seconds."""
    return int(trial.machine.run("date +%s")) - time.time()


def a_time_server_sets_the_clock(trial):
    """The chip is two hours ahead. A time server is heard in a talk: the clock is set back, in the
    chip as well, the talk's seconds are right, and the next call has the right time."""
    machine = trial.machine
    machine.be_off()
    chip = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + AHEAD_SECONDS))
    trial.start("-rtc", f"base={chip}")
    # until somebody says better, the chip's time is the box's
    assert abs(_is_off_by(trial) - AHEAD_SECONDS) < 60, _is_off_by(trial)
    known = trial.known()
    with trial.talk(120) as caller, time_server():
        began = time.monotonic()
        wait_for(lambda: abs(_is_off_by(trial)) < RIGHT_SECONDS, 100, "the right time")
        took = time.monotonic() - began
        caller.finish(200)
        found = settled(trial, known, least_seconds=100)
        wait_for(
            lambda: abs(int(machine.run("cat /sys/class/rtc/rtc0/since_epoch")) - time.time()) < 10,
            60,
            "the right time in the chip",
        )
    known = trial.known()
    first_answered_call(60)
    (new,) = wait_for(
        lambda: [call for call in trial.calls() if call["call"] not in known], 30, "the call"
    )
    assert abs(new["entered"] - time.time()) < 60, new
    return f"two hours ahead; right {took:.0f} s after the server was there, in a talk; {found}"


def _starts_with_lamps(trial):
    """The box with three lamps that are ours by lamps.toml, as it is written for a board."""
    machine = trial.machine
    machine.be_off()
    trial.start(*READERS)
    names = "".join(f'{lamp} = ["mmc{number}::"]\n' for number, lamp in enumerate(LAMPS))
    machine.put(names, "/run/lamps.toml")
    machine.run("mount --bind /run/lamps.toml /usr/lib/linghe/lamps.toml")
    machine.run("systemctl restart linghe-lamps.service", 60)


def _burns(trial, lamp):
    """How a lamp burns: dark, steady or blinking."""
    file = f"/sys/class/leds/mmc{LAMPS.index(lamp)}::/brightness"
    looks = f"for look in $(seq {LOOKS}); do cat {file}; sleep 0.12; done"
    seen = {int(word) > 0 for word in trial.machine.run(looks).split()}
    return "blinking" if len(seen) > 1 else "steady" if seen == {True} else "dark"


def _sees(trial, lamp, how, seconds=60):
    wait_for(lambda: _burns(trial, lamp) == how, seconds, f"the lamp {lamp} to be {how}")


def _ups_says(trial, status):
    """What NUT's dummy driver tells from now on (ups.status of its list of variables)."""
    trial.machine.put(f"ups.status: {status}\nbattery.charge: 50", "/etc/nut/auto.new")
    trial.machine.run("mv /etc/nut/auto.new /etc/nut/auto")


def lamps_and_a_ups(trial):
    """Lamps burn as the box stands; on the UPS's battery calls go on, and when it is low the talk
    is brought to its end and the box goes off in order, record and recording whole."""
    machine = trial.machine
    _starts_with_lamps(trial)
    for lamp, how in (("ready", "steady"), ("call", "dark"), ("fault", "dark")):
        _sees(trial, lamp, how)
    _ups_says(trial, "OL")
    machine.run(f"systemctl start {UPS_DRIVER}")
    wait_for(lambda: machine.ask("systemctl is-active linghe-upsmon.service")[0] == 0, 60, "upsmon")
    known = trial.known()
    with trial.talk(600):
        _sees(trial, "call", "steady")
        _ups_says(trial, "OB")
        _sees(trial, "fault", "blinking")
        _ups_says(trial, "OB LB")
        began = time.monotonic()
        machine.goes_off(240)
        took = time.monotonic() - began
    trial.start()
    return (
        f"ready, call and fault as they should; a low battery ends the talk, off after {took:.0f} s"
        f" ({settled(trial, known, least_seconds=30)})"
    )


def a_reset_button(trial):
    """Held for six seconds a lamp blinks and nothing is lost; held for twelve the box is reset and
    keeps its recordings."""
    machine = trial.machine
    _starts_with_lamps(trial)
    machine.put(BUTTON_RULE, "/run/udev/rules.d/91-trial.rules")
    machine.run("udevadm control --reload && modprobe uinput")
    machine.put((PLACE / "reset_button.py").read_text(), "/run/reset_button.py")
    machine.run("systemd-run --unit=trial-button python3 /run/reset_button.py /run/button.holds")
    wait_for(
        lambda: "linghe-button@" in machine.run("systemctl list-units --state=active --no-legend"),
        60,
        "who watches the button",
    )
    known = trial.known()
    machine.run("echo 6 >/run/button.holds")
    _sees(trial, "fault", "blinking", 12)
    _sees(trial, "fault", "dark")
    assert trial.known() == known, "a short press has lost calls"
    kept = forgets(trial, "echo 12 >/run/button.holds")
    assert kept >= 1, "the recordings went too"
    return f"held briefly: a lamp blinks, nothing more; held long: reset, {kept} recordings kept"
