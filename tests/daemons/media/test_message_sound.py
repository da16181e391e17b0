"""A voicemail message as the worker hears it: the caller's side of a sealed file, and no other."""

from pathlib import Path

import pytest

from appliance.daemons.media.prompts import Prompts
from appliance.engines.recording.assembly import wav_header
from appliance.vocabulary.ids import PromptHash
from appliance.vocabulary.messages import MESSAGE

SAID, OTHER = b"\x10\x20\x30\x41", b"\xd5\xd5\xd5\xd5"


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings" / "2026-11-23"
    folder.mkdir(parents=True)
    (folder / "mono.wav").write_bytes(wav_header(4, 1) + SAID)
    both = bytes(byte for pair in zip(SAID, OTHER, strict=True) for byte in pair)
    (folder / "stereo.wav").write_bytes(wav_header(4, 2) + both)
    (folder / "broken.wav").write_bytes(b"RIFF")
    (folder / "empty.wav").write_bytes(b"")
    (tmp_path / "secret.wav").write_bytes(wav_header(4, 1) + SAID)
    return tmp_path / "recordings"


def content(recordings: Path, file: str) -> bytes | None:
    prompts = Prompts(recordings.parent / "prompts", recordings)
    found = prompts.content(PromptHash(MESSAGE + file))
    if found is None:
        return None
    frame = memoryview(bytearray(len(found)))
    frame[:] = found
    return bytes(frame)


@pytest.mark.parametrize("name", ["mono", "stereo"])
def test_the_callers_side_is_heard(recordings: Path, name: str) -> None:
    assert content(recordings, f"2026-11-23/{name}.wav") == SAID


@pytest.mark.parametrize(
    "file",
    [
        "2026-11-23/gone.wav",
        "2026-11-23/broken.wav",
        "2026-11-23/empty.wav",
        "../secret.wav",
        "2026-11-23/../../secret.wav",
        "/etc/passwd",
        "",
    ],
)
def test_nothing_else_is(recordings: Path, file: str) -> None:
    assert content(recordings, file) is None


def test_a_worker_without_recordings_has_none(tmp_path: Path) -> None:
    assert Prompts(tmp_path).content(PromptHash(f"{MESSAGE}2026-11-23/mono.wav")) is None
