"""What the rescue menu does: each act, and the sentences that say how it went."""

import re
import subprocess
import time
from collections.abc import Callable

from appliance.daemons.box_words import said
from appliance.daemons.console.menu import Act, Wanted
from appliance.daemons.console.ownership import BY, CodeKeeper, new_password, note
from appliance.daemons.root_asking import ask_root
from appliance.daemons.signs import Sign, give
from appliance.store.places import Paths
from appliance.vocabulary.errors import ApplianceError, RefusedError
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.one_line import one_line
from appliance.vocabulary.settings import Language
from appliance.wire.privileged import FactoryReset, Restart, SetNetwork

LOG_LINES = 2000
LOG_SECONDS = 20.0
JOURNAL = (
    *("journalctl", "--quiet", "--no-pager", "--output=short-iso", f"--lines={LOG_LINES}"),
    *("--unit=linghe*", "--unit=init.scope"),
)
_FAULT = re.compile(r"\b(WARNING|ERROR|CRITICAL|Traceback|Failed|exited, code=|killed)\b")


class Rescue:
    """Carries out what the menu wants."""

    def __init__(self, paths: Paths, keeper: CodeKeeper) -> None:
        self._paths = paths
        self._keeper = keeper

    def carry_out(self, wanted: Wanted, language: Language) -> list[str]:
        """Do it, and say how it went. Never raises ApplianceError, OSError."""
        try:
            return self._done(wanted, language)
        except RefusedError as error:
            return [part for part in (error.sentence, error.remedy) if part]
        except (ApplianceError, OSError) as error:
            return [str(error)]

    def _done(self, wanted: Wanted, language: Language) -> list[str]:
        match wanted.act:
            case Act.NETWORK:
                return [ask_root(SetNetwork(by=BY))]
            case Act.ADDRESS:
                address, gateway, server = wanted.fields
                dns = (server,) if server else ()
                asked = SetNetwork(address=address, gateway=gateway, dns=dns, by=BY)
                return [ask_root(asked)]
            case Act.RESTART:
                return [ask_root(Restart(by=BY))]
            case Act.POWER_OFF:
                return [ask_root(Restart(power_off=True, by=BY))]
            case Act.RESET:
                return [ask_root(FactoryReset(keep_recordings=wanted.keep_recordings, by=BY))]
            case Act.STICK:
                note(self._paths, "stick_awaited")
                give(self._paths, Sign.ADOPT, BY)
                return [said(language, "Plug the stick in now.")]
            case Act.CODE:
                note(self._paths, "code_renewed")
                self._keeper.forget()
                return [said(language, "The new code is on the first screen.")]
            case Act.PASSWORD:
                password = new_password(self._paths, wanted.owner, Utc(time.time()))
                return [
                    said(language, "New password of {name}:", name=wanted.owner),
                    "",
                    f"    {password}",
                    "",
                    said(language, "Log in with it and choose your own."),
                ]
            case Act.LOG:
                return latest_faults()


def latest_faults(read: Callable[[], str] | None = None) -> list[str]:
    """Return the lines of the journal that speak of faults, oldest first."""
    text = (read or _journal)()
    return [one_line(line) for line in text.splitlines() if _FAULT.search(line)]


def _journal() -> str:
    try:
        done = subprocess.run(
            JOURNAL,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LOG_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"ERROR the journal cannot be read: {error}"
    return done.stdout.decode(errors="replace")
