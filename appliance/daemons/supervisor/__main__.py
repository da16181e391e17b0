"""`python -m appliance.daemons.supervisor`: the whole box in one command. Ctrl-C stops all of it.

Exit codes: 0 stopped in order, 1 the box cannot run here (a sentence says why), 2 bad settings.
"""

import fcntl
import importlib.util
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from appliance.daemons.interfaces import own_addresses, own_addresses_6
from appliance.daemons.paths import Environment, environment
from appliance.daemons.supervisor.output import Console
from appliance.daemons.supervisor.sockets import listening_sockets, page_addresses
from appliance.daemons.supervisor.spawning import as_others
from appliance.daemons.supervisor.supervising import Supervisor
from appliance.daemons.supervisor.units import PYTHON, is_there, units
from appliance.vocabulary.errors import EquipmentError

PACKAGES = ("appliance", "webadmin")


def main() -> int:
    """Make the sockets, start the units, keep them up."""
    console = Console()
    try:
        settings = environment()
    except ValueError as error:
        console.say(str(error))
        return 2
    workers = settings.workers if "LINGHE_WORKERS" in os.environ else default_workers()
    try:
        settings.paths.make()
        lock = _locked(settings.paths.run / "supervisor.pid")
        _take_up_backup(settings)
        sockets = listening_sockets(settings, workers=workers)
    except EquipmentError as error:
        console.say(str(error))
        return 1
    except OSError as error:
        console.say(f"{error.filename or settings.data}: {error.strerror}")
        return 1
    _raise_descriptor_limit()
    roots = _package_roots()
    code = Supervisor(
        units=[(unit, is_there(unit.needs, roots)) for unit in units(workers=workers)],
        sockets=sockets,
        environment=_variables(settings, workers),
        data=settings.data,
        when_up=lambda: _welcome(settings),
        console=console,
    ).run()
    for opened in sockets.values():
        opened.close()
    settings.paths.control_socket.unlink(missing_ok=True)
    for worker in range(workers):
        settings.paths.media_socket(worker).unlink(missing_ok=True)
    os.close(lock)
    return code


def default_workers() -> int:
    """One media worker a core, but one core is left to everything else."""
    return max(1, len(os.sched_getaffinity(0)) - 1)


def _locked(pid_file: Path) -> int:
    """Take the data folder for ourselves; the lock ends with us, however we end."""
    descriptor = os.open(pid_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = pid_file.read_text(encoding="ascii").strip()
        os.close(descriptor)
        raise EquipmentError(
            f"The box is running already on {pid_file.parent.parent} (process {holder}). "
            "Stop it, or choose another LINGHE_DATA."
        ) from error
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    return descriptor


def _take_up_backup(settings: Environment) -> None:
    """Let a backup that `linghe restore` laid ready be put into its place, before anything runs."""
    if not (settings.data / "restore" / "ready").exists():
        return
    done = subprocess.run(
        [*PYTHON, "-m", "appliance.daemons.command_line", "restore", "--finish"],
        env={**os.environ, "LINGHE_DATA": str(settings.data)},
        check=False,
    )
    if done.returncode != 0:
        raise EquipmentError("The backup could not be put into its place; the box is not started.")


def _raise_descriptor_limit() -> None:
    """Each leg of each call keeps sockets in our store."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _package_roots() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.origin is not None:
            found[package] = Path(spec.origin).parent
    return found


def _variables(settings: Environment, workers: int) -> dict[str, str]:
    """What units see: our own environment, with what was left open decided for all of them."""
    return {
        **os.environ,
        "LINGHE_DATA": str(settings.data),
        "LINGHE_WORKERS": str(workers),
    }


def _interfaces(bind: str) -> Callable[[], list[str]]:
    """What a page can be found under where it listens at all addresses."""
    return lambda: own_addresses() + (own_addresses_6() if bind == "::" else [])


def _welcome(settings: Environment) -> list[str]:
    """Called once, when everything is up; the claim code follows when it was made."""
    # A program of its own: databases in here would make each fork slower. Reaped with the rest.
    subprocess.Popen(
        [*PYTHON, "-m", "appliance.daemons.command_line", "claim", "--if-unclaimed"],
        env={**os.environ, "LINGHE_DATA": str(settings.data)},
        stdin=subprocess.DEVNULL,
        stdout=2,
        preexec_fn=as_others,
    )
    pages = page_addresses(settings.bind, settings.http_port, _interfaces(settings.bind))
    lines = ["", "Linghe is up. Administration page:"]
    lines += [f"    {page}" for page in pages]
    return [*lines, "Ctrl-C stops the box.", ""]


if __name__ == "__main__":
    sys.exit(main())
