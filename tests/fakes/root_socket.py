"""Root's short list as who asks sees it: answers on a socket, notes what it was asked."""

import socket
from contextlib import suppress
from pathlib import Path
from threading import Thread

from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.privileged import CarriedOut, FromPrivileged, Privileged


class RootSocket:
    """A linghe-privileged that says yes, or what it is told to say."""

    def __init__(self, place: Path, answer: FromPrivileged | None = None) -> None:
        self.asked: list[Privileged] = []
        self.answer: FromPrivileged = answer or CarriedOut(sentence="Done.")
        place.parent.mkdir(parents=True, exist_ok=True)
        self._place = place
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(place))
        self._listener.listen()
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            link, _ = self._listener.accept()
            decoder: LineDecoder[Privileged] = LineDecoder(Privileged)
            # who asked may be gone, with answers unread
            with link, suppress(ConnectionResetError, BrokenPipeError):
                while chunk := link.recv(65536):
                    if chunk == b"\n":
                        return
                    for question in decoder.feed(chunk):
                        self.asked.append(question)
                        link.sendall(line_of(self.answer))

    def close(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as last:
            last.connect(str(self._place))
            last.sendall(b"\n")
            self._thread.join(10)
        self._listener.close()
