"""One verb to call control over run/control.sock, and its answer."""

from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.verbs import Verb, VerbAnswered
from webadmin.box import ask
from webadmin.problems import KEYS, Problem

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
