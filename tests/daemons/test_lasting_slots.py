"""What a backup takes along of control's memory, while control writes; the clock after it."""

from pathlib import Path

import msgspec
import pytest

from appliance.daemons import backing_up
from appliance.daemons.backing_up import backed_up, lasting_in
from appliance.daemons.control import clock
from appliance.daemons.slots import SlotJournal, file_of, slots_in
from appliance.engines.calls.message_boxes import VoicemailBox
from appliance.store.backup_file import checked
from appliance.store.places import Paths
from appliance.store.restore import finish, stage
from appliance.store.secrets import Secrets
from appliance.store.settings import SettingsStore
from appliance.vocabulary.ids import BoxName, RecordingId, Utc
from appliance.vocabulary.messages import MessageNote

FILE = "2026-11-23/r1.wav"
NOTE = MessageNote(recording=RecordingId("r1"), file=FILE)
SHOP = VoicemailBox(name=BoxName("shop"), old=[NOTE.recording], notes={NOTE.recording: NOTE})
LIVE = ("call:1", "line:1", "visit:1", "phone:8001", "caller:1", "beside:1", "known", "heard:0")
LASTING = ("own:8001", "emergency", "back:1", "agent:1001", "queue:orders", "seal:r2", "asked:1")


@pytest.fixture
def box(tmp_path: Path) -> Paths:
    paths = Paths(tmp_path / "var")
    paths.make()
    SettingsStore(paths.settings).close()
    slots = dict.fromkeys((*LIVE, *LASTING, "clean", "starts", "ledger:7"), b"x")
    journal = SlotJournal(paths.state / "control.slots")
    journal.append({"own:8009": b"once", "agent:1001": b"before"})
    journal.append({"own:8009": None, **slots, "box:shop": msgspec.msgpack.encode(SHOP)})
    journal.append({"clock": msgspec.msgpack.encode(clock.started("", "UTC", None))})
    journal.close()
    day = (paths.recordings / FILE).parent
    day.mkdir()
    for name in ("r1.wav", "r1.json", "of-a-talk.wav"):
        (day / name).write_bytes(name.encode())
    return paths


def back_up(paths: Paths, target: Path) -> None:
    backed_up(paths, target, by="test", with_recordings=False, progress=lambda name: None)


def test_what_lasts_is_taken_along_and_no_call_of_the_moment(box: Paths) -> None:
    found = lasting_in(box)
    assert found is not None
    slots = slots_in(found.slots)
    assert set(slots) == {*LASTING, "box:shop", "ledger:7", "clock"}
    assert slots["agent:1001"] == b"x"
    kept = clock.kept_in(slots)
    assert kept is not None and kept.boot != clock.boot_name(), "as after a power cut"


def test_a_record_that_control_is_writing_is_not_read_and_the_file_is_left_alone(
    box: Paths,
) -> None:
    place = box.state / "control.slots"
    before = lasting_in(box)
    whole = place.read_bytes()
    record = file_of({"own:8001": b"not yet"})
    for torn in (record[:5], record[:-1], bytes(64)):
        with place.open("ab") as file:
            file.write(torn)
        written = place.read_bytes()
        assert lasting_in(box) == before and place.read_bytes() == written
        place.write_bytes(whole)


def test_a_message_comes_back_with_its_sound_and_no_talk_with_it(
    box: Paths, tmp_path: Path
) -> None:
    file = tmp_path / "shop.linghe"
    back_up(box, file)
    assert not checked(file).has_recordings
    spare = Paths(tmp_path / "spare")
    spare.make()
    (spare.state / "media-0.slots").write_bytes(b"of now")
    key = Secrets(box.secrets, lambda n: b"").box_key()
    stage(spare, file, key=key, now=Utc(1.0), stamp="1")
    finish(spare)
    journal = SlotJournal(spare.state / "control.slots")
    assert msgspec.msgpack.decode(journal.slots["box:shop"], type=VoicemailBox) == SHOP
    journal.close()
    day = (spare.recordings / FILE).parent
    assert sorted(one.name for one in day.iterdir()) == ["r1.json", "r1.wav"]
    assert [one.name for one in spare.state.iterdir()] == ["control.slots"]
    assert (spare.root / "before-restore-1-1" / "state" / "media-0.slots").exists()


def test_a_box_that_never_started_has_nothing_to_take_along(tmp_path: Path) -> None:
    assert backing_up.lasting_in(Paths(tmp_path)) is None


def test_a_tried_clock_goes_on_after_a_restore_and_begins_anew_with_another_value() -> None:
    monday, tuesday = "2026-11-23 10:00", "2026-11-24 10:00"
    then = clock.started(monday, "UTC", None)
    then.shift, then.boot = then.shift + 3600, "of a backup"
    on = clock.started(monday, "UTC", then)
    assert on.shift == then.shift and on.boot == clock.boot_name()
    assert abs(clock.offset_of(on) - clock.offset_of(clock.started(monday, "UTC", None))) > 3500
    assert abs(clock.started(tuesday, "UTC", then).shift - then.shift) > 80_000
