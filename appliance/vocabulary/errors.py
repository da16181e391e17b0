"""The one tree of errors.

    ApplianceError
    ├── PeerError        they broke the protocol: counted, answered, never a traceback
    ├── IllegalMove      we did: a bug, logged with the machine's state
    ├── EquipmentError   a port, a disk, a socket
    └── RefusedError     a rule says no; has `key`, sentence and remedy, for people to read

Parsers raise only PeerError for any bytes at all.
"""


class ApplianceError(Exception):
    """Root of everything that Linghe raises on purpose."""


class PeerError(ApplianceError):
    """The other side broke its protocol."""


class IllegalMove(ApplianceError):
    """A machine was asked for a move that its table does not have. Nothing was changed."""


class EquipmentError(ApplianceError):
    """A port, disk or socket failed."""


class RefusedError(ApplianceError):
    """A rule says no. `key` is stable for programs; sentence and remedy are for people."""

    def __init__(self, key: str, sentence: str, remedy: str = "") -> None:
        super().__init__(sentence if not remedy else f"{sentence} {remedy}")
        self.key = key
        self.sentence = sentence
        self.remedy = remedy


class SiteError(RefusedError):
    """One or more things are wrong in a site file; nothing was applied."""

    def __init__(self, faults: "list[SiteFault]") -> None:
        super().__init__("site_refused", "\n".join(str(fault) for fault in faults))
        self.faults = faults


class SiteFault:
    """One fault in a site file: where it is, and what was expected there."""

    def __init__(self, *, file: str, line: int | None, key: str, expected: str) -> None:
        self.file = file
        self.line = line
        self.key = key
        self.expected = expected

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.key}: {self.expected}"
