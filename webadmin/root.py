"""Root's short list as the pages ask it: one question, one answer (wire/privileged.py).

What the pages may ask for stands in daemons/privileged/asker.py; who it was goes along for the
audit log. Where nobody is there to be asked, Linghe runs on somebody's own machine.
"""

import os
import socket
from pathlib import Path

from appliance.vocabulary.errors import EquipmentError, PeerError, RefusedError
from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.privileged import (
    SOCKET,
    BoxState,
    CarriedOut,
    FromPrivileged,
    NotCarriedOut,
    Privileged,
    TellState,
)

ANSWER_S = 90.0
LOOK_S = 10.0
"""Root's program is started by the first question, which takes a slow machine its time."""


def place() -> Path:
    """Return where root listens."""
    return Path(os.environ.get("LINGHE_PRIVILEGED_SOCKET", SOCKET))


def is_box() -> bool:
    """Say whether this is a box of its own. Its socket is there before any service starts."""
    try:
        os.stat(place())
    except FileNotFoundError:
        return False
    except OSError:
        return True  # whoever may not look is told so when he asks
    return True


def ask_root(question: Privileged, within: float = ANSWER_S) -> CarriedOut:
    """Ask. RefusedError: a rule says no; EquipmentError: nobody is there, or it broke off."""
    decoder: LineDecoder[FromPrivileged] = LineDecoder(FromPrivileged)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(within)
            link.connect(str(place()))
            link.sendall(line_of(question))
            answer = _answer(link, decoder)
    except (OSError, PeerError) as error:
        raise EquipmentError(f"linghe-privileged: {error}") from error
    if isinstance(answer, NotCarriedOut):
        raise RefusedError(answer.key, answer.sentence, answer.remedy)
    return answer


def state() -> BoxState | None:
    """Return what only root sees; None where he is not there or does not answer."""
    if not is_box():
        return None
    try:
        return ask_root(TellState(), LOOK_S).state
    except (RefusedError, EquipmentError):
        return None


def _answer(link: socket.socket, decoder: LineDecoder[FromPrivileged]) -> FromPrivileged:
    while chunk := link.recv(1 << 16):
        for answer in decoder.feed(chunk):
            return answer
    raise EquipmentError("linghe-privileged ended without an answer")
