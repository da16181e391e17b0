"""A backup is put in its place, and the data of before an update copied, before anything of the box
opens what is there."""

import re
from pathlib import Path

import pytest

from appliance.daemons.supervisor.units import units

FOLDER = Path(__file__).parents[2] / "systemd"


def named(unit: str, key: str) -> set[str]:
    text = (FOLDER / unit).read_text(encoding="utf-8")
    return set(" ".join(re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)).split())


@pytest.mark.parametrize("workers", [1, 3, 15])
def test_no_process_of_the_box_starts_before_the_backup_is_in_its_place(workers: int) -> None:
    before = named("linghe-restore.service", "Before")
    for unit in units(workers=workers):
        worker = unit.name.startswith("media-")
        name = "linghe-media@.service" if worker else f"linghe-{unit.name}.service"
        instance = name.replace("@", "@" + unit.name.removeprefix("media-")) if worker else name
        assert "linghe-restore.service" in named(name, "After") or instance in before, unit.name


def test_the_screen_waits_for_it_too() -> None:
    assert "linghe-restore.service" in named("linghe-console.service", "After")


@pytest.mark.parametrize("name", ["control", "web", "jobs", "media@"])
def test_a_killed_process_that_comes_back_brings_no_backup_with_it(name: str) -> None:
    """Required, it would be started with each of them: a backup that was laid ready meanwhile would
    be put into its place under those that go on. It comes with the box as a whole."""
    for key in ("Requires", "Wants", "BindsTo"):
        assert "linghe-restore.service" not in named(f"linghe-{name}.service", key)
    assert "linghe-restore.service" in named("linghe.target", "Wants")


@pytest.mark.parametrize("name", ["restore", "control", "web", "jobs"])
def test_nothing_opens_the_data_before_an_update_on_trial_has_copied_it(name: str) -> None:
    unit = f"linghe-{name}.service"
    # Required: when the copy cannot be made, this version does not start at all.
    assert "linghe-trial.service" in named(unit, "Requires")
    assert "linghe-trial.service" in named(unit, "After")
    assert unit in named("linghe-trial.service", "Before")


@pytest.mark.parametrize("name", ["upsmon", "usb@"])
def test_what_udev_starts_opens_no_data_before_either(name: str) -> None:
    """A UPS's audit line, a stick that was left in."""
    after = named(f"linghe-{name}.service", "After")
    assert {"linghe-trial.service", "linghe-restore.service"} <= after


def test_a_backup_waits_until_an_update_on_trial_is_judged() -> None:
    """Back in the old slot the copies of before the update would be mixed with it. By the loader's
    memory: the note of an update that did not work stays until a start was good, which may never
    come without the backup."""
    text = (FOLDER / "linghe-restore.service").read_text(encoding="utf-8")
    assert "ExecCondition=/bin/sh -c '! /usr/lib/linghe/is-on-trial'" in text
    assert "ProcSubset" not in text.replace("# Not ProcSubset=pid", "")
    assert "update-pending" not in text
