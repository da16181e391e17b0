"""Where everything lies under the data folder, and what the environment says. One place."""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Paths:
    """All places under LINGHE_DATA. Folders are made by `make`."""

    root: Path

    @property
    def settings(self) -> Path:
        return self.root / "settings.db"

    @property
    def secrets(self) -> Path:
        """Trunk passwords, the box's HMAC key, web session key: mode 0600."""
        return self.root / "secrets.json"

    @property
    def calls(self) -> Path:
        return self.root / "calls.db"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def control_socket(self) -> Path:
        return self.run / "control.sock"

    def media_socket(self, worker: int) -> Path:
        return self.run / f"media-{worker}.sock"

    @property
    def state(self) -> Path:
        """State journals (slots) of control and media."""
        return self.root / "state"

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
    def models(self) -> Path:
        return self.root / "models"

    @property
    def evidence(self) -> Path:
        """Poison packets and crash reports."""
        return self.root / "evidence"

    def make(self) -> None:
        """Make the folders that are not there yet (mode 0700)."""
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
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


@dataclass(frozen=True, slots=True)
class Environment:
    """The LINGHE_ variables, read once."""

    data: Path
    bind: str
    sip_port: int
    http_port: int
    rtp_first: int
    rtp_last: int
    workers: int
    clock: str
    """LINGHE_CLOCK: start the box's wall clock at this local time (to try a Monday on a Sunday)."""

    @property
    def paths(self) -> Paths:
        return Paths(self.data)


def environment() -> Environment:
    """Read the environment. Raises ValueError with a sentence for a bad value."""
    first, _, last = os.environ.get("LINGHE_RTP_PORTS", "20000-29999").partition("-")
    try:
        rtp_first, rtp_last = int(first), int(last)
        sip_port = int(os.environ.get("LINGHE_SIP_PORT", "5060"))
        http_port = int(os.environ.get("LINGHE_HTTP_PORT", "8080"))
        workers = int(os.environ.get("LINGHE_WORKERS", "1"))
    except ValueError as error:
        raise ValueError(
            "LINGHE_SIP_PORT and LINGHE_HTTP_PORT are port numbers, LINGHE_RTP_PORTS is FIRST-LAST"
        ) from error
    for name, port in (
        ("LINGHE_SIP_PORT", sip_port),
        ("LINGHE_HTTP_PORT", http_port),
        ("LINGHE_RTP_PORTS", rtp_first),
        ("LINGHE_RTP_PORTS", rtp_last),
    ):
        if not 1 <= port <= 65535:
            raise ValueError(f"{name}: {port} is no port number (1 to 65535)")
    clock = os.environ.get("LINGHE_CLOCK", "")
    if clock:
        try:
            datetime.fromisoformat(clock)
        except ValueError as error:
            raise ValueError(
                f'LINGHE_CLOCK: {clock!r} is no date and time; one is like "2026-11-23 10:00"'
            ) from error
    return Environment(
        data=Path(os.environ.get("LINGHE_DATA", "var")).absolute(),
        bind=os.environ.get("LINGHE_BIND", "0.0.0.0"),
        sip_port=sip_port,
        http_port=http_port,
        rtp_first=rtp_first,
        rtp_last=rtp_last,
        workers=workers,
        clock=clock,
    )
