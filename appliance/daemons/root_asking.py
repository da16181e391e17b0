"""Asking root for one thing of its short list (wire/privileged.py)."""

import os
from pathlib import Path

from appliance.daemons.asking import answer_of
from appliance.vocabulary.errors import EquipmentError, PeerError, RefusedError
from appliance.wire.codec import LineDecoder
from appliance.wire.privileged import SOCKET, FromPrivileged, NotCarriedOut, Privileged

ANSWER_SECONDS = 600.0
"""An update is written to the disk before the answer."""


def ask_root(question: Privileged, *, within: float = ANSWER_SECONDS) -> str:
    """Ask, and return what was done in a sentence.

    RefusedError: a rule says no. EquipmentError: nobody is there to be asked, or it broke off.
    """
    place = Path(os.environ.get("LINGHE_PRIVILEGED_SOCKET", SOCKET))
    decoder: LineDecoder[FromPrivileged] = LineDecoder(FromPrivileged)
    try:
        answer = answer_of(place, question, decoder, within)
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise EquipmentError(
            "linghe-privileged does not run here: only the box itself can do this."
        ) from error
    except (OSError, EOFError, PeerError) as error:
        raise EquipmentError(f"linghe-privileged did not answer: {error or 'it ended'}.") from error
    if isinstance(answer, NotCarriedOut):
        raise RefusedError(answer.key, answer.sentence, answer.remedy)
    return answer.sentence
