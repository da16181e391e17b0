"""A slot that control cannot take up ends neither this start nor the next one."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from box_environment import box_environment

from appliance.daemons.control import clock
from appliance.daemons.control.box import Box
from appliance.daemons.control.unreadable_slots import put_aside
from appliance.daemons.paths import Environment
from appliance.daemons.slots import SlotJournal, slots_in
from appliance.vocabulary.ids import Utc

STRANGE = {
    "call:c1": b"\xc1 of no version",
    "own:wishes": b"",
    "line:l1": b"\x81",
    "ledger:7": b"\xc1",
    "names": b"\xc1",
}
"""Of each machine that has slots, one that it cannot read."""


def box_with(root: Path, slots: dict[str, bytes]) -> Environment:
    here = box_environment(root)
    journal = SlotJournal(here.paths.state / "control.slots")
    kept = clock.ClockState(boot=clock.boot_name(), offset=1e9)
    journal.append({"clock": msgspec.msgpack.encode(kept), "starts": b"3", **slots})
    journal.close()
    return here


def start_and_stop(here: Environment) -> None:
    async def life() -> None:
        box = Box(here, asyncio.get_running_loop())
        await box.start()
        box.stop()

    asyncio.run(life())


@pytest.mark.parametrize("name", STRANGE)
def test_a_box_starts_with_a_slot_that_it_cannot_read_and_keeps_it_as_evidence(
    tmp_path: Path, name: str
) -> None:
    here = box_with(tmp_path, {name: STRANGE[name]})
    start_and_stop(here)
    (aside,) = here.paths.evidence.glob("unreadable-*.slots")
    assert slots_in(aside.read_bytes()) == {name: STRANGE[name]}
    aside.unlink()
    start_and_stop(here)
    assert not list(here.paths.evidence.glob("unreadable-*"))


def test_on_a_full_disk_nothing_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_bytes(b"a file in the folder's place")
    assert put_aside({"call:c1": b"x"}, tmp_path / "evidence", Utc(1.0)) == {}
