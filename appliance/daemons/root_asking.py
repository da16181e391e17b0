"""Asking root for one thing of its short list (wire/privileged.py)."""

import os
from pathlib import Path

from appliance.daemons.asking import answer_of
from appliance.vocabulary.errors import EquipmentError, PeerError, RefusedError
from appliance.wire.codec import LineDecoder
from appliance.wire.privileged import (
    SOCKET,
    UPDATE_SECONDS,
    FromPrivileged,
    InstallUpdate,
    NotCarriedOut,
    Privileged,
)

ANSWER_SECONDS = 90.0
NOBODY = (
    "linghe-privileged does not run here: this is no box of its own, "
    "and the machine's own tools do it."
)


def _place() -> Path:
    return Path(os.environ.get("LINGHE_PRIVILEGED_SOCKET", SOCKET))


def check_root_is_there() -> None:
    """Raise EquipmentError where nobody could be asked: for what takes long before it asks.

    The socket is systemd's own, there before any service starts (systemd.socket(5)).
    """
    try:
        os.stat(_place())
    except FileNotFoundError as error:
        raise EquipmentError(NOBODY) from error
    except OSError:
        return  # whoever may not look is told so when he asks


def patience(question: Privileged) -> float:
    """Return for how many seconds an answer is waited for: longer than root's programs may take."""
    return ANSWER_SECONDS + (UPDATE_SECONDS if isinstance(question, InstallUpdate) else 0.0)


def ask_root(question: Privileged, *, within: float | None = None) -> str:
    """Ask, and return what was done in a sentence. What is not answered within so many seconds
    (None: `patience`) is not begun any more.

    RefusedError: a rule says no. EquipmentError: nobody is there to be asked, or it broke off.
    """
    place = _place()
    decoder: LineDecoder[FromPrivileged] = LineDecoder(FromPrivileged)
    try:
        answer = answer_of(place, question, decoder, within or patience(question))
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise EquipmentError(NOBODY) from error
    except PermissionError as error:
        raise EquipmentError("Only root may ask for that.") from error
    except (OSError, EOFError, PeerError) as error:
        raise EquipmentError(f"linghe-privileged did not answer: {error or 'it ended'}.") from error
    if isinstance(answer, NotCarriedOut):
        raise RefusedError(answer.key, answer.sentence, answer.remedy)
    return answer.sentence
