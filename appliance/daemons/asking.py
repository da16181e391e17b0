"""One question over a Unix socket of the box, and its answer: control's, and root's short list."""

import socket
from pathlib import Path
from typing import TypeVar

from appliance.vocabulary.errors import EquipmentError, PeerError
from appliance.vocabulary.shape import Command, Value
from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.control import FromControl

ANSWER_SECONDS = 10.0
"""Control answers in milliseconds; while it restarts, questions wait in the socket."""

Answer = TypeVar("Answer")


def asked(place: Path, question: Command, *, within: float = ANSWER_SECONDS) -> FromControl | None:
    """Ask control; None when the box is not running. Raises EquipmentError when it is silent."""
    decoder: LineDecoder[FromControl] = LineDecoder(FromControl)
    try:
        return answer_of(place, question, decoder, within)
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except PeerError as error:
        raise EquipmentError(f"control answered in another form: {error}.") from error
    except EOFError as error:
        raise EquipmentError("control ended before it answered; try again in a second.") from error
    except (TimeoutError, ConnectionError) as error:
        raise EquipmentError(
            f"control does not answer ({error}). `linghe status` shows its state."
        ) from error
    except OSError as error:
        raise EquipmentError(f"{place} cannot be used: {error.strerror or error}.") from error


def answer_of(
    place: Path, question: Command | Value, decoder: LineDecoder[Answer], within: float
) -> Answer:
    """Send one line and return the first that comes back.

    Raises OSError (TimeoutError after `within` seconds of silence), PeerError for another form,
    EOFError where the other side ends without a word.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(within)
        link.connect(str(place))
        link.sendall(line_of(question))
        while chunk := link.recv(65536):
            for answer in decoder.feed(chunk):
                return answer
    raise EOFError
