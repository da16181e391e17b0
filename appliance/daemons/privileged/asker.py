"""Who asks, as the kernel says it (SO_PEERCRED, unix(7)), and what each may ask for.

What an asker writes about itself proves nothing. Root may ask for the whole list; each process of
the box for what it is there for, so that one that was taken over is root no further than that. Who
took over the pages could move the box to another address, let more networks in to SIP and pages
(each up to a /8, a /16 of IPv6), set its clock and time zone, start it again or switch it off, and
install an update that the release key signed; without root he could read what the pages read, which
is /data/linghe/state too (backups have it). He could not let himself in by SSH, wipe the box, call
a start good, or keep the others from being heard (shares.py).
"""

import os
import pwd
import socket
import struct

import msgspec

from appliance.vocabulary.errors import RefusedError
from appliance.wire.privileged import (
    ConfirmNetwork,
    FactoryReset,
    InstallUpdate,
    JudgeStart,
    Privileged,
    Restart,
    SetClock,
    SetNetwork,
    SetReach,
    SetSsh,
    SetTimeZone,
    TellState,
)

MAY: dict[str, tuple[type[Privileged], ...]] = {
    "linghe-usb": (InstallUpdate, SetSsh),
    "linghe-button": (FactoryReset,),
    "linghe-upsmon": (Restart,),
    "linghe-health": (JudgeStart,),
    "linghe-console": (SetNetwork, Restart, FactoryReset),
    "linghe-web": (
        *(TellState, SetNetwork, ConfirmNetwork, SetReach),
        *(SetClock, SetTimeZone, InstallUpdate, Restart),
    ),
}
"""Users of systemd/sysusers.conf; who is not here asks for nothing."""

_CREDENTIALS = struct.Struct("3i")
"""struct ucred: process, user, group."""


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """Who is at the other end."""

    account: str
    is_root: bool = False
    """Or who this very process runs as, where it was started by hand."""

    def may(self, asked: Privileged) -> bool:
        """Say whether that is for this one to ask."""
        return self.is_root or isinstance(asked, MAY.get(self.account, ()))

    def check(self, asked: Privileged) -> None:
        """Raise RefusedError where that is not for this one to ask."""
        if not self.may(asked):
            raise RefusedError(
                "not_yours",
                f"{self.account} may not ask for {type(asked).__name__}.",
                "Ask as root.",
            )

    def named(self, by: str) -> str:
        """Who it was, for the audit log: nobody but root is believed without the account."""
        return by if self.is_root else f"{by} ({self.account})".strip()


def asker_of(link: socket.socket) -> Asker:
    """Say who opened the other end of a connection. Raises OSError."""
    found = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(found)
    if user in (0, os.geteuid()):
        return Asker(account="root", is_root=True)
    try:
        return Asker(account=pwd.getpwuid(user).pw_name)
    except KeyError:
        return Asker(account=f"user {user}")
