"""How the box stands, in one look, of a control that answers, is silent, or is not there."""

import socket
from collections.abc import Iterator
from pathlib import Path

import control_socket
import pytest
from msgspec.structs import replace

from appliance.daemons import standing as looking
from appliance.daemons.signs import Sign, give
from appliance.daemons.standing import Fault, standing
from appliance.store.places import Paths
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.live import Live
from appliance.wire.control import StatusTold, WorkerStatus

UP = WorkerStatus(worker=0, is_up=True)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths(tmp_path)
    made.make()
    return made


@pytest.fixture
def status(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Iterator[StatusTold]:
    """A control whose media workers are up."""
    told = replace(control_socket.STATUS, workers=(UP,))
    monkeypatch.setattr(control_socket, "STATUS", told)
    empty = Live(at=Utc(0.0), site_name="x", site_version=1)
    control = control_socket.ControlSocket(paths.control_socket, empty)
    yield told
    control.kill()


def test_a_box_that_is_well_has_no_faults(paths: Paths, status: StatusTold) -> None:
    seen = standing(paths)
    assert (seen.is_up, seen.calls, seen.faults) == (True, status.calls, ())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"workers": ()}, Fault.MEDIA_DOWN),
        ({"workers": (UP, replace(UP, worker=1, is_up=False))}, Fault.MEDIA_DOWN),
        ({"trunks_up": 1, "trunks": 2}, Fault.TRUNK_DOWN),
    ],
)
def test_what_control_tells_of_is_a_fault(
    paths: Paths,
    status: StatusTold,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, object],
    fault: Fault,
) -> None:
    monkeypatch.setattr(control_socket, "STATUS", replace(status, **change))
    assert standing(paths).faults == (fault,)


def test_a_box_that_does_not_run_is_not_up_and_not_at_fault(paths: Paths) -> None:
    seen = standing(paths)
    assert not seen.is_up and seen.faults == ()


def test_a_control_that_is_silent_is_a_fault(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "LOOK_SECONDS", 0.1)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(paths.control_socket))
        listener.listen()
        assert standing(paths).faults == (Fault.NO_ANSWER,)


def test_a_full_disk_and_the_ups_are_faults_whether_control_runs_or_not(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "FULL_PART", 0.0)
    give(paths, Sign.UPS, "battery")
    assert standing(paths).faults == (Fault.DISK_FULL, Fault.ON_BATTERY)
    give(paths, Sign.UPS, "low")
    assert standing(paths).faults == (Fault.DISK_FULL, Fault.BATTERY_LOW)
    assert standing(Paths(paths.root / "nowhere")).faults == (Fault.DISK_FULL,)
