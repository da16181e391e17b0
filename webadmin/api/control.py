"""One verb to call control over run/control.sock, and its answer."""

import socket

from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.verbs import Verb, VerbAnswered
from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.control import FromControl
from webadmin.problems import KEYS, Problem
from webadmin.stores import places

ANSWER_S = 10.0
"""Control answers in milliseconds; while it restarts, a verb waits in its socket."""
AGAIN_S = 2


def done(verb: Verb) -> VerbAnswered:
    """Have it done. Problem for a no, and for a control that does not answer."""
    try:
        answer = ask(verb, ANSWER_S)
    except (OSError, PeerError) as error:
        raise Problem("control_away", retry_after=AGAIN_S) from error
    if not isinstance(answer, VerbAnswered):
        raise Problem("control_away", retry_after=AGAIN_S)
    if answer.problem:
        key = answer.problem if answer.problem in KEYS else "not_allowed"
        raise Problem(key, answer.text)
    return answer


def ask(verb: Verb, seconds: float) -> FromControl | None:
    """Return control's answer, None when it hung up. Raises OSError (also after so many seconds
    of silence) and PeerError."""
    decoder: LineDecoder[FromControl] = LineDecoder(FromControl)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(seconds)
        link.connect(str(places().control_socket))
        link.sendall(line_of(verb))
        while chunk := link.recv(1 << 16):
            for answer in decoder.feed(chunk):
                return answer
    return None
