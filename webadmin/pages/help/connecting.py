"""What a new phone is to be told of this box: its ports, and whose certificates to trust."""

from pathlib import Path

from appliance.vocabulary.errors import PeerError
from appliance.wire.control import StatusAsked, StatusTold
from webadmin.box import ask
from webadmin.stores import places

ANSWER_S = 1.0
"""A page about phones is not waited for longer because call control restarts."""


def status() -> StatusTold | None:
    """Return what call control says of itself; None while it does not answer."""
    try:
        answer = ask(StatusAsked(), ANSWER_S)
    except (OSError, PeerError):
        return None
    return answer if isinstance(answer, StatusTold) else None


def authority() -> Path | None:
    """Return the file of the box's own authority; None where none is needed to trust the box:
    before its first start, or with a certificate of the owner's."""
    folder = places().certificates
    file = folder / "authority.pem"
    return file if file.exists() and not (folder / "own.pem").exists() else None
