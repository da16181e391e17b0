"""An owner's recordings: levelled, kept by their content, in versions, and never lost."""

import json
from pathlib import Path

import numpy as np
import pytest
from full_disk import room_for
from linghe_run import Program, as_a_program
from sound_files import sine, write
from speech_level import active_level_dbov, spoken

from appliance.daemons.own_prompts import (
    add_prompt,
    own_prompts,
    prompt_names,
    remove_prompt,
    restore_version,
)
from appliance.daemons.prompts import DiskCatalogue, prompt_file
from appliance.daemons.sound_file import BadSound, telephone_alaw_of
from appliance.signals.g711 import decode_alaw
from appliance.signals.levels import active_level
from appliance.store.places import Paths
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.settings import Flow, Language, Queue, Site
from appliance.vocabulary.speech import Utterance

HELLO = {"kind": "play", "text": "Hello.", "prompt": "welcome", "next": "bye"}
SITE = Site(
    flow=(Flow(id="main", start="hello", node={"hello": HELLO, "bye": {"kind": "hangup"}}),),
    queue=(Queue(id="orders", comfort_prompts=("bread",), whisper_prompt="who"),),
)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    places = Paths(tmp_path / "var")
    places.make()
    return places


def alaw(number: int, seconds: float = 1.0) -> bytes:
    return bytes([number]) * int(8000 * seconds)


def added(paths: Paths, name: str, sound: bytes, *, replaces: bool = False) -> bool:
    return add_prompt(paths, name, sound, origin="file", by="anna", replaces=replaces)


def said(paths: Paths, name: str) -> bytes | None:
    """What control would have callers hear under this name."""
    wish = Utterance(language=Language.EN, text="not rendered", prompt=name)
    found = DiskCatalogue(paths).find(wish)
    return None if found is None else prompt_file(paths, found).read_bytes()


def heard(file: Path) -> np.ndarray:
    with file.open("rb") as opened:
        return decode_alaw(np.frombuffer(telephone_alaw_of(opened, is_prompt=True), np.uint8))


# --- levels and ends ------------------------------------------------------------------------------
@pytest.mark.parametrize("level", [0.003, 0.05, 0.6])
@pytest.mark.parametrize(
    ("name", "rate", "how"),
    [
        ("a.wav", 44100, {"subtype": "PCM_16"}),
        ("a.wav", 8000, {"subtype": "ALAW"}),
        ("a.flac", 48000, {}),
        ("a.ogg", 48000, {"subtype": "VORBIS"}),
        ("a.mp3", 44100, {}),
    ],
)
def test_every_voice_comes_to_one_level_whatever_it_was(
    tmp_path: Path, name: str, rate: int, how: dict[str, str], level: float
) -> None:
    made = heard(write(tmp_path / name, spoken(rate=rate, level=level), rate, **how))
    assert active_level(made) == pytest.approx(-20, abs=0.7)
    # P.56 counts pauses under 0.2 s as speech, and so finds some 2 dB less in this voice.
    assert active_level_dbov(made) == pytest.approx(-22, abs=1)
    # -6, and half of A-law's step there.
    assert np.abs(made.astype(int)).max() <= 32768 * 10 ** (-5.7 / 20)


def test_silence_at_the_ends_goes(tmp_path: Path) -> None:
    bare = heard(write(tmp_path / "a.wav", spoken()))
    padded = heard(write(tmp_path / "b.wav", spoken(lead=3.0)))
    assert len(padded) == pytest.approx(len(bare), abs=400)
    assert len(bare) == pytest.approx(8000 * 4, abs=4000)


@pytest.mark.parametrize(
    ("sound", "key"),
    [
        (np.zeros(44100 * 2), "prompt_silent"),
        (sine(700, 0.1), "prompt_short"),
        (sine(700, 241), "prompt_long"),
    ],
    ids=["silent", "short", "long"],
)
def test_what_is_no_prompt_is_told_why(tmp_path: Path, sound: np.ndarray, key: str) -> None:
    file = write(tmp_path / "a.wav", sound)
    with file.open("rb") as opened, pytest.raises(BadSound) as refused:
        telephone_alaw_of(opened, is_prompt=True)
    assert refused.value.key == key


def test_what_is_no_sound_at_all_is_told_so(tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    file.write_bytes(b"RIFF, or so it says")
    with file.open("rb") as opened, pytest.raises(BadSound) as refused:
        telephone_alaw_of(opened, is_prompt=True)
    assert refused.value.key == "prompt_unreadable"


# --- versions -------------------------------------------------------------------------------------
def test_the_newest_version_is_heard_and_every_older_one_stays_a_proof(paths: Paths) -> None:
    assert added(paths, "welcome", alaw(1))
    first = own_prompts(paths, SITE)[0].versions[0].prompt
    assert not added(paths, "welcome", alaw(1), replaces=True), "the very same"
    assert added(paths, "welcome", alaw(2), replaces=True)
    assert said(paths, "welcome") == alaw(2)
    assert prompt_file(paths, first).read_bytes() == alaw(1)
    (one,) = own_prompts(paths, SITE)
    assert [(version.version, version.by) for version in one.versions] == [(2, "anna"), (1, "anna")]
    assert one.users == ("flow main, node hello",)
    restore_version(paths, "welcome", 1, by="ben")
    assert said(paths, "welcome") == alaw(1)
    assert [version.version for version in own_prompts(paths, SITE)[0].versions] == [3, 2, 1]


def test_a_name_that_is_taken_is_not_taken_over_by_mistake(paths: Paths) -> None:
    added(paths, "welcome", alaw(1))
    with pytest.raises(RefusedError, match="already"):
        added(paths, "welcome", alaw(2))
    assert said(paths, "welcome") == alaw(1)


@pytest.mark.parametrize("name", ["welcome", "bread", "who"])
def test_what_the_site_names_is_not_removed_and_what_is_removed_stays_a_proof(
    paths: Paths, name: str
) -> None:
    added(paths, name, alaw(1))
    with pytest.raises(RefusedError, match="is said by"):
        remove_prompt(paths, name, SITE)
    remove_prompt(paths, name, Site())
    assert said(paths, name) is None and name not in prompt_names(paths)
    assert len(list(paths.prompts.glob("*.alaw"))) == 1
    added(paths, name, alaw(2))
    assert [one.version for one in own_prompts(paths, SITE)[0].versions] == [2]


@pytest.mark.parametrize("name", ["a|b|1", "春天", "../../etc", "it's", "prompt|x|2"])
def test_a_name_is_only_a_name(paths: Paths, name: str) -> None:
    added(paths, name, alaw(1))
    assert said(paths, name) == alaw(1)
    assert list(prompt_names(paths)) == [name]


@pytest.mark.parametrize("name", ["", " ", "-x", "a\nb", "x" * 33])
def test_what_is_no_name_is_refused(paths: Paths, name: str) -> None:
    with pytest.raises(RefusedError) as refused:
        added(paths, name, alaw(1))
    assert refused.value.key == "prompt_name"


def test_a_full_disk_leaves_the_former_version(paths: Paths) -> None:
    added(paths, "welcome", alaw(1))
    with room_for(4000), pytest.raises(EquipmentError):
        added(paths, "welcome", alaw(2), replaces=True)
    assert said(paths, "welcome") == alaw(1)


# --- the verb -------------------------------------------------------------------------------------
@pytest.fixture
def linghe(tmp_path: Path) -> Program:
    return as_a_program(tmp_path / "var")


def test_the_verb_adds_lists_replaces_restores_exports_and_removes(
    linghe: Program, tmp_path: Path
) -> None:
    first = write(tmp_path / "a.mp3", spoken(2))
    second = write(tmp_path / "b.flac", spoken(3, seed=4))
    told = linghe("prompt", "add", "welcome", str(first), "--json")
    assert told.returncode == 0 and json.loads(told.stdout)["is_new"], told.stderr
    assert "prompt_taken" in linghe("prompt", "add", "welcome", str(second), "--json").stdout
    assert linghe("prompt", "add", "welcome", str(second), "--replace").returncode == 0
    assert linghe("prompt", "restore", "welcome", "--version", "1").returncode == 0
    versions = json.loads(linghe("prompt", "versions", "welcome", "--json").stdout)
    assert [one["version"] for one in versions] == [3, 2, 1]
    assert versions[0]["prompt"] == versions[2]["prompt"] != versions[1]["prompt"]
    assert "welcome" in linghe("prompt", "list").stdout
    out = tmp_path / "out.wav"
    assert linghe("prompt", "export", "welcome", str(out)).returncode == 0
    assert out.read_bytes()[:4] == b"RIFF"
    assert linghe("prompt", "remove", "welcome").returncode == 0
    assert "prompt_unknown" in linghe("prompt", "remove", "welcome", "--json").stdout


def test_a_site_that_names_what_is_not_there_is_advised_and_doctor_says_so(
    linghe: Program, tmp_path: Path
) -> None:
    site = tmp_path / "site.toml"
    site.write_text(
        '[site]\nlanguage = "en"\nmusic = "default"\n\n[[flow]]\nid = "main"\nstart = "hello"\n'
        '[flow.node.hello]\nkind = "play"\nprompt = "welcome"\nnext = "bye"\n'
        '[flow.node.bye]\nkind = "hangup"\ntext = "Bye."\nprompt = "bye"\n'
    )
    told = linghe("apply", "--no-prompts", str(site))
    assert told.returncode == 0, told.stderr
    first, second = [line for line in told.stderr.splitlines() if "no prompt" in line]
    assert 'flow main, node hello: there is no prompt "welcome" yet' in first
    assert first.endswith("it is passed over.") and second.endswith("its text is spoken.")
    doctor = linghe("doctor").stdout
    assert 'there is no prompt "welcome" yet' in doctor


def test_music_that_is_not_there_is_told_by_doctor(linghe: Program, tmp_path: Path) -> None:
    file = write(tmp_path / "waltz.wav", sine(700, 5))
    linghe("music", "add", "waltz", str(file))
    site = tmp_path / "site.toml"
    site.write_text('[site]\nlanguage = "en"\nmusic = "waltz"\n')
    assert linghe("apply", "--no-prompts", str(site)).returncode == 0
    index = tmp_path / "var" / "prompts" / "index.json"
    index.write_text("{}")
    assert 'the site plays music "waltz", which is not there' in linghe("doctor").stdout
