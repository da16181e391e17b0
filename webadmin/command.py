"""`linghe` as pages and programs run it: the one way in which what speaks or sounds is changed.

A process of its own each time: what reads a stranger's sound file, or makes speech, has no place
among the pages, and these know no more of it than the command line says.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from threading import Thread

from appliance.vocabulary.errors import EquipmentError, RefusedError, SiteError, SiteFault
from webadmin.stores import places

PATIENCE_S = 150.0
MOST_TOLD = 50
"""Lines that are kept of what went wrong."""
LAST_WORDS_S = 2.0
Heard = Callable[[str], None]
"""Is told each line of standard error, in another thread."""


def linghe_said(
    verb: str,
    *words: str,
    said: bytes = b"",
    patience: float = PATIENCE_S,
    heard: Heard | None = None,
) -> bytes:
    """Return what `linghe VERB --json …` printed, told `said` on its standard input; it has so
    many seconds.

    Raises RefusedError, SiteError where the site refuses it, EquipmentError.
    """
    told: list[str] = []
    try:
        with _listening(heard, told) as errors:
            done = subprocess.run(
                [*(sys.executable, "-I", "-m", "appliance.daemons.command_line"), verb, "--json"]
                + list(words),
                env={**os.environ, "LINGHE_DATA": str(places().root)},
                input=said,
                stdout=subprocess.PIPE,
                stderr=errors,
                timeout=patience,
                check=False,
            )
    except subprocess.TimeoutExpired as error:
        raise EquipmentError(
            f"linghe {verb} was not through after {patience:.0f} seconds and was ended."
        ) from error
    except OSError as error:
        raise EquipmentError(f"linghe {verb}: {error}") from error
    if done.returncode == 0 or _is_saved(done.stdout):
        return done.stdout
    raise _refusal(done.stdout) or EquipmentError(f"linghe {verb}: {''.join(told)[-500:]}")


@contextlib.contextmanager
def _listening(heard: Heard | None, told: list[str]) -> Iterator[int]:
    """Give where a child may write its standard error; the lines of it go to `heard` and `told`."""
    reading, writing = os.pipe()

    def listen() -> None:
        with os.fdopen(reading, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                told.append(line)
                del told[:-MOST_TOLD]
                if heard is not None:
                    heard(line)

    listener = Thread(target=listen, name="linghe's standard error", daemon=True)
    listener.start()
    try:
        yield writing
    finally:
        os.close(writing)
        # a grandchild that outlives its parent has it open still
        listener.join(LAST_WORDS_S)


def _is_saved(printed: bytes) -> bool:
    """Whether the change holds, though control could not take it up at once: it does when it is
    back, and nobody is to make the change again."""
    try:
        return "site_version" in json.loads(printed)
    except (ValueError, TypeError):
        return False


def _refusal(printed: bytes) -> Exception | None:
    try:
        told = json.loads(printed)["error"]
        key, sentence = str(told["key"]), str(told["sentence"])
        faults = [
            SiteFault(
                file=str(one["file"]),
                line=one["line"],
                key=str(one["key"]),
                expected=str(one["expected"]),
            )
            for one in told.get("faults", ())
        ]
    except (ValueError, TypeError, KeyError):
        return None
    if faults:
        return SiteError(faults)
    return EquipmentError(sentence) if key == "failed" else RefusedError(key, sentence)
