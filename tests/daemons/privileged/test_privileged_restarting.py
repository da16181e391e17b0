"""Update, restart, factory reset and the judged start, on a machine that is a folder."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from root_desk import Desk

from appliance.daemons.privileged.restarting import (
    IS_ON_TRIAL,
    MARK_GOOD,
    RAUC_OPERATION,
    RAUC_STATUS,
)
from appliance.wire.privileged import (
    CarriedOut,
    FactoryReset,
    InstallUpdate,
    JudgeStart,
    NotCarriedOut,
    Restart,
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def bundle(desk: Desk, name: str = "linghe-1.2.raucb") -> str:
    place = desk.machine.updates / name
    place.write_bytes(b"bundle")
    return str(place)


def test_an_update_is_proven_then_written_and_noted_as_on_trial(desk: Desk) -> None:
    file = bundle(desk)
    assert isinstance(desk.ask(InstallUpdate(file=file)), CarriedOut)
    assert desk.ran == [("rauc", "info", file), ("rauc", "install", file)]
    assert json.loads(desk.machine.trial.read_bytes())["slot"] == "B"


def test_an_update_of_a_stranger_is_refused_before_anything_is_written(desk: Desk) -> None:
    desk.failing["info"] = "rauc: signature verification failed"
    told = desk.ask(InstallUpdate(file=bundle(desk)))
    assert isinstance(told, NotCarriedOut) and told.key == "update_refused"
    assert "signature" in told.sentence and len(desk.ran) == 1
    assert not desk.machine.trial.exists()


def rauc_says(desk: Desk, operation: str, first: str | None) -> None:
    """What `rauc status` printed on a box, shortened."""
    names = (("rescue.0", None), ("rootfs.1", "B"), ("rootfs.0", "A"))
    slots = [{name: {"class": "rootfs", "bootname": slot}} for name, slot in names]
    primary = next((name for name, slot in names if first and slot == first), None)
    desk.printing["get-property"] = f's "{operation}"\n'
    desk.printing["status"] = json.dumps({"boot_primary": primary, "slots": slots})


def test_an_update_that_could_not_be_written_is_not_on_trial(desk: Desk) -> None:
    rauc_says(desk, "idle", "A")
    desk.failing["install"] = "rauc: no space"
    told = desk.ask(InstallUpdate(file=bundle(desk)))
    assert told == NotCarriedOut(key="failed", sentence="rauc: no space")
    assert desk.ran[-2:] == [RAUC_OPERATION, RAUC_STATUS]
    assert not desk.machine.trial.exists()


def _broken(desk: Desk) -> None:
    desk.failing["get-property"] = "busctl: no bus"


@pytest.mark.parametrize(
    "state",
    [
        lambda desk: rauc_says(desk, "installing", "A"),
        lambda desk: rauc_says(desk, "idle", "B"),
        lambda desk: rauc_says(desk, "idle", None),
        _broken,
        lambda desk: desk.printing.update({"get-property": 's "idle"', "status": "?"}),
    ],
    ids=["still writing", "made the next", "none is next", "no answer", "not understood"],
)
def test_an_update_that_may_be_written_to_its_end_by_itself_is_on_trial_at_the_next_start(
    desk: Desk, state: Callable[[Desk], None]
) -> None:
    """Ended for its time, `rauc install` leaves RAUC's service at work (rauc(8))."""
    state(desk)
    desk.failing["install"] = "rauc did not end: timed out"
    told = desk.ask(InstallUpdate(file=bundle(desk)))
    assert isinstance(told, NotCarriedOut) and "the next start tries it" in told.sentence
    assert json.loads(desk.machine.trial.read_bytes())["slot"] == "B"


def test_no_update_goes_over_the_last_good_slot_while_the_one_that_runs_is_on_trial(
    desk: Desk,
) -> None:
    """Nor over the data of before it, which that slot would go on with."""
    on_trial(desk, "A")
    copy = desk.machine.data / "before-update/whole"
    copy.mkdir(parents=True)
    (copy / "settings.db").write_bytes(b"of before")
    told = desk.refusal(InstallUpdate(file=bundle(desk)))
    assert told.key == "update_on_trial" and told.remedy
    desk.ask(JudgeStart(is_good=True))
    assert isinstance(desk.ask(InstallUpdate(file=bundle(desk))), CarriedOut)


@pytest.mark.parametrize("note", ['{"slot": "B"}', "torn"])
def test_back_in_the_old_slot_another_update_may_be_tried(desk: Desk, note: str) -> None:
    """Also where no start is ever found good, or nobody knows any more what is on trial."""
    desk.machine.trial.write_text(note)
    assert isinstance(desk.ask(InstallUpdate(file=bundle(desk))), CarriedOut)


def _link(desk: Desk) -> str:
    place = desk.machine.updates / "link.raucb"
    place.symlink_to("/etc/passwd")
    return str(place)


def _twin(desk: Desk) -> str:
    bundle(desk, "one.raucb")
    place = desk.machine.updates / "two.raucb"
    place.hardlink_to(desk.machine.updates / "one.raucb")
    return str(place)


@pytest.mark.parametrize(
    "file",
    [
        lambda desk: "/etc/passwd",
        lambda desk: str(desk.machine.updates / "missing.raucb"),
        lambda desk: str(desk.machine.updates / "../settings.raucb"),
        lambda desk: bundle(desk, "-evil.raucb"),
        lambda desk: bundle(desk, "linghe.zip"),
        _link,
        _twin,
    ],
)
def test_only_a_file_of_its_own_among_the_updates_is_one(
    desk: Desk, file: Callable[[Desk], str]
) -> None:
    assert desk.refusal(InstallUpdate(file=file(desk))).key == "update_refused"


def test_the_machine_is_restarted_or_switched_off_in_order(desk: Desk) -> None:
    desk.ask(Restart())
    desk.ask(Restart(power_off=True))
    assert desk.ran == [
        ("systemctl", "--no-block", "reboot"),
        ("systemctl", "--no-block", "poweroff"),
    ]


@pytest.mark.parametrize(("keep", "wish"), [(True, b"keep-recordings\n"), (False, b"wipe\n")])
def test_a_factory_reset_is_wished_for_and_the_machine_restarted(
    desk: Desk, keep: bool, wish: bytes
) -> None:
    assert isinstance(desk.ask(FactoryReset(keep_recordings=keep)), CarriedOut)
    assert desk.machine.reset.read_bytes() == wish
    assert desk.ran == [("systemctl", "--no-block", "reboot")]


def on_trial(desk: Desk, slot: str) -> None:
    desk.machine.trial.write_text(json.dumps({"slot": slot}))


def test_a_good_start_is_marked_and_ends_the_trial(desk: Desk) -> None:
    on_trial(desk, "A")
    desk.ask(JudgeStart(is_good=True))
    assert desk.ran == [("rauc", "status", "mark-good", "booted")]
    assert not desk.machine.trial.exists()


def test_a_bad_start_on_trial_is_ended_so_that_the_loader_counts(desk: Desk) -> None:
    on_trial(desk, "A")
    desk.ask(JudgeStart(is_good=False, sentence="No test call was made."))
    assert desk.ran == [("systemctl", "--no-block", "reboot")]
    assert desk.machine.trial.exists()


def test_a_bad_start_without_a_trial_goes_on_and_leads_to_no_older_version(desk: Desk) -> None:
    """Nine of them, and the loader would take the other slot, which may not know the data."""
    desk.failing[IS_ON_TRIAL[0]] = "exit code 1"
    told = desk.ask(JudgeStart(is_good=False, sentence="No test call was made."))
    assert isinstance(told, CarriedOut) and "No test call" in told.sentence
    assert desk.ran == [IS_ON_TRIAL, MARK_GOOD]


def test_a_bad_start_after_the_return_leads_no_further(desk: Desk) -> None:
    """Also where the old slot never had its call: both would count as on trial for ever."""
    on_trial(desk, "B")
    told = desk.ask(JudgeStart(is_good=False, sentence="No test call was made."))
    assert isinstance(told, CarriedOut) and "not well" in told.sentence
    assert desk.ran == [MARK_GOOD] and desk.machine.trial.exists()


def test_an_update_that_somebody_wrote_by_hand_is_not_called_good_for_that(desk: Desk) -> None:
    desk.ask(JudgeStart(is_good=False, sentence="No test call was made."))
    assert desk.ran == [IS_ON_TRIAL]


def test_back_in_the_old_slot_it_is_said_that_the_update_did_not_work(desk: Desk) -> None:
    on_trial(desk, "B")
    told = desk.ask(JudgeStart(is_good=True))
    assert isinstance(told, CarriedOut) and "did not work" in told.sentence
    assert not desk.machine.trial.exists()
    assert (desk.machine.updates / "last-update.txt").exists()


def _copies_in_the_way(desk: Desk) -> Path:
    """What a disk's error below before-update/old does: the copies stay where they are."""
    folder = desk.machine.data / "before-update"
    (folder / "whole").mkdir(parents=True)
    (folder / "whole" / "settings.db").write_bytes(b"of before")
    (folder / "old").write_bytes(b"no folder")
    return folder / "whole" / "settings.db"


@pytest.mark.parametrize("slot", ["A", "B"])
def test_copies_that_cannot_be_removed_make_no_bad_start_of_a_good_one(
    desk: Desk, slot: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The slot has its tries again: answered "failed", the box would start anew for ever."""
    on_trial(desk, slot)
    copy = _copies_in_the_way(desk)
    told = desk.ask(JudgeStart(is_good=True))
    assert isinstance(told, CarriedOut) and "Slot A is good" in told.sentence
    assert "in the way" in caplog.text and not desk.machine.trial.exists()
    # they are taken for no other update's: that one is refused while they are there
    told = desk.ask(InstallUpdate(file=bundle(desk)))
    assert isinstance(told, NotCarriedOut) and "in the way" in told.sentence
    assert copy.exists() and not desk.machine.trial.exists()
    assert not [one for one in desk.ran if one[:2] == ("rauc", "install")]


def test_a_note_that_cannot_be_removed_makes_no_bad_start_of_a_good_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    on_trial(desk, "A")

    def refused(place: Path, missing_ok: bool = False) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(place))

    monkeypatch.setattr(Path, "unlink", refused)
    told = desk.ask(JudgeStart(is_good=True))
    assert told == CarriedOut(sentence="Slot A is good.")
    assert "update-pending cannot be removed" in caplog.text


def test_what_is_written_after_the_mark_makes_no_bad_start_of_a_good_one(desk: Desk) -> None:
    on_trial(desk, "B")
    (desk.machine.updates / "last-update.txt").mkdir()
    assert isinstance(desk.ask(JudgeStart(is_good=True)), CarriedOut)
    assert not desk.machine.trial.exists()


@pytest.mark.parametrize("is_good", [True, False])
def test_a_look_at_the_box_between_update_and_restart_judges_the_old_slot_only(
    desk: Desk, is_good: bool
) -> None:
    desk.ask(InstallUpdate(file=bundle(desk)))
    told = desk.ask(JudgeStart(is_good=is_good, sentence="No test call was made."))
    assert isinstance(told, CarriedOut) and "slot B" not in told.sentence
    assert desk.machine.trial.exists()
    assert not (desk.machine.updates / "last-update.txt").exists()
    desk.boot.write_text("second\n")
    desk.machine.command_line.write_text("rauc.slot=B\n")
    desk.ask(JudgeStart(is_good=True))
    assert not desk.machine.trial.exists()
