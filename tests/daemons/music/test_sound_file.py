"""Sound files as owners and strangers have them: each kind is heard, each bad one is told why."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from sound_files import sine, write

from appliance.daemons import sound_file
from appliance.daemons.sound_file import BadSound, decoded, telephone_alaw_of
from appliance.signals.g711 import decode_alaw
from appliance.signals.music_level import music_dbm0
from appliance.signals.single_tone import tone_share


def heard(file: Path) -> np.ndarray:
    """What callers hear of a file, by the process that reads it."""
    with file.open("rb") as opened:
        return decode_alaw(np.frombuffer(telephone_alaw_of(opened), np.uint8))


def why_not(file: Path) -> str:
    with file.open("rb") as opened, pytest.raises(BadSound) as refused:
        telephone_alaw_of(opened)
    assert refused.value.sentence.endswith(".")
    return refused.value.key


@pytest.mark.parametrize(
    ("name", "rate", "how"),
    [
        ("a.wav", 44100, {"subtype": "PCM_16"}),
        ("a.wav", 48000, {"subtype": "PCM_24"}),
        ("a.wav", 8000, {"subtype": "ALAW"}),
        ("a.wav", 96000, {"subtype": "FLOAT"}),
        ("a.wav", 22050, {"subtype": "PCM_U8"}),
        ("a.flac", 44100, {}),
        ("a.flac", 192000, {"subtype": "PCM_24"}),
        ("a.ogg", 48000, {"subtype": "VORBIS"}),
        ("a.ogg", 48000, {"subtype": "OPUS"}),
        ("a.mp3", 44100, {}),
        ("a.mp3", 11025, {}),
        ("a.aiff", 44100, {}),
    ],
)
@pytest.mark.parametrize("tracks", [1, 2])
def test_every_common_kind_is_heard_at_its_pitch_and_at_the_telephones_level(
    tmp_path: Path, name: str, rate: int, how: dict[str, str], tracks: int
) -> None:
    tone = sine(990, 6, rate)
    columns = tone if tracks == 1 else np.column_stack([tone, 0.5 * tone])
    made = heard(write(tmp_path / name, columns, rate, **how))
    assert len(made) == pytest.approx(8000 * 5.4, abs=1600)
    assert music_dbm0(made) == pytest.approx(-20, abs=0.5)
    for start in range(0, len(made) - 8000, 4000):
        assert tone_share(made[start : start + 8000], 990) > 0.99, "a click or another pitch"


def test_tracks_that_are_each_others_opposite_are_not_mixed_to_silence(tmp_path: Path) -> None:
    tone = sine(700, 6)
    made = heard(write(tmp_path / "karaoke.wav", np.column_stack([tone, -tone])))
    assert tone_share(made[8000:16000], 700) > 0.99


def test_what_the_telephone_cannot_carry_does_not_come_back_as_another_tone(tmp_path: Path) -> None:
    file = write(tmp_path / "whistle.wav", sine(700, 6) + sine(7300, 6))
    assert tone_share(heard(file)[8000:16000], 700) > 0.99


def test_numbers_that_are_none_are_silence(tmp_path: Path) -> None:
    tone = sine(700, 6)
    tone[::5000] = np.nan
    tone[1::5000] = np.inf
    file = write(tmp_path / "a.wav", tone, subtype="FLOAT")
    assert music_dbm0(heard(file)) == pytest.approx(-20, abs=0.5)


# --- what is refused ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "content",
    [b"", b"no sound at all\n" * 1000, bytes(100_000), b"\x89PNG\r\n\x1a\n" + bytes(5000), b"RIFF"],
)
def test_what_is_no_sound_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "song.mp3"
    file.write_bytes(content)
    assert why_not(file) in ("music_unreadable", "music_short", "music_silent")


@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
@pytest.mark.parametrize("part", [0.3, 0.9])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, name: str, part: float) -> None:
    noise = np.random.default_rng(1).uniform(-0.3, 0.3, 44100 * 6)
    whole = write(tmp_path / name, noise).read_bytes()
    file = tmp_path / f"cut-{name}"
    file.write_bytes(whole[: int(len(whole) * part)])
    assert why_not(file) in ("music_truncated", "music_unreadable")


@pytest.mark.parametrize("name", ["a.mp3", "a.ogg"])
def test_a_stream_that_was_cut_off_is_what_is_there_or_refused_but_no_crash(
    tmp_path: Path, name: str
) -> None:
    whole = write(tmp_path / name, sine(700, 12)).read_bytes()
    file = tmp_path / f"cut-{name}"
    file.write_bytes(whole[: len(whole) * 2 // 3])
    try:
        assert tone_share(heard(file)[8000:16000], 700) > 0.9
    except BadSound as bad:
        assert bad.key.startswith("music_")


@pytest.mark.parametrize("name", ["a.flac", "a.ogg", "a.wav"])
def test_two_hours_are_refused(tmp_path: Path, name: str) -> None:
    hours = np.zeros(2 * 3600 * 8000, np.float32)
    assert why_not(write(tmp_path / name, hours, 8000)) == "music_long"


def test_just_too_long_is_refused_and_just_short_enough_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_file, "LONGEST_SECONDS", 10)
    with write(tmp_path / "a.wav", sine(700, 10), 44100).open("rb") as file:
        assert len(decoded(file)) == pytest.approx(80_000, abs=80)
    longer = write(tmp_path / "b.ogg", sine(700, 10.1), 44100)
    with longer.open("rb") as file, pytest.raises(BadSound, match="longer"):
        decoded(file)


def test_a_head_that_promises_hours_costs_nothing(tmp_path: Path) -> None:
    """FLAC's STREAMINFO has 36 bits for the number of samples: 2**36-1 in a file of kilobytes."""
    whole = bytearray(write(tmp_path / "a.flac", sine(700, 6)).read_bytes())
    # 4 of "fLaC", 4 of the block's head, 13 of sizes and rate: then 4 bits and 4 bytes of count.
    whole[21] |= 0x0F
    whole[22:26] = b"\xff" * 4
    file = tmp_path / "bomb.flac"
    file.write_bytes(whole)
    assert why_not(file) == "music_long"


def test_a_wav_whose_head_promises_four_gigabytes_is_refused(tmp_path: Path) -> None:
    whole = bytearray(write(tmp_path / "a.wav", sine(700, 6)).read_bytes())
    whole[4:8] = struct.pack("<I", 0xFFFFFFF0)
    whole[40:44] = struct.pack("<I", 0xFFFFFFF0)
    file = tmp_path / "bomb.wav"
    file.write_bytes(whole)
    assert why_not(file) == "music_truncated"


def test_a_wav_that_was_written_to_a_pipe_says_no_length_and_is_heard(tmp_path: Path) -> None:
    whole = bytearray(write(tmp_path / "a.wav", sine(700, 6)).read_bytes())
    whole[4:8] = whole[40:44] = b"\xff" * 4
    file = tmp_path / "piped.wav"
    file.write_bytes(whole)
    assert tone_share(heard(file)[8000:16000], 700) > 0.99


def test_silence_and_jingles_are_refused(tmp_path: Path) -> None:
    assert why_not(write(tmp_path / "a.wav", np.zeros(44100 * 6))) == "music_silent"
    assert why_not(write(tmp_path / "b.wav", sine(700, 1))) == "music_short"


def test_rates_and_tracks_that_no_music_has_are_refused(tmp_path: Path) -> None:
    assert why_not(write(tmp_path / "a.wav", sine(700, 6, 4000), 4000)) == "music_rate"
    assert why_not(write(tmp_path / "b.wav", sine(700, 6, 384_000), 384_000)) == "music_rate"
    many = np.column_stack([sine(700, 4, 8000)] * 9)
    assert why_not(write(tmp_path / "c.wav", many, 8000)) == "music_unreadable"


def test_a_file_larger_than_any_music_is_not_even_read(tmp_path: Path) -> None:
    file = tmp_path / "large.wav"
    with file.open("wb") as out:
        out.truncate(sound_file.MOST_BYTES + 1)
    assert why_not(file) == "music_large"


def test_a_reader_that_dies_is_a_file_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library crashed, or the kernel ended what wanted too much: nothing but a refusal."""
    monkeypatch.setattr(sound_file.sys, "executable", "/bin/false")
    assert why_not(write(tmp_path / "a.wav", sine(700, 6))) == "music_unreadable"


@pytest.mark.parametrize("seed", range(12))
def test_bytes_that_were_garbled_are_heard_or_refused_and_nothing_else(
    tmp_path: Path, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    kind = ("wav", "flac", "ogg", "mp3")[seed % 4]
    whole = bytearray(write(tmp_path / f"a.{kind}", sine(700, 4)).read_bytes())
    reach = len(whole) if seed % 2 else 200
    for place in chance.integers(0, reach, 20):
        whole[place] = chance.integers(256)
    file = tmp_path / "garbled"
    file.write_bytes(whole)
    try:
        assert len(heard(file)) >= 160
    except BadSound as bad:
        assert bad.key.startswith("music_")


def test_the_parent_gets_nothing_but_bytes_of_sound_or_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child that says nonsense is a file that cannot be read, not a traceback."""
    for said in (b"", b"[1]", b"{}", b'{"key": "x"}', b"\xff"):
        program = tmp_path / "child"
        program.write_bytes(b"#!/bin/sh\nprintf '%s' '" + said + b"'\nexit 1\n")
        program.chmod(0o700)
        monkeypatch.setattr(sound_file.sys, "executable", str(program))
        with pytest.raises(BadSound) as refused, (tmp_path / "child").open("rb") as opened:
            telephone_alaw_of(opened)
        assert refused.value.key == "music_unreadable"


def test_a_descriptor_is_wanted() -> None:
    with pytest.raises(io.UnsupportedOperation):
        telephone_alaw_of(io.BytesIO(b"RIFF"))
