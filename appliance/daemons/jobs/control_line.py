"""The line to control: one stream socket, opened again whenever control is restarted."""

import logging
import select
import socket
import time
from pathlib import Path

from appliance.vocabulary.errors import PeerError
from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.control import FromControl, ToControl, WatchLookups, WatchSealings

logger = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that a send may take before the line counts as dead."""


class ControlLine:
    """Says what is to be told at each beginning; then carries messages both ways."""

    def __init__(
        self,
        path: Path,
        opening: WatchSealings | WatchLookups | None = None,
        bell: socket.socket | None = None,
    ) -> None:
        """`opening`: the first thing said (WatchSealings); `bell`: readable when the wait for
        messages is to end early."""
        self._path = path
        self._first = opening or WatchSealings()
        self._bell = bell
        self._socket: socket.socket | None = None
        self._decoder: LineDecoder[FromControl] = LineDecoder(FromControl)
        self.openings = 0
        """How often the line was opened; who counts on answers compares."""

    def messages(self, wait: float) -> list[FromControl]:
        """Return what control said; waits at most `wait` seconds, also for control to be there."""
        connected = self._socket or self._open()
        if connected is None:
            time.sleep(min(wait, 0.25))
            return []
        bells = [] if self._bell is None else [self._bell]
        readable, _, _ = select.select([connected, *bells], [], [], wait)
        for bell in bells:
            if bell in readable:
                bell.recv(4096)
        if connected not in readable:
            return []
        try:
            received = connected.recv(1 << 16)
            if received:
                return self._decoder.feed(received)
            logger.info("control closed the line")
        except (OSError, PeerError) as error:
            logger.warning("lost the line to control: %s", error)
        self.close()
        return []

    def say(self, message: ToControl) -> bool:
        """Send one message; False where it certainly did not arrive."""
        if self._socket is None:
            return False
        try:
            self._socket.sendall(line_of(message))
        except OSError as error:
            logger.warning("lost the line to control: %s", error)
            self.close()
            return False
        return True

    def close(self) -> None:
        """Close the line; the next `messages` opens it again."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _open(self) -> socket.socket | None:
        opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        opened.settimeout(PATIENCE)
        try:
            opened.connect(str(self._path))
        except OSError:
            opened.close()
            return None
        self._socket, self._decoder = opened, LineDecoder(FromControl)
        self.openings += 1
        logger.info("control is there")
        return opened if self.say(self._first) else None
