"""Update files that must not work: a stranger's; without system, kernel, programs, data, calls."""

import os
import shutil
import subprocess
from pathlib import Path

CACHE = Path(os.environ.get("CACHE") or Path.home() / ".cache/linghe-image")
MANIFEST = """\
[update]
compatible=linghe-{architecture}
version=bad

[bundle]
format=verity

[image.rootfs]
filename=root.img
"""


def _run(*words, **more):
    done = subprocess.run(words, capture_output=True, text=True, check=False, **more)
    assert done.returncode == 0, f"{' '.join(map(str, words))}: {done.stdout}{done.stderr}"


def _content(good: Path, folder: Path) -> Path:
    """Make folder/content, for a box like the one that the good bundle is for."""
    content = folder / "content"
    content.mkdir(parents=True, exist_ok=True)
    architecture = "arm64" if "-arm64" in good.name else "amd64"
    (content / "manifest.raucm").write_text(MANIFEST.format(architecture=architecture))
    return content


def _bundled(folder: Path, name: str, key: Path, cert: Path) -> Path:
    """Sign what stands in folder/content."""
    content, bundle = folder / "content", folder / f"{name}.raucb"
    bundle.unlink(missing_ok=True)
    _run("rauc", "bundle", f"--cert={cert}", f"--key={key}", content, bundle)
    return bundle


def development_key():
    """The key that images for tests are signed with, and its certificate."""
    keys = CACHE / "keys"
    return keys / "development.key", keys / "development.crt"


def without_a_system(good: Path, folder: Path) -> Path:
    """A slot that the loader can start, with nothing behind it."""
    content, tree = _content(good, folder), folder / "tree"
    _run("unsquashfs", "-q", "-n", "-f", "-d", folder / "whole", good, "root.img")
    whole = folder / "whole/root.img"
    _run("unsquashfs", "-q", "-n", "-f", "-d", tree, whole, "boot")
    for place in ("dev", "proc", "sys", "run", "etc", "var"):
        (tree / place).mkdir(exist_ok=True)
    _run("mksquashfs", tree, content / "root.img", "-quiet", "-noappend", "-comp", "gzip")
    return _bundled(folder, "without-a-system", *development_key())


def without_a_kernel(good: Path, folder: Path) -> Path:
    """A slot with nothing of use in it, not even what the loader starts."""
    content, tree = _content(good, folder), folder / "tree"
    tree.mkdir(exist_ok=True)
    (tree / "noise").write_bytes(os.urandom(1 << 16))  # RAUC takes nothing smaller
    _run("mksquashfs", tree, content / "root.img", "-quiet", "-noappend", "-comp", "gzip")
    return _bundled(folder, "without-a-kernel", *development_key())


def by_a_stranger(folder: Path) -> Path:
    """What `without_a_system` made, under another key."""
    key, cert = folder / "stranger.key", folder / "stranger.crt"
    _run(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
        *("-nodes", "-days", "10", "-subj", "/CN=stranger", "-keyout", key, "-out", cert),
    )
    return _bundled(folder, "by-a-stranger", key, cert)


def without_calls(good: Path, folder: Path) -> Path:
    """A whole system whose call control ends at once, again and again: only the health check can
    tell."""
    tree = _whole(good, folder)
    place = tree / "etc/systemd/system/linghe-control.service.d"
    place.mkdir(parents=True)
    (place / "bad.conf").write_text("[Service]\nExecStart=\nExecStart=/bin/false\n")
    return _of_whole(tree, folder, "without-calls")


def found_bad(good: Path, folder: Path) -> Path:
    """A whole system whose health check fails at once: the short form of `without_calls`."""
    tree = _whole(good, folder)
    place = tree / "etc/systemd/system/linghe-health.service.d"
    place.mkdir(parents=True)
    (place / "bad.conf").write_text("[Service]\nExecStart=\nExecStart=/bin/false\n")
    return _of_whole(tree, folder, "found-bad")


def without_programs(good: Path, folder: Path) -> Path:
    """A whole system but for Linghe's own package: nothing of the new version can tell anybody."""
    tree = _whole(good, folder)
    (package,) = tree.glob("opt/linghe/lib/python3.*/site-packages/appliance")
    shutil.rmtree(package)
    return _of_whole(tree, folder, "without-programs")


def without_data(good: Path, folder: Path) -> Path:
    """A whole system that cannot mount /data, and nothing is wrong with them."""
    tree = _whole(good, folder)
    unit = tree / "usr/lib/systemd/system/data.mount"
    unit.write_text(unit.read_text().replace("Options=", "Options=data=nonsense,"))
    return _of_whole(tree, folder, "without-data")


def _whole(good: Path, folder: Path) -> Path:
    """Unpack the system of a good bundle; return where it stands."""
    _content(good, folder)
    tree = folder / "sick"
    _run("unsquashfs", "-q", "-n", "-f", "-d", folder / "whole", good, "root.img")
    _run("unsquashfs", "-q", "-n", "-f", "-d", tree, folder / "whole/root.img")
    return tree


def _of_whole(tree: Path, folder: Path, name: str) -> Path:
    """Pack it again, quickly, and sign it."""
    root = folder / "content/root.img"
    root.unlink(missing_ok=True)
    quickly = ("-comp", "gzip", "-Xcompression-level", "1")
    _run("mksquashfs", tree, root, "-quiet", "-noappend", *quickly)
    shutil.rmtree(tree)
    return _bundled(folder, name, *development_key())
