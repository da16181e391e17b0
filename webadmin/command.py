"""`linghe` as pages and programs run it: the one way in which what speaks or sounds is changed.

A process of its own each time: what reads a stranger's sound file, or makes speech, has no place
among the pages, and these know no more of it than the command line says.
"""

import json
import os
import subprocess
import sys

from appliance.vocabulary.errors import EquipmentError, RefusedError, SiteError, SiteFault
from webadmin.stores import places

PATIENCE_S = 150.0


def linghe_said(verb: str, *words: str, said: bytes = b"", patience: float = PATIENCE_S) -> bytes:
    """Return what `linghe VERB --json …` printed, told `said` on its standard input; it has so
    many seconds.

    Raises RefusedError, SiteError where the site refuses it, EquipmentError.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "appliance.daemons.command_line", verb, "--json", *words],
            env={**os.environ, "LINGHE_DATA": str(places().root)},
            input=said,
            capture_output=True,
            timeout=patience,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EquipmentError(f"linghe {verb}: {error}") from error
    if done.returncode == 0 or _is_saved(done.stdout):
        return done.stdout
    raise _refusal(done.stdout) or EquipmentError(
        f"linghe {verb}: {done.stderr.decode('utf-8', 'replace')[-500:]}"
    )


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
