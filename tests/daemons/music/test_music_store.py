"""The music of a box: kept whole or not at all, named as people name it, not taken from callers."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from full_disk import room_for
from linghe_run import Program, as_a_program
from sound_files import sine, write

from appliance.daemons import music
from appliance.daemons.music import add_piece, music_names, pieces_of, remove_piece, users_of
from appliance.daemons.prompts import DiskCatalogue, lay_defaults, prompt_file, read_index
from appliance.store.places import Paths
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.ids import QueueId
from appliance.vocabulary.settings import Queue, Site, SiteFacts

NAMES = [
    "waltz",
    'the "best" of',
    "it's",
    "春天 的 华尔兹",
    "żółć",
    "a|b|0",
    "../../etc",
    "$(x)",
    "%s",
]
SITE = Site(
    site=SiteFacts(music="waltz"),
    queue=(Queue(id=QueueId("orders"), music="tango"), Queue(id=QueueId("office"))),
)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    places = Paths(tmp_path / "var")
    places.make()
    lay_defaults(places)
    return places


def piece(number: int, seconds: int = 4) -> bytes:
    return bytes([number % 256]) * 8000 * seconds


def played(paths: Paths, name: str) -> list[bytes]:
    """What control would have callers hear under this name."""
    return [prompt_file(paths, one).read_bytes() for one in DiskCatalogue(paths).music(name)]


@pytest.mark.parametrize("name", NAMES)
def test_a_piece_is_kept_under_the_name_that_people_gave_it(paths: Paths, name: str) -> None:
    assert add_piece(paths, name, piece(1))
    assert name in music_names(paths)
    assert played(paths, name) == [piece(1)]
    shown = {one.name: one for one in pieces_of(paths, Site())}
    assert shown[name].seconds == 4 and not shown[name].is_shipped
    remove_piece(paths, name, Site())
    assert name not in music_names(paths) and played(paths, name) == []


@pytest.mark.parametrize("name", ["", " ", "x" * 33, "two\nlines", "a\0b", "\u202eabc", "-f"])
def test_what_is_no_name_is_refused(paths: Paths, name: str) -> None:
    with pytest.raises(RefusedError) as refused:
        add_piece(paths, name, piece(1))
    assert refused.value.key == "music_name"


def test_one_name_written_in_two_ways_is_one_name(paths: Paths) -> None:
    add_piece(paths, " cafe\u0301 ", piece(1))
    assert "caf\u00e9" in music_names(paths)
    assert not add_piece(paths, "caf\u00e9", piece(1))


def test_the_very_same_again_changes_nothing(paths: Paths) -> None:
    assert add_piece(paths, "waltz", piece(1))
    before = (paths.prompts / "index.json").read_bytes()
    assert not add_piece(paths, "waltz", piece(1))
    assert (paths.prompts / "index.json").read_bytes() == before


def test_another_piece_takes_a_name_only_where_it_is_said_so(paths: Paths) -> None:
    add_piece(paths, "waltz", piece(1))
    for name in ("waltz", "default", "calm"):
        with pytest.raises(RefusedError) as refused:
            add_piece(paths, name, piece(2))
        assert refused.value.key == "music_taken"
    assert played(paths, "waltz") == [piece(1)]
    assert add_piece(paths, "waltz", piece(2), replaces=True)
    assert played(paths, "waltz") == [piece(2)]


def test_a_shipped_piece_can_be_replaced_and_comes_back(paths: Paths) -> None:
    shipped = played(paths, "default")
    add_piece(paths, "default", piece(3), replaces=True)
    assert played(paths, "default") == [piece(3)]
    remove_piece(paths, "default", Site())
    assert played(paths, "default") == shipped
    with pytest.raises(RefusedError) as refused:
        remove_piece(paths, "default", Site())
    assert refused.value.key == "music_shipped"


def test_what_the_site_or_a_queue_plays_is_not_removed(paths: Paths) -> None:
    for name, user in (("waltz", "the site"), ("tango", "queue orders")):
        add_piece(paths, name, piece(len(name)))
        with pytest.raises(RefusedError, match=user) as refused:
            remove_piece(paths, name, SITE)
        assert refused.value.key == "music_used" and played(paths, name)
        assert users_of(name, SITE) == [user]
    remove_piece(paths, "waltz", Site())
    with pytest.raises(RefusedError, match="no music"):
        remove_piece(paths, "waltz", Site())


def test_the_list_says_who_plays_what(paths: Paths) -> None:
    add_piece(paths, "tango", piece(1))
    shown = {one.name: one for one in pieces_of(paths, SITE)}
    assert [*shown] == ["tango", "default", "bright", "calm"]
    assert shown["tango"].queues == ("orders",) and not shown["tango"].is_sites
    assert shown["default"].is_shipped and not shown["default"].queues


def test_what_is_removed_is_there_for_who_hears_it_and_gone_a_day_later(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_piece(paths, "waltz", piece(1))
    add_piece(paths, "other", piece(2))
    (heard,) = DiskCatalogue(paths).music("waltz")
    remove_piece(paths, "waltz", Site())
    remove_piece(paths, "other", Site())
    assert prompt_file(paths, heard).is_file()
    now = time.time()
    monkeypatch.setattr(music.time, "time", lambda: now + 25 * 3600)
    # The other one has a name again: it stays.
    add_piece(paths, "again", piece(2))
    assert not prompt_file(paths, heard).exists()
    assert played(paths, "again") == [piece(2)]
    assert not any(key.startswith("removed") for key in read_index(paths))


def test_two_names_of_one_piece_are_two(paths: Paths) -> None:
    add_piece(paths, "one", piece(1))
    add_piece(paths, "two", piece(1))
    remove_piece(paths, "one", Site())
    assert played(paths, "two") == [piece(1)]
    assert not any(key.startswith("removed") for key in read_index(paths))


def test_there_is_an_end_to_how_many(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(music, "MOST_PIECES", 2)
    add_piece(paths, "one", piece(1))
    add_piece(paths, "two", piece(2))
    with pytest.raises(RefusedError) as refused:
        add_piece(paths, "three", piece(3))
    assert refused.value.key == "music_full"
    add_piece(paths, "two", piece(4), replaces=True)


# --- a full disk, a kill --------------------------------------------------------------------------
@pytest.mark.parametrize("room", [0, 300, 20_000])
def test_on_a_full_disk_the_former_piece_stays_and_no_half_one_lies_about(
    paths: Paths, room: int
) -> None:
    """Room for nothing; for half an index; for an index and half a piece."""
    add_piece(paths, "waltz", piece(1))
    before = sorted(os.listdir(paths.prompts))
    with room_for(room), pytest.raises(EquipmentError, match="cannot be kept"):
        add_piece(paths, "waltz", piece(2), replaces=True)
    assert played(paths, "waltz") == [piece(1)]
    assert sorted(os.listdir(paths.prompts)) == before


def test_on_a_full_disk_nothing_is_removed_by_half(paths: Paths) -> None:
    add_piece(paths, "waltz", piece(1))
    with room_for(0), pytest.raises(EquipmentError):
        remove_piece(paths, "waltz", Site())
    assert played(paths, "waltz") == [piece(1)]


REPLACE = """
import sys
from pathlib import Path
from appliance.daemons.music import add_piece
from appliance.store.places import Paths
print("ready", flush=True)
for turn in range(1_000_000):
    add_piece(Paths(Path(sys.argv[1])), "waltz", bytes([turn % 250]) * 32_000, replaces=True)
"""


@pytest.mark.fault
@pytest.mark.parametrize("delay", [0.003, 0.011, 0.02, 0.037, 0.06, 0.1])
def test_a_kill_at_any_moment_leaves_a_whole_piece(paths: Paths, delay: float) -> None:
    add_piece(paths, "waltz", piece(251))
    with subprocess.Popen(
        [sys.executable, "-c", REPLACE, str(paths.root)], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == b"ready\n"
        time.sleep(delay)
        writer.send_signal(signal.SIGKILL)
    (sound,) = played(paths, "waltz")
    assert len(sound) == 32_000 and len(set(sound)) == 1
    add_piece(paths, "waltz", piece(252), replaces=True)
    assert played(paths, "waltz") == [piece(252)]


# --- the verb -------------------------------------------------------------------------------------
@pytest.fixture
def linghe(tmp_path: Path) -> Program:
    return as_a_program(tmp_path / "var")


def test_the_verb_adds_lists_exports_and_removes(linghe: Program, tmp_path: Path) -> None:
    name = 'the "春天"'
    file = write(tmp_path / "a.mp3", sine(700, 8))
    added = linghe("music", "add", name, str(file), "--json")
    assert added.returncode == 0 and json.loads(added.stdout)["is_new"], added.stderr
    assert "already" in linghe("music", "add", name, str(file)).stdout
    listed = {one["name"]: one for one in json.loads(linghe("music", "list", "--json").stdout)}
    assert [*listed] == [name, "default", "bright", "calm"]
    assert listed[name]["dbm0"] == pytest.approx(-20, abs=0.5)
    assert len(listed[name]["bars"]) == 96 and max(listed[name]["bars"]) == 100
    out = tmp_path / "out.wav"
    assert linghe("music", "export", name, str(out)).returncode == 0
    import soundfile

    samples, rate = soundfile.read(out, dtype="int16")
    assert rate == 8000 and len(samples) / 8000 == pytest.approx(listed[name]["seconds"])
    assert np.abs(samples).max() > 1000
    assert linghe("music", "remove", name).returncode == 0
    gone = linghe("music", "remove", name, "--json")
    assert gone.returncode == 1 and json.loads(gone.stdout)["error"]["key"] == "music_unknown"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["add"], 2),
        (["add", "waltz"], 2),
        (["remove"], 2),
        (["sing"], 2),
        (["add", "waltz", "/no/such/file.mp3"], 1),
        (["add", "waltz", "/"], 1),
        (["export", "nothing", "/dev/null"], 1),
    ],
)
def test_a_verb_that_is_not_understood_or_cannot_says_so(
    linghe: Program, words: list[str], code: int
) -> None:
    assert linghe("claim").returncode == 0
    done = linghe("music", *words)
    assert done.returncode == code and done.stderr and "Traceback" not in done.stderr


def test_a_site_that_chooses_unknown_music_is_told_what_there_is(
    linghe: Program, tmp_path: Path
) -> None:
    linghe("music", "add", "春天", str(write(tmp_path / "a.wav", sine(700, 5))))
    site = tmp_path / "site.toml"
    site.write_text(
        '[site]\nname = "x"\nmusic = "spring"\n\n[[queue]]\nid = "orders"\nmusic = "nope"\n'
    )
    refused = linghe("apply", "--check", str(site))
    assert refused.returncode == 1
    first, second = refused.stderr.splitlines()
    assert "site.toml:3: site.music: " in first and '"spring"' in first
    assert '("bright", "calm", "default", "春天"; `linghe music add` brings more)' in first
    assert ":7: " in second and '"nope"' in second
    site.write_text(
        '[site]\nname = "x"\nmusic = "春天"\n\n[[queue]]\nid = "orders"\nmusic = "calm"\n'
    )
    assert linghe("apply", "--check", str(site)).returncode == 0
    assert linghe("apply", "--no-prompts", str(site)).returncode == 0
    removed = linghe("music", "remove", "春天")
    assert removed.returncode == 1 and "played by the site" in removed.stderr


def test_a_box_that_never_ran_knows_the_shipped_music(linghe: Program, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text('[site]\nname = "x"\nmusic = "bright"\n')
    assert linghe("apply", "--check", str(site)).returncode == 0
