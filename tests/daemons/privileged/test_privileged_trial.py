"""What is done with the data at each start while an update is on trial, on a machine of folders."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from root_desk import Desk

from appliance.daemons.privileged import trial
from appliance.daemons.privileged.machine import Machine
from appliance.store.backup_file import STATE
from appliance.store.before_update import FOLDER
from appliance.wire.privileged import InstallUpdate, JudgeStart


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A box that runs in slot A, with something in control's memory."""
    desk = Desk(tmp_path)
    (desk.machine.data / STATE).parent.mkdir()
    (desk.machine.data / STATE).write_bytes(b"before")
    return desk


def put_on_trial(desk: Desk, slot: str) -> None:
    noted = {"slot": slot, "file": "linghe-1.2.raucb", "boot": "an earlier one"}
    desk.machine.trial.write_text(json.dumps(noted))


def test_the_first_start_of_an_update_copies_the_data_and_a_good_one_forgets_it(desk: Desk) -> None:
    put_on_trial(desk, "A")
    assert trial.prepared(desk.machine, "now") == "The data is copied."
    assert "before an earlier try" in trial.prepared(desk.machine, "now")
    assert (desk.machine.data / FOLDER).is_dir()
    desk.ask(JudgeStart(is_good=True, by="health"))
    assert not (desk.machine.data / FOLDER).exists()


def test_back_in_the_old_slot_data_that_is_not_newer_stays(desk: Desk) -> None:
    put_on_trial(desk, "A")
    trial.prepared(desk.machine, "now")
    put_on_trial(desk, "B")
    assert "changed no data" in trial.prepared(desk.machine, "now")
    desk.ask(JudgeStart(is_good=True, by="health"))
    note = (desk.machine.updates / "last-update.txt").read_text()
    assert note == "The update of slot B did not work; the box went back.\n"
    assert not (desk.machine.data / FOLDER).exists()


def test_only_an_update_that_works_clears_away_what_older_ones_had_written(desk: Desk) -> None:
    def left() -> list[str]:
        return sorted(one.name[-1] for one in desk.machine.data.glob("failed-update-*"))

    for name in ("1", "2"):
        (desk.machine.data / f"failed-update-{name}").mkdir()
    desk.ask(JudgeStart(is_good=True, by="health"))
    assert left() == ["1", "2"], "no update was on trial"
    put_on_trial(desk, "B")
    desk.ask(JudgeStart(is_good=True, by="health"))
    assert left() == ["1", "2"], "it went back"
    put_on_trial(desk, "A")
    desk.ask(JudgeStart(is_good=False, sentence="no call", by="health"))
    assert left() == ["1", "2"], "it was not well"
    desk.ask(JudgeStart(is_good=True, by="health"))
    assert left() == ["2"]


def test_a_start_without_an_update_touches_nothing(desk: Desk) -> None:
    before = desk.files()
    assert trial.prepared(desk.machine, "now") == "No update is on trial."
    assert desk.files() == before


def test_where_the_data_cannot_be_copied_the_new_version_is_told_not_to_start(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_on_trial(desk, "A")
    (desk.machine.data / FOLDER).write_bytes(b"a file in the folder's place")
    monkeypatch.setattr(trial, "Machine", lambda data: desk.machine)
    assert trial.main() == 1
    assert "cannot be copied" in capsys.readouterr().err
    assert "was not tried" in (desk.machine.updates / "last-update.txt").read_text()
    assert isinstance(desk.machine, Machine) and desk.machine.trial.exists()


def test_an_update_that_is_installed_after_one_that_was_never_judged_has_copies_of_its_own(
    desk: Desk,
) -> None:
    put_on_trial(desk, "A")
    trial.prepared(desk.machine, "now")
    put_on_trial(desk, "B")  # as the other slot sees it, to which the loader went back
    (desk.machine.data / STATE).write_bytes(b"weeks later")
    file = desk.machine.updates / "linghe-1.3.raucb"
    file.write_bytes(b"bundle")
    desk.ask(InstallUpdate(file=str(file)))
    assert not (desk.machine.data / FOLDER).exists()
    put_on_trial(desk, "A")
    assert trial.prepared(desk.machine, "now") == "The data is copied."


@pytest.mark.parametrize("noted", [json.dumps({"slot": "B", "boot": "earlier"}), "no JSON"])
def test_in_the_old_slot_the_box_starts_whatever_happens(
    desk: Desk,
    noted: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    put_on_trial(desk, "A")
    trial.prepared(desk.machine, "now")
    (desk.machine.data / "calls.db").write_bytes(b"no database at all, " * 100)
    desk.machine.trial.write_text(noted)
    monkeypatch.setattr(trial, "Machine", lambda data: desk.machine)
    assert trial.main() == 0
    assert capsys.readouterr().err
    note = (desk.machine.updates / "last-update.txt").read_text()
    assert "its data could not be taken back" in note


def test_an_update_is_on_trial_from_before_it_is_written(desk: Desk) -> None:
    """RAUC makes its slot the next start's at the end; the power may fail right then."""
    file = desk.machine.updates / "linghe-1.3.raucb"
    file.write_bytes(b"bundle")
    seen = []
    run = desk.machine.run

    def looking(command: Sequence[str], seconds: float) -> str:
        if command[:2] == ("rauc", "install"):
            seen.append(desk.machine.trial.exists())
        return run(command, seconds)

    object.__setattr__(desk.machine, "run", looking)
    desk.ask(InstallUpdate(file=str(file)))
    assert seen == [True]
