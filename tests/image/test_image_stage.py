"""The last stage of `make test`: the image is built, boots in QEMU and goes through a shop's worst
day. Software emulation, some twenty minutes; the whole table is `make image-test` (run.py).

Nothing runs beside it and nothing comes after it. It is passed over, with the reason, where it
cannot be done: no root, no QEMU, no room, no Debian archive, LINGHE_IMAGE=no. Whatever fails beyond
that is a defect.
"""

import json
import os
import platform
import select
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import lan
import pytest

PLACE = Path(__file__).parent
ROOT = PLACE.parents[1]
CACHE = Path(os.environ.get("CACHE") or Path.home() / ".cache/linghe-image")
MIRROR = os.environ.get("MIRROR", "http://deb.debian.org")
PROGRAMS = ("qemu-system-x86_64", "mmdebstrap", "genimage", "mksquashfs", "rauc", "sipp", "baresip")
ROOM_BYTES = 9 << 30
MEMORY_KIB = 3 << 20
WHOLE_SECONDS = 60 * float(os.environ.get("LINGHE_IMAGE_MINUTES", "25"))
RUN_SECONDS = 60 * 80
"""Of the whole run of tests, this stage at its end: CI gives ninety minutes."""
BUILD_SECONDS = 900
USUAL_BOOT_SECONDS = 120
"""Of the step `boots` on a machine that the bounds below are for; a slower one has more."""
STEP_SECONDS = {
    "boots": 600,
    "takes_a_call": 480,
    "power_cut_in_a_call_and_in_an_update": 480,
    "updates": 420,
    "update_without_a_system": 540,
    "factory_reset_keeps_recordings": 360,
}

pytestmark = [
    pytest.mark.alone,
    pytest.mark.image,
    pytest.mark.slow,
    pytest.mark.fault,
    pytest.mark.timeout(WHOLE_SECONDS + 60),
]


def _is_reachable(address):
    try:
        with urllib.request.urlopen(address, timeout=20):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _memory_kib():
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable"))


def _mounts_why_not():
    """Return what a root without the powers of one is told, as in many containers."""
    words = "mount -t tmpfs none /mnt && mknod /mnt/null c 1 3 && echo >/mnt/null"
    tried = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "sh", "-ec", words],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return tried.stderr.strip() if tried.returncode else ""


def _why_not():
    """Return why the image cannot be built or booted on this machine; nothing where it can."""
    if os.environ.get("LINGHE_IMAGE") == "no":
        return "LINGHE_IMAGE=no"
    if platform.machine() != "x86_64":
        return f"the builder makes amd64 on amd64; this is {platform.machine()}"
    if os.geteuid() != 0:
        return "not root, who alone can make a system's files"
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        return f"not installed: {', '.join(missing)} (image-build/builder-packages)"
    if not (ROOT / ".git").exists():
        return "no git checkout, and only what is committed is built"
    CACHE.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(CACHE).free < ROOM_BYTES:
        return f"less than {ROOM_BYTES >> 30} GiB are free at {CACHE}"
    if _memory_kib() < MEMORY_KIB:
        return f"less than {MEMORY_KIB >> 20} GiB of memory are free"
    if told := _mounts_why_not():
        return f"root here may not mount, which the builder does: {told}"
    if told := lan.why_not():
        return f"no network of its own for the box: {told}"
    if not any(CACHE.glob("base-trixie-*.tar")) and not _is_reachable(f"{MIRROR}/debian/"):
        return f"{MIRROR} cannot be reached, and no base system is cached"
    return ""


class Stage:
    """One image, one box, the program that goes through the steps with it."""

    def __init__(self):
        self.began = time.monotonic()
        run_for = time.time() - float(os.environ.get("LINGHE_TESTS_BEGAN", time.time()))
        self.whole = min(WHOLE_SECONDS, RUN_SECONDS - run_for)
        self.slowness = 1.0
        """How many times slower than usual this machine is."""
        self.folder = CACHE / "stage"
        self.image = self.folder / "out/none"
        self._program = None

    def left(self):
        """Seconds until the whole is over."""
        return self.began + self.whole - time.monotonic()

    def bound(self, seconds):
        """Return the seconds that a step has, of those that are left."""
        self.skip_what_is_late(30)
        return min(seconds, self.left())

    def skip_what_is_late(self, least):
        """What hangs fails by its own bound; this is a machine that is slow as a whole."""
        if self.left() < least:
            pytest.skip(f"not reached: the stage's {self.whole / 60:.0f} minutes are over")

    def build(self):
        """Make the image for tests from the commit that is checked out."""
        out, log = self.folder / "out", self.folder / "build.log"
        shutil.rmtree(self.folder, ignore_errors=True)
        out.mkdir(parents=True)
        environment = {**os.environ, "TEST_SHELL": "1", "OUT": str(out), "CACHE": str(CACHE)}
        for name in ("SUITE", "BARE", "ARCH", "KEY", "CERT", "COMPRESSION"):
            environment.pop(name, None)
        with log.open("wb") as told:
            program = subprocess.Popen(
                [ROOT / "image-build/build"],
                env=environment, stdout=told, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
            try:
                code = program.wait(self.bound(BUILD_SECONDS))
            except subprocess.TimeoutExpired:
                os.killpg(program.pid, signal.SIGTERM)
                program.wait(60)
                code = "out of time"
        said = log.read_text(errors="replace")
        if code != 0 and not _is_reachable(f"{MIRROR}/debian/"):
            pytest.skip(f"{MIRROR} cannot be reached:\n{said[-1500:]}")
        if code == "out of time":
            self.skip_what_is_late(1)
        assert code == 0, f"the builder ended with {code}:\n{said[-3000:]}"
        (self.image,) = out.glob("linghe-*-TEST.img")
        return said

    def go_through(self, step):
        """Let the program go through a step; return what was found."""
        if not self.image.exists():
            pytest.fail("not reached: there is no image", pytrace=False)
        seconds = self.bound(STEP_SECONDS[step] * self.slowness)
        program = self._running()
        program.stdin.write(f"{step}\n".encode())
        program.stdin.flush()
        if not select.select([program.stdout], [], [], seconds)[0]:
            consoles = sorted((self.folder / "box").glob("console-*.log"), key=os.path.getmtime)
            said = consoles[-1].read_text(errors="replace")[-1500:] if consoles else ""
            self.stop()
            self.skip_what_is_late(1)
            pytest.fail(f"not through after {seconds:.0f} s; the console says:\n{said}", False)
        line = program.stdout.readline()
        if not line:
            self.stop()
            pytest.fail(f"the trial ended by itself:\n{self._log()}", False)
        found = json.loads(line)
        if not found["good"]:
            pytest.fail(f"{found['told']}\n{self._log()}", False)
        if step == "boots":
            self.slowness = max(1.0, found["seconds"] / USUAL_BOOT_SECONDS)
        return f"{found['told']} ({found['seconds']} s)"

    def _log(self):
        return (self.folder / "trial.log").read_text(errors="replace")[-2500:]

    def _running(self):
        if self._program is None:
            (self.folder / "box").mkdir(exist_ok=True)
            words = [sys.executable, PLACE / "stage.py", self.image, self.folder / "box"]
            with (self.folder / "trial.log").open("ab") as log:
                self._program = subprocess.Popen(
                    words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                    bufsize=0, env={**os.environ, "CACHE": str(CACHE)}, start_new_session=True,
                )  # fmt: skip
        return self._program

    def stop(self):
        """End the program and all that it started, the machine as well."""
        if self._program is not None:
            os.killpg(self._program.pid, signal.SIGKILL)
            self._program.wait(30)
            self._program = None


@pytest.fixture(scope="module")
def stage():
    """The stage, where it can be had."""
    why = _why_not()
    if why:
        pytest.skip(why)
    one = Stage()
    yield one
    one.stop()
    # some gigabytes; what is worth keeping between runs lies beside it
    shutil.rmtree(one.folder, ignore_errors=True)


def test_the_image_is_built(stage, measured):
    said = stage.build()
    size = stage.image.with_suffix(".img.zst").stat().st_size
    measured(f"{size / 1e6:.0f} MB compressed; {said.count('cached')} of 2 parts were kept\n{said}")


@pytest.mark.parametrize("step", STEP_SECONDS)
def test_the_box(stage, step, measured):
    measured(stage.go_through(step))
    if step == list(STEP_SECONDS)[-1]:
        measured(f"the whole stage: {(time.monotonic() - stage.began) / 60:.1f} minutes")
