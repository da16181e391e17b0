"""One question to control over run/control.sock, and its answer."""

import socket
from pathlib import Path

from appliance.vocabulary.errors import EquipmentError, PeerError
from appliance.vocabulary.shape import Command
from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.control import FromControl

ANSWER_SECONDS = 10.0
"""Control answers in milliseconds; while it restarts, questions wait in the socket."""


def asked(place: Path, question: Command) -> FromControl | None:
    """Ask; None when the box is not running. Raises EquipmentError when it does not answer."""
    decoder: LineDecoder[FromControl] = LineDecoder(FromControl)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(ANSWER_SECONDS)
        try:
            link.connect(str(place))
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        except OSError as error:
            raise EquipmentError(f"{place} cannot be used: {error.strerror or error}.") from error
        try:
            link.sendall(line_of(question))
            while chunk := link.recv(65536):
                for answer in decoder.feed(chunk):
                    return answer
        except PeerError as error:
            raise EquipmentError(f"control answered in another form: {error}.") from error
        except OSError as error:
            raise EquipmentError(
                f"control does not answer ({error}). `linghe status` shows its state."
            ) from error
    raise EquipmentError("control ended before it answered; try again in a second.")
