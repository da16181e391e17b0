"""Where everything lies under the data folder: for the daemons and for the pages."""

from dataclasses import dataclass
from pathlib import Path

from appliance.store.private_file import make_folder


@dataclass(frozen=True, slots=True)
class Paths:
    """All places under LINGHE_DATA. Folders are made by `make`."""

    root: Path

    @property
    def settings(self) -> Path:
        """The site, its people, tokens and the audit log; the pages and linghe write it."""
        return self.root / "settings.db"

    @property
    def secrets(self) -> Path:
        """Trunk passwords, the box's HMAC key, web session key: mode 0600."""
        return self.root / "secrets.json"

    @property
    def certificates(self) -> Path:
        """The box's own certificates and keys: mode 0700."""
        return self.root / "certificates"

    @property
    def calls(self) -> Path:
        """The ledger: journal and records; written by control only."""
        return self.root / "calls.db"

    @property
    def webhooks(self) -> Path:
        """How far each webhook has been told; written by jobs only."""
        return self.root / "webhooks.db"

    @property
    def mail(self) -> Path:
        """Letters that wait to be sent; written by jobs only."""
        return self.root / "mail.db"

    @property
    def run(self) -> Path:
        """Sockets; of no use after a restart of the machine."""
        return self.root / "run"

    @property
    def control_socket(self) -> Path:
        """Where call control is asked (wire/control.py)."""
        return self.run / "control.sock"

    def media_socket(self, worker: int) -> Path:
        """Where a media worker is told what to do (wire/media.py)."""
        return self.run / f"media-{worker}.sock"

    @property
    def state(self) -> Path:
        """State journals (slots) of control and media."""
        return self.root / "state"

    @property
    def alive(self) -> Path:
        """The last moment at which the box is known to have been alive."""
        return self.state / "alive"

    @property
    def frames(self) -> Path:
        """The media workers' recording journals."""
        return self.root / "frames"

    @property
    def recordings(self) -> Path:
        """Sealed recordings, YYYY-MM-DD/<recording>.wav with its sidecar .json."""
        return self.root / "recordings"

    @property
    def prompts(self) -> Path:
        """<hash>.alaw and index.json."""
        return self.root / "prompts"

    @property
    def tables(self) -> Path:
        """Rows that flows look things up in (store/lookup_tables.py)."""
        return self.root / "tables"

    @property
    def uploads(self) -> Path:
        """Files that a browser is sending, until they are used."""
        return self.root / "uploads"

    @property
    def models(self) -> Path:
        """What the voices are computed with; `linghe speech install` fills it."""
        return self.root / "models"

    @property
    def evidence(self) -> Path:
        """Poison packets and crash reports."""
        return self.root / "evidence"

    def make(self) -> None:
        """Make the folders that are not there yet, for the box's own eyes."""
        for folder in (
            self.root,
            self.run,
            self.state,
            self.frames,
            self.recordings,
            self.prompts,
            self.models,
            self.evidence,
        ):
            make_folder(folder)
